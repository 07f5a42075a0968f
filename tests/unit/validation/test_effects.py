"""Which groups a run belongs to, where what it says of itself counts beside its stack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.runs import load_runs
from planner.validation.effects import KERNELS, group_of
from planner.validation.run_preparation import prepare


@pytest.mark.parametrize(
    ("stack_year", "run_year", "generation", "expected"),
    [
        (2023, None, "ampere", "first"),
        (2023, 2025, "hopper", "first"),
        (2023, 2026, "ampere", "second"),
        (2024, 2021, "hopper", "second"),
        (2023, 2026, "hopper", "third"),
        (2026, None, "blackwell", "third"),
    ],
)
def test_a_late_run_of_an_old_stack_has_the_kernels_of_its_year(
    stack_year: int, run_year: int | None, generation: str, expected: str
) -> None:
    case = prepare(load_runs(None).runs[:1], load_catalog(())).cases[0]
    software = case.run.software.model_copy(update={"year": run_year})
    run = case.run.model_copy(update={"software": software})
    stack = case.stack.model_copy(update={"year": stack_year})
    chip = case.chip_profile.model_copy(update={"generation": generation})
    assert group_of(replace(case, run=run, stack=stack, chip_profile=chip), KERNELS) == expected
