"""The best utilisation that runs of a plan's class published: what a searched layout should not exceed."""

from __future__ import annotations

from dataclasses import dataclass

from planner.domain.architecture import Architecture
from planner.planning.resolve import ResolvedPool


@dataclass(frozen=True, slots=True)
class BestOfClass:
    """The highest model FLOP utilisation of a class of chips and models, causal convention, at 16 bit."""

    mfu: float
    #: the run that reached it
    run: str
    #: the class in words
    label: str

    def exceeded_by(self, mfu: float) -> float:
        """Return by what share of the best published a utilisation lies above it; below it, below nothing.

        Examples
        --------
        >>> round(BestOfClass(0.5, "a run", "dense models on hopper").exceeded_by(0.6), 3)
        0.2
        """
        return mfu / self.mfu - 1.0


def best_of_class(pool: ResolvedPool, architecture: Architecture) -> BestOfClass | None:
    """Return the best published of the pool's chip generation and of the model's kind; None where none is."""
    generation = pool.chip.generation
    best = next(
        (it.best_published[generation] for it in pool.stacks if generation in it.best_published), None
    )
    if best is None:
        return None
    is_dense = architecture.mixture is None
    mfu, run = (best.dense, best.dense_run) if is_dense else (best.mixture, best.mixture_run)
    if mfu is None:
        return None
    kind = "dense models" if is_dense else "mixtures of experts"
    return BestOfClass(mfu, run or "", f"{kind} on {generation}")
