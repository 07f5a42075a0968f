"""Compares outputs with plain files; `PLANNER_WRITE_GOLDEN=1 pytest tests/golden` writes them anew."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from tests.golden.golden import compare

from planner.estimate.result import Estimate
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict, json_text
from planner.report.terminal import terminal_text

FOLDER = Path(__file__).parent / "estimate"


@pytest.mark.parametrize("width", [80, 120])
def test_text(example_estimate: Estimate, width: int) -> None:
    compare(FOLDER / f"example-{width}.txt", terminal_text(estimate_document(example_estimate), width=width))


def test_json(example_estimate: Estimate) -> None:
    compare(FOLDER / "example.json", json_text(estimate_to_dict(example_estimate)))


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
    compare(FOLDER / "infeasible-80.txt", terminal_text(estimate_document(infeasible)))
