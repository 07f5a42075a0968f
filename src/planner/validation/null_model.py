"""The null model: one constant utilisation per chip, on the 16-bit peak and 6N; what any model must beat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.catalog.run_rate import flops_per_token
from planner.validation.run_scores import ErrorSummary, ScoredRun, error_summary

#: What is held out at once: all rows of a source, or those of one model and chip of a source.
HeldOut = Literal["source", "group"]


@dataclass(frozen=True, slots=True)
class NullPrediction:
    """What the null model says of one run. [tokens/s per chip]."""

    #: the utilisation fitted on all of the chip's runs, this one included
    in_sample: float
    #: the utilisation fitted without what is held out with the run; where that leaves no run of the chip,
    #: on all other chips
    held_out: float


def peak_rate(run: ScoredRun) -> float | None:
    """Return the rate at full use of the 16-bit peak, by 6N. [tokens/s per chip]."""
    case = run.case
    shape, sequence = case.run.architecture, case.run.sequence_length
    if shape is None or sequence is None:
        return None
    return case.published_peak_flops_per_s / flops_per_token(shape, sequence, "6n")


def best_utilisation(utilisations: Sequence[float]) -> float:
    r"""Return the constant that minimises the mean absolute relative error of the rates.

    .. math:: \min_u \sum_i |u / u_i - 1| = \min_u \sum_i w_i |u - u_i|,\quad w_i = 1 / u_i

    which the median of the utilisations, each weighted by its reciprocal, does.
    """
    ordered = np.sort(np.asarray(utilisations, dtype=np.float64))
    weights = np.cumsum(1.0 / ordered)
    return float(ordered[np.searchsorted(weights, weights[-1] / 2.0)])


def held_out_key(run: ScoredRun, held_out: HeldOut) -> str:
    """Return the name that a run shares with those held out with it."""
    return run.case.run.source_key if held_out == "source" else run.case.run.group


def null_predictions(runs: Iterable[ScoredRun], held_out: HeldOut = "source") -> dict[str, NullPrediction]:
    """Return the null model's predictions by run id, of the runs that have a measured rate.

    The constants are fitted on what our own constants are: runs without their interruptions (tiers A and B).
    """
    rows = [
        (run, peak, run.measured / peak)
        for run in runs
        if run.measured is not None and (peak := peak_rate(run)) is not None
    ]
    fitted_on = [row for row in rows if not row[0].is_whole_run]
    result = {}
    for run, peak, _ in rows:
        chip, key = run.chip, held_out_key(run, held_out)
        same = [share for other, _, share in fitted_on if other.chip == chip]
        apart = [row for row in fitted_on if held_out_key(row[0], held_out) != key]
        unseen = [share for other, _, share in apart if other.chip == chip]
        everything = [share for *_, share in apart]
        result[run.case.run.id] = NullPrediction(
            in_sample=peak * best_utilisation(same or everything or [1.0]),
            held_out=peak * best_utilisation(unseen or everything or same or [1.0]),
        )
    return result


def null_summary(
    runs: Iterable[ScoredRun],
    predictions: dict[str, NullPrediction],
    rate_of: Callable[[NullPrediction], float],
) -> ErrorSummary:
    """Return the errors of the null model on some runs."""
    errors = []
    for run in runs:
        prediction = predictions.get(run.case.run.id)
        if run.measured is not None and prediction is not None:
            errors.append(rate_of(prediction) / run.measured - 1.0)
    return error_summary(errors)
