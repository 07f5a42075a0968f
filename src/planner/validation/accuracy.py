"""The figures of a validation: by tier, chip and framework, beside the null model, with its special cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from planner.validation.layout_pairs import NoiseFloor, Ranking, noise_floor, ranking
from planner.validation.null_model import NullPrediction, null_predictions, null_summary
from planner.validation.run_prediction import peak_memory_bytes
from planner.validation.run_preparation import ARITHMETIC_ERRORS
from planner.validation.run_scores import ErrorSummary, ScoredRun, error_summary, summarise
from planner.validation.validation import Validation

#: The layout sweep on 384 A100 that the pairs are ranked in and whose memory is scored.
SWEEP_SOURCE = "bloom-sweep"
KORTHIKANTI_SOURCE = "korthikanti"
#: Runs of a chip from which on its share of refused ones is told.
FEW_RUNS = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our errors on some runs beside the null model's on the same ones."""

    name: str
    ours: ErrorSummary
    null_in_sample: ErrorSummary
    null_held_out: ErrorSummary
    #: sources among the runs
    sources: int


@dataclass(frozen=True, slots=True)
class Fits:
    """Runs with complete layouts, all of which ran, and those that are called impossible."""

    complete: int
    refused: tuple[ScoredRun, ...]
    #: share of each chip's runs, where it has ten or more
    refused_by_chip: dict[str, float]

    @property
    def refused_share(self) -> float | None:
        """The share called impossible; None of none."""
        return len(self.refused) / self.complete if self.complete else None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """All figures of one validation."""

    all_runs: ErrorSummary
    tiers: tuple[Comparison, ...]
    chips: tuple[Comparison, ...]
    frameworks: tuple[Comparison, ...]
    null: dict[str, NullPrediction]
    ranking: Ranking
    sweep_ranking: Ranking
    noise: NoiseFloor
    #: errors of the predicted peak memory where one was published: the sweep's, and all
    sweep_memory: ErrorSummary
    memory: ErrorSummary
    fits: Fits


def accuracy(validation: Validation) -> Accuracy:
    """Return the figures of a validation."""
    runs = validation.measured
    null = null_predictions(runs)

    def compare(name: str, some: Iterable[ScoredRun]) -> Comparison:
        return comparison(name, tuple(some), null)

    steady = [run for run in runs if not run.is_whole_run]
    memory = {run.case.run.id: error for run in runs if (error := memory_error(run)) is not None}
    sweep = {run.case.run.id for run in runs if run.case.run.source_key == SWEEP_SOURCE}
    return Accuracy(
        all_runs=summarise(runs),
        tiers=tuple(compare(name, filter(belongs, runs)) for name, belongs in GROUPS),
        chips=tuple(
            compare(name, (run for run in steady if run.chip == name))
            for name in sorted({run.chip for run in steady})
        ),
        frameworks=tuple(
            compare(name, (run for run in steady if run.case.stack.id == name))
            for name in sorted({run.case.stack.id for run in steady})
        ),
        null=null,
        ranking=ranking(runs),
        sweep_ranking=ranking(runs, source=SWEEP_SOURCE),
        noise=noise_floor(runs),
        sweep_memory=error_summary([error for name, error in memory.items() if name in sweep]),
        memory=error_summary(list(memory.values())),
        fits=fits_of(validation.scored),
    )


def fits_of(scored: Iterable[ScoredRun]) -> Fits:
    """Return which runs with complete layouts are called impossible."""
    complete = [run for run in scored if not run.is_layout_searched]
    refused = tuple(run for run in complete if not run.fit.fits)
    chips = Counter(run.chip for run in complete)
    wrong = Counter(run.chip for run in refused)
    by_chip = {chip: wrong[chip] / runs for chip, runs in sorted(chips.items()) if runs >= FEW_RUNS}
    return Fits(len(complete), refused, by_chip)


def comparison(name: str, runs: tuple[ScoredRun, ...], null: dict[str, NullPrediction]) -> Comparison:
    """Return our errors on some runs beside the null model's."""
    return Comparison(
        name,
        summarise(runs),
        null_summary(runs, null, lambda prediction: prediction.in_sample),
        null_summary(runs, null, lambda prediction: prediction.held_out),
        len({run.case.run.source_key for run in runs}),
    )


def memory_error(run: ScoredRun) -> float | None:
    """Return predicted over published peak memory, less 1; None where none was published."""
    published = run.case.run.result.peak_memory_bytes
    if published is None:
        return None
    try:
        with np.errstate(all="ignore"):
            return peak_memory_bytes(run.case) / published - 1.0
    except ARITHMETIC_ERRORS:
        return None


def _is_tier_a(run: ScoredRun) -> bool:
    return run.case.run.tier == "A"


def _is_table_5(run: ScoredRun) -> bool:
    recompute = run.case.run.recompute
    return (
        run.case.run.source_key == KORTHIKANTI_SOURCE and recompute is not None and recompute.kind == "full"
    )


#: The groups that the figures are asked for.
GROUPS: tuple[tuple[str, Callable[[ScoredRun], bool]], ...] = (
    ("tier A", _is_tier_a),
    ("  mixture of experts", lambda run: _is_tier_a(run) and run.is_mixture),
    ("  Ascend", lambda run: _is_tier_a(run) and run.case.stack.platform == "cann"),
    ("  384-A100 layout sweep", lambda run: _is_tier_a(run) and run.case.run.source_key == SWEEP_SOURCE),
    ("  Korthikanti table 5", _is_table_5),
    ("tier B, gaps filled", lambda run: run.case.run.tier == "B"),
    ("tier E, whole runs", lambda run: run.is_whole_run),
)
