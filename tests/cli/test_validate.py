"""`planner validate` and `planner calibrate`: their interface, and what they refuse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from planner.catalog.search_path import built_in_folder
from planner.cli.main import main

Capture = pytest.CaptureFixture[str]
RUN_KEYS = {"id", "chip", "chips", "measured", "predicted", "quantity", "error", "inside_band"}
#: Sources that a refit of a moment can be made on.
SOURCES = ("internevo.toml", "korthikanti.toml", "megascale.toml")

RUN = """
[[run]]
id = "a run"
group = "someone/gpt/a100"
tier = "B"
missing = ["parallel layout"]
model = "GPT"
architecture = "gpt"
sequence_length = 2048
global_batch_sequences = 512
hardware = { chip = "a100-80-sxm", chip_count = 64 }
result = { tokens_per_s_per_chip = 3000.0 }
source = { title = "made up" }
"""
SHAPE = """
[architectures.gpt]
layers = 32
hidden = 4096
heads = 32
key_value_heads = 32
head_dimension = 128
feed_forward_width = 16384
vocabulary = 51200
"""


@pytest.fixture
def runs_file(tmp_path: Path) -> Path:
    path = tmp_path / "our-runs.toml"
    unmeasured = RUN.replace('"a run"', '"no rate"').replace("tokens_per_s_per_chip = 3000.0", "")
    unknown = RUN.replace('"a run"', '"x"').replace("a100-80-sxm", "abacus")
    path.write_text(SHAPE + RUN + unmeasured + unknown, encoding="utf-8")
    return path


@pytest.fixture
def few_runs(tmp_path: Path) -> Path:
    folder = tmp_path / "few"
    folder.mkdir()
    for name in SOURCES:
        shutil.copy(built_in_folder() / "runs" / name, folder)
    return folder


def test_json_has_the_keys_of_the_interface(runs_file: Path, capsys: Capture) -> None:
    assert main(["validate", "--runs", str(runs_file), "--json"]) == 0
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


@pytest.mark.parametrize("columns", [80, 100])
def test_text_fits_its_terminal(
    columns: int, runs_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["validate", "--runs", str(runs_file)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("VALIDATION")
    assert "abacus" in out
    assert max(map(len, out.splitlines())) <= columns


def test_a_folder_and_a_file_can_be_read_at_once(few_runs: Path, runs_file: Path, capsys: Capture) -> None:
    assert main(["validate", "--json", "--runs", str(few_runs), "--runs", str(runs_file)]) == 0
    answer = json.loads(capsys.readouterr().out)
    summary, names = answer["summary"], {row["id"] for row in answer["runs"]}
    assert {"a run", "kor22-22b-fullrecompute"} <= names
    assert len(names) == len(answer["runs"]) == summary["n"] + summary["skipped"] + summary["unmeasured"]


@pytest.mark.parametrize("content", ["{}", "[", "nothing", "runs = 3", "run = 3", ""])
def test_a_file_of_something_else_is_bad_input(tmp_path: Path, content: str, capsys: Capture) -> None:
    path = tmp_path / "our-runs.toml"
    path.write_text(content, encoding="utf-8")
    assert main(["validate", "--runs", str(path)]) == 2
    err = capsys.readouterr().err
    assert "our-runs.toml: " in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["missing.toml", "missing", "rows.json"])
def test_a_file_or_folder_that_is_not_there_is_bad_input(tmp_path: Path, name: str, capsys: Capture) -> None:
    assert main(["validate", "--runs", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err == f"planner: {tmp_path / name}: no such file\n"


def test_a_folder_without_runs_is_bad_input(tmp_path: Path, capsys: Capture) -> None:
    assert main(["validate", "--runs", str(tmp_path)]) == 2
    assert "holds no runs" in capsys.readouterr().err


def test_runs_that_are_all_skipped_are_a_no(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "our-runs.toml"
    path.write_text(RUN.replace('tier = "B"', 'tier = "D"') + SHAPE, encoding="utf-8")
    assert main(["validate", "--json", "--runs", str(path)]) == 1
    (row,) = json.loads(capsys.readouterr().out)["runs"]
    assert 'our-runs.toml: line 2: run 1: tier = "D": expected ' in row["skipped"]


def test_a_rate_is_computed_from_the_time_of_a_step(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "our-runs.toml"
    path.write_text(SHAPE + RUN.replace("tokens_per_s_per_chip = 3000.0", "iteration_s = 5.0"))
    assert main(["validate", "--json", "--runs", str(path)]) == 0
    (row,) = json.loads(capsys.readouterr().out)["runs"]
    assert row["measured"] == pytest.approx(512 * 2048 / 5.0 / 64)
    assert row["measured_from"] == "iteration"
    assert row["error"] == pytest.approx(row["predicted"]["p50"] / row["measured"] - 1)


def test_the_document_and_its_plot_are_written(runs_file: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["validate", "--runs", str(runs_file), "--write", str(tmp_path)]) == 0
    text = (tmp_path / "accuracy.md").read_text(encoding="utf-8")
    assert "(accuracy.svg)" in text
    assert "abacus" in text
    root = ElementTree.fromstring((tmp_path / "accuracy.svg").read_text(encoding="utf-8"))
    titles = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert sum(title.startswith("a run: measured 3000") for title in titles) == 1


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
    folder = tmp_path / "profiles" / "stacks"
    folder.mkdir(parents=True)
    assert main(["calibrate", "--runs", str(few_runs), "--write", str(folder)]) == 0
    assert (folder / "cuda.toml").is_file()
    assert capsys.readouterr().out.startswith("CALIBRATION")
    # a refit on what was just written moves nothing: the fit depends on the runs alone, not on the stacks
    assert main(["--profiles", str(folder.parent), "calibrate", "--runs", str(few_runs)]) == 0
    assert "nothing moves" in capsys.readouterr().out


def test_as_a_buyer_every_job_is_searched_and_has_a_reason(few_runs: Path, capsys: Capture) -> None:
    assert main(["validate", "--as-buyer", "--runs", str(few_runs), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["held_out"] is False
    assert answer["summary"]["n"] == len(answer["jobs"])
    sizes = [abs(job["error"]) for job in answer["jobs"]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(job["chosen"] and job["published"] and job["reason"] for job in answer["jobs"])
    for group in ("models", "classes", "chips", "sources"):
        assert sum(entry["n"] for entry in answer["summary"][group].values()) == answer["summary"]["n"]


def test_as_a_buyer_in_words(few_runs: Path, capsys: Capture) -> None:
    assert main(["validate", "--as-buyer", "--runs", str(few_runs)]) == 0
    out = capsys.readouterr().out
    for heading in ("AS A BUYER", "WORST JOBS", "CHIPS", "SOURCES"):
        assert heading in out


@pytest.mark.parametrize(
    "others",
    [["--write", "."], ["--constants"], ["--cross-validate", "group"], ["--kind", "memory"]],
    ids=lambda o: o[0],
)
def test_as_a_buyer_refuses_what_does_not_go_with_it(others: list[str], capsys: Capture) -> None:
    assert main(["validate", "--as-buyer", *others]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_constants_are_printed_with_the_sources_behind_them(few_runs: Path, capsys: Capture) -> None:
    assert main(["validate", "--constants", "--json", "--runs", str(few_runs)]) == 0
    rows = json.loads(capsys.readouterr().out)["constants"]
    (compute,) = (row for row in rows if (row["target"], row["level"]) == ("compute", None))
    assert 1 < compute["behind"]["sources"] <= len(SOURCES)
    assert 0.0 < compute["share"] < 1.0
    assert main(["validate", "--constants", "--runs", str(few_runs)]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("framework", "cuda-megatron"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--constants", "--cross-validate"], "--cross-validate does not go with --constants"),
        (["--constants", "--write", "."], "--write does not go with --constants"),
        (["--constants", "--kind", "memory"], "--constants goes with --kind runs"),
    ],
)
def test_constants_are_of_the_fit_to_all_runs_alone(
    options: list[str], expected: str, capsys: Capture
) -> None:
    assert main(["validate", *options]) == 2
    assert expected in capsys.readouterr().err


def test_constants_of_no_run_are_refused(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "our-runs.toml"
    path.write_text(RUN.replace('tier = "B"', 'tier = "E"') + SHAPE, encoding="utf-8")
    assert main(["validate", "--constants", "--runs", str(path)]) == 2
    assert "no run can be fitted on" in capsys.readouterr().err
