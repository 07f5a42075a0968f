"""Compares outputs with plain files; `PLANNER_WRITE_GOLDEN=1 pytest tests/golden` writes them anew."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from planner.estimate.result import Estimate
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict, json_text
from planner.report.terminal import terminal_text

FOLDER = Path(__file__).parent / "estimate"


def compare(name: str, text: str) -> None:
    path = FOLDER / name
    if os.environ.get("PLANNER_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [80, 120])
def test_text(example_estimate: Estimate, width: int) -> None:
    compare(f"example-{width}.txt", terminal_text(estimate_document(example_estimate), width=width))


def test_json(example_estimate: Estimate) -> None:
    compare("example.json", json_text(estimate_to_dict(example_estimate)))


def test_infeasible_text(example_estimate: Estimate) -> None:
    pool = dataclasses.replace(
        example_estimate.pools[0], figures=None, reasons=("no layout fits: 71 GB of 64 GB at best",)
    )
    infeasible = dataclasses.replace(
        example_estimate,
        is_feasible=False,
        reasons=("memory: the smallest layout needs 71 GB of 64 GB per chip; 9,216 chips would fit",),
        figures=None,
        pools=(pool,),
        targets=(),
    )
    compare("infeasible-80.txt", terminal_text(estimate_document(infeasible)))
