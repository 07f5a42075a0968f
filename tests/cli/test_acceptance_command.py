"""`planner acceptance` as a command: its forms, its risks, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

PLAN = "qwen2-72b-a100"
MEGATRON = (
    " [2026-11-02 {clock}] iteration {step:8d}/  500000 | consumed samples: 1 | "
    "elapsed time per iteration (ms): {ms:.1f} | global batch size: {batch} | lm loss: 1.0E+00 |\n"
)


@pytest.fixture
def batch(run: Run) -> int:
    found: int = json.loads(run("estimate", PLAN, "--json").stdout)["strategy"]["batch"]
    return found


def training_log(path: Path, batch: int, seconds: float) -> str:
    """Write a log of 60 steps, and return its path."""
    lines = (
        MEGATRON.format(
            step=step, batch=batch, ms=seconds * 1000, clock=f"{step // 60:02d}:{step % 60:02d}:00"
        )
        for step in range(1, 61)
    )
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def test_the_schedule_as_text_json_and_a_page(run: Run, tmp_path: Path) -> None:
    text = run("acceptance", PLAN)
    assert text.returncode == 0
    assert "a percent costs" in text.stdout
    page = json.loads(run("acceptance", PLAN, "--json").stdout)
    assert page["schema"] == 1
    assert {line["id"] for line in page["lines"]} >= {"matmul", "memory", "reference", "soak"}
    written = run("acceptance", PLAN, "--to", str(tmp_path / "terms.html"))
    assert written.returncode == 0
    html = (tmp_path / "terms.html").read_text(encoding="utf-8")
    assert "base value" in html
    for line in page["lines"]:
        assert line["id"] in html


def test_risks_move_thresholds(run: Run) -> None:
    def matmul(*more: str) -> dict[str, float]:
        lines = json.loads(run("acceptance", PLAN, "--json", *more).stdout)["lines"]
        found: dict[str, float] = next(line for line in lines if line["id"] == "matmul")
        return found

    assert matmul("--risk-seller", "0.001")["threshold"] < matmul()["threshold"]


@pytest.mark.parametrize("risk", ["0", "0.9", "nan"])
def test_a_risk_that_is_none_is_refused(run: Run, risk: str) -> None:
    found = run("acceptance", PLAN, "--risk-seller", risk)
    assert found.returncode == 2
    assert "--risk-seller" in found.stderr
    assert found.stderr.count("\n") == 1


def test_results_are_judged_and_saved_as_a_revision(run: Run, tmp_path: Path, batch: int) -> None:
    schedule = {line["id"]: line for line in json.loads(run("acceptance", PLAN, "--json").stdout)["lines"]}
    low, high = schedule["matmul"]["expected"]["value"] * 0.8, schedule["data"]["expected"]["value"]
    results = tmp_path / "results.toml"
    results.write_text(
        f'[[measured]]\nline = "matmul"\nflops_per_s = {low}\nspread = 0.02\nsamples = 100\n'
        f'[[measured]]\nline = "data"\nbytes_per_s = {high}\n',
        encoding="utf-8",
    )
    step = json.loads(run("estimate", PLAN, "--json").stdout)["step"]["seconds"]
    log = training_log(tmp_path / "train.log", batch, 1.2 * step)
    revision, runs = tmp_path / "accepted.toml", tmp_path / "runs.toml"
    found = run(
        "measured", PLAN, str(results), log, "--save", str(revision), "--run-file", str(runs), "--json"
    )
    assert found.returncode == 1, found.stderr
    page = json.loads(found.stdout)
    verdicts = {line["id"]: line["verdict"] for line in page["lines"]}
    assert (verdicts["matmul"], verdicts["data"], verdicts["soak"]) == ("failed", "passed", "not shown")
    assert verdicts["reference"] == "failed"
    before, after = page["before"]["days"], page["after"]["days"]
    assert after["p50"] > before["p50"]
    assert after["p90"] / after["p10"] < before["p90"] / before["p10"]
    assert page["gap_days"]["compute"] > 0
    assert sum(page["gap_days"].values()) == pytest.approx(after["p50"] - before["p50"])
    again = json.loads(run("estimate", str(revision), "--json").stdout)
    assert again["training_days"]["p50"] == pytest.approx(after["p50"])
    assert run("validate", "--runs", str(runs), "--json").returncode == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[measured]]\nline = "mat"\nflops_per_s = 1e12\n', "no such line"),
        ('[[measured]]\nline = "matmul"\nbytes_per_s = 1e12\n', "expected FLOP/s"),
        ('[[measured]]\nline = "matmul"\n', "expected one of"),
        ("[[measured]]\nline = ", "line 2"),
    ],
)
def test_results_that_say_nothing_are_refused_in_a_line(
    run: Run, tmp_path: Path, text: str, expected: str
) -> None:
    path = tmp_path / "results.toml"
    path.write_text(text, encoding="utf-8")
    found = run("measured", PLAN, str(path))
    assert found.returncode == 2
    assert str(path) in found.stderr
    assert expected in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_run_is_held_against_its_plan(run: Run, tmp_path: Path, batch: int) -> None:
    step = json.loads(run("estimate", PLAN, "--json").stdout)["step"]["seconds"]
    log = training_log(tmp_path / "train.log", batch, 1.3 * step)
    page = json.loads(run("track", PLAN, log, "--json").stdout)
    assert page["run_says"]["tokens_per_s"]["p50"] < page["plan_says"]["tokens_per_s"]["p50"]
    assert "slower" in page["sentence"]
    text = run("track", PLAN, log)
    assert text.returncode == 0
    assert "by the run so far" in text.stdout
    (tmp_path / "none.log").write_text("nothing\n", encoding="utf-8")
    refused = run("track", PLAN, str(tmp_path / "none.log"))
    assert refused.returncode == 2
    assert "none.log: line 1" in refused.stderr


def test_offers_are_held_by_what_they_promise(run: Run, tmp_path: Path) -> None:
    schedule = {line["id"]: line for line in json.loads(run("acceptance", PLAN, "--json").stdout)["lines"]}
    half = schedule["matmul"]["expected"]["value"] / 2
    path = tmp_path / "offers.toml"
    plan = Path(__file__).parents[2] / "saved_plans" / f"{PLAN}.toml"
    path.write_text(
        plan.read_text(encoding="utf-8")
        + '\n[[offers]]\nname = "says nothing"\n[[offers]]\nname = "promises little"\n'
        + f'[[offers.promises]]\nid = "matmul"\npromised = {half}\npays = "1 % a percent"\n',
        encoding="utf-8",
    )
    found = run("quotes", str(path), "--json")
    silent, little = json.loads(found.stdout)["offers"]
    assert "promised" not in silent
    assert little["promised"]["shares"] == {"matmul": pytest.approx(0.5)}
    assert little["promised"]["remedies"] == {"matmul": "1 % a percent"}
    assert "1 % a percent" in run("quotes", str(path)).stdout
    compared = json.loads(run("compare", str(path), "--json").stdout)["plans"]
    assert [plan["label"] for plan in compared] == ["says nothing", "promises little"]
    assert compared[1]["promised"] == little["promised"]
    assert "promised" not in compared[0]
    assert "1 % a percent" in run("compare", str(path)).stdout


def test_a_line_is_explained_and_an_unknown_one_refused(run: Run) -> None:
    found = run("explain", PLAN, "acceptance.data")
    assert found.returncode == 0
    assert "base x share" in found.stdout
    refused = run("explain", PLAN, "acceptance.matmull")
    assert refused.returncode == 2
    assert "matmul" in refused.stderr
    assert refused.stderr.count("\n") == 1
