"""From runs to cases that can be predicted: profiles of the catalog, and the constants that ship."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from planner.catalog.catalog import Catalog
from planner.domain.run import Run
from planner.errors import PlannerError
from planner.planning.run_cases import RunCase, Unpredictable, run_case
from planner.planning.stack import FittedStack, stack_chain, stack_constants
from planner.planning.systems import systems_by_chip
from planner.validation.run_prediction import completed

#: What arithmetic on absurd figures raises: such a run is listed with its reason, as any other.
ARITHMETIC_ERRORS = (PlannerError, ArithmeticError, ValueError, IndexError, MemoryError)


@dataclass(frozen=True, slots=True)
class PreparedRuns:
    """Runs as cases, before their gaps are filled, and those that can't be predicted."""

    cases: tuple[RunCase, ...]
    unpredictable: tuple[Unpredictable, ...]


def prepare(runs: Iterable[Run], catalog: Catalog) -> PreparedRuns:
    """Return the cases of some runs under the catalog's profiles."""
    cases: list[RunCase] = []
    unpredictable: list[Unpredictable] = []
    for case in prepared_each(runs, catalog):
        if isinstance(case, Unpredictable):
            unpredictable.append(case)
        else:
            cases.append(case)
    return PreparedRuns(tuple(cases), tuple(unpredictable))


def prepared_each(runs: Iterable[Run], catalog: Catalog) -> Iterator[RunCase | Unpredictable]:
    """Yield each run as a case under the catalog's profiles, or why it is none."""
    systems = systems_by_chip(catalog)
    for run in runs:
        try:
            with np.errstate(all="ignore"):
                case = run_case(run, catalog, systems)
        except ARITHMETIC_ERRORS as error:
            case = Unpredictable(run, f"cannot be read as a case: {one_line(error)}")
        yield case


def shipped_stack(case: RunCase, catalog: Catalog) -> FittedStack:
    """Return the constants of a case's stack as the catalog's profiles hold them.

    Raises
    ------
    ProfileError
        Where a stack's parent is missing, or the parents run in a circle.
    """
    return stack_constants(
        stack_chain(case.stack, catalog),
        case.generation,
        case.run.team,
        case.run.software.year,
        case.run.software.features,
    )


def completed_cases(cases: Iterable[RunCase], catalog: Catalog) -> tuple[RunCase, ...]:
    """Return the cases that can be completed under the catalog's stacks: what a calibration is fed."""
    result = []
    for case in cases:
        try:
            with np.errstate(all="ignore"):
                result.append(completed(case, shipped_stack(case, catalog)))
        except ARITHMETIC_ERRORS:
            continue
    return tuple(result)


def one_line(error: Exception) -> str:
    """Return an error's message, or what it is where it has none."""
    return " ".join(str(error).split()) or type(error).__name__
