"""`planner sweep`: what it prints in each form, and what it refuses with one line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

COUNTS = ("--vary", "cluster.pools.count=2,4")


def test_a_row_for_each_point(run: Run, plan_file: Path) -> None:
    found = run("sweep", str(plan_file), *COUNTS, "--vary", "workload.tokens=1T..2T/3")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("A small plan: 6 points (2 of cluster.pools.count x 3 of workload.tokens)")
    rows = [line.split()[:2] for line in found.stdout.splitlines() if line.endswith("USD")]
    assert rows == [[count, tokens] for count in "24" for tokens in ("1T", "1.5T", "2T")]
    assert max(map(len, found.stdout.splitlines())) <= 80


def test_json_has_the_keys_of_an_estimate_for_each_point(run: Run, plan_file: Path) -> None:
    record = json.loads(run("sweep", str(plan_file), *COUNTS, "--json").stdout)
    assert record["schema"] == 1
    assert record["vary"] == [{"key": "cluster.pools.count", "values": ["2", "4"]}]
    for count, point in zip("24", record["points"], strict=True):
        assert point["values"] == {"cluster.pools.count": count}
        alone = run("estimate", str(plan_file), "--set", f"cluster.pools.count={count}", "--json").stdout
        estimate = json.loads(alone)
        for key in ("feasible", "reasons", "training_days", "finish_date", "targets"):
            assert point[key] == estimate[key], key
        assert point["mfu"].items() <= estimate["mfu"].items()
        for group, key in (("power", "facility_w"), ("cost", "capex"), ("cost", "total")):
            assert point[group][key] == estimate[group][key]
        assert point["cost"]["unknown"] == estimate["cost"]["unknown"]
        assert point["strategy"].items() <= estimate["strategy"].items()


def test_csv_is_in_long_form_with_reasons_in_their_rows(run: Run, plan_file: Path) -> None:
    found = run("sweep", str(plan_file), "--vary", "workload.precision=bf16,nvfp4", *COUNTS, "--csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert [(row["workload.precision"], row["cluster.pools.count"]) for row in rows] == [
        ("bf16", "2"),
        ("bf16", "4"),
        ("nvfp4", "2"),
        ("nvfp4", "4"),
    ]
    for row in rows:
        is_able = row["feasible"] == "true"
        assert bool(row["training_days.p50"]) is is_able
        assert bool(row["reason"]) is not is_able
        assert bool(row["layout"]) is is_able
        # what is not known is no zero
        assert "0" not in row.values()


def test_nothing_that_can_run_is_an_answer_of_no(run: Run, plan_file: Path) -> None:
    found = run("sweep", str(plan_file), "--set", "model.profile=llama-3.1-405b", *COUNTS)
    assert found.returncode == 1
    assert "cannot run (1)" in found.stdout
    assert "(1) pool 'train': memory:" in found.stdout
    page = run("sweep", str(plan_file), "--set", "model.profile=llama-3.1-405b", *COUNTS, "--markdown")
    assert page.returncode == 1
    assert "cannot run: pool 'train': memory:" in page.stdout


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ("cluster.pools.cuont=4", "--vary cluster.pools[0].cuont: unknown key; did you mean 'count'?"),
        (
            "cluster.pools.count=1..5000/5000",
            '--vary cluster.pools.count = "1..5000/5000": makes 5,000 points; expected 1,000 at most',
        ),
        ("cluster.pools.count=4,many", '--vary: cluster.pools[0].count = "many": '),
        ("cluster.pools.system=dgx-h10", '--vary cluster.pools[train].system = "dgx-h10": no system'),
    ],
)
def test_bad_input_is_told_in_one_line(run: Run, plan_file: Path, vary: str, told: str) -> None:
    found = run("sweep", str(plan_file), "--vary", vary)
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.startswith(f"planner: {told}")
    assert found.stderr.count("\n") == 1


def test_without_keys_there_is_nothing_to_vary(run: Run, plan_file: Path) -> None:
    found = run("sweep", str(plan_file))
    assert found.returncode == 2
    assert "--vary" in found.stderr
