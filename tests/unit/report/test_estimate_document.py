from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Gap, unknown
from planner.report.document import Document, Entries, Entry, Heading, Paragraph, Table, cells
from planner.report.estimate_document import estimate_document
from planner.report.page import cell_width, cut, wrap
from planner.report.terminal import terminal_text
from planner.text import first_unsafe

POWER_PARTS = ("chips", "hosts", "network", "storage", "cooling")


def estimate_to_text(
    estimate: Estimate, *, width: int = 80, is_coloured: bool = False, is_ascii: bool = False
) -> str:
    return terminal_text(estimate_document(estimate), width=width, is_coloured=is_coloured, is_ascii=is_ascii)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(example_estimate: Estimate, width: int) -> None:
    text = estimate_to_text(example_estimate, width=width)
    too_wide = [line for line in text.splitlines() if cell_width(line) > width]
    assert not too_wide


def test_the_answer_comes_first(example_estimate: Estimate) -> None:
    head = estimate_to_text(example_estimate).splitlines()[:12]
    text = "\n".join(head)
    for expected in ("14 Mar 2027", "90 [82..102]", "50 % [44..55]", "5.1 MW", "38 M USD", "52.3 of 64.0 GB"):
        assert expected in text


def test_colour_is_the_only_difference_of_a_coloured_page(example_estimate: Estimate) -> None:
    plain = estimate_to_text(example_estimate)
    coloured = estimate_to_text(example_estimate, is_coloured=True)
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_ascii_bars(example_estimate: Estimate) -> None:
    assert estimate_to_text(example_estimate, is_ascii=True).isascii()


def test_nothing_unknown_is_shown_as_zero(
    example_estimate: Estimate, make_figures: Callable[[Mapping[str, object]], Figures]
) -> None:
    power = ("chips_w", "it_w", "peak_facility_w", *(f"parts.{name}" for name in POWER_PARTS))
    money = ("capex", "opex", "per_million_tokens")
    blank = make_figures(
        {
            **dict.fromkeys(f"power.{name}" for name in power),
            **dict.fromkeys(f"cost.{name}" for name in money),
            "power.facility_w": unknown((Gap("unknown", "power", "optics: no figure for this fabric"),)),
            "cost.total": unknown((Gap("unknown", "money", "fabric roce-200g"),)),
            "finish_date": None,
        }
    )
    text = estimate_to_text(dataclasses.replace(example_estimate, figures=blank))
    assert re.search(r"At the meter +unknown \*", text)
    assert re.search(r"This run +unknown \*; without: fabric roce-200g", text)
    assert "no start date: set calendar.start" in text
    assert " 0 W" not in text
    assert " 0 USD" not in text


def test_compliance_is_sorted_and_never_called_advice(example_estimate: Estimate) -> None:
    text = estimate_to_text(example_estimate)
    assert text.index("BLOCK") < text.index("NOTIFY")
    assert "planning information, not legal advice" in text
    assert "STALE" in text
    assert not re.search(r"\b(allowed|permitted|compliant|cleared)\b", text)


def test_several_pools_are_shown_each(example_estimate: Estimate) -> None:
    pool = example_estimate.pools[0]
    second = dataclasses.replace(pool, id="spare", figures=None, reasons=("no rate for fp8",))
    text = estimate_to_text(dataclasses.replace(example_estimate, pools=(pool, second)))
    assert "POOL train" in text
    assert "POOL spare" in text
    assert "no rate for fp8" in text


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_hostile_text_never_reaches_the_terminal(text: str) -> None:
    blocks = (
        Heading("Title", text),
        Entries((Entry(text[:20], text),), 20),
        Paragraph(text),
        Table(("a", "b"), cells([(text, text)])),
    )
    for line in terminal_text(Document(blocks), width=60).split("\n"):
        assert first_unsafe(line) is None


@given(st.text(max_size=200), st.integers(min_value=2, max_value=50))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_width(line) <= width for line in lines)
    assert re.sub(r"[ \t\n]", "", "".join(lines)) == re.sub(r"[ \t\n]", "", text)


def test_a_key_is_broken_between_its_parts() -> None:
    assert wrap("workload.sequence_length of cluster.pools[train].count", 16) == [
        "workload.",
        "sequence_length",
        "of cluster.",
        "pools[train].",
        "count",
    ]
    assert wrap("a" * 20, 16) == ["a" * 16, "a" * 4]


@given(st.text(max_size=80), st.integers(min_value=4, max_value=40))
def test_cutting_fits(text: str, width: int) -> None:
    assert cell_width(cut(text, width)) <= width
