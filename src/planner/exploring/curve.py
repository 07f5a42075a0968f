"""Days, steps, power and money of a plan against its cluster's size: count by count, the nearest first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Protocol

from planner.domain.plan import Plan
from planner.estimate.money_verdict import budget_quantity
from planner.exploring.targets import PACE_TARGETS, TIME_TARGETS, Limit, TargetName, Targets, at_confidence
from planner.exploring.trials import MOST_CHIPS, Trial, Trials
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band

#: What is drawn against size: days until the end, of post-training steps a day, W at the meter, USD of what
#: the budget is of.
Measure = Literal["days", "steps", "power", "money"]
#: Which measure a target is of, of those that are no time; power is what the others are of.
_MEASURED: dict[TargetName, Measure] = {"steps_per_day": "steps", "money_usd": "money"}
#: How often a count is doubled and halved about the one that is asked for.
_DOUBLINGS = 2
#: How often more where all counts until then are too late, or all in time.
_FURTHER = 4
#: How often all gaps are halved after that.
_HALVINGS = 2
#: How much more of a system there may be than the smallest that meets all targets.
_MORE = (1.25, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Sized:
    """What a plan comes to on one size of its cluster."""

    #: of several pools all of them, as of `mixes.mix_id`
    system_id: str
    #: systems of each pool
    counts: tuple[int, ...]
    #: of all pools
    chips: int
    plan: Plan
    #: None: unknown
    bands: Mapping[Measure, Band | None]
    #: at the confidence of the targets; None: unknown
    sure: Mapping[Measure, float | None]
    #: whether every target is met; None where nothing is asked for
    meets_all: bool | None = None
    #: whether the deadline is met, and the steps a day; None as above
    is_in_time: bool | None = None
    #: what its money leaves out, by name
    without: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The systems of its largest pool: of pools in step, by what a size is told from others."""
        return max(self.counts)


class Sizes(Protocol):
    """Sizes of a cluster, each by the count of its largest pool."""

    @property
    def most(self) -> int:
        """The largest count that is tried."""

    def sized(self, count: int) -> Sized | None:
        """Return a plan on a size; None where it cannot run."""


@dataclass(frozen=True, slots=True)
class SystemSizes:
    """Sizes of one system: what was tried there is not tried again."""

    trials: Trials
    #: what is to be met, if anything
    targets: Targets | None

    @property
    def most(self) -> int:
        """The largest count that is tried."""
        return max(MOST_CHIPS // self.trials.chips_per_system, 1)

    def sized(self, count: int) -> Sized | None:
        """Return the plan on so many systems; None where it cannot run.

        Raises
        ------
        PlanError, ProfileError
            As of `Trials.at`.
        """
        trial: Trial = self.trials.at(count)
        figures = trial.figures
        if figures is None:
            return None
        system = self.trials.system.system_id
        return sized_of(figures, system, (count,), trial.pool.chips, trial.plan, self.targets)


def sized_of(
    figures: Figures,
    system_id: str,
    counts: tuple[int, ...],
    chips: int,
    plan: Plan,
    targets: Targets | None,
) -> Sized:
    """Return the figures of a plan that are drawn against size."""
    confidence = 0.5 if targets is None else targets.confidence
    bands: dict[Measure, Band | None] = {}
    sure: dict[Measure, float | None] = {}
    begun = _start_of(plan, targets)
    names: dict[Measure, str] = {
        "days": "training_days" if begun is None else "finish_date",
        "power": "power.facility_w",
        "money": budget_quantity(plan.targets, figures),
    }
    if plan.workload.is_post_training:
        names["steps"] = "post_training.steps_per_day"
    for measure, name in names.items():
        figure = figures[name]
        from_day = begun or 0 if measure == "days" else 0
        band, value = figure.band, at_confidence(figure, confidence, is_floor=measure == "steps")
        bands[measure] = (
            None if band is None else Band(band.p10 - from_day, band.p50 - from_day, band.p90 - from_day)
        )
        sure[measure] = None if value is None else value - from_day
    held = () if targets is None else targets.held(figures)
    met = [one.limit.name for one in held if one.is_met]
    return Sized(
        system_id,
        counts,
        chips,
        plan,
        bands,
        sure,
        None if targets is None else len(met) == len(held),
        None
        if targets is None
        else all(limit.name in met for limit in targets.limits if limit.name in PACE_TARGETS),
        tuple(figures.left_out(names["money"])),
    )


def _start_of(plan: Plan, targets: Targets | None) -> int | None:
    """Return the day from which days count; None where only the training's own are asked for."""
    start = plan.calendar.start
    if targets is None or start is None or not any(limit.name == "finish_by" for limit in targets.limits):
        return None
    return start.toordinal()


def limits_of(targets: Targets | None, plan: Plan, measure: Measure) -> list[tuple[Limit, float]]:
    """Return the targets of what is drawn, each with its value there: days, W or USD."""
    found: list[tuple[Limit, float]] = []
    for limit in () if targets is None else targets.limits:
        if limit.name in TIME_TARGETS:
            start = plan.calendar.start
            from_day = start.toordinal() if limit.name == "finish_by" and start is not None else 0
            if measure == "days":
                found.append((limit, limit.most - from_day))
        elif measure == _MEASURED.get(limit.name, "power"):
            found.append((limit, limit.most))
    return found


def curve(sizes: Sizes, around: int, targets: Targets | None) -> Iterator[Sized | None]:
    """Yield a plan on sizes about one, that one first; None for each that cannot run.

    The count is doubled and halved, further where that shows no count that is in time or none that is late;
    then the gaps are halved, so that a picture of all is there early and only gets finer.

    Parameters
    ----------
    sizes
        Of one system, or of several pools in step.
    around
        The count that is asked for.
    targets
        What is to be met, if anything: how far it looks depends on the deadline.

    Raises
    ------
    PlanError, ProfileError
        As of the sizes.
    """
    tried: dict[int, Sized | None] = {}

    def at(count: int) -> Iterator[Sized | None]:
        count = min(max(count, 1), sizes.most)
        if count not in tried:
            tried[count] = sizes.sized(count)
            yield tried[count]

    yield from at(around)
    for doubling in range(1, _DOUBLINGS + 1):
        yield from at(around * 2**doubling)
        yield from at(round(around / 2**doubling))
    for factor in (2.0, 0.5):
        for _ in range(_FURTHER):
            in_time = [bool(sized.is_in_time) for sized in tried.values() if sized is not None]
            # the upper end is to be in time, the lower one late; without a deadline neither is looked for
            if targets is None or (any(in_time) if factor > 1.0 else not all(in_time)):
                break
            ends = [count for count, sized in tried.items() if sized is not None] or [around]
            yield from at(round(max(ends) * factor) if factor > 1.0 else round(min(ends) * factor))
    for _ in range(_HALVINGS):
        counts = sorted(count for count, sized in tried.items() if sized is not None)
        for low, high in pairwise(counts):
            yield from at(round(math.sqrt(low * high)))


def more_of(sizes: Sizes, smallest: int) -> Iterator[Sized | None]:
    """Yield a plan on more than the smallest size that meets all targets: sooner, at a price."""
    for factor in _MORE:
        count = math.ceil(smallest * factor)
        if count <= sizes.most:
            yield sizes.sized(count)
