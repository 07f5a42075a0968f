"""Which groups a run belongs to, where what it says of itself counts beside its stack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.runs import load_runs
from planner.validation.effects import group_of
from planner.validation.run_preparation import prepare


@pytest.mark.parametrize(
    ("stack_year", "run_year", "expected"),
    [
        (2023, None, "first kernels"),
        (2023, 2025, "first kernels"),
        (2023, 2026, "second kernels"),
        (2024, 2021, "second kernels"),
    ],
)
def test_a_late_run_of_an_old_stack_has_the_kernels_of_its_year(
    stack_year: int, run_year: int | None, expected: str
) -> None:
    case = prepare(load_runs(None).runs[:1], load_catalog(())).cases[0]
    software = case.run.software.model_copy(update={"year": run_year})
    run = case.run.model_copy(update={"software": software})
    stack = case.stack.model_copy(update={"year": stack_year})
    assert group_of(replace(case, run=run, stack=stack), "era") == expected
