"""The fit that ships: layouts searched under the constants, and those fitted under the layouts, in turn."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from planner.catalog.catalog import Catalog
from planner.planning.run_cases import RunCase
from planner.validation.calibration import Calibration, calibrate
from planner.validation.run_prediction import completed
from planner.validation.run_preparation import ARITHMETIC_ERRORS, completed_cases

#: Rounds after which a layout that still wavers between two choices is left as it is.
MOST_ROUNDS = 5


def refit(cases: Iterable[RunCase], catalog: Catalog) -> tuple[Calibration, tuple[RunCase, ...]]:
    """Return the fit, and the runs that it was made on with their gaps filled.

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
    return calibration, filled


def _filled_by(calibration: Calibration, cases: tuple[RunCase, ...]) -> tuple[RunCase, ...]:
    try:
        with np.errstate(all="ignore"):
            return tuple(completed(case, calibration.stack_of(case)) for case in cases)
    except ARITHMETIC_ERRORS:
        return ()


def _layouts(cases: tuple[RunCase, ...]) -> list[str]:
    return [repr(case.layout) for case in cases]
