"""What the next million buys: each way to be done sooner, with the days that it saves and what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from planner.domain.plan import Plan
from planner.engine.uncertainty import band
from planner.errors import InfeasibleError, InputError
from planner.estimate.result import Estimate, PoolEstimate
from planner.exploring.bisection import least_count
from planner.exploring.kept_layout import in_kept_layout
from planner.exploring.question import DAYS, Question
from planner.exploring.upgrades import MILLION, Upgrade, layout_of, upgrades_of
from planner.quantities.figure import Band, Figure
from planner.quantities.purchase_prices import is_rented
from planner.quantities.table import TABLE

#: What a price is of: bought once, or of the whole run where all is rented.
Basis = Literal["purchase", "run"]
_COSTS: dict[Basis, str] = {"purchase": "cost.capex", "run": "cost.total"}
#: Of all days: who saves less saves none.
LEAST_SAVED = 1e-3
#: No cluster is looked at that is so many times as large.
_MOST_TIMES = 2.0
_DATE = "finish_date"


@dataclass(frozen=True, slots=True)
class Bought:
    """One way to be done sooner, and what comes of it."""

    upgrade: Upgrade
    #: the quantity with it; None: `reason` says why there is none
    days: Band | None
    finish: Band | None
    #: by which it is sooner: below nothing, later
    saved: Band | None
    #: what it costs, in USD; None where nobody knows
    cost_usd: float | None
    #: what its price lacks, or why nobody knows it
    cost_note: str = ""
    reason: str = ""

    @property
    def saved_per_million(self) -> float | None:
        """Days that a million saves; None where that is not known, or it costs nothing."""
        if self.saved is None or self.cost_usd is None or self.cost_usd <= 0.0:
            return None
        return self.saved.p50 / (self.cost_usd / MILLION)

    @property
    def does_nothing(self) -> bool:
        """Whether it saves no day."""
        return self.saved is not None and self.saved.p50 <= LEAST_SAVED * (
            self.days.p50 if self.days else 0.0
        )


@dataclass(frozen=True, slots=True)
class NextMillion:
    """All ways that were looked at: those whose price is known and that save most for it first."""

    plan_name: str
    days: Band
    finish: Band | None
    basis: Basis
    ways: tuple[Bought, ...]


def next_million(asked: Question) -> NextMillion:
    """Return what each way to be done sooner saves and costs: days, whatever quantity is asked for.

    Raises
    ------
    InfeasibleError
        Where the plan cannot run.
    PlanError, ProfileError
        As of `estimate_plan`.
    """
    question = replace(asked, quantity=TABLE[DAYS])
    joint = question.estimate()
    basis = basis_of(joint)
    ways = list(bought(question, joint))
    return NextMillion(
        question.plan.name, _known(joint, DAYS), _band(joint, _DATE), basis, tuple(sorted(ways, key=_order))
    )


def basis_of(joint: Estimate) -> Basis:
    """Return what money is compared: the purchase, or the run's where nothing is bought."""
    is_all_rented = all(is_rented(pool.known.setting) for pool in joint.pools)
    return "run" if is_all_rented else "purchase"


def bought(question: Question, joint: Estimate) -> Iterator[Bought]:
    """Yield each way to be done sooner as soon as it is estimated."""
    for pool in joint.pools:
        for upgrade in _systems(question, joint, pool):
            if question.cancelled():
                return
            yield _bought(question, joint, upgrade)
    for upgrade in upgrades_of(question, joint):
        if question.cancelled():
            return
        yield _bought(question, joint, upgrade)


def _order(way: Bought) -> tuple[bool, bool, bool, float]:
    """Return where a way stands: what helps at a known price, what helps, what does not, what cannot be."""
    per_million = way.saved_per_million
    saved = 0.0 if way.saved is None else way.saved.p50
    return way.saved is None, way.does_nothing, per_million is None, -(per_million or saved)


def _bought(question: Question, joint: Estimate, upgrade: Upgrade) -> Bought:
    before = joint.figure(DAYS)
    if upgrade.changes_nothing:
        nothing = _saved(before, before)
        return Bought(upgrade, _known(joint, DAYS), _band(joint, _DATE), nothing, None, "nothing to buy")
    try:
        changed = _changed(question, upgrade)
        after = changed.estimate()
    except (InfeasibleError, InputError) as error:
        return Bought(upgrade, None, None, None, None, reason=str(error))
    days = after.figure(DAYS)
    same = in_kept_layout(changed, layout_of(joint, upgrade))
    if same is not None and same.figure(DAYS).values[0] < days.values[0]:
        # a layout that is given scatters less than one that is searched: that is no effect of the upgrade
        after, days = same, Figure(before.values * (same.figure(DAYS).values[0] / before.values[0]))
    cost, note = _cost(joint, after, upgrade)
    return Bought(upgrade, days.band, _band(after, _DATE), _saved(before, days), cost, note)


def _changed(question: Question, upgrade: Upgrade) -> Question:
    changed = question.with_set(*upgrade.overrides)
    return changed if upgrade.catalog is None else replace(changed, catalog=upgrade.catalog)


def _saved(before: Figure, after: Figure) -> Band:
    """Return the days that are saved, draw by draw: what both do not know cancels."""
    saved = before.values - after.values
    return Band(*band(saved[1:] if saved.size > 1 else saved, float(saved[0])))


def _cost(before: Estimate, after: Estimate, upgrade: Upgrade) -> tuple[float | None, str]:
    if upgrade.unpriced:
        return None, upgrade.unpriced
    identifier = _COSTS[basis_of(before)]
    figures = [estimate.figure(identifier) for estimate in (before, after)]
    gaps = [gap for figure in figures for gap in figure.gaps]
    unknown = [gap.text for gap in gaps if gap.kind == "unknown"]
    if unknown:
        return None, f"no price of {', '.join(dict.fromkeys(unknown))}"
    first, second = (float(figure.values[0]) for figure in figures)
    return second - first, "*" if gaps else ""


def _known(estimate: Estimate, identifier: str) -> Band:
    found = _band(estimate, identifier)
    assert found is not None  # as the question asked
    return found


def _band(estimate: Estimate, identifier: str) -> Band | None:
    return estimate.figure(identifier).band


def _systems(question: Question, joint: Estimate, pool: PoolEstimate) -> Iterator[Upgrade]:
    """Yield more systems: one, as many as a million buys, and the fewest that save a day's thousandth.

    A global batch that its layout must divide makes days a staircase: before it, the most that save nothing.
    """
    if pool.systems != int(pool.systems):
        return
    now = int(pool.systems)
    counts = {1}
    if (each := _price_of_one(pool)) is not None:
        counts.add(max(1, math.floor(MILLION / each)))
    counts |= set(_stair(question, joint, pool, now))
    yield from (_more(question.plan, pool, now, count) for count in sorted(counts))


def _price_of_one(pool: PoolEstimate) -> float | None:
    """Return what a system costs with what goes with it; None where it is rented, or nobody knows."""
    whole = pool.known["cost.capex"].p50
    return whole / pool.systems if whole else None


def _stair(question: Question, joint: Estimate, pool: PoolEstimate, now: int) -> Iterator[int]:
    """Yield the most further systems that save nothing, and the fewest that save something."""
    middle = float(joint.figure(DAYS).values[0])

    def saves(more: int) -> bool:
        answer = _days_of(question, _more(question.plan, pool, now, more))
        return answer is not None and middle - answer > middle * LEAST_SAVED

    yield from _first(saves, math.ceil(now * (_MOST_TIMES - 1.0)))


def _first(saves: Callable[[int], bool], most: int) -> Iterator[int]:
    """Yield the last of those that save nothing and the first that saves: by doubling, then by halving."""
    more = 1
    while not saves(more):
        if more >= most:
            # nothing up to there
            yield more
            return
        more = min(2 * more, most)
    more = least_count(saves, more // 2 if more > 1 else 0, more)
    yield from (more - 1, more) if more > 1 else (more,)


def _more(plan: Plan, pool: PoolEstimate, now: int, count: int) -> Upgrade:
    per_system = round(pool.chips / pool.systems)
    key = f"cluster.pools[{pool.id}].count"
    name = f"{count:,} more {'system' if count == 1 else 'systems'} ({count * per_system:,} chips)"
    several = len(plan.cluster.pools) > 1
    return Upgrade(
        "systems", f"pool {pool.id}: {name}" if several else name, (f"{key}={now + count}",), amount=count
    )


def _days_of(question: Question, upgrade: Upgrade) -> float | None:
    try:
        estimate = _changed(question, upgrade).estimate()
    except (InfeasibleError, InputError):
        return None
    return float(estimate.figure(DAYS).values[0])
