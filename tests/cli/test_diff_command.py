"""`planner diff` and `planner compare`: output, exit codes, and one clear line for bad input."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def other_file(plan_file: Path) -> Path:
    path = plan_file.with_name("other.toml")
    path.write_text(plan_file.read_text(encoding="utf-8").replace("count = 4", "count = 8"), encoding="utf-8")
    return path


def test_equal_plans(run: Run, plan_file: Path) -> None:
    rewritten = plan_file.with_name("rewritten.toml")
    text = plan_file.read_text(encoding="utf-8").replace('"1T"', "1_000_000_000_000")
    rewritten.write_text(f"# a comment\n{text}", encoding="utf-8")
    for second in (plan_file, rewritten):
        process = run("diff", str(plan_file), str(second), "--exit-code")
        assert process.returncode == 0, process.stderr
        assert "no differences" in process.stdout
        assert process.stderr == ""


def test_a_difference(run: Run, plan_file: Path, other_file: Path) -> None:
    process = run("diff", plan_file.name, other_file.name)
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("Plan diff  small.toml -> other.toml\n")
    assert "~ train: count  4 -> 8  +4 (+100 %)" in process.stdout
    for section in ("INPUTS", "ESTIMATES", "WHY", "NOTES", "Summary"):
        assert f"\n{section}" in process.stdout
    assert max(map(len, process.stdout.splitlines())) <= 80
    assert run("diff", str(plan_file), str(other_file), "--exit-code").returncode == 1


def test_json_and_markdown(run: Run, plan_file: Path, other_file: Path) -> None:
    record = json.loads(run("diff", str(plan_file), str(other_file), "--json").stdout)
    assert record["different"] is True
    markdown = run("diff", str(plan_file), str(other_file), "--markdown").stdout
    assert markdown.startswith("### Plan diff: ")
    both = run("diff", str(plan_file), str(other_file), "--json", "--markdown")
    assert both.returncode == 2
    assert both.stderr.count("\n") == 1


def test_an_infeasible_side_is_told_and_is_no_error(run: Run, plan_file: Path) -> None:
    small = plan_file.with_name("too-small.toml")
    text = plan_file.read_text(encoding="utf-8").replace("llama-2-7b", "llama-3.1-405b")
    small.write_text(text.replace("count = 4", "count = 1"), encoding="utf-8")
    process = run("diff", str(plan_file), str(small))
    assert process.returncode == 0, process.stderr
    assert "cannot run" in process.stdout


@pytest.mark.parametrize("command", ["diff", "compare"])
@pytest.mark.parametrize("content", [None, "", "name = 3", "\x00\x01", 'name = "\\u001b[2J"', "[[[["])
def test_bad_files_give_one_line_and_two(
    run: Run, plan_file: Path, command: str, content: str | None
) -> None:
    bad = plan_file.with_name("bad.toml")
    if content is not None:
        bad.write_text(content, encoding="utf-8")
    for arguments in ([str(plan_file), str(bad)], [str(bad), str(plan_file)]):
        process = run(command, *arguments)
        assert process.returncode == 2
        assert process.stdout == ""
        lines = process.stderr.splitlines()
        # one for each problem of the file: an empty one lacks three tables
        assert 1 <= len(lines) <= 6
        assert all(line.startswith("planner: ") and "bad" in line for line in lines)
        assert "\x1b" not in process.stderr


def test_an_unknown_profile_names_the_plan(run: Run, plan_file: Path) -> None:
    bad = plan_file.with_name("bad.toml")
    text = plan_file.read_text(encoding="utf-8").replace("dgx-h100", "dgx-h1000")
    bad.write_text(text, encoding="utf-8")
    process = run("diff", plan_file.name, bad.name)
    assert process.returncode == 2
    line = text.partition("dgx-h1000")[0].count("\n") + 1
    assert process.stderr.startswith(f"planner: bad.toml: line {line}: cluster.pools[train].system")
    assert "dgx-h100" in process.stderr


def test_compare(run: Run, plan_file: Path, other_file: Path) -> None:
    process = run("compare", plan_file.name, other_file.name)
    assert process.returncode == 0, process.stderr
    assert "training time, days" in process.stdout
    assert " best" in process.stdout
    assert max(map(len, process.stdout.splitlines())) <= 80
    record = json.loads(run("compare", plan_file.name, other_file.name, "--json").stdout)
    assert [plan["label"] for plan in record["plans"]] == ["small.toml", "other.toml"]
    assert run("compare", plan_file.name, other_file.name, "--markdown").stdout.startswith("### Plans")


@pytest.mark.parametrize("number", [1, 7])
def test_compare_takes_two_to_six(run: Run, plan_file: Path, number: int) -> None:
    process = run("compare", *[str(plan_file)] * number)
    assert process.returncode == 2
    assert "expected 2 to 6" in process.stderr


def test_names_of_saved_plans(run: Run) -> None:
    process = run("diff", "qwen2-72b-910b", "qwen2-72b-a100")
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("Plan diff  qwen2-72b-910b -> qwen2-72b-a100\n")
