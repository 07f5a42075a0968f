"""A tornado and a next million by hand as text, Markdown and JSON, against plain files."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from tests.golden.golden import compare

from planner.exploring.next_million import Bought, NextMillion
from planner.exploring.sensitivity import Swing, Tornado
from planner.exploring.steps import Move, Step
from planner.exploring.streams import Leaf, Spread
from planner.exploring.upgrades import Kind, Upgrade
from planner.quantities import families  # noqa: F401 - fills the table
from planner.quantities.figure import Band
from planner.quantities.table import TABLE
from planner.report.estimate_json import json_text
from planner.report.markdown import markdown_text
from planner.report.sensitivity_document import sensitivity_document
from planner.report.sensitivity_json import sensitivity_to_dict
from planner.report.terminal import terminal_text

FOLDER = Path(__file__).parent / "sensitivity"
NAME = "Pangu Ultra 135B on 8,192 Ascend 910B"
MIDDLE = 90.0


def spread(
    name: str, low: float, high: float, rank: float, *leaves: Leaf, scatters: tuple[str, ...] = ()
) -> Swing:
    of = Spread(name, MIDDLE + low, MIDDLE + high, rank, leaves, scatters)
    return Swing(of.low, of.high, max(low, high, 0.0) - min(low, high, 0.0), of)


def step(kind: str, profile: str, key: str, value: float, low: float, high: float | None) -> Swing:
    less = Move(value * 0.9, MIDDLE + low)
    more = Move(value * 1.1, None, "a share beyond all") if high is None else Move(value * 1.1, MIDDLE + high)
    name = f"{kind}/{profile}: {key}" if profile else key
    ends = [low, 0.0, *([] if high is None else [high])]
    return Swing(
        less.result, more.result, max(ends) - min(ends), Step(name, kind, profile, key, value, less, more)
    )


@pytest.fixture
def tornado() -> Tornado:
    swings = (
        spread("residual", -31.0, 44.0, 0.87, scatters=("tokens_per_second",)),
        step("plan", "", "cluster.pools[train].count", 1024.0, 11.0, 0.0),
        spread(
            "operations.operator",
            -5.3,
            11.0,
            0.22,
            Leaf("goodput.detection_s", 60.0, 300.0),
            Leaf("goodput.by_hand_share", 0.01, 0.1),
        ),
        step("chips", "ascend-910b", "memory.bandwidth_bytes_per_s", 1.6e12, 1.4, -1.2),
        spread("matmul_efficiency", 2.0, -0.5, -0.26, Leaf("stack.matmul_efficiency", 0.7, 0.8)),
        spread("by hand", -0.4, 0.4, -0.01),
        step("fabrics", "roce-200g", "achievable_fraction", 0.94, 0.2, None),
    )
    failed = (("fabrics/roce-200g: achievable_fraction", "expected 1 or less"),)
    return Tornado(
        NAME,
        TABLE["training_days"],
        MIDDLE,
        Band(75.0, MIDDLE, 130.0),
        0.1,
        swings,
        ("site.pue", "x"),
        failed,
    )


def way(
    kind: Kind,
    name: str,
    saved: tuple[float, float, float] | None,
    cost: float | None,
    note: str = "",
    **more: str,
) -> Bought:
    start = float(datetime.date(2026, 12, 14).toordinal())
    days = None if saved is None else Band(75.0, MIDDLE - saved[1], 130.0)
    finish = None if days is None else Band(*(start + end for end in (days.p10, days.p50, days.p90)))
    upgrade = Upgrade(kind, name, tuple(filter(None, (more.get("sets", "key=value"),))))
    return Bought(upgrade, days, finish, saved and Band(*saved), cost, note, more.get("reason", ""))


@pytest.fixture
def million() -> NextMillion:
    ways = (
        way("systems", "95 more systems (760 chips)", (7.0, 9.0, 14.0), 27.5e6, "*"),
        way("operator", "a practised operator", (1.0, 3.0, 9.0), None, "nobody says what practice costs"),
        way("systems", "1 more system (8 chips)", (-0.01, 0.0, 0.0), 290e3, "*"),
        way("storage", "faster storage: it keeps up", (0.0, 0.0, 0.0), None, "nothing to buy", sets=""),
        way("systems", "43 more systems (344 chips)", (-2.3, -0.4, -0.1), 12.6e6),
        way("systems", "no \x1b[31mroom", None, None, reason="deliveries: expected 1,024 systems"),
    )
    start = float(datetime.date(2026, 12, 14).toordinal())
    return NextMillion(
        NAME, Band(75.0, MIDDLE, 130.0), Band(start + 75, start + MIDDLE, start + 130), "purchase", ways
    )


@pytest.mark.parametrize("width", [80, 120])
def test_text(tornado: Tornado, million: NextMillion, width: int) -> None:
    text = terminal_text(sensitivity_document(tornado, million), width=width)
    assert "\x1b" not in text
    compare(FOLDER / f"tornado-{width}.txt", text)


def test_text_without_block_characters(tornado: Tornado, million: NextMillion) -> None:
    compare(FOLDER / "ascii.txt", terminal_text(sensitivity_document(tornado, million), is_ascii=True))


def test_markdown(tornado: Tornado, million: NextMillion) -> None:
    compare(FOLDER / "tornado.md", markdown_text(sensitivity_document(tornado, million)))


def test_json(tornado: Tornado, million: NextMillion) -> None:
    compare(FOLDER / "tornado.json", json_text(sensitivity_to_dict(tornado, million)))
