"""The lists of a plan that the form edits item by item: deliveries, phases, pilots, tests, offers."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from planner.app.edits import FieldPath, get_value, with_value
from planner.app.field_spec import FieldSpec, spec_of
from planner.domain.plan import Plan
from planner.domain.plan_acceptance import AcceptedResult
from planner.domain.plan_calendar import Delivery, FleetRun, Stop
from planner.domain.plan_offer import Offer
from planner.domain.plan_pilot import Pilot
from planner.domain.plan_workload import Phase
from planner.errors import InputError

#: Between one delivery and the next, until somebody says when it comes.
_MONTH = datetime.timedelta(30)
#: What a phase trains on where the plan says no tokens yet.
_SOME_TOKENS = 1e12
PHASES = "workload.phases"
#: One node of most systems, and a batch that it divides: a pilot until somebody says what it is.
_NODE_CHIPS = 8
_PILOT_BATCH = 64
#: A result that nobody typed yet: as expected, as sound systems mostly scatter, and known so badly that it
#: says nothing.
_NOT_TYPED = {"measured_over_expected": 1.0, "log_spread": 0.1, "log_error": 3.0}


@dataclass(frozen=True)
class ItemList:
    """One list, and what its form shows of each item."""

    #: dotted: `calendar.deliveries`
    key: str
    #: what one item is called
    title: str
    #: below the fields of which section it stands
    section: str
    #: keys of an item
    names: tuple[str, ...]
    #: the list with one more item
    add: Callable[[Plan], tuple[Any, ...]]

    @property
    def path(self) -> FieldPath:
        """Where the list stands in a plan."""
        return tuple(self.key.split("."))

    @property
    def id(self) -> str:
        """What its widget is called."""
        return f"list-{self.key.replace('.', '-')}"

    def specs(self) -> tuple[FieldSpec, ...]:
        """Return the fields of an item."""
        return tuple(spec_of(Plan, f"{self.key}[].{name}") for name in self.names)

    def items(self, plan: Plan) -> tuple[Any, ...]:
        """Return the items of a plan."""
        found: tuple[Any, ...] = get_value(plan, self.path)
        return found

    def with_another(self, plan: Plan) -> Plan:
        """Return the plan with one more item; raise InputError in words."""
        return with_value(plan, self.path, self.add(plan))

    def without(self, plan: Plan, index: int) -> Plan:
        """Return the plan without an item; raise InputError in words."""
        items = self.items(plan)
        left = (*items[:index], *items[index + 1 :])
        if self.key == PHASES and not left:
            # a plan trains its tokens in phases or says how many they are
            return with_value(plan, ("workload", "tokens"), items[index].tokens)
        return with_value(plan, self.path, left)


def _first_day(plan: Plan) -> datetime.date:
    return plan.calendar.start or plan.as_of or datetime.date.today()


def _deliveries(plan: Plan) -> tuple[Delivery, ...]:
    """Return deliveries with one more: all of the first pool, later half of what comes last."""
    items = plan.calendar.deliveries
    if not items:
        pool = plan.cluster.pools[0]
        name = pool.id if len(plan.cluster.pools) > 1 else None
        return (Delivery(date=_first_day(plan), systems=pool.count or 1, pool=name),)
    last = items[-1]
    half = last.systems // 2
    first = last.model_copy(update={"systems": max(1, last.systems - half)})
    another = last.model_copy(update={"systems": max(1, half), "date": last.date + _MONTH})
    return (*items[:-1], first, another)


def _stops(plan: Plan) -> tuple[Stop, ...]:
    items = plan.calendar.stops
    return (*items, Stop(date=max([_first_day(plan), *(stop.date for stop in items)]) + _MONTH, days=1.0))


def _runs(plan: Plan) -> tuple[FleetRun, ...]:
    items = plan.calendar.runs
    return (*items, FleetRun(name=f"run {len(items) + 1}", days=7.0))


def _phases(plan: Plan) -> tuple[Phase, ...]:
    """Return phases with one more: all tokens, later as many as the last phase has."""
    items = plan.workload.phases
    tokens = items[-1].tokens if items else plan.workload.tokens or _SOME_TOKENS
    return (*items, Phase(tokens=tokens))


def _pilots(plan: Plan) -> tuple[Pilot, ...]:
    """Return pilots with one more, which is planned: one of a node, later one like the last."""
    items = plan.pilot
    if items:
        another = items[-1].model_copy(update={"tokens_per_s_per_chip": None, "step_s": None, "date": None})
        return (*items, another)
    batch = min(plan.workload.global_batch_sequences, _PILOT_BATCH)
    pool = plan.cluster.pools[0].id if plan.is_shared else None
    return (Pilot(chips=_NODE_CHIPS, global_batch_sequences=batch, pool=pool),)


def _results(plan: Plan) -> tuple[AcceptedResult, ...]:
    """Return test results with one more, which says nothing until somebody types what it came to."""
    pools = plan.cluster.pools
    # lines without a word before them are of the pool that learns
    learning = next((one.id for one in pools if one.id != plan.post_training.rollout_pool), None)
    pool = learning if len(pools) > 1 else None
    return (
        *plan.acceptance.measured,
        AcceptedResult(line="matmul", component="matmul", pool=pool, **_NOT_TYPED),
    )


def _offers(plan: Plan) -> tuple[Offer, ...]:
    return (*plan.offers, Offer(name=f"offer {len(plan.offers) + 1}"))


LISTS = (
    ItemList("calendar.deliveries", "delivery", "calendar", tuple(Delivery.model_fields), _deliveries),
    ItemList("calendar.stops", "stop", "calendar", tuple(Stop.model_fields), _stops),
    ItemList("calendar.runs", "fleet run", "calendar", tuple(FleetRun.model_fields), _runs),
    # the layout of a phase is a table of its own, which its file holds
    ItemList(
        PHASES, "phase", "calendar", tuple(name for name in Phase.model_fields if name != "layout"), _phases
    ),
    # the layout of a pilot is a table of its own, as a phase's is
    ItemList(
        "pilot", "pilot", "measured", tuple(name for name in Pilot.model_fields if name != "layout"), _pilots
    ),
    ItemList("acceptance.measured", "test result", "measured", tuple(AcceptedResult.model_fields), _results),
    # what a seller promises is a list of its own, which the file holds
    ItemList(
        "offers", "offer", "money", tuple(name for name in Offer.model_fields if name != "promises"), _offers
    ),
)


def lists_of(section: str) -> tuple[ItemList, ...]:
    """Return the lists that stand in a section."""
    return tuple(one for one in LISTS if one.section == section)


def check_offer(plan: Plan) -> None:
    """Raise InputError in words where an offer sets what no plan holds."""
    # read when an offer is typed
    from planner.plans.offers import offered_plans  # noqa: PLC0415

    if plan.offers:
        offered_plans(plan, "this plan")


def check_pool(plan: Plan, path: FieldPath) -> None:
    """Raise InputError in words where an item of a list names a pool that the plan does not have."""
    name = get_value(plan, path)
    names = [pool.id for pool in plan.cluster.pools]
    if name is not None and name not in names:
        raise InputError(f"'{name}' is no pool of the plan; expected {' or '.join(names)}")


def is_gone(plan: Plan, path: FieldPath) -> bool:
    """Return whether a field is of an item that the plan no longer has: an undo may be quicker."""
    try:
        for end, part in enumerate(path):
            if isinstance(part, int):
                get_value(plan, path[: end + 1])
    except IndexError:
        return True
    return False
