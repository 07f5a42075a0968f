"""Sweeps: a plan estimated at each point of a grid of values of its keys, each point as it is ready."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError, PlanError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.exploring.axes import OPTION, Axis
from planner.planning.exchange import ChangedAlong, followed
from planner.planning.named_profiles import unknown_profiles
from planner.plans.overrides import apply_overrides, held_at

#: What is told of each point, by ids of the table of quantities.
SWEPT = ("training_days", "finish_date", "power.facility_w", "cost.capex", "cost.total", "mfu")


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A plan with one value of each key, and what comes of it."""

    #: as they were varied, in the order of the axes
    values: tuple[str, ...]
    #: None where there is no such plan, or nothing can be estimated of it: `problem` says why
    plan: Plan | None
    estimate: Estimate | None
    problem: str = ""
    #: what had to follow another system
    along: tuple[ChangedAlong, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Whether the plan can run."""
        return self.estimate is not None and self.estimate.is_feasible

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why there are no figures; none where there are."""
        if self.estimate is None:
            return (self.problem,)
        return self.estimate.reasons


def points_of(axes: Sequence[Axis]) -> int:
    """Return how many points a grid has."""
    return math.prod(len(axis.values) for axis in axes)


def swept(
    plan: Plan,
    axes: Sequence[Axis],
    catalog: Catalog,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    today: datetime.date | None = None,
) -> Iterator[Point]:
    """Yield each point of a grid as soon as it is estimated, the last axis going round first.

    Parameters
    ----------
    plan, axes, catalog
        The plan, what is varied in it, and where its profiles are found.
    cancelled
        Asked before each point and during it; once true, no further one is yielded.
    today
        As of `estimate_plan`.

    Yields
    ------
    Point
        One for each combination of values: what cannot be planned says why.
    """
    for values in product(*(axis.values for axis in axes)):
        if cancelled():
            return
        point = _point(plan, axes, values, catalog, cancelled, today)
        if cancelled():
            return
        yield point


def _point(
    plan: Plan,
    axes: Sequence[Axis],
    values: tuple[str, ...],
    catalog: Catalog,
    cancelled: Callable[[], bool],
    today: datetime.date | None,
) -> Point:
    overrides = _overrides(axes, values)
    try:
        exchange = followed(plan, _varied(plan, overrides, catalog), overrides, catalog)
    except InputError as error:
        return Point(values, None, None, str(error))
    try:
        estimate = estimate_plan(exchange.plan, catalog, cancelled=cancelled, today=today)
    except InputError as error:
        return Point(values, exchange.plan, None, str(error), exchange.changes)
    return Point(values, exchange.plan, estimate, along=exchange.changes)


def _overrides(axes: Sequence[Axis], values: Sequence[str]) -> list[str]:
    return [f"{axis.key}={value}" for axis, value in zip(axes, values, strict=True)]


def _varied(plan: Plan, overrides: Sequence[str], catalog: Catalog) -> Plan:
    """Return the plan with values of its keys.

    Raises
    ------
    PlanError
        Where there is no such plan, or it names a profile that is nobody's.
    """
    changed = apply_overrides(plan, overrides, where=OPTION)
    for _, line in unknown_profiles(changed, catalog):
        raise PlanError(f"{OPTION} {line}")
    return changed


def refuse_impossible(plan: Plan, axes: Sequence[Axis], catalog: Catalog) -> None:
    """Refuse a value that no point can have: one that is mistyped would make a grid of reasons.

    A value that is none by itself may be one beside another key's: rent beside its term.

    Raises
    ------
    PlanError
        With what is wrong with it.
    """
    for place, axis in enumerate(axes):
        others = [other.values if index != place else ("",) for index, other in enumerate(axes)]
        for value in axis.values:
            error = _wrong(plan, [f"{axis.key}={value}"], catalog)
            if error is None or len(axes) == 1:
                _refuse(error)
                continue
            grids = ((*rest[:place], value, *rest[place + 1 :]) for rest in product(*others))
            if all(_wrong(plan, _overrides(axes, values), catalog) for values in grids):
                raise error
    _refuse_exclusive(plan, axes)


def _refuse(error: PlanError | None) -> None:
    if error is not None:
        raise error


def _wrong(plan: Plan, overrides: Sequence[str], catalog: Catalog) -> PlanError | None:
    try:
        _varied(plan, overrides, catalog)
    except PlanError as error:
        return error
    return None


def _refuse_exclusive(plan: Plan, axes: Sequence[Axis]) -> None:
    """Refuse two keys of which a plan may hold only one: the second would take the first away."""
    try:
        changed = apply_overrides(plan, _overrides(axes, [axis.values[0] for axis in axes]), where=OPTION)
    except PlanError:
        return
    for axis in axes:
        if held_at(changed, axis.key, where=OPTION).value is None:
            raise PlanError(f"{OPTION} {axis.key}: another {OPTION} takes it away; expected one of the two")
