"""Plans held against what was run: of each published job the layout is searched, as for a buyer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.catalog import Catalog
from planner.catalog.layout_practice import shipped_practice
from planner.catalog.runs import RunSet
from planner.domain.layout_practice import LayoutPractice
from planner.domain.run import Run
from planner.engine.inputs import Layouts
from planner.engine.layouts import COLUMNS
from planner.planning.run_cases import RunCase, with_layout
from planner.planning.stack import FittedStack, ResidualSpreads
from planner.quantities.figure import Band
from planner.validation.bands import residual_spreads
from planner.validation.buyer import BoughtJob, bought_jobs
from planner.validation.calibration import calibrate
from planner.validation.left_out import LeftOutRun, Progress, dealt_folds, left_out_runs
from planner.validation.practice_fit import Choice, choice_of, fit_practice
from planner.validation.run_prediction import CaseColumns, completed, predict
from planner.validation.run_preparation import ARITHMETIC_ERRORS, completed_cases, prepare, shipped_stack
from planner.validation.run_scores import ScoredRun

#: Folds of sources that are left out together: refits of constants and of practice.
FOLDS = 12
_SEARCHED = "layout searched, as for a plan"


@dataclass(frozen=True, slots=True)
class ScoredJob:
    """One job: what a buyer is told of it, beside the best run that was published."""

    #: as a buyer asks for it, with the layout that the search chose
    asked: ScoredRun
    #: its best run under the same constants, with its own layout, gaps searched
    as_published: ScoredRun
    #: whether any layout was said to fit: the job ran
    is_said_to_fit: bool

    @property
    def published(self) -> RunCase:
        """The best published run as the engine takes it."""
        return self.as_published.case

    @property
    def error_as_published(self) -> float:
        """The error with the published layout."""
        return self.as_published.error or 0.0

    @property
    def gives_same_layout(self) -> bool:
        """Whether the search chose the degrees that were published."""
        ours, theirs = self.asked.case.layout, self.published.layout
        return all(float(getattr(ours, name)) == float(getattr(theirs, name)) for name in COLUMNS)

    @property
    def run(self) -> Run:
        """The best published run."""
        return self.published.run

    @property
    def error(self) -> float:
        """Predicted over measured rate, less 1."""
        return self.asked.error or 0.0


def validate_as_buyer(run_set: RunSet[Run], catalog: Catalog) -> tuple[ScoredJob, ...]:
    """Return every job of some runs under the constants and the practice that ship."""
    jobs = bought_jobs(prepare(run_set.runs, catalog).cases, catalog)
    return tuple(_scored((job, shipped_stack(job.best, catalog), shipped_practice()) for job in jobs))


def held_out_as_buyer(
    run_set: RunSet[Run],
    catalog: Catalog,
    progress: Progress | None = None,
    *,
    has_practice: bool = True,
) -> tuple[ScoredJob, ...]:
    """Return every job under constants, practice and bands that were fitted without its source.

    Without `has_practice` the fastest layout is taken, whatever people run.
    """
    prepared = prepare(run_set.runs, catalog).cases
    cases = [case for case in prepared if case.run.tier in ("A", "B") and case.measured is not None]
    cases = [case for case in cases if completed_cases([case], catalog)]
    filled = completed_cases(cases, catalog)
    folds = dealt_folds(cases, FOLDS)
    fold_of = {case.run.id: fold for case, fold in zip(cases, folds, strict=True)}
    jobs = [job for job in bought_jobs(prepared, catalog) if job.best.run.id in fold_of]
    left_out = [pair.known for pair in left_out_runs(cases, filled, folds)]
    asked: list[tuple[BoughtJob, FittedStack, LayoutPractice | None]] = []
    for done, name in enumerate(sorted(set(folds))):
        if progress is not None:
            progress(done, len(set(folds)), name)
        calibration = calibrate(filled, [fold == name for fold in folds])
        known = [job for job in jobs if fold_of[job.best.run.id] != name]
        stacks = [calibration.stack_of(job.best) for job in known]
        practice = fit_practice(list(_choices(known, stacks))) if has_practice else None
        for job in (job for job in jobs if fold_of[job.best.run.id] == name):
            stack = calibration.stack_of(job.best)
            asked.append((job, replace(stack, residuals=_residuals(job, left_out)), practice))
    return tuple(_scored(asked))


def fitted_practice(run_set: RunSet[Run], catalog: Catalog) -> LayoutPractice:
    """Return what people run by all of some runs, under the constants that ship."""
    jobs = bought_jobs(prepare(run_set.runs, catalog).cases, catalog)
    return fit_practice(list(_choices(jobs, [shipped_stack(job.best, catalog) for job in jobs])))


def _choices(jobs: Sequence[BoughtJob], stacks: Sequence[FittedStack]) -> Iterator[Choice]:
    for job, stack in zip(jobs, stacks, strict=True):
        with np.errstate(all="ignore"):
            choice = choice_of(job, stack)
        if choice is not None:
            yield choice


def _residuals(job: BoughtJob, left_out: Sequence[LeftOutRun]) -> ResidualSpreads:
    """Return what runs of other sources scatter by, which a job's own source had no part in."""
    run = job.best.run
    return residual_spreads([other for other in left_out if other.source != run.source_key])[run.team]


def _scored(asked: Iterable[tuple[BoughtJob, FittedStack, LayoutPractice | None]]) -> Iterator[ScoredJob]:
    for bought, stack, practice in asked:
        try:
            with np.errstate(all="ignore"):
                found = _scored_job(bought, stack, practice)
        except ARITHMETIC_ERRORS:
            continue
        if found is not None:
            yield found


def _scored_job(bought: BoughtJob, stack: FittedStack, practice: LayoutPractice | None) -> ScoredJob | None:
    layout, is_said_to_fit = _searched(bought, stack, practice)
    if layout is None:
        return None
    asked = with_layout(bought.asked, layout, assumed=_SEARCHED)
    own = completed(bought.best, stack)
    return ScoredJob(
        ScoredRun(asked, _band(asked, stack), True, 1.0, ()),
        ScoredRun(own, _band(own, stack), not bought.best.known.is_complete, 1.0, ()),
        is_said_to_fit,
    )


def _band(case: RunCase, stack: FittedStack) -> Band:
    rates = predict(CaseColumns.of([case]), [stack])
    return Band(*(float(rate[0]) for rate in (rates.p10, rates.median, rates.p90)))


def _searched(
    bought: BoughtJob, stack: FittedStack, practice: LayoutPractice | None
) -> tuple[Layouts | None, bool]:
    """Return the layout that a plan would get, and whether any fits; else that of chips without bounds."""
    job = bought.job(stack, practice)
    found = job.search(keep=1)
    fits = len(found.rows) > 0
    if not fits:
        found = job.without_memory_limit.search(keep=1)
    return (job.space.layouts(found.rows[0]) if len(found.rows) else None), fits
