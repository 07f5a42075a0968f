"""How well predictions met what was measured: one run's score, and the figures of many."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.engine.work import model_work
from planner.planning.run_cases import RunCase
from planner.quantities.figure import Band
from planner.validation.memory_fit import Fit, fit_of

#: What a prediction is held against.
QUANTITY = "tokens_per_s_per_chip"


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """One run's prediction beside what was measured."""

    #: as it was predicted: with its layout, published or searched
    case: RunCase
    #: tokens per second and chip; for a whole run with interruptions, goodput included
    predicted: Band
    is_layout_searched: bool
    #: the run's own goodput, where it is scored as a whole run; else 1
    goodput: float
    #: where the row disagrees with itself
    contradictions: tuple[str, ...]

    @property
    def measured(self) -> float | None:
        """Measured tokens per second and chip."""
        return self.case.measured

    @property
    def error(self) -> float | None:
        """Predicted median over measured, less 1."""
        return None if self.measured is None else self.predicted.p50 / self.measured - 1.0

    @property
    def is_inside_band(self) -> bool | None:
        """Whether the measured rate lies between the 10th and the 90th percentile of the prediction."""
        return None if self.measured is None else self.predicted.p10 <= self.measured <= self.predicted.p90

    @property
    def is_whole_run(self) -> bool:
        """Whether the measured rate holds interruptions too."""
        return self.case.run.tier == "E"

    @property
    def is_mixture(self) -> bool:
        """Whether the model is a mixture of experts."""
        return self.case.is_mixture

    @property
    def chip(self) -> str:
        """The chip's id."""
        return self.case.run.hardware.chip

    @property
    def fit(self) -> Fit:
        """What it needs of its chips' memory: it ran, so that whatever does not fit is an error."""
        case = self.case
        work = model_work(case.architecture, case.workload)
        with np.errstate(all="ignore"):
            return fit_of(work, case.layout, case.workload, float(case.chip.memory_bytes))


@dataclass(frozen=True, slots=True)
class ErrorSummary:
    """The errors of some runs; what is asked of none is None."""

    n: int
    mean_abs: float | None
    median_abs: float | None
    p90_abs: float | None
    #: mean of the signed errors
    bias: float | None
    #: share of the runs inside their 80 % band
    coverage: float | None
    largest: float | None = None
    #: mean pinball loss of the logarithm at the 10th, 50th and 90th percentile
    pinball: float | None = None


def summarise(scored: Iterable[ScoredRun]) -> ErrorSummary:
    """Return the figures of the runs that were measured."""
    measured = [run for run in scored if run.error is not None]
    errors = [run.error for run in measured if run.error is not None]
    summary = error_summary(errors, [bool(run.is_inside_band) for run in measured])
    return replace(summary, pinball=mean_pinball(measured))


def mean_pinball(scored: Sequence[ScoredRun]) -> float | None:
    """Return the mean loss of the bands, which a wrong middle and a wrong width both raise. [-]."""
    losses = [pinball(run.predicted, run.measured) for run in scored if run.measured is not None]
    return float(np.mean(losses)) if losses else None


def pinball(band: Band, measured: float) -> float:
    r"""Return the loss of a band at the three quantiles that it states, of the logarithm. [-].

    .. math:: \ell_q(y, f) = \max\{q (y - f), (q - 1)(y - f)\},\quad y = \ln r

    References
    ----------
    .. [1] Koenker and Bassett, Regression Quantiles (Econometrica, 1978).
    """
    losses = []
    for quantile, forecast in ((0.1, band.p10), (0.5, band.p50), (0.9, band.p90)):
        short = math.log(measured / forecast)
        losses.append(max(quantile * short, (quantile - 1.0) * short))
    return float(np.mean(losses))


def error_summary(errors: Sequence[float], is_inside: Sequence[bool] | None = None) -> ErrorSummary:
    """Return the figures of some relative errors, and of which of them lie inside their band."""
    kept = [error for error in errors if math.isfinite(error)]
    if not kept:
        return ErrorSummary(0, None, None, None, None, None)
    sizes = np.abs(kept)
    return ErrorSummary(
        n=len(kept),
        mean_abs=float(sizes.mean()),
        median_abs=float(np.median(sizes)),
        p90_abs=float(np.quantile(sizes, 0.9)),
        bias=float(np.mean(kept)),
        coverage=None if is_inside is None else float(np.mean(is_inside)),
        largest=float(sizes.max()),
    )
