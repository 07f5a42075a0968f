"""The ways out of a plan that does not fit, and the cliffs beside one that does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from planner.catalog.catalog import Catalog
from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.plan import Plan
from planner.domain.plan_strategy import Strategy
from planner.domain.reasons import WAY_OUT
from planner.domain.system import System
from planner.engine.training_options import LOSSES, OFFLOADS
from planner.errors import PlannerError
from planner.estimate.idle_chips import may_look_further
from planner.estimate.result import Estimate
from planner.exploring.bisection import least_count
from planner.exploring.system_plans import plan_on
from planner.exploring.targets import Limit, Targets
from planner.exploring.trials import MOST_CHIPS, Trial, Trials
from planner.plans.overrides import apply_overrides

#: Nothing is late: what is asked is whether it fits.
_ANY_TIME = Targets((Limit("deadline_days", math.inf),))
#: Systems that are tried, the most alike first.
_MOST_SYSTEMS = 12
#: Of what the leanest layout needs here, what a chip elsewhere must hold to be tried: fewer chips of a larger
#: domain may need less each. [-]
_NEAR_ENOUGH = 0.8
#: Each chip so many times as fast with one system more: such a step is a cliff. [-]
CLIFF = 1.5
#: One system with so many times the plan's chips is another thing. [-]
_FAR_MORE = 2.5
#: From so many days on nobody reads a fraction of them.
_WHOLE_DAYS = 100.0
#: How many more systems are looked at beyond one, where chips idle, over the count. [-]
_NEAR = 0.05


@dataclass(frozen=True, slots=True)
class WayOut:
    """One change that makes a plan fit."""

    kind: Literal["count", "system", "setting"]
    #: the whole of it in a line
    text: str
    #: the plan with it
    plan: Plan


def _never() -> bool:
    return False


def with_ways_out(
    estimate: Estimate, plan: Plan, catalog: Catalog, should_stop: Callable[[], bool] = _never
) -> Estimate:
    """Return the estimate with the ways out among its reasons, or with a cliff among its warnings."""
    if not may_look_further(estimate):
        return estimate
    if not estimate.is_feasible:
        lines = tuple(f"{WAY_OUT}{way.text}" for way in ways_out(plan, catalog, should_stop))
        return replace(estimate, reasons=(*estimate.reasons, *lines))
    cliff = cliff_beside(plan, estimate, catalog, should_stop)
    return estimate if cliff is None else replace(estimate, warnings=(*estimate.warnings, cliff))


def ways_out(plan: Plan, catalog: Catalog, should_stop: Callable[[], bool] = _never) -> Iterator[WayOut]:
    """Yield what makes a plan fit that does not: the least count, the nearest system, one setting.

    Parameters
    ----------
    plan
        Of one pool, whose layouts need more memory than there is, or which has none.
    catalog
        Where profiles are found.
    should_stop
        Asked between the things that are tried.
    """
    system_id = plan.cluster.pools[0].system
    assert system_id is not None  # an estimate of it says so
    try:
        trials = Trials(plan_on(plan, catalog, system_id), catalog, _ANY_TIME, should_stop)
        begin = _systems(plan, catalog)
        if trials.at(max(math.floor(begin), 1)).fits and begin >= 1:
            # it is not memory that is missing
            return
    except PlannerError:
        return
    makers = (_more_of_it, _another_setting, _another_system)
    for make in makers:
        if should_stop():
            return
        way = make(plan, catalog, trials)
        if way is not None:
            yield way


def _systems(plan: Plan, catalog: Catalog) -> float:
    pool = plan.cluster.pools[0]
    system: System = catalog.get("systems", pool.system or "").profile
    return float(pool.count) if pool.count is not None else (pool.chips or 0) / system.chips_per_system


def least_that_fits(trials: Trials, begin: int) -> Trial | None:
    """Return the trial of the least count that fits; one less was tried and does not. None: none does.

    `begin` is a count that does not fit, or 0. More chips hold less each, so that what fits once fits beyond.
    """
    most = max(MOST_CHIPS // trials.chips_per_system, 1)
    low, high = begin, max(begin, 1)
    while not trials.at(high).fits:
        if high >= most or trials.should_stop():
            return None
        low, high = high, min(2 * high, most)
    return trials.at(least_count(lambda count: trials.at(count).fits, low, high))


def _more_of_it(plan: Plan, catalog: Catalog, trials: Trials) -> WayOut | None:
    least = least_that_fits(trials, max(math.floor(_systems(plan, catalog)), 0))
    if least is None or least.figures is None:
        return None
    name = _name(least)
    fewer = f"{least.count - 1:,} do not" if least.count > 1 else "there is no smaller count"
    text = f"{least.count:,} x {name} = {least.pool.chips:,} chips fit, {fewer}"
    return WayOut("count", f"{text}; {_days(least)}", least.plan)


def _another_setting(plan: Plan, catalog: Catalog, trials: Trials) -> WayOut | None:
    """Return the first single setting that makes it fit, the least of a change first."""
    for key, changed in _settings(plan):
        trial = _tried(changed, catalog, trials)
        if trial is not None and trial.fits and trial.figures is not None:
            return WayOut("setting", f"{key} fits; {_days(trial)}", changed)
    return None


def _settings(plan: Plan) -> Iterator[tuple[str, Plan]]:
    if plan.strategy != Strategy():
        yield (
            "a layout that is searched, with nothing pinned,",
            plan.model_copy(update={"strategy": Strategy()}),
        )
    options = [f"training.loss={name}" for name in LOSSES]
    options += ["training.gradient_dtype=bf16", "training.state_dtype=bf16"]
    options += [f"training.offload={name}" for name in OFFLOADS if name != "none"]
    for option in options:
        key, _, value = option.partition("=")
        try:
            changed = apply_overrides(plan, [option])
        except PlannerError:
            continue
        if changed != plan:
            yield f"{key} = '{value}'", changed


def _another_system(plan: Plan, catalog: Catalog, trials: Trials) -> WayOut | None:
    """Return the most alike system of which as many chips fit."""
    chips = max(math.ceil(_systems(plan, catalog) * trials.chips_per_system), 1)
    needed = trials.at(max(math.floor(_systems(plan, catalog)), 1)).phases[-1][2].leanest_bytes
    for system in _alike(plan, catalog, needed * _NEAR_ENOUGH):
        try:
            others = Trials(plan_on(plan, catalog, system.id), catalog, _ANY_TIME, trials.should_stop)
            trial = others.at(-(-chips // system.chips_per_system))
            if trial.fits and trial.figures is not None:
                text = f"{trial.count:,} x {_name(trial)} = {trial.pool.chips:,} chips fit; {_days(trial)}"
                return WayOut("system", text, trial.plan)
        except PlannerError:
            continue
    return None


def _alike(plan: Plan, catalog: Catalog, at_least: float) -> list[System]:
    """Return the systems whose chips hold more, of like size and platform first, and of the least more.

    Chips that hold less than `at_least` bytes are left out; where that is infinite, none is.
    """
    own: System = catalog.get("systems", plan.cluster.pools[0].system or "").profile
    chip: Chip = catalog.get("chips", own.chip).profile
    held = value_of(chip.memory.capacity_bytes) or 0.0
    if math.isfinite(at_least):
        held = max(held, at_least)
    chips = _systems(plan, catalog) * own.chips_per_system
    found: list[tuple[bool, bool, float, System]] = []
    for entry in catalog.systems.values():
        system: System = entry.profile
        other = catalog.chips.get(system.chip)
        capacity = None if other is None else value_of(other.profile.memory.capacity_bytes)
        if other is not None and capacity is not None and capacity > held:
            is_far_more = system.chips_per_system > max(_FAR_MORE * chips, own.chips_per_system)
            found.append((is_far_more, other.profile.platform != chip.platform, capacity, system))
    found.sort(key=lambda it: (*it[:3], it[3].id))
    return [system for *_, system in found][:_MOST_SYSTEMS]


def _tried(plan: Plan, catalog: Catalog, trials: Trials) -> Trial | None:
    try:
        system = plan_on(plan, catalog, trials.system.system_id)
        return Trials(system, catalog, _ANY_TIME, trials.should_stop).at(
            max(math.floor(_systems(plan, catalog)), 1)
        )
    except PlannerError:
        return None


def cliff_beside(
    plan: Plan, estimate: Estimate, catalog: Catalog, should_stop: Callable[[], bool] = _never
) -> str | None:
    """Return that one system more makes each chip far faster, or a few more where chips idle; else None."""
    figures = estimate.figures
    system_id = plan.cluster.pools[0].system
    count = _systems(plan, catalog)
    if (
        figures is None
        or system_id is None
        or plan.calendar.deliveries
        or figures.words("strategy.origin") == "given"
    ):
        return None
    here = math.floor(count)
    trials = Trials(plan_on(plan, catalog, system_id), catalog, _ANY_TIME, should_stop)
    idle = figures.number("strategy.chips_used") < here * trials.chips_per_system
    beyond = {here + 1, 1 << here.bit_length(), -(-(here + 1) // 8) * 8} if idle else {here + 1}
    now = figures.number("tokens_per_second_per_chip")
    for more in sorted(each for each in beyond if here < each <= max(here * (1.0 + _NEAR), here + 1)):
        trial = trials.at(more)
        if trial.figures is None or should_stop():
            continue
        times = trial.figures.number("tokens_per_second_per_chip") / now
        if times >= CLIFF:
            added = more - count
            systems = "one system more makes" if added <= 1 else f"{added:,.0f} systems more make"
            return (
                f"pool '{plan.cluster.pools[0].id}': {systems} each chip {times:.2g} times as fast: "
                f"{more:,} take {_days(trial)}, "
                f"{count:,.6g} take {_told_days(figures.number('training_days'))}"
            )
    return None


def _name(trial: Trial) -> str:
    return trial.pool.system.name


def _days(trial: Trial) -> str:
    assert trial.figures is not None  # it runs
    return f"{_told_days(trial.figures.number('training_days'))} days"


def _told_days(days: float) -> str:
    return f"{days:,.0f}" if days >= _WHOLE_DAYS else f"{days:.3g}"
