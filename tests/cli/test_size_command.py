"""`planner size`: what it prints, saves and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

ASKED = ("size", "llama-3.1-405b-h100", "--deadline-days", "100")


def test_a_table_with_what_proves_the_best(run: Run) -> None:
    found = run(*ASKED, "--systems", "dgx-h100,gb200-nvl72,dgx-1-v100")
    assert found.returncode == 0, found.stderr
    first, *_ = found.stdout.splitlines()
    assert first == "Smallest clusters for Llama 3.1 405B on 16,384 H100  within 100 days, at P80"
    assert "the best of at most " in found.stdout
    assert "chips by arithmetic" in found.stdout
    assert "DGX-1 (8 x V100 32 GB): time, over by " in found.stdout
    assert "runner-up: " in found.stdout
    assert found.stderr == ""


def test_json_has_the_keys_that_are_an_interface(run: Run) -> None:
    found = run(*ASKED, "--systems", "dgx-1-v100,gb200-nvl72", "--json", "--confidence", "0.9")
    assert found.returncode == 0
    record = json.loads(found.stdout)
    assert (record["confidence"], record["targets"]) == (0.9, {"deadline_days": 100.0})
    able, unable = record["systems"]
    assert (able["system"], able["feasible"]) == ("gb200-nvl72", True)
    assert able["chips"] == 72 * able["count"]
    assert able["training_days"]["p90"] == pytest.approx(able["days_at_confidence"])
    assert able["days_at_confidence"] <= 100 < able["certificate"]["days_below"]
    assert able["certificate"]["count_below"] == able["count"] - 1
    assert set(able["certificate"]["from"]) >= {"flops", "peak", "best_utilisation", "days"}
    assert {"p10", "p50", "p90"} <= set(able["facility_w"]) & set(able["purchase"]) & set(able["run_cost"])
    assert set(able["compliance"]) >= {"worst", "notes"}
    assert (unable["count"], unable["binds"], unable["layout"]) == (None, "deadline_days", None)
    assert unable["short_by"] > 0
    assert unable["nearest"]["days"] == pytest.approx(100 + unable["short_by"])


def test_an_answer_is_saved_as_a_plan_that_says_the_same(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answer.toml"
    told = json.loads(run(*ASKED, "--systems", "gb200-nvl72", "--json", "--to", str(path)).stdout)
    (answer,) = told["systems"]
    again = json.loads(run("estimate", str(path), "--json").stdout)
    assert again["training_days"] == pytest.approx(answer["training_days"])
    assert again["pools"][0]["systems"] == answer["count"]


def test_the_plans_own_targets_count(run: Run) -> None:
    found = run("size", "llama-3.1-405b-h100", "--max-mw", "1", "--set", "targets.finish_by=2028-01-01")
    assert found.returncode == 1
    assert "No count of these meets it" in found.stdout or "NO COUNT OF THESE MEETS IT" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--deadline-days", "soon"], '--deadline-days "soon": expected days, from 0.01 to 100,000'),
        (["--deadline-days", "9", "--systems", "dgx-h10"], '--systems "dgx-h10": no such system'),
        (["--deadline-days", "9", "--systems", ","], "--systems: names none; expected ids such as"),
        (["--max-mw", "much"], "--max-mw: targets.power_mw"),
        (["--finish-by", "soon"], "--finish-by: targets.finish_by"),
        (["--system", "dgx-h100"], "size: --system says whose answer is saved; expected --to FILE too"),
    ],
)
def test_bad_input_is_told_in_one_line(run: Run, arguments: list[str], told: str) -> None:
    found = run("size", "llama-3.1-405b-h100", *arguments)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith(f"planner: {told}"), found.stderr
    assert found.stderr.count("\n") == 1
