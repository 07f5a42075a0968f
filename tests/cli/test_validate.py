"""`planner validate` and `planner calibrate`: their interface, and what they refuse."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from planner.catalog.search_path import built_in_folder
from planner.cli.main import main

Capture = pytest.CaptureFixture[str]
RUN_KEYS = {"id", "chip", "chips", "measured", "predicted", "quantity", "error", "inside_band"}
#: Sources that a refit of a moment can be made on.
SOURCES = ("internevo.toml", "korthikanti.toml", "megascale.toml")

ROW: dict[str, Any] = {
    "id": "a row",
    "group": "someone/gpt/a100",
    "chip": "a100-80-sxm",
    "chip_count": 64,
    "layers": 32,
    "hidden": 4096,
    "ffn_hidden": 16384,
    "heads": 32,
    "vocab": 51200,
    "seq_len": 2048,
    "global_batch_sequences": 512,
    "tokens_per_s_per_chip": 3000.0,
    "source_title": "made up",
}


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.json"
    rows = [
        ROW,
        {**ROW, "id": "no rate", "tokens_per_s_per_chip": None},
        {**ROW, "id": "x", "chip": "abacus"},
    ]
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


@pytest.fixture
def few_runs(tmp_path: Path) -> Path:
    folder = tmp_path / "few"
    folder.mkdir()
    for name in SOURCES:
        shutil.copy(built_in_folder() / "runs" / name, folder)
    return folder


def test_json_has_the_keys_of_the_interface(rows_file: Path, capsys: Capture) -> None:
    assert main(["validate", "--runs", str(rows_file), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    answer = json.loads(out)
    assert {"n", "skipped", "median_abs_error", "p90_abs_error", "coverage"} <= answer["summary"].keys()
    known, unmeasured, skipped = answer["runs"]
    for row in answer["runs"]:
        assert row.keys() >= RUN_KEYS
    assert known["predicted"].keys() == {"p10", "p50", "p90"}
    assert known["error"] == pytest.approx(known["predicted"]["p50"] / known["measured"] - 1)
    band = known["predicted"]
    assert known["inside_band"] is (band["p10"] <= known["measured"] <= band["p90"])
    assert known["layout"] == "searched"
    assert known["assumed"]
    assert "skipped" not in known
    assert unmeasured["predicted"]
    assert unmeasured["error"] is None
    assert "abacus" in skipped["skipped"]
    assert (answer["summary"]["n"], answer["summary"]["skipped"], answer["summary"]["unmeasured"]) == (
        1,
        1,
        1,
    )


def test_json_of_the_shipped_runs_names_every_row(capsys: Capture) -> None:
    assert main(["validate", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    summary = answer["summary"]
    assert len(answer["runs"]) == summary["n"] + summary["skipped"] + summary["unmeasured"]
    assert len({row["id"] for row in answer["runs"]}) == len(answer["runs"]) > 400
    assert all(row.get("skipped") or row["predicted"] for row in answer["runs"])


@pytest.mark.parametrize("columns", [80, 100])
def test_text_fits_its_terminal(
    columns: int, rows_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["validate", "--runs", str(rows_file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("VALIDATION")
    assert "abacus" in out
    assert max(map(len, out.splitlines())) <= columns


def test_a_folder_and_a_file_can_be_read_at_once(few_runs: Path, rows_file: Path, capsys: Capture) -> None:
    assert main(["validate", "--json", "--runs", str(few_runs), "--runs", str(rows_file)]) == 0
    names = {row["id"] for row in json.loads(capsys.readouterr().out)["runs"]}
    assert {"a row", "kor22-22b-fullrecompute"} <= names


@pytest.mark.parametrize("content", ["{}", "[", "nothing"])
def test_a_file_of_something_else_is_bad_input(tmp_path: Path, content: str, capsys: Capture) -> None:
    path = tmp_path / "rows.json"
    path.write_text(content, encoding="utf-8")
    assert main(["validate", "--runs", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_rows_that_are_all_skipped_are_a_no(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "rows.json"
    path.write_text('[{"id": "a"}, 3]', encoding="utf-8")
    assert main(["validate", "--runs", str(path)]) == 1
    assert "chip is missing" in capsys.readouterr().out


def test_the_document_and_its_plot_are_written(rows_file: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["validate", "--runs", str(rows_file), "--write", str(tmp_path)]) == 0
    text = (tmp_path / "accuracy.md").read_text(encoding="utf-8")
    assert "(accuracy.svg)" in text
    assert "abacus" in text
    root = ElementTree.fromstring((tmp_path / "accuracy.svg").read_text(encoding="utf-8"))
    titles = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert sum(title.startswith("a row: measured 3000") for title in titles) == 1


def test_a_folder_that_is_none_is_refused_before_any_work(tmp_path: Path, capsys: Capture) -> None:
    assert main(["validate", "--write", str(tmp_path / "nowhere")]) == 2
    assert main(["calibrate", "--write", str(tmp_path / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_cross_validation_is_printed_apart(few_runs: Path, capsys: Capture) -> None:
    assert main(["validate", "--json", "--cross-validate", "--runs", str(few_runs)]) == 0
    out, err = capsys.readouterr()
    crossed = json.loads(out)["cross_validation"]
    assert crossed["held_out"] == "source"
    assert "all chips" in crossed["summary"]["groups"]
    assert err.count("refitting without") == len(SOURCES)


def test_calibrate_says_what_moves_and_writes_only_where_asked(
    few_runs: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["calibrate", "--runs", str(few_runs)]) == 0
    assert capsys.readouterr().out.startswith("CALIBRATION")
    folder = tmp_path / "profiles" / "stacks"
    folder.mkdir(parents=True)
    assert main(["calibrate", "--runs", str(few_runs), "--write", str(folder)]) == 0
    assert (folder / "cuda.toml").is_file()
    capsys.readouterr()
    # a refit on what was just written moves nothing: the fit depends on the runs alone, not on the stacks
    assert main(["--profiles", str(folder.parent), "calibrate", "--runs", str(few_runs)]) == 0
    assert "nothing moves" in capsys.readouterr().out


def test_without_scipy_the_extra_is_named(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "scipy" else found(name, *rest)
    )
    for command in (["calibrate"], ["validate", "--cross-validate"]):
        assert main(command) == 2
        assert "planner[calibrate]" in capsys.readouterr().err
