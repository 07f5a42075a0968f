"""Plans held against what was run: of each published job the layout is searched, as for a buyer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.catalog import Catalog
from planner.catalog.layout_practice import shipped_practice
from planner.catalog.runs import RunSet
from planner.domain.layout_practice import LayoutPractice
from planner.domain.run import Run
from planner.engine.layouts import COLUMNS
from planner.planning.run_cases import RunCase, with_layout
from planner.planning.stack import FittedStack, ResidualSpreads
from planner.quantities.figure import Band
from planner.validation.bands import LayoutShift, layout_spreads, residual_spreads
from planner.validation.buyer import BoughtJob, bought_jobs
from planner.validation.left_out import (
    LeftOutRun,
    Progress,
    dealt_folds,
    left_out_folds,
    left_out_run,
)
from planner.validation.practice_fit import TOLERANCE, Choice, choice_of, fit_practice
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
        return all(
            float(getattr(ours, name)) == float(getattr(theirs, name))
            for name in COLUMNS
            if name != "variant"
        )

    @property
    def run(self) -> Run:
        """The best published run."""
        return self.published.run

    @property
    def shift(self) -> LayoutShift:
        """How far the rate that was predicted lies from that with the published layout."""
        ours, theirs = self.asked.predicted, self.as_published.predicted
        return LayoutShift(self.run.source_key, self.published.is_mixture, math.log(ours.p50 / theirs.p50))

    @property
    def error(self) -> float:
        """Predicted over measured rate, less 1."""
        return self.asked.error or 0.0


def validate_as_buyer(run_set: RunSet[Run], catalog: Catalog) -> tuple[ScoredJob, ...]:
    """Return every job of some runs under the constants and the practice that ship."""
    jobs = bought_jobs(prepare(run_set.runs, catalog).cases, catalog)
    practice = shipped_practice()
    spreads = ResidualSpreads(practice.dense_log_spread, practice.mixture_log_spread)
    found = (_searched(job, shipped_stack(job.best, catalog), practice) for job in jobs)
    return tuple(job.scored(spreads) for job in found if job is not None)


def held_out_as_buyer(
    run_set: RunSet[Run],
    catalog: Catalog,
    progress: Progress | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> tuple[ScoredJob, ...]:
    """Return every job under constants, practice and bands that were fitted without its source.

    Layouts that are faster by more than the `tolerance` come first; at nothing the fastest is taken.
    """
    prepared = prepare(run_set.runs, catalog).cases
    cases = [case for case in prepared if case.run.tier in ("A", "B") and case.measured is not None]
    cases = [case for case in cases if completed_cases([case], catalog)]
    folds = dealt_folds(cases, FOLDS)
    fold_of = {case.run.id: fold for case, fold in zip(cases, folds, strict=True)}
    jobs = [job for job in bought_jobs(prepared, catalog) if job.best.run.id in fold_of]
    left_out: list[LeftOutRun] = []
    found: list[_SearchedJob] = []
    for name, calibration in left_out_folds(completed_cases(cases, catalog), folds, progress):
        own = (case for case, fold in zip(cases, folds, strict=True) if fold == name)
        runs = (left_out_run(case, calibration.stack_of(case)) for case in own)
        left_out += [run for run in runs if run is not None]
        known = [job for job in jobs if fold_of[job.best.run.id] != name]
        choices = _choices(known, [calibration.stack_of(job.best) for job in known])
        practice = fit_practice(list(choices)).model_copy(update={"tolerance": tolerance})
        for job in (job for job in jobs if fold_of[job.best.run.id] == name):
            searched = _searched(job, calibration.stack_of(job.best), practice)
            found += [] if searched is None else [searched]
    return tuple(_scored_by_others(found, left_out))


def _scored_by_others(jobs: Sequence[_SearchedJob], left_out: Sequence[LeftOutRun]) -> Iterator[ScoredJob]:
    """Yield every job with its band as wide as runs and layouts of other sources scatter."""
    shifts = [job.scored(ResidualSpreads(0.0, 0.0)).shift for job in jobs]
    for source in sorted({shift.source for shift in shifts}):
        residuals = residual_spreads([run for run in left_out if run.source != source])
        layouts = layout_spreads([shift for shift in shifts if shift.source != source])
        for job in jobs:
            if job.run.source_key == source:
                stack = replace(job.stack, residuals=residuals[job.run.team])
                yield replace(job, stack=stack).scored(layouts)


def fitted_practice(run_set: RunSet[Run], catalog: Catalog, held_out: Sequence[ScoredJob]) -> LayoutPractice:
    """Return what people run by all of some runs, under the constants that ship.

    What rates scatter by since layouts are not known is that of jobs whose source was left out.
    """
    jobs = bought_jobs(prepare(run_set.runs, catalog).cases, catalog)
    choices = _choices(jobs, [shipped_stack(job.best, catalog) for job in jobs])
    spreads = layout_spreads([job.shift for job in held_out])
    return fit_practice(list(choices)).model_copy(
        update={
            "dense_log_spread": round(spreads.dense, 3),
            "mixture_log_spread": round(spreads.mixtures, 3),
        }
    )


def _choices(jobs: Sequence[BoughtJob], stacks: Sequence[FittedStack]) -> Iterator[Choice]:
    for job, stack in zip(jobs, stacks, strict=True):
        with np.errstate(all="ignore"):
            choice = choice_of(job, stack)
        if choice is not None:
            yield choice


@dataclass(frozen=True, slots=True)
class _SearchedJob:
    """One job with the layout that a plan would get, before its band is known."""

    asked: RunCase
    own: RunCase
    is_complete: bool
    stack: FittedStack
    is_said_to_fit: bool

    @property
    def run(self) -> Run:
        return self.own.run

    def scored(self, layouts: ResidualSpreads) -> ScoredJob:
        """Return it held against what was measured."""
        asked = _band(self.asked, self.stack, layouts.of(is_mixture=self.own.is_mixture))
        return ScoredJob(
            ScoredRun(self.asked, asked, True, 1.0, ()),
            ScoredRun(self.own, _band(self.own, self.stack, 0.0), not self.is_complete, 1.0, ()),
            self.is_said_to_fit,
        )


def _band(case: RunCase, stack: FittedStack, layout_log_spread: float) -> Band:
    rates = predict(CaseColumns.of([case]), [stack], layout_log_spread=layout_log_spread)
    return Band(*(float(rate[0]) for rate in (rates.p10, rates.median, rates.p90)))


def _searched(bought: BoughtJob, stack: FittedStack, practice: LayoutPractice) -> _SearchedJob | None:
    """Return a job with the layout that a plan would get; where none fits, that of chips without bounds."""
    try:
        with np.errstate(all="ignore"):
            job = bought.job(stack, practice)
            found = job.search(keep=1)
            fits = len(found.rows) > 0
            if not fits:
                found = job.without_memory_limit.search(keep=1)
            if not len(found.rows):
                return None
            layout = job.space.layouts(found.rows[0])
            own = completed(bought.best, stack)
    except ARITHMETIC_ERRORS:
        return None
    asked = with_layout(bought.asked, layout, assumed=_SEARCHED)
    return _SearchedJob(asked, own, bought.best.known.is_complete, stack, fits)
