"""`planner rules`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.cli.main import main

OWN = Path(__file__).parents[1] / "reference" / "rule_examples.json"


@pytest.fixture(autouse=True)
def _only_the_shipped_profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PLANNER_PROFILES", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_list_names_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list"]) == 0
    output = capsys.readouterr().out
    assert "US-GP10-ASCEND" in output
    assert "not legal advice" in output
    assert main(["rules", "list", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert len(records) == 103
    assert {"id", "condition", "severity", "stale", "sources"} <= set(records[0])


def test_show_takes_any_case_and_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "show", "us-lic-a-d5-denial"]) == 0
    output = capsys.readouterr().out
    assert "site.country in group D5M" in output
    assert "presumption of denial" in output
    assert main(["rules", "show", "US-LIC-A-D6"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "did you mean 'US-LIC-A-D5'" in captured.err
    assert main(["rules", "show", "US-EL", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "US-EL"


def test_test_passes_on_the_own_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "test", str(OWN)]) == 0
    assert "chips: 32 passed, 0 failed" in capsys.readouterr().out


def test_test_says_what_failed_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "examples.json"
    file.write_text('{"scenarios": [{"id": "S1", "input": {}, "must_fire": ["JP-AI"]}]}', encoding="utf-8")
    assert main(["rules", "test", str(file)]) == 1
    output = " ".join(capsys.readouterr().out.split())
    assert "FAILED scenario S1: JP-AI: must fire, but waits for site.country" in output
    assert main(["rules", "test", str(file), "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert (record["passed"], record["failed"]) == (0, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: is not JSON"),
        ("[]", "expected a table"),
        ('{"scenarios": [{"id": "x", "input": {"chip.tp": 1}}]}', "'chip.tp'; the nearest known one is"),
        ('{"scenarios": [{"id": "x", "input": {"chip.tpp": "1"}}]}', "expected a finite number"),
        ('{"scenarios": [{"id": "x", "input": {"chip.tpp": NaN}}]}', "NaN"),
        ('{"scenarios": [{"id": "x", "input": {"as_of": "soon"}}]}', "'soon' is not a date"),
        ('{"chips": [{"name": "x", "input": {}, "expect": {"tp": 1}}]}', "unknown key"),
        ("[" * 100_000, "nests too deep"),
        ('{"meta": ' + "9" * 6_000 + "}", "a number that is too long"),
    ],
)
def test_bad_examples_are_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    file = tmp_path / "examples.json"
    file.write_text(text, encoding="utf-8")
    assert main(["rules", "test", str(file)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_no_such_file_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "test", "nowhere.json"]) == 2
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize("action", [["list"], ["show", "US-EL"], ["test", str(OWN)]])
def test_a_broken_rule_of_a_shared_folder_is_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], action: list[str]
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "xx-broken.toml").write_text('id = "XX-BROKEN"\n', encoding="utf-8")
    assert main(["--profiles", str(tmp_path), "rules", *action]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "xx-broken.toml" in captured.err
    assert captured.err.count("\n") == 1
