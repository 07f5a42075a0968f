"""How a run lies in the calendar: what is delivered when, when each phase ends, and when nothing runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import band
from planner.planning.fleet import tranches_of
from planner.quantities.calendar import course_of, fleet_of, grows, training_pools, works_from
from planner.quantities.evaluation import LAST_DAY, Figures
from planner.quantities.figure import Band
from planner.quantities.time import is_plain


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """Systems that come together; a day is a day number."""

    systems: int
    chips: int
    #: as promised, and when they work
    promised: float
    works: Band
    #: whose they are, where the run is on several pools
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class StopView:
    """Days on which nothing runs, on the median."""

    name: str
    first: float
    days: float


@dataclass(frozen=True, slots=True)
class CalendarView:
    """A run in the calendar; a day is a day number."""

    #: whether the whole cluster is there and free all the time
    is_plain: bool
    begins: Band
    #: the end of each phase, the last that of the run
    ends: tuple[Band, ...]
    deliveries: tuple[DeliveryView, ...] = ()
    stops: tuple[StopView, ...] = ()
    #: runs that have the fleet before, by name
    before: tuple[str, ...] = ()
    #: of a run on several pools, what of them it waits for; empty of others
    begins_once: str = ""


def calendar_view(figures: Figures) -> CalendarView | None:
    """Return how a run lies in the calendar; None where the plan says no date."""
    begins = figures.band("calendar.begins")
    if begins is None or figures.band("finish_date") is None:
        return None
    if is_plain(figures.setting):
        phases = figures.phases() or (figures,)
        days = [phase["phase_days"].values for phase in phases]
        starts = figures["calendar.begins"].values
        return CalendarView(
            True, begins, _bands([starts + sum(days[: place + 1]) for place in range(len(days))])
        )
    return _shaped(figures, begins)


def _shaped(figures: Figures, begins: Band) -> CalendarView:
    setting, fleet, went = figures.setting, fleet_of(figures), course_of(figures)
    calendar = setting.plan.calendar
    pools = training_pools(setting)
    tranches = [(tranche, pool) for pool in pools for tranche in tranches_of(setting.plan, pool)]
    deliveries = tuple(
        DeliveryView(
            tranche.systems,
            tranche.systems * pool.system.chips_per_system,
            tranche.day,
            works,
            pool.pool.id if len(pools) > 1 else None,
        )
        for (tranche, pool), works in zip(tranches, _bands(works_from(figures)), strict=True)
    )
    stops = tuple(
        StopView(stop.name, float(start[0]), float(end[0] - start[0]))
        for stop, start, end in zip(calendar.stops, fleet.stop_from, fleet.stop_to, strict=True)
    )
    before = tuple(run.name for run in calendar.runs if run.priority >= calendar.priority)
    once = ""
    if len(pools) > 1:
        once = "what is there of both holds the job" if grows(setting) else "all of the pools are there"
    return CalendarView(False, begins, _bands(list(went.ends)), deliveries, stops, before, once)


def _bands(days: Sequence[FloatArray]) -> tuple[Band, ...]:
    """Return whole days as bands; what lies beyond the last day of the calendar is told as on it."""
    found = (band(values[1:] if values.size > 1 else values, float(values[0])) for values in days)
    return tuple(Band(*(min(float(np.ceil(end)), float(LAST_DAY)) for end in ends)) for ends in found)
