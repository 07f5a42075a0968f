"""Answers on the pools of post-training: sizes that were tried, and the least that is enough of a mix."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from planner.domain.plan import Plan
from planner.estimate.result import Estimate
from planner.exploring.mixes import mix_id
from planner.exploring.targets import Held, Targets, at_confidence
from planner.quantities.evaluation import Figures

Counts = tuple[int, ...]
#: What a ranking tells of each size, beside its counts.
TOLD_OF_SIZES = (
    "training_days",
    "finish_date",
    "post_training.steps_per_day",
    "power.facility_w",
    "cost.capex",
    "cost.total",
)


def reached(targets: Targets, figures: Figures) -> float:
    """Return what a plan reaches at the confidence: steps a day where those are asked for, else days.

    What is unknown is never enough.
    """
    if targets.steps_per_day is None:
        days = at_confidence(figures["training_days"], targets.confidence)
        return math.inf if days is None else days
    steps = at_confidence(figures["post_training.steps_per_day"], targets.confidence, is_floor=True)
    return 0.0 if steps is None else steps


def worst_of(held: Iterable[Held]) -> Held | None:
    """Return the target that is missed by the largest share; None where none is."""
    return max((one for one in held if not one.is_met), key=lambda one: one.excess, default=None)


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One size of the pools."""

    counts: Counts
    plan: Plan
    #: None where it cannot be planned
    estimate: Estimate | None
    #: as of `reached`; None where it cannot run
    value: float | None
    #: at the meter, at the median; None where it is unknown
    power_w: float | None
    why: str = ""
    #: the pace that it misses, and the limit of power or money that it breaks
    late: Held | None = None
    broken: Held | None = None
    #: of all pools
    chips: int = 0
    #: of the run, at the medians; None where it is unknown
    run_cost_usd: float | None = None

    @property
    def is_in_time(self) -> bool:
        """Whether it runs, and as fast as is asked for."""
        return self.value is not None and self.late is None

    @property
    def is_enough(self) -> bool:
        """Whether it meets all that is asked for."""
        return self.is_in_time and self.broken is None

    def forget(self, *kept: str) -> None:
        """Keep the draws of these quantities alone."""
        if self.estimate is not None:
            self.estimate.forget(*kept)

    def bare(self) -> Tried:
        """Return it without its estimate."""
        return replace(self, estimate=None)

    @property
    def order(self) -> tuple[float, float]:
        """Less is better: power, then chips."""
        return math.inf if self.power_w is None else self.power_w, float(self.chips)


@dataclass(frozen=True, slots=True, eq=False)
class PostSize:
    """The pools that were found, or what stands in the way."""

    targets: Targets
    #: None where no size that was tried is enough
    found: Tried | None
    #: where none is: the least that is in time, else the fastest; None where nothing runs
    nearest: Tried | None = None
    #: where a limit is broken: the largest within it that runs
    within: Tried | None = None
    #: one system fewer of each pool: not enough
    fewer: tuple[Tried, ...] = ()
    #: of other mixes of both pools the one with the least power
    runner_up: Tried | None = None
    #: where nothing can be planned, why
    why: str = ""
    tried: int = 0
    #: of each pool its id and its system
    systems: tuple[tuple[str, str], ...] = ()
    #: what those systems are called
    names: tuple[str, ...] = ()
    #: what had to follow other systems than the plan's, a line each
    changes: tuple[str, ...] = ()

    @property
    def system_id(self) -> str:
        """The mix of systems that it is of, in the order of the pools: `atlas-800t-a3 + dgx-h100`."""
        return mix_id(tuple(system for _, system in self.systems))

    @property
    def system_name(self) -> str:
        """What that mix is called."""
        return mix_id(self.names)

    def lean(self, *kept: str) -> PostSize:
        """Return it for a ranking of many: with few draws of what was found."""
        figures = None if self.estimate is None else self.estimate.figures
        if self.found is not None and figures is not None:
            for identifier in kept:
                figures[identifier]
            self.found.forget(*kept)
        return self

    def with_others(self, changed: Callable[[Tried], Tried]) -> PostSize:
        """Return it with something else in place of each size but what was found."""
        nearest, within, runner_up = (
            None if tried is None else changed(tried) for tried in (self.nearest, self.within, self.runner_up)
        )
        fewer = tuple(map(changed, self.fewer))
        return replace(self, nearest=nearest, within=within, fewer=fewer, runner_up=runner_up)

    @property
    def is_feasible(self) -> bool:
        """Whether some size meets all that is asked for."""
        return self.found is not None

    @property
    def plan(self) -> Plan | None:
        """The plan of what was found."""
        return None if self.found is None else self.found.plan

    @property
    def estimate(self) -> Estimate | None:
        """The estimate of what was found."""
        return None if self.found is None else self.found.estimate

    @property
    def counts(self) -> Counts:
        """How many systems of each pool; nothing where no size is enough."""
        return () if self.found is None else self.found.counts

    @property
    def nearest_counts(self) -> Counts:
        """The counts of what was found, else of the nearest; nothing where nothing runs."""
        shown = self.found or self.nearest
        return () if shown is None else shown.counts

    @property
    def chips(self) -> int | None:
        """Chips of all pools."""
        return None if self.found is None else self.found.chips

    @property
    def days(self) -> float | None:
        """Days of the training at the confidence; None where no size is enough."""
        figures = None if self.estimate is None else self.estimate.figures
        return None if figures is None else at_confidence(figures["training_days"], self.targets.confidence)

    @property
    def missed(self) -> Held | None:
        """What the nearest misses where no size is enough; None too where nothing runs."""
        if self.found is not None or self.nearest is None:
            return None
        return self.nearest.late or self.nearest.broken

    @property
    def order(self) -> tuple[int, float, float]:
        """The best is least: what draws least at the meter; then what falls short by the least share."""
        if self.found is not None:
            return 0, *self.found.order
        return (2, 0.0, 0.0) if self.missed is None else (1, self.missed.excess, 0.0)


def systems_of(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the id of each pool with that of its system."""
    return tuple((pool.id, pool.system or "") for pool in plan.cluster.pools)
