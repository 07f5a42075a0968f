"""Published steps of post-training against predictions, and against two null models of one utilisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from planner.catalog.catalog import Catalog
from planner.catalog.runs import RunSet
from planner.domain.post_training_fit import ErrorsOfRows, HeldOutErrors, HeldOutRows, PostTrainingFit
from planner.domain.post_training_run import FINE_TUNING, PostTrainingRun
from planner.engine.architecture import parameter_counts
from planner.planning.post_training import PostTrained, constants_of, post_trained
from planner.planning.post_training_cases import StepCase, UnscoredStep, step_case
from planner.validation.null_model import best_utilisation
from planner.validation.run_scores import ErrorSummary, error_summary

#: Rows of a kind that tell nothing of its spread.
_FEW = 4
#: A ratio of two steps of one job that is told better than that is told well. [-]
NEAR_RATIO = 0.25
#: Fewer pairs of steps of one job say nothing of what the steps of a job share.
LEAST_PAIRS = 8


@dataclass(frozen=True, slots=True, eq=False)
class ScoredStep:
    """One published step with its prediction. [s]."""

    case: StepCase
    predicted_s: float
    low_s: float
    high_s: float
    #: one utilisation per chip, and one per model and chip, of rows that are not held out with it
    null_chip_s: float
    null_model_chip_s: float
    #: predicted over measured of each phase that is published, less 1
    phases: Mapping[str, float]

    @property
    def run(self) -> PostTrainingRun:
        """The row."""
        return self.case.run

    @property
    def error(self) -> float:
        """Predicted over measured step, less 1."""
        return self.predicted_s / self.case.measured_s - 1.0

    @property
    def is_inside(self) -> bool:
        """Whether the measured step lies in the band."""
        return self.low_s <= self.case.measured_s <= self.high_s

    @property
    def has_assumed_lengths(self) -> bool:
        """Whether its source leaves out how long its responses are."""
        return self.case.lengths is not None and self.case.lengths.has_assumed_mean


@dataclass(frozen=True, slots=True)
class PairedRatio:
    """Two rows of one job: how their steps compare, the first over the second."""

    pair: str
    first: str
    second: str
    measured: float
    predicted: float
    #: whether the first one is synchronous, and the second one not
    is_of_staleness: bool

    @property
    def error(self) -> float:
        """Predicted over measured ratio, less 1."""
        return self.predicted / self.measured - 1.0


@dataclass(frozen=True, eq=False)
class PostTrainingValidation:
    """All rows of some files against one set of constants, or each group against those of the others."""

    scored: tuple[ScoredStep, ...]
    unscored: tuple[tuple[str, str], ...]
    is_held_out: bool

    def steps(self) -> tuple[ScoredStep, ...]:
        """Return the rows that have a rollout or pairs."""
        return tuple(row for row in self.scored if row.run.kind != FINE_TUNING)

    def fine_tuning(self) -> tuple[ScoredStep, ...]:
        """Return the others."""
        return tuple(row for row in self.scored if row.run.kind == FINE_TUNING)

    @cached_property
    def ratios(self) -> tuple[PairedRatio, ...]:
        """The pairs of which both rows are scored."""
        found: dict[str, list[ScoredStep]] = {}
        for row in self.scored:
            if row.run.pair is not None:
                found.setdefault(row.run.pair, []).append(row)
        return tuple(
            PairedRatio(
                pair,
                first.run.id,
                second.run.id,
                first.case.measured_s / second.case.measured_s,
                first.predicted_s / second.predicted_s,
                first.run.post_training.staleness == 0 < second.run.post_training.staleness,
            )
            for pair, (first, second, *_) in ((name, rows) for name, rows in found.items() if len(rows) > 1)
        )


def summary_of(rows: Sequence[ScoredStep], predicted: Callable[[ScoredStep], float]) -> ErrorSummary:
    """Return the errors of some predictions of rows."""
    return error_summary([predicted(row) / row.case.measured_s - 1.0 for row in rows])


def covered(rows: Sequence[ScoredStep]) -> float | None:
    """Return the share of rows whose measured step lies in its band."""
    return sum(row.is_inside for row in rows) / len(rows) if rows else None


def cases_of(
    runs: RunSet[PostTrainingRun], catalog: Catalog
) -> tuple[tuple[StepCase, ...], tuple[tuple[str, str], ...]]:
    """Return what can be predicted, and what cannot with the reason."""
    found = [step_case(run, catalog) for run in runs.runs]
    cases = tuple(case for case in found if isinstance(case, StepCase))
    unscored = [(case.run.id, case.reason) for case in found if isinstance(case, UnscoredStep)]
    unscored += [(row.id, f"{row.where}: {row.reason}") for row in runs.skipped]
    return cases, tuple(unscored)


def predicted_step(case: StepCase, fit: PostTrainingFit) -> PostTrained | None:
    """Return a case's step under some constants; None of fine-tuning, which the training engine tells."""
    if case.lengths is None:
        return None
    return post_trained(
        case.run.post_training,
        case.architecture,
        case.work,
        case.generating,
        case.updating,
        constants_of(fit, case.pace),
    )


def step_s(case: StepCase, step: PostTrained | None) -> float:
    """Return the seconds of a predicted step."""
    return float(case.updating.step_s) if step is None else float(step.step.total)


#: Phases that sources publish, and how each is read off a step.
PHASES: Mapping[str, Callable[[PostTrained], float]] = {
    "rollout_s": lambda found: float(found.rollout.total),
    "log_prob_s": lambda found: float(found.step.log_prob),
    "reference_s": lambda found: float(found.step.reference),
    "update_s": lambda found: float(found.step.update),
}


def phase_errors(case: StepCase, step: PostTrained | None) -> dict[str, float]:
    """Return predicted over measured of each published phase, less 1; what lengths were read of is none."""
    if step is None:
        return {}
    measured = {name: getattr(case.run.measured, name) for name in PHASES}
    return {name: PHASES[name](step) / value - 1.0 for name, value in measured.items() if value is not None}


def validated(
    cases: Sequence[StepCase],
    unscored: tuple[tuple[str, str], ...],
    fit_of: Callable[[StepCase], PostTrainingFit],
    *,
    is_held_out: bool,
) -> PostTrainingValidation:
    """Return cases against the constants that go with each."""
    rows = []
    for case in cases:
        fit = fit_of(case)
        step = predicted_step(case, fit)
        seconds = step_s(case, step)
        spread = log_spread(case, fit)
        rows.append(
            ScoredStep(
                case,
                seconds,
                seconds * math.exp(-1.2816 * spread),
                seconds * math.exp(1.2816 * spread),
                *_nulls(case, cases, is_held_out=is_held_out),
                phase_errors(case, step),
            )
        )
    return PostTrainingValidation(tuple(rows), unscored, is_held_out)


def log_spread(case: StepCase, fit: PostTrainingFit) -> float:
    """Return what a step of the case's kind scatters by; fine-tuning as much as trainings at least."""
    if case.lengths is None:
        return max(case.training_log_spread, fit.fine_tuning_log_spread or 0.0)
    return fit.assumed_log_spread if case.lengths.has_assumed_mean else fit.log_spread


def utilisation(case: StepCase) -> float:
    """Return the share of all chips' 16-bit peak that a measured step reaches by 6N a token. [-]."""
    flops = 6.0 * float(parameter_counts(case.architecture).active_matmul) * case.tokens
    return flops / (case.measured_s * _peak(case))


def _peak(case: StepCase) -> float:
    return float(case.run.hardware.chip_count or 1) * case.half_peak_flops_per_s


def goes_with(other: StepCase, case: StepCase) -> bool:
    """Return whether a case is held out with another: its group is, of fine-tuning its whole source."""
    if case.lengths is None:
        return other.run.source_key == case.run.source_key
    return other.run.group == case.run.group


def _nulls(case: StepCase, cases: Iterable[StepCase], *, is_held_out: bool) -> tuple[float, float]:
    """Return the step of both null models; without what is held out, a chip that nobody else has is any."""
    flops = 6.0 * float(parameter_counts(case.architecture).active_matmul) * case.tokens
    own_kind = [other for other in cases if (other.lengths is None) == (case.lengths is None)]
    seen = [other for other in own_kind if not is_held_out or not goes_with(other, case)] or own_kind
    same_chip = [other for other in seen if other.run.hardware.chip == case.run.hardware.chip] or seen
    same = [other for other in same_chip if other.run.model == case.run.model] or same_chip
    chip, model = (best_utilisation([utilisation(other) for other in some]) for some in (same_chip, same))
    return flops / (chip * _peak(case)), flops / (model * _peak(case))


def widened(
    fit: PostTrainingFit, residuals: Sequence[tuple[float, bool]], fine_tuning: float | None = None
) -> PostTrainingFit:
    """Return constants whose bands hold four of five of the residuals of groups that were held out.

    `residuals` are logarithms of predicted over measured, and whether the mean length was assumed;
    `fine_tuning` is the spread of its steps.
    """
    known = [abs(value) for value, is_assumed in residuals if not is_assumed]
    assumed = [abs(value) for value, is_assumed in residuals if is_assumed]
    spread = _spread_of(known) if known else fit.log_spread
    wide = _spread_of(assumed) if len(assumed) > _FEW else fit.assumed_log_spread
    spreads = {"log_spread": spread, "assumed_log_spread": max(wide, spread)}
    return fit.model_copy(update={**spreads, "fine_tuning_log_spread": fine_tuning})


def _spread_of(errors: Sequence[float]) -> float:
    return float(np.quantile(errors, 0.8)) / 1.2816


def fine_tuning_spread(cases: Iterable[StepCase]) -> float | None:
    """Return the spread whose bands hold four of five steps of fine-tuning; None where there are few.

    No constant is fitted to them: each is held out.
    """
    errors = [
        abs(math.log(float(case.updating.step_s) / case.measured_s)) for case in cases if case.lengths is None
    ]
    return _spread_of(errors) if len(errors) > _FEW else None


def with_pairs(fit: PostTrainingFit, validation: PostTrainingValidation) -> PostTrainingFit:
    r"""Return constants with what one of two steps of one job scatters by about what both share.

    .. math:: w = \frac{Q_{0.8}(|\ln q|)}{1.2816 \sqrt 2}

    with :math:`q` the predicted over the measured ratio of both: the model's error of the job is in neither.
    """
    logs = [abs(math.log1p(pair.error)) for pair in validation.ratios]
    if len(logs) < LEAST_PAIRS:
        return fit
    spread = float(np.quantile(logs, 0.8)) / (1.2816 * math.sqrt(2.0))
    return fit.model_copy(update={"pair_log_spread": spread, "pairs": len(logs)})


def held_out_errors(validation: PostTrainingValidation) -> HeldOutErrors:
    """Return the errors of a validation with every group held out, and every source of fine-tuning."""
    rows, tuned = validation.steps(), validation.fine_tuning()
    return HeldOutErrors(
        **_held_out(rows),
        lengths_stated=_errors_of([row for row in rows if not row.has_assumed_lengths]),
        lengths_assumed=_errors_of([row for row in rows if row.has_assumed_lengths]),
        fine_tuning=HeldOutRows(**_held_out(tuned)) if tuned else None,
    )


def _held_out(rows: Sequence[ScoredStep]) -> dict[str, Any]:
    """Return the fields of `HeldOutRows`."""
    own, chip, model = (
        summary_of(rows, way)
        for way in (
            lambda row: row.predicted_s,
            lambda row: row.null_chip_s,
            lambda row: row.null_model_chip_s,
        )
    )
    return {
        "rows": own.n,
        "median": own.median_abs or 0.0,
        "p90": own.p90_abs or 0.0,
        "null_chip_median": chip.median_abs or 0.0,
        "null_model_chip_median": model.median_abs or 0.0,
        "coverage": covered(rows) or 0.0,
    }


def _errors_of(rows: Sequence[ScoredStep]) -> ErrorsOfRows | None:
    found = summary_of(rows, lambda row: row.predicted_s)
    if not rows:
        return None
    return ErrorsOfRows(rows=found.n, median=found.median_abs or 0.0, p90=found.p90_abs or 0.0)
