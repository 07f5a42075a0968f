"""Fifteen statements of vendors with their verdicts, as somebody reads them; each file was read one by one.

What the model predicts is left out: it moves with every fit, and no verdict rests on it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.golden.golden import compare

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_runs
from planner.claims.judgement import judge_training
from planner.claims.ratios import judge_throughput
from planner.domain.claim import ThroughputStatement, TrainingStatement
from planner.planning.published import PublishedRun, published_runs
from planner.report.claim_document import statement_words

FOLDER = Path(__file__).parent / "claims"
STATEMENTS: dict[str, dict[str, Any]] = {
    record["id"]: record
    for record in tomllib.loads((FOLDER / "statements.toml").read_text(encoding="utf-8"))["statement"]
}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def runs() -> tuple[PublishedRun, ...]:
    return published_runs(load_runs().runs, catalog())


def judged(record: dict[str, Any]) -> list[str]:
    """Return what is judged, the verdict, and what it rests on, one line each."""
    if "throughput" in record:
        ratio = judge_throughput(ThroughputStatement(**record["throughput"]), catalog(), runs())
        return [ratio.text, f"verdict: {ratio.verdict}", *(f"- {reason}" for reason in ratio.reasons)]
    judgement = judge_training(TrainingStatement(**record["training"]), catalog(), runs())
    implied = judgement.implied
    return [
        statement_words(judgement.job),
        f"verdict: {judgement.verdict}",
        *(f"- {reason}" for reason in judgement.reasons),
        *(f"! {warning}" for warning in judgement.warnings),
        f"implied: {implied.mfu:.1%} of the dense {judgement.job.peak_datatype} peak, "
        f"{implied.mfu_6n:.1%} by 6N alone",
    ]


@pytest.mark.parametrize("identifier", STATEMENTS)
def test_the_verdict_is_the_one_that_was_reviewed(identifier: str) -> None:
    record = STATEMENTS[identifier]
    lines = [line for line in judged(record) if "the model predicts" not in line]
    assert lines[1] == f"verdict: {record['verdict']}"
    lines = [line for line in lines if not line.startswith("- the model has no prediction")]
    text = "\n".join([record["says"], f"reviewed: {record['reviewed']}", "", *lines, ""])
    compare(FOLDER / f"{identifier}.txt", text)


def test_there_are_fifteen_of_distinct_kinds() -> None:
    assert len(STATEMENTS) == 15
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(STATEMENTS)
