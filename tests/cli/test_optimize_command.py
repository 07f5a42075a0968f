"""`planner optimize`: what it prints, saves, and refuses with one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import MINIMAL_PLAN, Run


def test_layouts_are_told_best_first_as_a_process(run_process: Run, plan_file: Path) -> None:
    found = run_process("optimize", str(plan_file), "--top", "3")
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("A small plan: layouts\n")
    assert max(map(len, found.stdout.splitlines())) <= 80
    assert "WHY THE FIRST WINS" in found.stdout


def test_json_has_the_keys_that_are_an_interface(run: Run, plan_file: Path) -> None:
    found = run("optimize", str(plan_file), "--top", "2", "--json")
    record = json.loads(found.stdout)
    assert {"layouts", "candidates", "feasible", "seconds"} <= record.keys()
    assert len(record["layouts"]) == 2


def test_a_layout_is_saved_as_a_plan_and_no_file_is_written_over(run: Run, plan_file: Path) -> None:
    made = run("optimize", str(plan_file), "--pin", "2", "--to", "second.toml")
    assert made.returncode == 0
    assert made.stderr.startswith("planner: wrote second.toml with layout 2")
    text = Path("second.toml").read_text(encoding="utf-8")
    assert 'mode = "given"' in text
    again = run("optimize", str(plan_file), "--pin", "1", "--to", "second.toml")
    assert again.returncode == 2
    assert again.stderr == "planner: second.toml: exists already; nothing was overwritten\n"
    assert Path("second.toml").read_text(encoding="utf-8") == text
    assert run("estimate", "second.toml").returncode == 0
    assert "the plan's" in run("optimize", "second.toml").stdout


def test_a_plan_that_cannot_run_is_answered_with_its_reason(run: Run, tmp_path: Path) -> None:
    large = MINIMAL_PLAN.replace("llama-2-7b", "llama-3.1-405b")
    (tmp_path / "large.toml").write_text(large, encoding="utf-8")
    found = run("optimize", "large.toml", "--pin", "1", "--to", "none.toml")
    assert found.returncode == 1
    assert "x No layout" in found.stdout
    assert "memory" in found.stdout
    assert not Path("none.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--top", "0"], 'optimize: --top "0": expected 1 to 50'),
        (["--top", "many"], 'optimize: --top "many": expected 1 to 50'),
        (["--pin", "1"], "optimize: --pin and --to go together; expected both or neither"),
        (["--pin", "51", "--to", "x.toml"], 'optimize: --pin "51": expected 1 to 50'),
        (["--set", "strategy.tensor=3"], "strategy.tensor = 3: does not divide the model's 32 heads"),
    ],
)
def test_bad_input_is_told_in_one_line(run: Run, plan_file: Path, arguments: list[str], told: str) -> None:
    found = run("optimize", str(plan_file), *arguments)
    assert found.returncode == 2
    assert found.stdout == ""
    assert told in found.stderr
    assert found.stderr.count("\n") == 1
