"""Calendar: when a run begins and its phases end, on a fleet that comes in parts, stops and is shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.domain.plan_calendar import Calendar
from planner.engine.arrays import FloatArray
from planner.engine.calendar import Course, Fleet, course, earliest_start, free_at
from planner.engine.uncertainty import DRAWS
from planner.planning.fleet import Tranche, tranches_of
from planner.planning.mixed_splits import rollout_beside
from planner.planning.resolve import ResolvedPool
from planner.planning.training import PartTraining, Training
from planner.quantities.leaves import Leaf, drawn
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting, main_setting
from planner.quantities.table import another_reading, another_way, leaf
from planner.quantities.time import finish_date, is_plain
from planner.units import SECONDS_PER_DAY, Span

if TYPE_CHECKING:
    from planner.quantities.evaluation import Figures

#: Days since the year 1 tell no less apart, and something divides by what a training takes. [d]
SHORTEST_DAYS = 1e-9
_PIECES = (
    "tokens adding up piece by piece, from one delivery, stop or end of the ramp to the next: what is there "
    "trains in its best layout, at that layout's goodput and with what campaigns lose"
)
_INPUTS = {
    "rate": "tokens_per_second",
    "goodput": "goodput",
    "campaign": "campaign.factor",
    "begins": "calendar.begins",
}


def of_calendar(identifier: str, get: Callable[[Figures, Course], FloatArray], **more: Any) -> None:
    """Let a quantity be read of the run's course where the plan's calendar shapes it."""

    @another_reading(identifier, method=_PIECES, inputs=_INPUTS, reads_figures=True, **more)
    def read(figures: Figures) -> Leaf:
        return Leaf(get(figures, course_of(figures)))


of_calendar("training_days", lambda _, went: np.maximum(went.ends[-1] - went.begins, SHORTEST_DAYS))
of_calendar("fleet_days", lambda _, went: np.maximum(went.fleet_days, SHORTEST_DAYS))


def _phase_days(figures: Figures, went: Course) -> FloatArray:
    place = figures.setting.phase_index
    return np.asarray(went.ends[place] - (went.ends[place - 1] if place else went.begins))


of_calendar("phase_days", _phase_days)
another_way("finish_date", {"start": "calendar.begins", "days": "training_days"})(finish_date)


@leaf(
    "calendar.begins",
    "day on which training begins",
    "date",
    method="once enough is delivered and accepted, of each pool that takes part, and the fleet is free",
    inputs={"start": "calendar.start"},
    reads_figures=True,
    short="begins",
    form="date",
)
def begins(figures: Figures) -> Leaf:
    """Return when the first token is trained on; without any date nobody knows."""
    start, setting = figures["calendar.start"], figures.setting
    if is_plain(setting) or not (start.is_known or _tranches(setting)):
        return Leaf(start.values if start.is_known else None, gaps=start.gaps)
    return Leaf(course_of(figures).begins)


@leaf("calendar.slip", "lateness of all deliveries together", "share", scope="plan")
def slip(_: Setting) -> Leaf:
    """Return draws of a lateness that all deliveries share."""
    return Leaf(
        drawn(Span(0.0, 1.0), "calendar.slip"), Grounds("assumed", "engine: one seller is late alike")
    )


def course_of(figures: Figures) -> Course:
    """Return how the run of some figures goes, over the draws; worked out once."""
    return figures.kept("course", lambda: _course(figures))


def days_at(figures: Figures, speed: float) -> float:
    """Return the days at the medians, were all of the fleet faster by a factor; what is waited for stays."""
    went, fleet = course_of(figures), fleet_of(figures)
    faster = course(replace(fleet, speeds=fleet.speeds * speed), went.begins, _tokens(figures))
    return float(faster.ends[-1, 0] - went.begins[0])


def fleet_of(figures: Figures) -> Fleet:
    """Return what is there when, over the draws."""
    return figures.kept("fleet", lambda: _fleet(figures))


def _all_draws(values: FloatArray) -> FloatArray:
    return np.broadcast_to(values, DRAWS + 1)


def _days(value: float | Span | None, stream: str) -> FloatArray:
    return _all_draws(drawn(value or 0.0, f"calendar.{stream}"))


def training_pools(setting: Setting) -> tuple[ResolvedPool, ...]:
    """Return the pools that a run is on: those that train together, else the one.

    Of post-training the first learns, and the second generates for it.
    """
    if setting.joined is not None and setting.is_joined:
        return tuple(member.pool for member in setting.joined.members)
    rollouts = None if setting.training is None else setting.training.rollout_pool
    if rollouts is None or rollouts.pool.id == setting.pool.pool.id:
        return (setting.pool,)
    return (setting.pool, rollouts)


def grows(setting: Setting) -> bool:
    """Return whether a run begins with parts of its pools; such as share a batch or a model wait for all."""
    return not setting.is_joined or (setting.joined is not None and setting.joined.generates)


def _parts(setting: Setting) -> tuple[PartTraining, ...]:
    """Return what may be there before all is, as the pool that learns was trained on it."""
    if setting.joined is not None and setting.is_joined:
        return setting.joined.members[0].training.parts
    return setting.trained.parts


def _tranches(setting: Setting) -> tuple[Tranche, ...]:
    return tuple(tranche for pool in training_pools(setting) for tranche in tranches_of(setting.plan, pool))


def works_from(figures: Figures) -> list[FloatArray]:
    """Return the day from which each tranche works, over the draws, pool by pool."""
    setting = figures.setting
    calendar = setting.plan.calendar
    accepted = _days(calendar.acceptance_days, "acceptance") + _days(calendar.burn_in_days, "burn-in")
    late = _all_draws(figures["calendar.slip"].values)
    return [_all_draws(tranche.day_at(late) + accepted) for tranche in _tranches(setting)]


def _fleet(figures: Figures) -> Fleet:
    setting = figures.setting
    calendar = setting.plan.calendar
    pools = training_pools(setting)
    whole = [float(pool.chips) for pool in pools]
    if grows(setting):
        available, chips = _arrivals(figures)
        parts = _parts(setting)
    else:
        # pools that share a batch or a model train once all of them are there
        works = works_from(figures)
        pools, whole = pools[:1], [sum(whole)]
        available = [reduce(np.maximum, works) if works else _first_day(calendar)]
        chips, parts = [whole], ()
    stops = [(float(stop.date.toordinal()), stop.days) for stop in calendar.stops]
    stop_from = np.array([_all_draws(np.array([day])) for day, _ in stops]).reshape(len(stops), DRAWS + 1)
    stop_days = [_days(days, f"stops[{place}]") for place, (_, days) in enumerate(stops)]
    states = [
        [float(part.pool.chips), *([float(part.rollouts.chips)] if part.rollouts else [])] for part in parts
    ]
    counts = np.array([*states, whole])
    return Fleet(
        available=np.array(available),
        chips=np.array(chips),
        counts=counts,
        speeds=_speeds(figures, parts, counts),
        stop_from=stop_from,
        stop_to=stop_from + np.array(stop_days).reshape(len(stops), DRAWS + 1),
        ramp_days=_days(calendar.ramp_days, "ramp"),
        ramp_share=calendar.ramp_share,
        counted=None if setting.member is None else np.eye(len(pools))[min(setting.member, len(pools) - 1)],
    )


def _arrivals(figures: Figures) -> tuple[list[FloatArray], list[list[float]]]:
    """Return from which day each tranche works, and its chips of each pool.

    A pool that no delivery is of is there from the first day, as the only one is.
    """
    setting = figures.setting
    pools, works = training_pools(setting), iter(works_from(figures))
    days: list[FloatArray] = []
    chips: list[list[float]] = []
    for place, pool in enumerate(pools):
        own = [
            (next(works), float(tranche.systems * pool.system.chips_per_system))
            for tranche in tranches_of(setting.plan, pool)
        ]
        for day, count in own or [(_first_day(setting.plan.calendar), float(pool.chips))]:
            days.append(day)
            chips.append([count if other == place else 0.0 for other in range(len(pools))])
    return days, chips


def _first_day(calendar: Calendar) -> FloatArray:
    """Return the day before which nothing happens; without dates all days count from 0."""
    return _all_draws(np.array([0.0 if calendar.start is None else float(calendar.start.toordinal())]))


def _speeds(figures: Figures, parts: Sequence[PartTraining], counts: FloatArray) -> FloatArray:
    """Return the tokens a day of each phase on each part of the fleet, the whole last.

    What trains faster on fewer chips goes on with them where more are there.
    """
    setting = figures.setting
    count = len(setting.phases)
    speeds = np.array(
        [
            *(
                np.zeros((count, DRAWS + 1))
                if part.training is None
                else _speed(figures.elsewhere(_part_setting(setting, part.pool, part.training)))
                for part in parts
            ),
            _speed(figures),
        ]
    )
    within = np.all(counts[None] <= counts[:, None], axis=-1)
    return np.array([speeds[some].max(axis=0) for some in within])


def _part_setting(setting: Setting, pool: ResolvedPool, training: Training) -> Setting:
    """Return the same on a part of the pools."""
    if setting.joined is None or not setting.is_joined:
        return main_setting(setting.resolved, pool, training)
    rollouts = training.rollout_pool
    assert rollouts is not None  # other pools that are joined wait for all
    joined = rollout_beside(training, pool, ((pool, training), (rollouts, None)), setting.joined.link)
    one = joined.members[setting.member or 0]
    return replace(
        main_setting(setting.resolved, one.pool, one.training), joined=joined, member=setting.member
    )


def _speed(figures: Figures) -> FloatArray:
    """Return the tokens a day of each phase. (phases, draws)."""
    phases = (figures.of_phase(place) for place in range(len(figures.setting.phases)))
    rates = [_all_draws(phase["phase_tokens_per_second"].values) for phase in phases]
    kept = figures["goodput"].values * SECONDS_PER_DAY / figures["campaign.factor"].values
    return np.array(rates) * _all_draws(kept)


def _course(figures: Figures) -> Course:
    setting = figures.setting
    calendar = setting.plan.calendar
    fleet = fleet_of(figures)
    ready = earliest_start(fleet, _first_day(calendar))
    begins = free_at(
        ready,
        np.array([_ready(fleet, run.ready) for run in calendar.runs]).reshape(-1, DRAWS + 1),
        np.array([_days(run.days, f"runs.{run.name}") for run in calendar.runs]).reshape(-1, DRAWS + 1),
        np.array([float(run.priority) for run in calendar.runs]),
        float(calendar.priority),
    )
    return course(fleet, begins, _tokens(figures))


def _tokens(figures: Figures) -> FloatArray:
    """Return the tokens of each phase. (phases, draws)."""
    phases = (figures.of_phase(place) for place in range(len(figures.setting.phases)))
    return np.array([_all_draws(phase["workload.tokens"].values) for phase in phases])


def _ready(fleet: Fleet, day: Any) -> FloatArray:
    """Return when another run could begin: once it is ready and something is delivered."""
    there: FloatArray = fleet.available.min(axis=0)
    return there if day is None else np.maximum(there, float(day.toordinal()))
