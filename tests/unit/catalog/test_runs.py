"""The shipped runs, and runs from other files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.check import check_folder
from planner.catalog.run_import import import_row
from planner.catalog.run_rate import flops_per_token
from planner.catalog.runs import load_runs
from planner.domain.run import Run
from planner.errors import PlannerError

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "data" / "runs.json"

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


def rows() -> list[dict[str, Any]]:
    if not PUBLISHED.is_file():
        pytest.skip("the list that the shipped runs were imported from is not beside this checkout")
    loaded: list[dict[str, Any]] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return loaded


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


def test_the_shipped_runs_hold_every_run_of_the_list_they_were_imported_from() -> None:
    shipped = {run.id: run for run in load_runs().runs}
    for row in rows():
        assert shipped[row["id"]] == import_row(row)


def test_flops_and_rates_agree_with_those_recomputed_elsewhere() -> None:
    for row in rows():
        run = import_row(row)
        assert isinstance(run, Run)
        check = row["check"]
        if run.architecture is None or run.sequence_length is None:
            continue
        matmul = flops_per_token(run.architecture, run.sequence_length, "6n")
        full = flops_per_token(run.architecture, run.sequence_length, "6n-full")
        assert matmul == pytest.approx(check["flops_per_token_6n"], rel=1e-6), run.id
        # the list doubles a windowed layer's context for the full convention: 0.4 % of those models
        assert full == pytest.approx(
            check["flops_per_token_6n"] + check["attn_full_flops_per_token"], rel=4e-3
        ), run.id
        if "tokens_per_s_per_chip" in check:
            assert run.result.tokens_per_s_per_chip == pytest.approx(check["tokens_per_s_per_chip"], rel=2e-3)


def test_a_json_list_reads_what_it_can_and_names_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    good = {"id": "a", "chip": "a100-80-sxm", "tier": "C"}
    file.write_text(json.dumps([good, good, {"id": "b"}, 7]))
    found = load_runs(file)
    assert [run.id for run in found.runs] == ["a"]
    assert [(row.id, row.reason.split(";")[0]) for row in found.skipped] == [
        ("a", "another run has this id already"),
        ("b", "chip is missing"),
        ("?", "is a number"),
    ]
    assert found.skipped[2].where.endswith("rows.json: row 4")


def test_a_json_list_with_not_a_number(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text('[{"id": "a", "chip": "x", "iteration_s": NaN}]')
    assert "iteration_s = nan" in load_runs(file).skipped[0].reason


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
    "list.json": "{}",
    "half.json": '[{"id": ',
    "deep.json": "[" * 100_000,
    "digits.json": "[" + "9" * 10_000 + "]",
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


def test_missing_and_empty_places(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path / "none.json", tmp_path, "a\0b"):
        with pytest.raises(PlannerError):
            load_runs(path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.json")
        with pytest.raises(PlannerError, match="pipe"):
            load_runs(tmp_path / "pipe.json")
