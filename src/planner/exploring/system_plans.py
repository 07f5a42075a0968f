"""A plan on another system, at any count of it: what follows, what no longer means anything."""

from __future__ import annotations

from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.domain.plan_strategy import Strategy
from planner.errors import PlanError
from planner.planning.exchange import exchanged, with_pool


@dataclass(frozen=True, slots=True)
class SystemPlan:
    """A plan whose one pool is of one system, without what its count stands in."""

    plan: Plan
    #: what had to follow the system, and what was left out, a line each
    changes: tuple[str, ...] = ()

    @property
    def system_id(self) -> str:
        """The system of its pool."""
        system = self.plan.cluster.pools[0].system
        assert system is not None  # `plan_on` set it
        return system

    def at(self, count: int) -> Plan:
        """Return the plan on so many systems."""
        pool = self.plan.cluster.pools[0].model_copy(update={"count": count, "chips": None})
        return with_pool(self.plan, 0, pool)


def plan_on(plan: Plan, catalog: Catalog, system_id: str) -> SystemPlan:
    """Return a plan of one pool on a system, with what follows from that.

    Stack, fabric, precision and prices follow as where a plan's system is set. Deliveries name counts, and a
    data-parallel degree is one: they are left out. On another system the layout is searched, and what was
    measured on the plan's own chips says nothing.

    Raises
    ------
    PlanError
        Where the plan has several pools.
    """
    if len(plan.cluster.pools) != 1:
        raise PlanError(
            f"cluster.pools: has {len(plan.cluster.pools)}; expected one, whose smallest count is asked for"
        )
    return SystemPlan(*with_system(plan, catalog, 0, system_id))


def with_system(plan: Plan, catalog: Catalog, place: int, system_id: str) -> tuple[Plan, tuple[str, ...]]:
    """Return a plan with a system in one of its pools, and what followed or was left out, a line each."""
    own = plan.cluster.pools[place].system
    changes: list[str] = []
    if own != system_id:
        exchange = exchanged(plan, catalog, place, system_id)
        changes += [change.line for change in exchange.changes]
        plan = exchange.plan
    if plan.calendar.deliveries:
        calendar = {"deliveries": (), "acceptance_days": None, "burn_in_days": None}
        plan = plan.model_copy(update={"calendar": plan.calendar.model_copy(update=calendar)})
        changes.append("calendar.deliveries were dropped: all systems are there from the start")
    if own != system_id and plan.pilot:
        plan = plan.model_copy(update={"pilot": ()})
        changes.append("pilot was dropped: it was measured on other chips")
    if own != system_id:
        pool = plan.cluster.pools[place].id
        kept = tuple(one for one in plan.acceptance.measured if one.pool not in (None, pool))
        if kept != plan.acceptance.measured:
            acceptance = plan.acceptance.model_copy(update={"measured": kept})
            plan = plan.model_copy(update={"acceptance": acceptance})
            changes.append("acceptance.measured was dropped: other systems were tested")
    plan, layout = _with_open_layout(plan, is_own=own == system_id)
    return plan, (*changes, *layout)


def _with_open_layout(plan: Plan, *, is_own: bool) -> tuple[Plan, list[str]]:
    """Return the plan whose layout says nothing of a count, and on another system nothing at all."""
    changed: dict[str, Strategy] = {}

    def opened(strategy: Strategy, where: str) -> Strategy:
        after = strategy.model_copy(update={"data": None}) if is_own else Strategy()
        if after != strategy:
            changed[where] = strategy
        return after

    strategy = opened(plan.strategy, "strategy")
    phases = tuple(
        phase
        if phase.layout is None
        else phase.model_copy(update={"layout": opened(phase.layout, f"workload.phases[{place}].layout")})
        for place, phase in enumerate(plan.workload.phases)
    )
    workload = plan.workload.model_copy(update={"phases": phases})
    because = "data follows from the count" if is_own else "it was chosen for another system"
    lines = [f"{where}{'.data' if is_own else ''} was dropped: {because}" for where in changed]
    return plan.model_copy(update={"strategy": strategy, "workload": workload}), lines
