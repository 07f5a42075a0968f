from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from planner.errors import OutOfRangeError
from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure
from planner.report.estimate_json import estimate_to_dict, json_text

INTERFACE = {
    "schema", "plan", "feasible", "reasons", "strategy", "training_days", "finish_date", "tokens_per_second",
    "tokens_per_second_per_chip", "mfu", "hfu", "goodput", "step", "interconnect_overhead", "memory", "power",
    "energy_mwh", "carbon_t", "water_m3", "joules_per_token", "cost", "pools", "compliance", "candidates",
    "profiles",
}  # fmt: skip
ESTIMATES = INTERFACE - {
    "schema",
    "plan",
    "feasible",
    "reasons",
    "pools",
    "compliance",
    "candidates",
    "profiles",
}


def test_the_keys_are_those_of_the_interface(example_estimate: Estimate) -> None:
    record = estimate_to_dict(example_estimate)
    assert set(record) >= INTERFACE
    assert record["schema"] == 1
    assert set(record["strategy"]) >= {
        "tp", "cp", "ep", "pp", "vpp", "dp", "microbatch", "zero", "recompute", "schedule", "split",
    }  # fmt: skip
    assert record["training_days"] == {"p10": 82.1, "p50": 90.2, "p90": 102.4}
    assert record["finish_date"] == "2027-03-14"
    assert set(record["mfu"]) >= {"p10", "p50", "p90", "convention"}
    assert set(record["step"]) == {"seconds", "modelled_s", "parts"}
    assert record["pilots"] is None
    assert set(record["interconnect_overhead"]) == {"fraction", "by_class", "by_tier"}
    assert set(record["memory"]) >= {"per_chip_bytes", "capacity_bytes", "parts"}
    assert set(record["power"]) >= {"chips_w", "it_w", "facility_w", "peak_facility_w", "parts"}
    assert set(record["cost"]) >= {"currency", "capex", "opex", "total", "per_million_tokens", "unknown"}
    assert set(record["compliance"]) >= {"notes", "needs_input", "upcoming"}
    assert set(record["compliance"]["notes"][0]) >= {
        "id", "severity", "subject", "pool", "note", "citation", "status", "effective_from", "effective_to",
        "source", "evidence", "stale",
    }  # fmt: skip
    assert record["profiles"][0] == {
        "kind": "chips",
        "id": "ascend-910b",
        "hash": "ab12cd34",
        "from": "built-in",
    }


def test_pools_carry_the_same_keys(example_estimate: Estimate) -> None:
    pool = estimate_to_dict(example_estimate)["pools"][0]
    assert set(pool) >= {"id", "training_days", "step", "memory", "power", "cost", "mfu"}


def test_parts_still_sum_after_the_translation(example_estimate: Estimate) -> None:
    record = estimate_to_dict(example_estimate)
    assert sum(record["step"]["parts"].values()) == pytest.approx(record["step"]["seconds"])
    assert sum(record["memory"]["parts"].values()) == pytest.approx(record["memory"]["per_chip_bytes"])


def test_an_infeasible_plan_has_reasons_and_null_estimates(example_estimate: Estimate) -> None:
    infeasible = dataclasses.replace(
        example_estimate, is_feasible=False, reasons=("memory: 71 GB of 64 GB",), figures=None
    )
    record = estimate_to_dict(infeasible)
    assert record["feasible"] is False
    assert record["reasons"] == ["memory: 71 GB of 64 GB"]
    assert {key: record[key] for key in ESTIMATES} == dict.fromkeys(ESTIMATES)


def test_unknown_is_null_never_zero(example_estimate: Estimate) -> None:
    assert estimate_to_dict(example_estimate)["water_m3"] is None


def test_json_is_strict(
    example_estimate: Estimate, make_figures: Callable[[Mapping[str, object]], Figures]
) -> None:
    text = json_text(estimate_to_dict(example_estimate))

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(text, parse_constant=refuse)
    endless = make_figures({"training_days": Figure(np.array([math.inf, 1.0, 1.0]))})
    broken = dataclasses.replace(example_estimate, figures=endless)
    with pytest.raises(OutOfRangeError, match=r"estimate\.training_days\.p50 is inf"):
        estimate_to_dict(broken)


def test_two_pools_say_how_the_job_is_split(example_estimate: Estimate) -> None:
    pool = example_estimate.pools[0]
    two = dataclasses.replace(example_estimate, pools=(pool, dataclasses.replace(pool, id="more", chips=512)))
    assert estimate_to_dict(two)["strategy"]["split"] == {"train": 8192, "more": 512}
    assert estimate_to_dict(example_estimate)["strategy"]["split"] is None
