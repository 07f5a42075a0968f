"""The smallest pools of post-training: so many steps a day, or done in so many days, at least power."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import PlanError, PlannerError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.exploring.bisection import least_count
from planner.exploring.targets import at_confidence
from planner.planning.exchange import with_pool
from planner.quantities.evaluation import Figures

#: No pool is looked for beyond so many systems.
MOST_SYSTEMS = 4096
#: A pool that is larger by this factor than where both do makes the other as small as it gets. Assumed. [-]
_WIDE = 4
#: Of a pool that is so large, every count is tried; of larger ones each that is a share larger. [-]
_ALL_UNTIL, _SHARE = 16, 8

Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """What is asked for: at least so many steps a day, or at most so many days."""

    #: None: days are asked for
    steps_per_day: float | None
    days: float | None
    #: share of the outcomes in which it holds
    confidence: float

    def value(self, figures: Figures) -> float:
        """Return what a plan reaches of it at the confidence; never met where it is unknown."""
        if self.steps_per_day is None:
            days = at_confidence(figures["training_days"], self.confidence)
            return math.inf if days is None else days
        steps = at_confidence(figures["post_training.steps_per_day"], self.confidence, is_floor=True)
        return 0.0 if steps is None else steps

    def is_met(self, value: float | None) -> bool:
        """Whether that is enough."""
        if value is None:
            return False
        if self.steps_per_day is not None:
            return value >= self.steps_per_day
        assert self.days is not None  # one of both is asked for
        return value <= self.days


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One size of the pools."""

    counts: Counts
    plan: Plan
    #: None where it cannot be planned
    estimate: Estimate | None
    #: as of `Pace.value`; None where it cannot run
    value: float | None
    #: at the meter, at the median; None where it is unknown
    power_w: float | None
    why: str = ""

    @property
    def chips(self) -> int:
        """Chips of all pools."""
        return 0 if self.estimate is None else sum(pool.chips for pool in self.estimate.pools)

    @property
    def order(self) -> tuple[float, int]:
        """Less is better: power, then chips."""
        return math.inf if self.power_w is None else self.power_w, self.chips


@dataclass(frozen=True, slots=True, eq=False)
class PostSize:
    """The pools that were found, or the best of those that are not enough."""

    pace: Pace
    pools: tuple[str, ...]
    #: None where no size that was tried is enough
    found: Tried | None
    #: the nearest where none is
    nearest: Tried | None
    #: one system fewer of each pool: not enough
    fewer: tuple[Tried, ...]
    #: of other mixes of both pools the one with the least power
    runner_up: Tried | None
    tried: int


def post_training_size(
    plan: Plan, catalog: Catalog, pace: Pace, should_stop: Callable[[], bool] = lambda: False
) -> PostSize:
    """Return the pools that are enough at the least power.

    Parameters
    ----------
    plan
        Of post-training on one pool or two; their counts are not read.
    catalog
        Where profiles are found.
    pace
        What has to be reached.
    should_stop
        Asked between sizes; once true, the best so far is returned.

    Raises
    ------
    PlanError
        Where the plan trains otherwise, or every size is refused for the same reason.
    """
    if not plan.workload.is_post_training:
        raise PlanError(f"workload.kind = '{plan.workload.kind}': expected post-training")
    sizes = _Sizes(plan, catalog, pace, should_stop)
    pools = tuple(pool.id for pool in plan.cluster.pools)
    enough = list(sizes.enough(len(pools)))
    if not enough:
        able = [one for one in sizes.known.values() if one.value is not None]
        if not able:
            raise PlanError(next((one.why for one in sizes.known.values() if one.why), "nothing was tried"))
        nearest = min(able, key=sizes.distance)
        return PostSize(pace, pools, None, nearest, (), None, len(sizes.known))
    enough.sort(key=lambda one: one.order)
    best = enough[0]
    fewer = tuple(
        sizes.at(_with(best.counts, place, best.counts[place] - 1))
        for place in range(len(pools))
        if best.counts[place] > 1
    )
    others = [one for one in enough[1:] if one.counts != best.counts]
    return PostSize(pace, pools, best, None, fewer, others[0] if others else None, len(sizes.known))


@dataclass(eq=False)
class _Sizes:
    """Sizes that were tried, each once."""

    plan: Plan
    catalog: Catalog
    pace: Pace
    should_stop: Callable[[], bool]
    known: dict[Counts, Tried] = field(default_factory=dict)

    def at(self, counts: Counts) -> Tried:
        """Return a size as it was tried."""
        if counts not in self.known:
            self.known[counts] = self._tried(counts)
        return self.known[counts]

    def meets(self, counts: Counts) -> bool:
        """Whether a size is enough."""
        return self.pace.is_met(self.at(counts).value)

    def distance(self, tried: Tried) -> float:
        """Return how far a size is from what is asked; less is nearer."""
        assert tried.value is not None  # as asked
        return -tried.value if self.pace.steps_per_day is not None else tried.value

    def _tried(self, counts: Counts) -> Tried:
        plan = self.plan
        for place, count in enumerate(counts):
            pool = plan.cluster.pools[place].model_copy(update={"count": count, "chips": None})
            plan = with_pool(plan, place, pool)
        try:
            estimate = estimate_plan(plan, self.catalog, cancelled=self.should_stop)
        except PlannerError as error:
            return Tried(counts, plan, None, None, None, str(error))
        figures = estimate.figures
        if figures is None:
            return Tried(counts, plan, estimate, None, None, "; ".join(estimate.reasons))
        return Tried(counts, plan, estimate, self.pace.value(figures), figures.p50("power.facility_w"))

    def enough(self, pools: int) -> Iterator[Tried]:
        """Yield sizes that are enough, of which no pool can be smaller for itself."""
        both = 1
        while not self.meets((both,) * pools):
            both *= 2
            if both > MOST_SYSTEMS or self.should_stop():
                return
        if pools == 1:
            yield self.at((self._least(0, (both,), both),))
            return
        wide = min(_WIDE * both, MOST_SYSTEMS)
        first = self._least(0, (wide, wide), wide)
        last = self._least(1, (wide, wide), wide)
        count, other = first, wide
        while count <= wide and not self.should_stop():
            # the more of the one, the fewer of the other
            other = self._least(1, (count, other), other)
            yield self.at((count, other))
            if other <= last:
                return
            count += max(1, (count - _ALL_UNTIL) // _SHARE)

    def _least(self, place: int, counts: Counts, most: int) -> int:
        """Return the fewest of a pool that are enough beside the others; `most` are."""
        return least_count(lambda count: self.meets(_with(counts, place, count)), 0, most)


def _with(counts: Counts, place: int, count: int) -> Counts:
    return (*counts[:place], count, *counts[place + 1 :])
