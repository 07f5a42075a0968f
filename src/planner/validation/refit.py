"""The fit that ships: layouts searched under the constants, and those fitted under the layouts, in turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from planner.catalog.catalog import Catalog
from planner.domain.run import Run
from planner.errors import InputError
from planner.planning.run_cases import RunCase
from planner.validation.bands import residual_spreads, within_spreads
from planner.validation.calibration import Calibration, calibrate
from planner.validation.campaigns import fitted_losses, whole_runs
from planner.validation.left_out import Progress, dealt_folds, left_out_runs
from planner.validation.run_prediction import completed
from planner.validation.run_preparation import ARITHMETIC_ERRORS, completed_cases, prepare

#: Rounds after which a layout that still wavers between two choices is left as it is.
MOST_ROUNDS = 5
#: Refits behind the widths of bands: with a fit for each source they come out the same and take minutes.
BAND_FOLDS = 12


def fittable(cases: Iterable[RunCase]) -> tuple[RunCase, ...]:
    """Return the measured steady runs, which a fit is made on.

    Raises
    ------
    InputError
        Where there is none.
    """
    measured = tuple(case for case in cases if case.run.tier in ("A", "B") and case.measured is not None)
    if not measured:
        raise InputError("no run can be fitted on: expected measured runs of tier A or B")
    return measured


def fit_runs(runs: Iterable[Run], catalog: Catalog) -> Calibration:
    """Return the fit to runs whose gaps are filled under the catalog's stacks, without its bands: a second.

    Raises
    ------
    InputError
        Where nothing can be fitted on.
    """
    cases = prepare(runs, catalog).cases
    return _with_campaigns(calibrate(completed_cases(fittable(cases), catalog)), cases)


def refit(
    cases: Iterable[RunCase], catalog: Catalog, progress: Progress | None = None
) -> tuple[Calibration, tuple[RunCase, ...]]:
    """Return the fit with the bands that left-out sources ask for, and its runs with their gaps filled.

    The layouts that a source does not state are searched under the fitted constants, so that refitting
    what was just fitted changes nothing.
    """
    cases = tuple(case for case in cases if completed_cases([case], catalog))
    filled = completed_cases(cases, catalog)
    calibration = calibrate(filled)
    for _ in range(MOST_ROUNDS - 1):
        again = _filled_by(calibration, cases)
        if len(again) != len(cases) or _layouts(again) == _layouts(filled):
            break
        filled = again
        calibration = calibrate(filled)
    folds = dealt_folds(cases, BAND_FOLDS)
    left_out = [pair.known for pair in left_out_runs(cases, filled, folds, progress)]
    residuals, within = residual_spreads(left_out), within_spreads(left_out)
    calibration = replace(calibration, residuals=residuals, within=within)
    return _with_campaigns(calibration, cases), filled


def _with_campaigns(calibration: Calibration, cases: Iterable[RunCase]) -> Calibration:
    """Return a fit with what the whole trainings among its runs lost beside failures."""
    return replace(calibration, campaigns=fitted_losses(whole_runs(cases, calibration.stack_of)))


def _filled_by(calibration: Calibration, cases: tuple[RunCase, ...]) -> tuple[RunCase, ...]:
    try:
        with np.errstate(all="ignore"):
            return tuple(completed(case, calibration.stack_of(case)) for case in cases)
    except ARITHMETIC_ERRORS:
        return ()


def _layouts(cases: tuple[RunCase, ...]) -> list[str]:
    return [repr(case.layout) for case in cases]
