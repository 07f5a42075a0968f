"""What ships beside the program is of this commit's profiles, and what renews it says what moved."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from planner.domain.fabric import Fabric

ROOT = Path(__file__).parents[2]

Script = Callable[[str], ModuleType]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Yield what imports a module of `.ci/`."""
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    yield importlib.import_module
    for name in ("renew", "made_from"):
        sys.modules.pop(name, None)


def test_every_shipped_artefact_is_of_this_commit(script: Script) -> None:
    made_from = script("made_from")
    assert list(made_from.stale(made_from.recorded(), made_from.stamps(made_from.ARTEFACTS))) == []


def test_an_artefact_says_what_it_was_made_from_that_is_another_now(script: Script) -> None:
    made_from = script("made_from")
    stamp = made_from.Stamp({"chips": "a", "runs": "b", "stacks": "c"}, "d")
    moved = made_from.Stamp({"chips": "a", "runs": "x", "stacks": "y"}, "d")
    edited = made_from.Stamp(stamp.made_from, "e")
    assert list(made_from.stale({"record": stamp}, {"record": stamp})) == []
    assert list(made_from.stale({"record": stamp}, {"record": moved})) == [
        "tests/reference/accuracy_recorded.json: made from other runs, stacks; "
        "run .ci/renew, or .ci/renew --only record"
    ]
    assert list(made_from.stale({"record": stamp}, {"record": edited})) == [
        "tests/reference/accuracy_recorded.json: not as .ci/renew wrote it; run .ci/renew --only record"
    ]
    assert len(list(made_from.stale({}, {"record": stamp}))) == 1


def test_a_figure_makes_stale_and_its_evidence_does_not(script: Script) -> None:
    made_from = script("made_from")

    def told(**figure: object) -> object:
        text = (ROOT / "profiles" / "fabrics" / "roce-400g.toml").read_text(encoding="utf-8")
        data: dict[str, Any] = tomllib.loads(text)
        data["optic_power_w"] = data["optic_power_w"] | figure
        data["notes"] = [*data.get("notes", ()), str(figure)]
        return made_from.figures(Fabric.model_validate(data))

    assert told(note="read again") == told(kind="memory", confidence="low")
    assert told(value=9.5) != told(value=9.0)


def test_stages_are_chosen_and_keep_their_order(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = script("renew").chosen
    everything = [
        "fit",
        "practice",
        "post_training",
        "record",
        "accuracy",
        "goldens",
        "snapshots",
        "screenshots",
    ]
    assert chosen([]) == everything
    assert chosen(["--without", "fit"]) == everything[1:]
    assert chosen(["--only", "screenshots", "goldens"]) == ["goldens", "screenshots"]
    with pytest.raises(SystemExit):
        chosen(["--only", "fit", "--without", "goldens"])
    with pytest.raises(SystemExit):
        chosen(["--only", "nothing"])


def test_a_stage_runs_until_it_moves_nothing(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew, made_from = script("renew"), script("made_from")
    for module in (renew, made_from):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "kept.txt").write_text("kept", encoding="utf-8")
    settle = "import pathlib; p = pathlib.Path('x.txt'); p.write_text(('b', 'a')[not p.exists()])"
    stage = renew.Stage("settles", (sys.executable, "-c", settle), ("*.txt",), most_times=5)
    assert renew.run_stage(stage, os.environ) == ["x.txt"]
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "b"
    assert renew.run_stage(stage, os.environ) == []


def test_what_moved_is_told_and_a_failure_keeps_the_stamps_of_what_was_done(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    renew = script("renew")
    stamped: list[str] = []
    monkeypatch.setattr(renew, "record", stamped.extend)
    monkeypatch.setattr(renew, "ERRORS", tmp_path / "errors.json")
    renew.ERRORS.write_text('{"A": {"mean": 0.1, "bias": 0.0}}', encoding="utf-8")

    def run(stage: Any, environment: Any) -> list[str]:
        assert "PLANNER_PROFILES" not in environment
        if stage is renew.STAGES["goldens"]:
            raise subprocess.CalledProcessError(2, stage.command)
        renew.ERRORS.write_text('{"A": {"mean": 0.2, "bias": 0.0}, "B": {"mean": 0.3}}', encoding="utf-8")
        return [stage.files[0]]

    monkeypatch.setenv("PLANNER_PROFILES", "/somewhere")
    assert renew.main(["--without", "fit"], run) == 1
    shown = capsys.readouterr()
    assert stamped == ["practice", "post_training", "record", "accuracy"]
    assert "record: tests/reference/accuracy_recorded.json\n" in shown.out
    assert "A, mean: 0.1 -> 0.2\n  B, mean: none -> 0.3\n" in shown.out
    assert "bias" not in shown.out
    assert shown.err == ".ci/renew: the golden outputs: failed with 2\n"
    assert renew.main(["--only", "record"], run) == 0
