"""A sweep by hand as text, Markdown, CSV and JSON, against plain files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.conftest import MakeFigures
from tests.golden.golden import compare

from planner.estimate.result import Estimate, TargetVerdict
from planner.exploring.axes import Axis
from planner.exploring.sweeps import Point
from planner.planning.exchange import ChangedAlong
from planner.quantities.figure import Band
from planner.report.estimate_json import json_text
from planner.report.markdown import markdown_text
from planner.report.sweep_document import sweep_document
from planner.report.sweep_json import sweep_csv, sweep_to_dict
from planner.report.terminal import terminal_text

FOLDER = Path(__file__).parent / "sweep"
NAME = "Pangu Ultra 135B on 8,192 Ascend 910B"
AXES = (
    Axis("cluster.pools.system", ("atlas-800t-a2", "dgx-h100")),
    Axis("cluster.pools.count", ("4", "512", "1024")),
)
NO = "pool 'train': memory: the leanest of 8,910 layouts needs 80.2 GB of the 65.5 GB usable on Ascend 910B"
ALONG = (ChangedAlong("stack", "cluster.pools[train].stack", "stack", "cann-mindspeed", "cuda", "it is"),)


@pytest.fixture
def points(example_estimate: Estimate, make_figures: MakeFigures) -> list[Point]:
    fails = replace(example_estimate, is_feasible=False, figures=None, reasons=(NO,), targets=())
    half = replace(
        example_estimate,
        figures=make_figures({"training_days": Band(170.0, 180.0, 1204.0), "cost.capex": None}),
        targets=(TargetVerdict("finish_by", "likely", ""), TargetVerdict("power_mw", "met", "")),
    )
    fine = replace(example_estimate, targets=(TargetVerdict("finish_by", "met", ""),))
    system, counts = AXES[0].values, AXES[1].values
    return [
        *(Point((system[0], count), None, it) for count, it in zip(counts, (fails, half, fine), strict=True)),
        Point((system[1], counts[0]), None, None, "no \x1b[31mfigure of a chip", ALONG),
        Point((system[1], counts[1]), None, replace(half, targets=example_estimate.targets), along=ALONG),
        Point((system[1], counts[2]), None, fine, along=ALONG),
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_text(points: list[Point], width: int) -> None:
    text = terminal_text(sweep_document(NAME, AXES, points), width=width)
    assert "\x1b" not in text
    compare(FOLDER / f"points-{width}.txt", text)


def test_markdown(points: list[Point]) -> None:
    compare(FOLDER / "points.md", markdown_text(sweep_document(NAME, AXES, points)))


def test_csv(points: list[Point]) -> None:
    compare(FOLDER / "points.csv", sweep_csv(AXES, points))


def test_json(points: list[Point]) -> None:
    compare(FOLDER / "points.json", json_text(sweep_to_dict(NAME, AXES, points)))
