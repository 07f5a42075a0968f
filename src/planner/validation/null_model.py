"""The null model: one constant utilisation per chip, on the 16-bit peak and 6N; what any model must beat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
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
    fitted_on = [
        (run.chip, held_out_key(run, held_out), share) for run, _, share in rows if not run.is_whole_run
    ]

    @cache
    def utilisations(chip: str, key: str) -> tuple[float, float]:
        """Return the constant of a chip, and what it is without the runs that are held out together."""
        same = [share for other, _, share in fitted_on if other == chip]
        unseen = [share for other, others_key, share in fitted_on if other == chip and others_key != key]
        everything = [share for _, others_key, share in fitted_on if others_key != key]
        return (
            best_utilisation(same or everything or [1.0]),
            best_utilisation(unseen or everything or same or [1.0]),
        )

    result = {}
    for run, peak, _ in rows:
        in_sample, apart = utilisations(run.chip, held_out_key(run, held_out))
        result[run.case.run.id] = NullPrediction(in_sample=peak * in_sample, held_out=peak * apart)
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
