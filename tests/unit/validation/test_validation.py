"""Every row is predicted or named with a reason, whatever it holds."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.catalog.runs import load_runs
from planner.planning.run_cases import Unpredictable
from planner.report.estimate_json import json_text
from planner.report.validation_json import validation_to_dict
from planner.validation.accuracy import accuracy
from planner.validation.run_preparation import shipped_stack
from planner.validation.validation import Validation, contradictions, score_case, validate_runs

FIXTURE = Path(__file__).parent / "contradictory_runs.json"


def validated(catalog: Catalog, path: Path) -> Validation:
    return validate_runs(load_runs(path), catalog)


def rows_of(catalog: Catalog, path: Path, rows: list[Any]) -> Validation:
    path.write_text(json.dumps(rows), encoding="utf-8")
    return validated(catalog, path)


def test_no_row_is_dropped(catalog: Catalog) -> None:
    runs = load_runs()
    validation = validate_runs(runs, catalog)
    named = [run.case.run.id for run in validation.scored] + [row.id for row in validation.skipped]
    assert sorted(named) == sorted([run.id for run in runs.runs] + [row.id for row in runs.skipped])
    assert all(row.reason for row in validation.skipped)


def test_rows_that_are_wrong_by_their_own_arithmetic_are_named_with_the_reason(catalog: Catalog) -> None:
    validation = validated(catalog, FIXTURE)
    rows = json.loads(FIXTURE.read_text(encoding="utf-8"))
    reasons = {row.id: row.reason for row in validation.skipped}
    reasons |= {run.case.run.id: "; ".join(run.contradictions) for run in validation.scored}
    assert set(reasons) == {row["id"] for row in rows}
    for row in rows:
        assert row["notes"] in reasons[row["id"]]


def test_an_unmeasured_run_is_predicted_all_the_same(catalog: Catalog, make: Any, tmp_path: Path) -> None:
    row = {**make_row(), "id": "no-rate"}
    validation = rows_of(catalog, tmp_path / "rows.json", [row])
    (run,) = validation.scored
    assert run.error is None
    assert run.predicted.p10 < run.predicted.p50 < run.predicted.p90
    record = validation_to_dict(validation, accuracy(validation, lambda case: shipped_stack(case, catalog)))
    assert record["runs"][0]["predicted"]["p50"] == run.predicted.p50
    assert record["summary"]["unmeasured"] == 1
    assert record["summary"]["median_abs_error"] is None


def test_text_that_nobody_knows_makes_a_row_tier_b(catalog: Catalog, tmp_path: Path) -> None:
    row = {**make_row(), "framework": "LibreTrain 9", "recompute": "every third Tuesday", "zero_stage": "?"}
    validation = rows_of(catalog, tmp_path / "rows.json", [row])
    (run,) = validation.scored
    assert run.case.run.tier == "B"
    assert run.is_layout_searched
    assert any("every third Tuesday" in text for text in run.case.assumed)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"chip": "abacus"}, "no chip is called"),
        ({"chip_count": None}, "chip count is unknown"),
        ({"seq_len": None}, "sequence length is unknown"),
        ({"tier": "C"}, "tier C"),
        ({"layers": "many"}, "layers"),
    ],
)
def test_what_cannot_be_predicted_says_why(
    catalog: Catalog, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    validation = rows_of(catalog, tmp_path / "rows.json", [{**make_row(), **changes}])
    assert validation.scored == ()
    assert reason in validation.skipped[0].reason


HOSTILE: list[Any] = [
    None,
    "row",
    [],
    {},
    {"id": "\x1b[31mred", "chip": "a100-80-sxm"},
    {"layers": 10_000, "chip_count": 10_000_000, "tp": None, "tier": "B"},
    {"hidden": 10**400},
    {"seq_len": 100_000_000, "global_batch_sequences": 100_000_000},
    {"vocab": 1, "heads": 1, "hidden": 1, "ffn_hidden": 1},
    {"global_batch_tokens": 1e-300},
    {"scale_out_gbps_per_chip": 1e-300},
    {"peak_bf16_tflops": 1e-300},
    {"tokens_per_s_per_chip": 1e29, "peak_bf16_tflops": None},
    {"micro_batch": 10_000_000},
    {"tp": 7, "pp": 5, "cp": 3},
    {"experts": 8, "active_experts": 2, "ep": 8, "expert_ffn": 1, "first_dense_layers": 31},
    {"mfu": "NaN"},
    {"check": {"tokens_per_s_per_chip": "fast"}},
]


@pytest.mark.parametrize("changes", HOSTILE, ids=repr)
def test_hostile_rows_never_crash_it(catalog: Catalog, tmp_path: Path, changes: Any) -> None:
    row = {**make_row(), **changes} if isinstance(changes, dict) and changes else changes
    validation = rows_of(catalog, tmp_path / "rows.json", [row])
    assert len(validation.scored) + len(validation.skipped) == 1
    figures = accuracy(validation, lambda case: shipped_stack(case, catalog))
    text = json_text(validation_to_dict(validation, figures))
    assert "\x1b" not in text


def test_a_rate_that_no_machine_has_is_no_prediction(catalog: Catalog, make: Any) -> None:
    case = make.case()
    slow = dataclasses.replace(case.chip, matmul_peak_flops_per_s=1e-30)
    found = score_case(dataclasses.replace(case, chip=slow), lambda case: shipped_stack(case, catalog))
    assert isinstance(found, Unpredictable)
    assert "beyond what the engine computes" in found.reason


def test_whole_runs_are_scored_with_their_goodput(catalog: Catalog, make: Any) -> None:
    steady = score_case(make.case(chip_count=8192, tier="A"), lambda case: shipped_stack(case, catalog))
    whole = score_case(make.case(chip_count=8192, tier="E"), lambda case: shipped_stack(case, catalog))
    assert not isinstance(steady, Unpredictable)
    assert not isinstance(whole, Unpredictable)
    assert 0.5 < whole.goodput < 1.0
    assert whole.predicted.p50 < steady.predicted.p50


def test_a_utilisation_that_the_rate_does_not_give_is_named(make: Any) -> None:
    stated = {"peak_used_tflops": 312, "flops_convention": "6N", "tokens_per_s_per_chip": 3000.0}
    agreeing = 3000.0 * 6 * (32 * (4 * 4096**2 + 2 * 4096 * 16384) + 4096 * 51200) / 312e12
    assert contradictions(make.run(mfu=round(agreeing, 3), **stated)) == ()
    assert "published is 0.300" in contradictions(make.run(mfu=0.3, **stated))[0]


def make_row() -> dict[str, Any]:
    rows: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return {
        key: value
        for key, value in rows[0].items()
        if key not in ("tokens_per_s_per_chip", "mfu", "flops_convention", "notes")
    }
