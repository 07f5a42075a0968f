"""The shipped runs, and runs from other files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from planner.catalog.check import check_folder
from planner.catalog.runs import load_runs
from planner.errors import PlannerError
from planner.files.compiled import CompiledFiles

ENTRY = """
[documents.paper]
title = "A paper"

[architectures.small]
layers = 2
hidden = 64
heads = 4
key_value_heads = 4
head_dimension = 16
feed_forward_width = 256
vocabulary = 1000

[[run]]
id = "one"
group = "paper/small"
tier = "A"
model = "small"
architecture = "small"
hardware = { chip = "a100-80-sxm", chip_count = 8, peak_bf16_flops_per_s = "312 TFLOP/s" }
result = { tokens_per_s_per_chip = 1000.0 }
source = { document = "paper", date = "2024" }
"""


def test_the_shipped_runs_are_many_unique_and_whole() -> None:
    found = load_runs()
    assert found.skipped == ()
    assert len(found.runs) >= 421
    assert len({run.id for run in found.runs}) == len(found.runs)
    for run in found.runs:
        if run.tier in "ABE":
            assert run.architecture is not None, run.id
            assert run.result.tokens_per_s_per_chip, run.id
        if run.tier == "A" and run.layout.data is not None:
            ranks = (run.hardware.chip_count or 0) * run.layout.ranks_per_chip
            assert run.layout.ranks == ranks, run.id


def test_a_run_file_reads_what_it_can_and_names_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "paper.toml"
    again = ENTRY[ENTRY.index("[[run]]") :]
    file.write_text(ENTRY + again + again.replace('"one"', '"two"').replace('chip = "a100-80-sxm", ', ""))
    found = load_runs(file)
    assert [run.id for run in found.runs] == ["one"]
    reasons = {row.id: row.reason.split(";")[0] for row in found.skipped}
    assert reasons == {"one": "another run has this id already", "two": "hardware.chip: is missing"}
    assert found.skipped[0].where.endswith("paper.toml: line 32: run 3")


def test_what_is_kept_of_a_file_is_what_was_read_and_holds_wherever_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = ENTRY[ENTRY.index("[[run]]") :].replace('"one"', '"two"').replace('chip = "a100-80-sxm", ', "")
    found = []
    for name in ("paper.toml", "paper.toml", "other.toml"):
        (tmp_path / name).write_text(ENTRY + again)
        kept = CompiledFiles()
        kept.open(tmp_path / "kept.txt")
        monkeypatch.setattr("planner.catalog.runs.COMPILED_RUNS", kept)
        found.append(load_runs(tmp_path / name))
        kept.keep()
    assert found[0] == found[1]
    assert found[0].runs == found[2].runs
    assert found[2].skipped[0].where == found[0].skipped[0].where.replace("paper", "other")


def test_runs_of_several_paths_are_read_in_turn_and_the_first_of_an_id_counts(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(ENTRY)
    second.write_text(ENTRY.replace("1000.0", "2000.0"))
    found = load_runs([first, second])
    assert [run.result.tokens_per_s_per_chip for run in found.runs] == [1000.0]
    assert found.skipped[0].where == str(second)


def test_a_folder_of_run_files(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "paper.toml").write_text(ENTRY)
    for path in (tmp_path, tmp_path / "runs", tmp_path / "runs" / "paper.toml"):
        (run,) = load_runs([path]).runs
        assert run.source.title == "A paper"
        assert run.architecture is not None
        assert run.hardware.peak_bf16_flops_per_s == 312e12


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('architecture = "small"', 'architecture = "smal"', "did you mean 'small'"),
        ('document = "paper"', "document = 3", "source.document"),
        ('tier = "A"', 'tier = "A"\nteir = 3', "did you mean 'tier'"),
        ("tokens_per_s_per_chip = 1000.0", "tokens_per_s_per_chip = -1.0", "tokens_per_s_per_chip"),
        ("tokens_per_s_per_chip = 1000.0", "iteration_s = nan", "result.iteration_s = nan"),
        ("tokens_per_s_per_chip = 1000.0", "tokens_total = 1.0, chip_hours = 1e30", "expected a rate"),
        ("tokens_per_s_per_chip = 1000.0", "tokens_total = 1e30, chip_hours = 1e-9", "expected a rate"),
    ],
)
def test_a_bad_entry_is_skipped_with_its_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    file = tmp_path / "paper.toml"
    assert old in ENTRY
    file.write_text(ENTRY.replace(old, new))
    found = load_runs(file)
    assert found.runs == ()
    assert reason in found.skipped[0].reason
    assert "\n" not in found.skipped[0].reason


def test_a_profiles_folder_is_checked_with_its_runs(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "paper.toml").write_text(ENTRY.replace('tier = "A"', 'tier = "Z"'))
    (problem,) = [line for line in check_folder(tmp_path) if "paper.toml" in line]
    assert "run 1 (one): tier" in problem


HOSTILE = {
    "list.json": '[{"id": "a"}]',
    "table.json": "{}",
    "deep.toml": "run = " + "[" * 100_000,
    "digits.toml": "run = " + "9" * 10_000,
    "empty.toml": "",
    "other.toml": "runs = 3",
    "table.toml": "run = 3",
    "shape.toml": "architectures = 3\n[[run]]\nid = 'a'",
    "binary.toml": "\x00\x01",
    "syntax.toml": "[[run",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_are_one_line(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text(HOSTILE[name])
    with pytest.raises(PlannerError) as caught:
        load_runs(file)
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_a_list_in_json_is_told_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text("[]")
    with pytest.raises(PlannerError, match=r"rows\.json: is JSON by its name; expected a run file in TOML"):
        load_runs(tmp_path / "rows.json")
    with pytest.raises(PlannerError, match=r"none\.json: no such file"):
        load_runs(tmp_path / "none.json")


def test_missing_and_empty_places(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / "none.toml", tmp_path, "a\0b"):
        with pytest.raises(PlannerError):
            load_runs(path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        with pytest.raises(PlannerError, match="pipe"):
            load_runs(tmp_path / "pipe.toml")
