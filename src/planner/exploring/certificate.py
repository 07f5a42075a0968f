"""What proves an answer: it holds, the best of one system fewer does not, and a bound from arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.estimate.best_published import best_of_class
from planner.exploring.trials import Trial, Trials
from planner.units import SECONDS_PER_DAY


@dataclass(frozen=True, slots=True)
class LowerBound:
    """The chips that arithmetic alone asks for: all FLOPs at the best utilisation that was published."""

    #: of the whole training, without recomputation. [FLOP]
    flops: float
    #: dense, of one chip at the plan's precision. [FLOP/s]
    peak_flops_per_s: float
    #: of the class, causal convention; 1 where none was published
    best_utilisation: float
    #: the run that reached it; None where none was published
    best_run: str | None
    days: float

    @property
    def chips(self) -> int:
        """Chips that compute it all in these days.

        Examples
        --------
        1e24 FLOP in ten days of 1 PFLOP/s at a half: 2,315 chips.

        >>> LowerBound(1e24, 1e15, 0.5, "a run", 10.0).chips
        2315
        """
        rate = self.peak_flops_per_s * self.best_utilisation
        return max(math.ceil(self.flops / (rate * self.days * SECONDS_PER_DAY)), 1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Why a count is the smallest."""

    #: one less, and the best of at most so many systems; None where that runs nothing
    count_below: int
    best_below: Trial | None
    lower_bound: LowerBound

    @property
    def days_below(self) -> float | None:
        """Days of the best of them against the deadline, at the confidence."""
        return None if self.best_below is None else self.best_below.days


def lower_bound(trials: Trials, days: float, *, utilisation: float | None = None) -> LowerBound:
    """Return what arithmetic says, whatever the count: at the best utilisation published, or another."""
    setting = trials.known.setting
    best = best_of_class(setting.pool, setting.resolved.architecture)
    published = 1.0 if best is None else best.mfu
    return LowerBound(
        flops=trials.known.number("facts.training_flops"),
        peak_flops_per_s=trials.known.number("mfu.peak_flops_per_s"),
        best_utilisation=utilisation or published,
        best_run=None if best is None else best.run,
        days=days,
    )


def certified(trials: Trials, answer: Trial) -> Certificate:
    """Return what proves that an answer is the smallest; one system fewer is tried where it was not."""
    below = answer.count - 1
    if below > 0:
        trials.at(below)
    smaller = [trial for trial in trials.tried.values() if trial.count <= below and trial.runs]
    best = min(smaller, key=lambda trial: trial.days, default=None)
    return Certificate(below, best, lower_bound(trials, trials.allowed_days))
