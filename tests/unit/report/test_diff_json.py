"""The units that `diff --json` prints, each by its own words."""

from __future__ import annotations

from pathlib import Path

from planner.catalog.catalog import load_catalog
from planner.differences.diff import diff_plans, side_of
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.report.diff_json import diff_to_dict

SAVED = Path(__file__).parents[3] / "saved_plans"


def test_every_estimate_says_its_unit() -> None:
    catalog = load_catalog(include_user=False)
    before = load_plan(SAVED / "qwen2-72b-a100.toml")
    after = apply_overrides(before, ["cluster.pools.count=96"])
    diff = diff_plans(side_of("a", before, catalog), side_of("b", after, catalog), catalog)
    printed = {record["quantity"]: record["unit"] for record in diff_to_dict(diff)["estimates"]}
    assert printed == {
        "training_days": "days",
        "finish_date": "date",
        "tokens_per_second": "tokens/s",
        "tokens_per_second_per_chip": "tokens/s",
        "mfu": "fraction",
        "interconnect": "fraction",
        "memory_per_chip_bytes": "B",
        "facility_w": "W",
        "peak_facility_w": "W",
        "energy_mwh": "MWh",
        "carbon_t": "t",
        "water_m3": "m3",
        "cost_total": "USD",
        "cost_per_million_tokens": "USD",
        "cost_capex": "USD",
    }
