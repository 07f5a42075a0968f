"""Sizes of post-training for a curve: its one pool, or both larger and smaller together."""

from __future__ import annotations

from dataclasses import dataclass

from planner.exploring.curve import Sized, sized_of
from planner.exploring.mixes import mix_id
from planner.exploring.post_answers import Counts
from planner.exploring.post_sizes import MOST_SYSTEMS, PostSizes
from planner.exploring.targets import Targets


def in_step(base: Counts, count: int) -> Counts:
    """Return pools in the proportion of others, with so many systems in the largest.

    >>> in_step((8, 4), 6)
    (6, 3)
    """
    return tuple(max(round(count * one / max(base)), 1) for one in base)


@dataclass(frozen=True, slots=True)
class PoolsInStep:
    """Sizes of a plan's pools in one proportion."""

    pools: PostSizes
    base: Counts
    #: what is to be met, if anything
    targets: Targets | None

    @property
    def most(self) -> int:
        """The largest count that is tried."""
        return MOST_SYSTEMS

    def sized(self, count: int) -> Sized | None:
        """Return the plan with so many systems in its largest pool; None where it cannot run."""
        tried = self.pools.at(in_step(self.base, count))
        figures = None if tried.estimate is None else tried.estimate.figures
        if figures is None:
            return None
        mix = mix_id([pool.system or "" for pool in tried.plan.cluster.pools])
        found = sized_of(figures, mix, tried.counts, tried.chips, tried.plan, self.targets)
        # a curve holds many sizes, and no draws of them
        tried.forget()
        return found
