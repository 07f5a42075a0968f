"""The errors on the shipped runs are those recorded beside this file, which are today's, either way.

They are errors in sample, for which there is no floor: `test_held_out.py` has that of sources that no fit has
seen. `.ci/renew` records those of today, and renews whatever else moved with them; read the diff.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.runs import RunSet, load_runs
from planner.domain.run import Run
from planner.validation.accuracy import Accuracy, accuracy
from planner.validation.run_scores import ErrorSummary
from planner.validation.validation import Validation, validate_runs

RECORD = Path(__file__).with_name("accuracy_recorded.json")
#: What a figure may differ by: another processor's or library's rounding.
SLACK = 0.002

Figures = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def runs() -> RunSet[Run]:
    return load_runs()


@pytest.fixture(scope="module")
def validation(runs: RunSet[Run]) -> Validation:
    return validate_runs(runs, load_catalog(include_user=False))


@pytest.fixture(scope="module")
def figures(validation: Validation) -> Figures:
    found = accuracy(validation)
    measured = {name: dict(recorded(summary)) for name, summary in groups(found)}
    measured["rows"] = {"skipped": float(len(validation.skipped))}
    for name, pairs in (("layout pairs", found.ranking), ("sweep's layout pairs", found.sweep_ranking)):
        measured[name] = {"wrong": 1.0 - (pairs.share or 0.0)}
    if os.environ.get("PLANNER_WRITE_ACCURACY"):
        text = json.dumps(measured, indent=2, sort_keys=True) + "\n"
        RECORD.write_text(text, encoding="utf-8")
    return measured


def groups(found: Accuracy) -> Iterator[tuple[str, ErrorSummary]]:
    for entry in found.tiers:
        yield entry.name.strip(), entry.ours
    yield "peak memory", found.memory
    yield "sweep's peak memory", found.sweep_memory


def recorded(summary: ErrorSummary) -> Iterator[tuple[str, float]]:
    """Yield the sizes of some errors, and their bias."""
    assert summary.n > 0
    yield "mean", round(summary.mean_abs or 0.0, 5)
    yield "median", round(summary.median_abs or 0.0, 5)
    yield "p90", round(summary.p90_abs or 0.0, 5)
    yield "bias", round(abs(summary.bias or 0.0), 5)


def test_no_row_is_dropped(runs: RunSet[Run], validation: Validation) -> None:
    named = [run.case.run.id for run in validation.scored] + [row.id for row in validation.skipped]
    assert sorted(named) == sorted([run.id for run in runs.runs] + [row.id for row in runs.skipped])
    assert len(set(named)) > 400
    assert all(row.reason for row in validation.skipped)


def test_what_is_recorded_is_of_this_engine_and_its_stacks(figures: Figures) -> None:
    """A better engine fails here too: what ships beside it still tells of the one before."""
    record: Figures = json.loads(RECORD.read_text(encoding="utf-8"))
    assert set(figures) == set(record), "a group of runs came or went: record the figures anew"
    moved = [
        f"{group}, {name}: {value:.4f}, recorded {record[group][name]:.4f}"
        for group, values in figures.items()
        for name, value in values.items()
        if abs(value - record[group][name]) > SLACK
    ]
    assert moved == [], "the engine or a profile moved the errors: run .ci/renew"
