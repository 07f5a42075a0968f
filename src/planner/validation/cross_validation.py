"""Cross-validation: each source held out in turn, constants refitted without it, its framework unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from planner.catalog.catalog import Catalog
from planner.catalog.runs import RunSet
from planner.domain.run import Run
from planner.errors import InputError
from planner.planning.run_cases import RunCase
from planner.validation.accuracy import Comparison, comparison
from planner.validation.calibration import calibrate
from planner.validation.null_model import HeldOut, NullPrediction, null_predictions
from planner.validation.run_preparation import completed_cases, prepare
from planner.validation.run_scores import ScoredRun
from planner.validation.validation import score_case

#: Called before each refit with how many are done, how many there are, and the name of what is held out.
Progress = Callable[[int, int, str], None]
#: With fewer measured runs than this a fit is nothing but its priors.
FEWEST_RUNS = 20


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Predictions of runs whose source the constants have not seen."""

    held_out: HeldOut
    scored: tuple[ScoredRun, ...]
    null: dict[str, NullPrediction]
    #: chips of two sources or more; with one, holding it out leaves the prior alone
    shared_chips: frozenset[str]
    groups: tuple[Comparison, ...]
    chips: tuple[Comparison, ...]


def cross_validate(
    run_set: RunSet[Run],
    catalog: Catalog,
    *,
    held_out: HeldOut = "source",
    progress: Progress | None = None,
) -> CrossValidation:
    """Return the scores of every steady measured run under constants fitted without what it belongs to.

    Raises
    ------
    InputError
        Where there are too few runs to fit anything on.
    """
    prepared = prepare(run_set.runs, catalog)
    cases = [case for case in prepared.cases if case.run.tier in ("A", "B") and case.measured is not None]
    cases = [case for case in cases if completed_cases([case], catalog)]
    if len(cases) < FEWEST_RUNS:
        raise InputError(f"{len(cases)} measured runs; cross-validation needs {FEWEST_RUNS} or more")
    scored = tuple(_scores(cases, catalog, held_out, progress))
    null = null_predictions(scored, held_out)
    shared = _shared_chips(scored)
    return CrossValidation(
        held_out, scored, null, shared, tuple(_groups(scored, null, shared)), tuple(_by_chip(scored, null))
    )


def _scores(
    cases: list[RunCase], catalog: Catalog, held_out: HeldOut, progress: Progress | None
) -> Iterator[ScoredRun]:
    filled = completed_cases(cases, catalog)
    keys = [case.run.source_key if held_out == "source" else case.run.group for case in cases]
    names = sorted(set(keys))
    for done, name in enumerate(names):
        if progress is not None:
            progress(done, len(names), name)
        is_out = np.array([key == name for key in keys])
        calibration = calibrate(filled, is_out.tolist())
        # other groups of the source, or other sources, may have told the fit about the framework
        stack_of = partial(calibration.stack_of, is_framework_known=held_out == "group")
        for case in (case for case, is_held in zip(cases, is_out, strict=True) if is_held):
            found = score_case(case, stack_of)
            if isinstance(found, ScoredRun):
                yield found


def _shared_chips(scored: tuple[ScoredRun, ...]) -> frozenset[str]:
    sources: dict[str, set[str]] = {}
    for run in scored:
        sources.setdefault(run.chip, set()).add(run.case.run.source_key)
    return frozenset(chip for chip, found in sources.items() if len(found) > 1)


def _groups(
    scored: tuple[ScoredRun, ...], null: dict[str, NullPrediction], shared: frozenset[str]
) -> Iterator[Comparison]:
    for label, is_shared in (("two sources or more", True), ("one source", False)):
        some = tuple(run for run in scored if (run.chip in shared) == is_shared)
        tier_a = tuple(run for run in some if run.case.run.tier == "A")
        yield comparison(f"chips of {label}", some, null)
        yield comparison("  tier A", tier_a, null)
        yield comparison("  mixture of experts", tuple(run for run in tier_a if run.is_mixture), null)
        yield comparison("  tier B", tuple(run for run in some if run.case.run.tier == "B"), null)
    yield comparison("all chips", scored, null)
    yield comparison("  tier A", tuple(run for run in scored if run.case.run.tier == "A"), null)


def _by_chip(scored: tuple[ScoredRun, ...], null: dict[str, NullPrediction]) -> Iterator[Comparison]:
    for chip in sorted({run.chip for run in scored}):
        yield comparison(chip, tuple(run for run in scored if run.chip == chip), null)
