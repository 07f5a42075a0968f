"""What is said of runs whose source no fit has seen: in folds, each under constants fitted without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.domain.team import Team
from planner.engine.arrays import FloatArray
from planner.engine.estimate import RESIDUAL_STREAM
from planner.engine.uncertainty import standard_draws
from planner.planning.reach import band_stretch
from planner.planning.run_cases import RunCase
from planner.planning.stack import FittedStack, ResidualSpreads
from planner.quantities.figure import Band
from planner.validation.calibration import Calibration, calibrate
from planner.validation.run_prediction import CaseColumns, completed, drawn_rates
from planner.validation.run_preparation import ARITHMETIC_ERRORS

#: 80 % of a normal distribution lie within this many standard deviations.
NORMAL_80 = 1.2816

#: Called before each refit with how many are done, how many there are, and the name of what is held out.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class LeftOutRun:
    """One run under constants that were fitted without its source."""

    #: with its gaps filled
    case: RunCase
    #: (1 + draws,): predicted tokens per second and chip, at the medians and over draws of the constants
    rates: FloatArray

    @property
    def rate(self) -> float:
        """Predicted tokens per second and chip."""
        return float(self.rates[0])

    @cached_property
    def constants_log_spread(self) -> float:
        """What the constants' own spreads make of the rate; of its logarithm."""
        low, high = np.quantile(self.rates[1:], [0.1, 0.9])
        return math.log(max(high, self.rate) / min(low, self.rate)) / (2.0 * NORMAL_80)

    @property
    def source(self) -> str:
        """Whose run it is."""
        return self.case.run.source_key

    @property
    def team(self) -> Team:
        """Who ran it."""
        return self.case.run.team

    @property
    def log_error(self) -> float:
        """Predicted over measured; its logarithm."""
        return math.log(self.rate / (self.case.measured or self.rate))

    @cached_property
    def stretch(self) -> float:
        """How much wider than usual it scatters, as it lies beyond what others ran. [-]."""
        return band_stretch(self.case.beyond)

    @property
    def scaled_error(self) -> float:
        """The error, as it would be of a run that lies among others."""
        return self.log_error / self.stretch

    def scattered_rates(self, residuals: ResidualSpreads) -> FloatArray:
        """Return the rates with what such runs scatter by beside the constants, (1 + draws,)."""
        own = self.stretch * residuals.of(is_mixture=self.case.is_mixture)
        noise = standard_draws([RESIDUAL_STREAM], len(self.rates) - 1)[RESIDUAL_STREAM]
        return np.asarray(self.rates * np.exp(-own * np.concatenate([[0.0], noise])))

    def band(self, residuals: ResidualSpreads) -> Band:
        """Return the rate with its band, once it is known what such runs scatter by beside the constants."""
        own = self.stretch * residuals.of(is_mixture=self.case.is_mixture)
        half = math.exp(NORMAL_80 * math.hypot(self.constants_log_spread, own))
        return Band(self.rate / half, self.rate, self.rate * half)


@dataclass(frozen=True, slots=True)
class LeftOutPair:
    """A run as whoever knows its framework is told, and as whoever does not."""

    known: LeftOutRun
    unknown: LeftOutRun


def left_out_runs(
    cases: Sequence[RunCase],
    filled: Sequence[RunCase],
    folds: Sequence[str],
    progress: Progress | None = None,
) -> Iterator[LeftOutPair]:
    """Yield every run under constants that were fitted without those of its fold, from a cold start.

    `filled` are the cases with their gaps filled, which a fit is made on; those left out are searched anew.
    """
    for name, calibration in left_out_folds(filled, folds, progress):
        for case in (case for case, fold in zip(cases, folds, strict=True) if fold == name):
            known = left_out_run(case, calibration.stack_of(case))
            unknown = left_out_run(case, calibration.stack_of(case, is_framework_known=False))
            if known is not None and unknown is not None:
                yield LeftOutPair(known, unknown)


def left_out_folds(
    filled: Sequence[RunCase], folds: Sequence[str], progress: Progress | None = None
) -> Iterator[tuple[str, Calibration]]:
    """Yield every fold with the constants that were fitted without its runs."""
    names = sorted(set(folds))
    columns = CaseColumns.of(filled) if filled else None
    for done, name in enumerate(names):
        if progress is not None:
            progress(done, len(names), name)
        yield name, calibrate(filled, [fold == name for fold in folds], columns)


def left_out_run(case: RunCase, stack: FittedStack) -> LeftOutRun | None:
    """Return what constants say of a run whose gaps are searched; None where they can't."""
    try:
        with np.errstate(all="ignore"):
            filled = completed(case, stack)
            columns = CaseColumns.of([filled])
            median = columns.tokens_per_step() / (columns.step(stack.constants).total * columns.chips)
            rates = np.concatenate([np.atleast_1d(median), drawn_rates(filled, stack)])
    except ARITHMETIC_ERRORS:
        return None
    return LeftOutRun(filled, rates)


def dealt_folds(cases: Sequence[RunCase], folds: int) -> list[str]:
    """Return a fold for every run: sources are dealt in turn, so that no fold has all of a kind."""
    kinds = {case.run.source_key: (case.run.team, case.stack.platform) for case in cases}
    ordered = sorted(kinds, key=lambda source: (*kinds[source], source))
    dealt = {source: f"fold {place % folds + 1}" for place, source in enumerate(ordered)}
    return [dealt[case.run.source_key] for case in cases]
