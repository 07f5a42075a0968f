"""What `diff --json` and `compare --json` print: ids of the table of quantities, each with its unit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.compare import compare_plans
from planner.differences.diff import PlanDiff, Side, diff_plans, side_of
from planner.differences.drift_effects import drift_effects
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.table import quantity_named
from planner.report.compare_json import comparison_to_dict
from planner.report.diff_json import diff_to_dict

SAVED = Path(__file__).parents[3] / "saved_plans"
UNITS = {
    "training_days": "days",
    "chip_hours": "h",
    "finish_date": "date",
    "tokens_per_second": "tokens/s",
    "tokens_per_second_per_chip": "tokens/s",
    "mfu": "fraction",
    "goodput": "fraction",
    "step.seconds": "s",
    "interconnect_overhead.fraction": "fraction",
    "memory.per_chip_bytes": "B",
    "power.facility_w": "W",
    "power.peak_facility_w": "W",
    "energy_mwh": "MWh",
    "carbon_t": "t",
    "carbon_embodied_t": "t",
    "water_m3": "m3",
    "joules_per_token": "J/token",
    "cost.total": "USD",
    "cost.per_million_tokens": "USD",
    "cost.capex": "USD",
    "cost.first_year": "USD",
    "cost.life": "USD",
    "cost.per_chip_hour": "USD/h",
    "ledger.servers": "USD",
    "rent.break_even_usd_per_chip_hour": "USD/h",
    "rent.break_even_months": "months",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def sides(catalog: Catalog) -> tuple[Side, Side]:
    before = load_plan(SAVED / "qwen2-72b-a100.toml")
    after = apply_overrides(before, ["cluster.pools.count=96"])
    return side_of("a", before, catalog), side_of("b", after, catalog)


@pytest.fixture(scope="module")
def diff(sides: tuple[Side, Side], catalog: Catalog) -> PlanDiff:
    before, after = sides
    # as if the first had been pinned on the figures of the second
    effects = drift_effects(after.estimate, before.estimate)
    drifted = Side(before.label, before.plan, before.estimate, drift_effects=effects)
    return diff_plans(drifted, after, catalog)


def quantities(record: object) -> Iterator[str]:
    """Yield the name of every quantity that a record tells of."""
    if isinstance(record, dict):
        if "quantity" in record:
            yield record["quantity"]
        record = list(record.values())
    if isinstance(record, list):
        for inner in record:
            yield from quantities(inner)


def test_every_estimate_says_its_unit(diff: PlanDiff) -> None:
    record = diff_to_dict(diff)
    assert {told["quantity"]: told["unit"] for told in record["estimates"]} == UNITS
    causes = {told["quantity"]: told["unit"] for told in record["attribution"]}
    assert causes == {"training_days": "days", "power.facility_w": "W", "cost.total": "USD"}


def test_a_comparison_says_the_same_units(sides: tuple[Side, Side]) -> None:
    rows = comparison_to_dict(compare_plans(sides))["rows"]
    assert {row["quantity"]: row["unit"] for row in rows} == UNITS
    dates = next(row for row in rows if row["quantity"] == "finish_date")["cells"]
    assert all(len(cell["value"]["p50"].split("-")) == 3 for cell in dates)


def test_what_is_printed_can_be_asked_for(diff: PlanDiff, sides: tuple[Side, Side]) -> None:
    record = diff_to_dict(diff)
    assert {told["quantity"] for told in record["before"]["drift_effects"]} > {"power.facility_w", "goodput"}
    printed = {*quantities(record), *quantities(comparison_to_dict(compare_plans(sides)))}
    assert printed == set(UNITS)
    assert {quantity_named(identifier).id for identifier in printed} == printed
