"""Every row is predicted or named with a reason, whatever it holds."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from planner.catalog.catalog import Catalog
from planner.catalog.runs import load_runs
from planner.planning.run_cases import Unpredictable
from planner.report.estimate_json import json_text
from planner.report.validation_json import validation_to_dict
from planner.validation.accuracy import accuracy
from planner.validation.run_preparation import prepare, shipped_stack
from planner.validation.stack_profiles import newest_releases
from planner.validation.validation import score_case, validate_runs


def test_an_unmeasured_run_is_predicted_all_the_same(catalog: Catalog, read_runs: Any) -> None:
    validation = validate_runs(read_runs({"id": "no-rate"}), catalog)
    (run,) = validation.scored
    assert run.error is None
    assert run.predicted.p10 < run.predicted.p50 < run.predicted.p90
    record = validation_to_dict(validation, accuracy(validation))
    assert record["runs"][0]["predicted"]["p50"] == run.predicted.p50
    assert record["summary"]["unmeasured"] == 1
    assert record["summary"]["median_abs_error"] is None


def test_a_run_that_gives_its_step_time_is_scored_by_the_rate_that_follows(
    catalog: Catalog, read_runs: Any
) -> None:
    (run,) = validate_runs(read_runs({"result__iteration_s": 6.0}), catalog).scored
    assert run.measured == pytest.approx(512 * 2048 / 6.0 / 64)
    assert run.error == pytest.approx(run.predicted.p50 / (512 * 2048 / 6.0 / 64) - 1.0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hardware__chip": "abacus"}, "no chip is called"),
        ({"hardware__chip_count": None}, "chip count is unknown"),
        ({"sequence_length": None}, "sequence length is unknown"),
        ({"architecture": None}, "architecture is unknown"),
        ({"tier": "C"}, "tier C"),
        ({"architecture__layers": "many"}, "layers"),
    ],
)
def test_what_cannot_be_predicted_says_why(
    catalog: Catalog, read_runs: Any, changes: dict[str, Any], reason: str
) -> None:
    validation = validate_runs(read_runs(changes), catalog)
    assert validation.scored == ()
    assert reason in validation.skipped[0].reason


MIXTURE = {"experts": 8, "active_experts": 2, "expert_width": 1, "first_dense_layers": 31}
HOSTILE: list[dict[str, Any]] = [
    {"id": "\x1b[31mred"},
    {"architecture__layers": 10_000, "hardware__chip_count": 10_000_000, "layout": {}, "tier": "B"},
    {"architecture__hidden": 2**63 - 1},
    {"sequence_length": 100_000_000, "global_batch_sequences": 100_000_000},
    {f"architecture__{key}": 1 for key in ("vocabulary", "heads", "key_value_heads", "hidden",
                                           "head_dimension", "feed_forward_width")},
    {"hardware__scale_out_bytes_per_s": 1e-300},
    {"hardware__peak_bf16_flops_per_s": 1e-300},
    {"result__tokens_per_s_per_chip": 1e29},
    {"layout__microbatch": 10_000_000},
    {"layout__tensor": 7, "layout__pipeline": 5, "layout__context": 3},
    {"architecture__mixture": MIXTURE, "layout__expert": 8},
    {"result__mfu": "NaN"},
    {"result__mfu": 41.0},
    {"result__tokens_per_s_per_chip": "fast"},
    {"result__iteration_s": float("nan")},
    {"result__iteration_s": 1e-29},
    {"result__flops_per_s_per_chip": 1e-300},
    {"result__chip_hours": 1e-300, "result__tokens_total": 1e30, "tier": "E"},
]  # fmt: skip


@pytest.mark.parametrize("changes", HOSTILE, ids=repr)
def test_hostile_runs_never_crash_it(catalog: Catalog, read_runs: Any, changes: dict[str, Any]) -> None:
    validation = validate_runs(read_runs(changes), catalog)
    assert len(validation.scored) + len(validation.skipped) == 1
    figures = accuracy(validation)
    text = json_text(validation_to_dict(validation, figures))
    assert "\x1b" not in text


@pytest.mark.parametrize("entry", [3, "run", [], {}], ids=repr)
def test_what_is_no_run_at_all_is_named(catalog: Catalog, tmp_path: Path, entry: Any) -> None:
    path = tmp_path / "runs.toml"
    path.write_bytes(tomli_w.dumps({"run": [entry]}).encode())
    validation = validate_runs(load_runs(path), catalog)
    assert validation.scored == ()
    assert re.search(r"runs\.toml: line [12]: run 1: ", validation.skipped[0].reason)


def test_a_rate_that_no_machine_has_is_no_prediction(catalog: Catalog, make: Any) -> None:
    case = make.case()
    slow = dataclasses.replace(case.chip, matmul_peak_flops_per_s=1e-30)
    found = score_case(dataclasses.replace(case, chip=slow), lambda case: shipped_stack(case, catalog))
    assert isinstance(found, Unpredictable)
    assert "beyond what the engine computes" in found.reason


def test_whole_runs_are_scored_with_their_goodput(catalog: Catalog, make: Any) -> None:
    steady = score_case(
        make.case(hardware__chip_count=8192, tier="A"), lambda case: shipped_stack(case, catalog)
    )
    whole = score_case(
        make.case(hardware__chip_count=8192, tier="E"), lambda case: shipped_stack(case, catalog)
    )
    assert not isinstance(steady, Unpredictable)
    assert not isinstance(whole, Unpredictable)
    assert 0.5 < whole.goodput < 1.0
    assert whole.predicted.p50 < steady.predicted.p50


def test_a_release_of_another_year_than_the_software_is_refused(read_runs: Any) -> None:
    kept = read_runs({"software__year": 2025, "software__release": "2025-11"})
    assert kept.runs[0].software.release == "2025-11"
    found = read_runs({"software__year": 2024, "software__release": "2025-11"})
    assert not found.runs
    assert "release '2025-11' is not of the year 2024" in found.skipped[0].reason


def test_the_newest_release_is_that_of_measured_runs_of_a_stack_and_of_its_platform(
    catalog: Catalog, read_runs: Any
) -> None:
    changes: list[dict[str, Any]] = [
        {"id": "a", "software__year": 2024, "software__release": "2024-07"},
        {"id": "b", "software__year": 2025, "software__release": "2025-11"},
        {"id": "c", "software__framework": "torchtitan", "software__release": "2026-02"},
        {"id": "unknown"},
    ]
    runs = [run for change in changes for run in read_runs({"result__iteration_s": 6.0, **change}).runs]
    runs += read_runs({"id": "unmeasured", "software__release": "2026-10"}).runs
    newest = newest_releases(prepare(runs, catalog).cases)
    assert newest == {"cuda-megatron": "2025-11", "cuda-torchtitan": "2026-02", "cuda": "2026-02"}
