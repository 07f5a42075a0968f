"""Plans side by side: who is best, who is even, and when nobody is."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.compare import Comparison, compare_plans
from planner.differences.diff import side_of
from planner.errors import InputError
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan

SAVED = Path(__file__).parents[3] / "saved_plans"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def compared(catalog: Catalog, *overrides: list[str]) -> Comparison:
    base = load_plan(SAVED / "qwen2-72b-a100.toml")
    plans = [apply_overrides(base, some) for some in overrides]
    return compare_plans([side_of(str(number), plan, catalog) for number, plan in enumerate(plans)])


def standings(comparison: Comparison, key: str) -> list[str]:
    return next([cell.standing for cell in row.cells] for row in comparison.rows if row.id == key)


def test_the_best_of_a_row_is_marked(catalog: Catalog) -> None:
    comparison = compared(catalog, [], ["cluster.pools.count=256"], ["cluster.pools.count=64"])
    assert standings(comparison, "training_days") == ["", "best", ""]
    assert standings(comparison, "power.facility_w") == ["", "", "best"]
    assert standings(comparison, "memory.per_chip_bytes") == ["", "", ""]


def test_equal_plans_have_no_best(catalog: Catalog) -> None:
    comparison = compared(catalog, [], [])
    assert all(cell.standing == "" for row in comparison.rows for cell in row.cells)


def test_what_is_within_uncertainty_is_even(catalog: Catalog) -> None:
    comparison = compared(catalog, ["site.pue=1.1..1.3"], ["site.pue=1.19"])
    assert standings(comparison, "power.facility_w") == ["even", "best"]
    assert standings(comparison, "training_days") == ["", ""]


def test_other_jobs_are_no_contest(catalog: Catalog) -> None:
    comparison = compared(catalog, [], ["workload.tokens=1T"])
    assert not comparison.is_same_job
    assert standings(comparison, "training_days") == ["", ""]
    assert standings(comparison, "cost.total") == ["", ""]


def test_a_plan_that_cannot_run_stands_beside_the_others(catalog: Catalog) -> None:
    comparison = compared(catalog, [], ["cluster.pools.count=1"], ["cluster.pools.count=256"])
    days = next(row for row in comparison.rows if row.id == "training_days")
    assert days.cells[1].band is None
    assert standings(comparison, "training_days") == ["", "", "best"]


@pytest.mark.parametrize("number", [0, 1, 7])
def test_two_to_six_plans(number: int, catalog: Catalog) -> None:
    with pytest.raises(InputError, match="expected 2 to 6"):
        compared(catalog, *([[]] * number))
