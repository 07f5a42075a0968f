"""The smallest pools of post-training that meet what is asked for, at the least power, and what proves it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import PlanError, PlannerError
from planner.estimate.estimate import estimate_plan
from planner.exploring.bisection import least_count
from planner.exploring.count_search import MONEY_OF_TIME
from planner.exploring.post_answers import Counts, PostSize, Tried, reached, systems_of, worst_of
from planner.exploring.targets import PACE_TARGETS, Targets
from planner.planning.exchange import with_pool

#: No pool is looked for beyond so many systems.
MOST_SYSTEMS = 4096
#: A pool that is larger by this factor than where both do makes the other as small as it gets. Assumed. [-]
_WIDE = 4
#: Of a pool that is so large, every count is tried; of larger ones each that is a share larger. [-]
_ALL_UNTIL, _SHARE = 16, 8
#: Of pools that break a limit, how much larger ones are tried where that may cost less, and how much smaller
#: ones to tell what is within it. [-]
_LARGER = (1.125, 1.25, 1.5)
_SMALLER = (0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125)


def told_in_full(size: PostSize, catalog: Catalog) -> PostSize:
    """Return an answer with the estimates of all its sizes, which a ranking leaves out."""

    def estimated(tried: Tried) -> Tried:
        # what cannot be planned has none
        if tried.estimate is not None or tried.value is None:
            return tried
        return replace(tried, estimate=estimate_plan(tried.plan, catalog))

    return size.with_others(estimated)


def post_training_size(
    plan: Plan, catalog: Catalog, targets: Targets, should_stop: Callable[[], bool] = lambda: False
) -> PostSize:
    """Return the pools that are enough at the least power.

    Parameters
    ----------
    plan
        Of post-training on one pool or two; their counts are not read.
    catalog
        Where profiles are found.
    targets
        What has to be reached, and within what.
    should_stop
        Asked between sizes; once true, the best so far is returned.

    Raises
    ------
    PlanError
        Where the plan trains otherwise.
    """
    if not plan.workload.is_post_training:
        raise PlanError(f"workload.kind = '{plan.workload.kind}': expected post-training")
    sizes = PostSizes(plan, catalog, targets, should_stop)
    fast = sorted(sizes.in_time(len(plan.cluster.pools)), key=lambda one: one.order)
    enough = [one for one in fast if one.is_enough]
    if not enough and fast:
        enough = list(sizes.larger(fast[0]))
    size = sizes.found(enough) if enough else sizes.missed(fast)
    return replace(size, systems=systems_of(plan))


@dataclass(eq=False)
class PostSizes:
    """Sizes that were tried, each once."""

    plan: Plan
    catalog: Catalog
    targets: Targets
    should_stop: Callable[[], bool]
    known: dict[Counts, Tried] = field(default_factory=dict)

    def at(self, counts: Counts) -> Tried:
        """Return a size as it was tried."""
        if counts not in self.known:
            self.known[counts] = self._tried(counts)
        return self.known[counts]

    def found(self, enough: list[Tried]) -> PostSize:
        """Return the answer of sizes that are enough, the least power first."""
        best = enough[0]
        fewer = tuple(
            self.at(_with(best.counts, place, best.counts[place] - 1))
            for place in range(len(best.counts))
            if best.counts[place] > 1
        )
        others = [one for one in enough[1:] if one.counts != best.counts]
        size = PostSize(
            self.targets,
            _with_cost(self._told(best)),
            fewer=fewer,
            runner_up=others[0] if others else None,
            tried=len(self.known),
        )
        return size.with_others(_without_estimate)

    def missed(self, fast: list[Tried]) -> PostSize:
        """Return what stands in the way where no size is enough: those that are in time break a limit."""
        able = [one for one in self.known.values() if one.value is not None]
        if not able:
            first = next((one for one in self.known.values() if one.why), None)
            why = "nothing was tried" if first is None else self._told(first).why
            return PostSize(self.targets, None, why=why, tried=len(self.known))
        if not fast:
            nearest = min(able, key=self._distance)
            return PostSize(self.targets, None, nearest, tried=len(self.known)).with_others(_without_estimate)
        smaller = (self.at(counts) for counts in _scaled(fast[0].counts, _SMALLER))
        within = next((one for one in smaller if one.value is not None and one.broken is None), None)
        size = PostSize(self.targets, None, fast[0], within, tried=len(self.known))
        return size.with_others(_without_estimate)

    def larger(self, least: Tried) -> Iterator[Tried]:
        """Yield sizes above the least in time that are enough: a run over sooner may cost less."""
        if least.broken is None or least.broken.quantity not in MONEY_OF_TIME:
            return
        for counts in _scaled(least.counts, _LARGER):
            if max(counts) <= MOST_SYSTEMS and not self.should_stop() and self.at(counts).is_enough:
                yield self.at(counts)

    def _distance(self, tried: Tried) -> float:
        """Return how far a size is from what is asked; less is nearer."""
        assert tried.value is not None  # as asked
        return -tried.value if self.targets.steps_per_day is not None else tried.value

    def _told(self, tried: Tried) -> Tried:
        """Return a size that is told in full: with all ways of its pools, which `_tried` leaves out."""
        return tried if tried.estimate is None else self._tried(tried.counts, tells_all=True)

    def _tried(self, counts: Counts, *, tells_all: bool = False) -> Tried:
        plan = self.plan
        for place, count in enumerate(counts):
            pool = plan.cluster.pools[place].model_copy(update={"count": count, "chips": None})
            plan = with_pool(plan, place, pool)
        try:
            estimate = estimate_plan(plan, self.catalog, cancelled=self.should_stop, tells_all=tells_all)
        except PlannerError as error:
            return Tried(counts, plan, None, None, None, str(error))
        figures, chips = estimate.figures, sum(pool.chips for pool in estimate.pools)
        if figures is None:
            why = "; ".join(estimate.reasons)
            return Tried(counts, plan, estimate, None, None, why, chips=chips)
        held = self.targets.held(figures)
        return Tried(
            counts,
            plan,
            estimate,
            reached(self.targets, figures),
            figures.p50("power.facility_w"),
            late=worst_of(one for one in held if one.limit.name in PACE_TARGETS),
            broken=worst_of(one for one in held if one.limit.name not in PACE_TARGETS),
            chips=chips,
        )

    def in_time(self, pools: int) -> Iterator[Tried]:
        """Yield sizes that are fast enough, of which no pool can be smaller for itself."""
        both = 1
        while not self.at((both,) * pools).is_in_time:
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
        """Return the fewest of a pool that are fast enough beside the others; `most` are."""
        return least_count(lambda count: self.at(_with(counts, place, count)).is_in_time, 0, most)


def _without_estimate(tried: Tried) -> Tried:
    """Return a size that is told beside another one; `told_in_full` makes its estimate, of MiB, again."""
    return _with_cost(tried).bare()


def _with_cost(tried: Tried) -> Tried:
    figures = None if tried.estimate is None else tried.estimate.figures
    return replace(tried, run_cost_usd=None if figures is None else figures.p50("cost.total"))


def _with(counts: Counts, place: int, count: int) -> Counts:
    return (*counts[:place], count, *counts[place + 1 :])


def _scaled(counts: Counts, factors: tuple[float, ...]) -> Iterator[Counts]:
    """Yield pools that are larger or smaller together, none below one system, each once."""
    seen = {counts}
    for factor in factors:
        up = factor > 1.0
        found = tuple(max(math.ceil(one * factor) if up else math.floor(one * factor), 1) for one in counts)
        if found not in seen:
            seen.add(found)
            yield found
