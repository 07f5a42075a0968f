"""Cross-validation: each source held out in turn, constants refitted without it, framework known or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.catalog import Catalog
from planner.catalog.runs import RunSet
from planner.domain.run import Run
from planner.domain.team import TEAMS
from planner.engine.operators import OPERATORS
from planner.errors import InputError
from planner.validation.accuracy import Comparison, comparison
from planner.validation.bands import residual_spreads, within_spreads
from planner.validation.campaigns import held_out_whole_runs
from planner.validation.coverage import Coverage, coverages
from planner.validation.left_out import LeftOutRun, Progress, left_out_runs
from planner.validation.null_model import HeldOut, NullPrediction, null_predictions
from planner.validation.pilots import PilotGain, Widths, pilot_gains
from planner.validation.run_contradictions import contradictions
from planner.validation.run_preparation import completed_cases, prepare
from planner.validation.run_scores import ErrorSummary, ScoredRun, summarise

#: With fewer measured runs than this a fit is nothing but its priors.
FEWEST_RUNS = 20


@dataclass(frozen=True, slots=True)
class BySource:
    """Errors of some runs, each source counting once."""

    name: str
    sources: int
    #: mean over sources of the mean size of their errors
    mean_abs: float
    #: spread between the sources' mean logarithms of predicted over measured
    log_spread: float


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Predictions of runs whose source the constants have not seen."""

    held_out: HeldOut
    #: as whoever knows the framework is told
    scored: tuple[ScoredRun, ...]
    null: dict[str, NullPrediction]
    #: chips of two sources or more; with one, holding it out leaves the prior alone
    shared_chips: frozenset[str]
    groups: tuple[Comparison, ...]
    #: by who ran it, dense models and mixtures apart
    teams: tuple[Comparison, ...]
    chips: tuple[Comparison, ...]
    #: the same rows as whoever does not know the framework is told
    framework_unknown: ErrorSummary
    sources: tuple[BySource, ...]
    #: what a measured step of a source is worth to its other runs; where whole sources were held out
    pilots: tuple[PilotGain, ...] = ()
    #: whole trainings with all that is lost between, by operator
    whole: tuple[Comparison, ...] = ()
    #: how many rates the bands hold, by class and group of twenty runs and five sources
    bands: tuple[Coverage, ...] = ()


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
    cases = [case for case in prepared.cases if case.run.tier != "C" and case.measured is not None]
    cases = [case for case in cases if completed_cases([case], catalog)]
    steady = sum(case.run.tier != "E" for case in cases)
    if steady < FEWEST_RUNS:
        raise InputError(f"{steady} measured runs; cross-validation needs {FEWEST_RUNS} or more")
    folds = [case.run.source_key if held_out == "source" else case.run.group for case in cases]
    found = list(left_out_runs(cases, completed_cases(cases, catalog), folds, progress))
    pairs = [pair for pair in found if pair.known.case.run.tier != "E"]
    whole = [pair.known for pair in found if pair.known.case.run.tier == "E"]
    searched = {case.run.id: not case.known.is_complete for case in cases}
    known = [pair.known for pair in pairs]
    widths = {name: _widths_without(known, name) for name in {run.source for run in (*known, *whole)}}
    scored = tuple(_scored(known, searched, widths))
    of_unknown = [pair.unknown for pair in pairs]
    widths_of_unknown = {name: _widths_without(of_unknown, name) for name in widths}
    unknown = tuple(_scored(of_unknown, searched, widths_of_unknown))
    null = null_predictions(scored, held_out)
    shared = _shared_chips(scored)
    return CrossValidation(
        held_out,
        scored,
        null,
        shared,
        tuple(_groups(scored, null, shared)),
        tuple(_by_team(scored, null)),
        tuple(_by_chip(scored, null)),
        summarise(unknown),
        (by_source("framework known", scored), by_source("framework unknown", unknown)),
        tuple(pilot_gains(known, widths.__getitem__)) if held_out == "source" else (),
        tuple(_whole(whole, widths)),
        coverages(scored),
    )


def _whole(runs: Sequence[LeftOutRun], widths: dict[str, Widths]) -> Iterator[Comparison]:
    """Yield the errors of whole trainings, all and by operator."""
    scored = tuple(held_out_whole_runs(runs, lambda run: widths[run.source].residuals[run.team]))
    for operator in (None, *OPERATORS):
        some = tuple(run for run in scored if operator in (None, run.case.run.operator))
        if some:
            yield comparison(operator or "all whole trainings", some, {})


def _widths_without(runs: Sequence[LeftOutRun], source: str) -> Widths:
    """Return what the runs of all other sources scatter by."""
    others = [run for run in runs if run.source != source]
    return Widths(residual_spreads(others), within_spreads(others))


def _scored(
    runs: Sequence[LeftOutRun], searched: dict[str, bool], widths: dict[str, Widths]
) -> Iterator[ScoredRun]:
    """Yield the scores, each with a band that its own source had no part in."""
    for run in runs:
        stated = tuple(f"{name}: not stated by the source" for name in run.case.run.missing)
        yield ScoredRun(
            replace(run.case, assumed=(*run.case.assumed, *stated)),
            run.band(widths[run.source].residuals[run.team]),
            searched[run.case.run.id],
            1.0,
            contradictions(run.case.run),
        )


def by_source(name: str, scored: Iterable[ScoredRun]) -> BySource:
    """Return the errors of some runs with each source counting once."""
    errors: dict[str, list[float]] = {}
    for run in scored:
        if run.error is not None:
            errors.setdefault(run.case.run.source_key, []).append(run.error)
    sizes = [float(np.mean(np.abs(own))) for own in errors.values()]
    middles = [float(np.mean(np.log1p(own))) for own in errors.values()]
    return BySource(name, len(errors), float(np.mean(sizes)), float(np.std(middles)))


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


def _by_team(scored: tuple[ScoredRun, ...], null: dict[str, NullPrediction]) -> Iterator[Comparison]:
    for team in (*TEAMS, None):
        some = tuple(run for run in scored if team in (None, run.case.run.team))
        yield comparison(team or "all", some, null)
        yield comparison("  dense", tuple(run for run in some if not run.is_mixture), null)
        yield comparison("  mixture of experts", tuple(run for run in some if run.is_mixture), null)


def _by_chip(scored: tuple[ScoredRun, ...], null: dict[str, NullPrediction]) -> Iterator[Comparison]:
    for chip in sorted({run.chip for run in scored}):
        yield comparison(chip, tuple(run for run in scored if run.chip == chip), null)
