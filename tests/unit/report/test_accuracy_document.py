"""The accuracy document shows what was predicted before any fit, for the runs that it shows."""

from __future__ import annotations

from planner.catalog.catalog import load_catalog
from planner.catalog.first_predictions import read_first_predictions
from planner.catalog.runs import load_runs
from planner.catalog.search_path import built_in_folder
from planner.domain.first_prediction import FirstPredictions
from planner.report.accuracy_document import accuracy_document
from planner.validation.accuracy import accuracy
from planner.validation.validation import validate_runs

HEADING = "## Predicted before any fit saw them"


def document(first: FirstPredictions) -> str:
    catalog = load_catalog(include_user=False)
    validation = validate_runs(load_runs(built_in_folder() / "runs" / "llama3-herd.toml"), catalog)
    figures = accuracy(validation)
    return accuracy_document(validation, figures, None, first, None, plot="accuracy.svg")


def test_first_predictions_are_shown_of_the_runs_that_are_shown() -> None:
    record = read_first_predictions()
    section = document(record).partition(HEADING)[2].partition("\n## ")[0]
    assert record.introduction in section
    assert all(entry.text in section for entry in record.round)
    rows = [line for line in section.splitlines() if line.startswith("| llama")]
    assert rows[0] == "| llama3-herd-405b-8192 | 164 | 165 | 120 to 205 | +0.8 % |"
    herd = load_runs(built_in_folder() / "runs" / "llama3-herd.toml").runs
    assert {row.split(" | ")[0][2:] for row in rows} == {run.id for run in herd}
    assert "measured-llama" not in section.partition("| run |")[2]


def test_without_a_prediction_there_is_no_section() -> None:
    assert HEADING not in document(FirstPredictions(introduction="None."))
