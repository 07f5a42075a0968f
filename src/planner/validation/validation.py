"""Predictions of published runs under the constants that ship; every row is scored or named with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.catalog import Catalog
from planner.catalog.runs import RunSet
from planner.domain.run import Run
from planner.engine.goodput import usual_goodput
from planner.engine.uncertainty import band
from planner.planning.run_cases import RunCase, Unpredictable
from planner.planning.stack import FittedStack
from planner.quantities.figure import Band
from planner.validation.run_contradictions import contradictions
from planner.validation.run_prediction import RUN_DRAWS, CaseColumns, completed, predict, scattered_rates
from planner.validation.run_preparation import (
    ARITHMETIC_ERRORS,
    PreparedRuns,
    one_line,
    prepare,
    shipped_stack,
)
from planner.validation.run_scores import ScoredRun

#: Rates beyond these ends mean that an input is absurd. [tokens/s per chip]
_SLOWEST, _FASTEST = 1e-9, 1e12


@dataclass(frozen=True, slots=True)
class SkippedRun:
    """A row without a prediction, and why."""

    id: str
    reason: str
    #: the row itself, where it could be read
    run: Run | None


@dataclass(frozen=True, slots=True)
class Validation:
    """All rows of some run files: predicted, or skipped with a reason."""

    scored: tuple[ScoredRun, ...]
    skipped: tuple[SkippedRun, ...]

    @property
    def measured(self) -> tuple[ScoredRun, ...]:
        """The predicted runs that have a measured rate."""
        return tuple(run for run in self.scored if run.measured is not None)


def validate_runs(run_set: RunSet[Run], catalog: Catalog) -> Validation:
    """Return predicted against published for every row, under the stacks of the catalog."""
    return score(prepare(run_set.runs, catalog), run_set, lambda case: shipped_stack(case, catalog))


def score(
    prepared: PreparedRuns, run_set: RunSet[Run], stack_of: Callable[[RunCase], FittedStack]
) -> Validation:
    """Return the scores of prepared runs, each under the constants that `stack_of` gives it."""
    scored: list[ScoredRun] = []
    unpredictable: list[Unpredictable] = list(prepared.unpredictable)
    for case in prepared.cases:
        found = score_case(case, stack_of)
        if isinstance(found, ScoredRun):
            scored.append(found)
        else:
            unpredictable.append(found)
    skipped = [SkippedRun(row.id, f"{row.where}: {row.reason}", None) for row in run_set.skipped]
    skipped += [SkippedRun(entry.run.id, entry.reason, entry.run) for entry in unpredictable]
    return Validation(tuple(scored), tuple(skipped))


def score_case(case: RunCase, stack_of: Callable[[RunCase], FittedStack]) -> ScoredRun | Unpredictable:
    """Return the score of one case, or why it can't be predicted."""
    try:
        stack = stack_of(case)
        with np.errstate(all="ignore"):
            filled = completed(case, stack)
            rates = predict(CaseColumns.of([filled]), [stack])
            share, told = 1.0, Band(*(float(rate[0]) for rate in (rates.p10, rates.median, rates.p90)))
            if case.run.tier == "E":
                share, told = _whole_run(filled, stack, told.p50)
    except ARITHMETIC_ERRORS as error:
        return Unpredictable(case.run, f"beyond what the engine computes: {one_line(error)}")
    if not all(_SLOWEST < value < _FASTEST for value in (told.p10, told.p50, told.p90)):
        return Unpredictable(case.run, f"beyond what the engine computes: {told.p50:.3g} tokens/s per chip")
    stated = tuple(f"{name}: not stated by the source" for name in case.run.missing)
    filled = replace(filled, assumed=(*filled.assumed, *stated))
    return ScoredRun(filled, told, not case.known.is_complete, share, contradictions(case.run))


def _whole_run(case: RunCase, stack: FittedStack, rate: float) -> tuple[float, Band]:
    """Return the goodput of a whole training at the median, and its rate with all that is lost between."""
    share = float(usual_goodput(case.chips, case.run.operator))
    factors = stack.campaigns[case.run.operator].factors(RUN_DRAWS)
    middle = share * rate / float(factors[0])
    return share, Band(*band(share * scattered_rates(case, stack) / factors[1:], middle))
