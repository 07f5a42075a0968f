"""A diff as people read it: figures that add up by eye, marks, widths, and text that cannot do harm."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.attribution import Attribution, Share
from planner.differences.diff import PlanDiff, QuantityChange, diff_plans, side_of
from planner.differences.note_changes import NoteChange
from planner.domain.plan import Plan
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.figure import Band
from planner.report.diff_document import diff_document
from planner.report.diff_json import diff_to_dict
from planner.report.diff_rows import cause_cells, precision_of, quantity_row, signed_percent, whole_parts
from planner.report.estimate_json import json_text
from planner.report.markdown import code, escaped, markdown_text
from planner.report.numbers import POWER
from planner.report.terminal import terminal_text

SAVED = Path(__file__).parents[3] / "saved_plans"
HOSTILE = "\x1b[2J \u202e `code` | <b>@root</b> [x](http://y) *bold* #12 $x$"



def diff_to_text(diff: PlanDiff, *, width: int = 80, is_coloured: bool = False) -> str:
    return terminal_text(diff_document(diff), width=width, is_coloured=is_coloured)


def diff_to_markdown(diff: PlanDiff) -> str:
    return markdown_text(diff_document(diff))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def base() -> Plan:
    return load_plan(SAVED / "qwen2-72b-a100.toml")


@pytest.fixture(scope="module")
def diff(base: Plan, catalog: Catalog) -> PlanDiff:
    after = apply_overrides(base, ["cluster.pools.count=96", "site.profile=ulanqab-cn"])
    return diff_plans(side_of("a.toml", base, catalog), side_of("b.toml", after, catalog), catalog)


def quantity(key: str, before: float, after: float) -> QuantityChange:
    bands = [Band(value * 0.9, value, value * 1.1) for value in (before, after)]
    change = Band(after - before, after - before, after - before)
    return QuantityChange(key, bands[0], bands[1], change, (after - before) / before, "worse")


@pytest.mark.parametrize(
    ("key", "before", "after", "figures", "change"),
    [
        ("training_days", 110.6, 184.1, "111 -> 184 days", "+73 days (+66 %)"),
        ("training_days", 38.13, 24.92, "38.1 -> 24.9 days", "-13.2 days (-35 %)"),
        ("power.facility_w", 1.10e6, 1.21e6, "1.10 -> 1.21 MW", "+0.11 MW (+10 %)"),
        ("power.facility_w", 0.9e6, 1.1e6, "0.90 -> 1.10 MW", "+0.20 MW (+22 %)"),
        ("mfu", 0.46, 0.622, "46 -> 62 %", "+16 points"),
        ("cost.total", 2.0e6, 2.0e6 + 1, "2.000 -> 2.000 M USD", "0.000 M USD (+0.000050 %)"),
    ],
)
def test_the_change_is_the_difference_of_what_is_shown(
    key: str, before: float, after: float, figures: str, change: str
) -> None:
    row = quantity_row(quantity(key, before, after))
    assert (row.figures, row.change) == (figures, change)


def test_an_unknown_side_has_no_change() -> None:
    known = quantity("power.facility_w", 1e6, 2e6)
    row = quantity_row(dataclasses.replace(known, after=None, change=None, fraction=None, verdict="unknown"))
    assert (row.figures, row.change, row.band) == ("1.0 MW -> unknown", "", "")


def test_signed_percent() -> None:
    assert [signed_percent(part) for part in (0.66, -0.093, 0.0, 12.0)] == [
        "+66 %",
        "-9.3 %",
        "0 %",
        "+1,200 %",
    ]


def test_precision_tells_close_figures_apart() -> None:
    assert precision_of(901.1e3, 903.4e3, POWER).decimals == 1
    assert precision_of(5.0, 5.0).decimals == 1


def test_shown_shares_sum_to_the_shown_total() -> None:
    shares = (Share(("chip count",), 90.6), Share(("system",), -17.45), Share(("site",), 0.35))
    cause = Attribution(73.5, shares, "all orders", ("system", "chip count", "site"), 6)
    total, cells = cause_cells(cause, quantity("training_days", 110.6, 184.1))
    assert total == "+73 days"
    assert sum(int(cell.rpartition(" ")[2]) for cell in cells) == 73


def test_whole_parts_of_nothing() -> None:
    assert whole_parts([], 0) == []


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(diff: PlanDiff, width: int) -> None:
    lines = diff_to_text(diff, width=width).splitlines()
    # figures are never cut: on a narrow terminal their rows stand out, by as much as two dates are long
    others = [line for line in lines if " -> " not in line and not line.lstrip().startswith("[")]
    assert max(map(len, others)) <= max(width, 64)
    assert max(map(len, lines)) <= max(width, 72)


def test_the_attribution_adds_up_as_printed(diff: PlanDiff) -> None:
    text = diff_to_text(diff, width=120)
    section = text[text.index("\nWHY") : text.index("\nNOTES")]
    sums = re.findall(r"^  (?:training time|at the meter|this run) +(\S+) .*?= (.+)$", section, re.MULTILINE)
    assert len(sums) == 3
    for total, shares in sums:
        parts = [float(number) for number in re.findall(r"[+-][\d.]+", shares)]
        assert sum(parts) == pytest.approx(float(total), abs=1e-9)


def test_signs_say_the_same_as_colours(diff: PlanDiff) -> None:
    plain = diff_to_text(diff)
    coloured = diff_to_text(diff, is_coloured=True)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_equal_plans_take_two_lines(base: Plan, catalog: Catalog) -> None:
    side = side_of("a.toml", base, catalog)
    diff = diff_plans(side, side, catalog)
    assert diff_to_text(diff).splitlines() == [
        "Plan diff  a.toml -> a.toml",
        "no differences: 15 inputs mean the same in both, so the estimates are equal",
    ]
    assert "No differences" in diff_to_markdown(diff)
    assert diff_to_dict(diff)["different"] is False


def test_hostile_text_neither_steers_a_terminal_nor_breaks_a_page(diff: PlanDiff) -> None:
    note = dataclasses.replace(diff.before.estimate.compliance.notes[0], title=HOSTILE, id=HOSTILE)
    hostile = dataclasses.replace(
        diff,
        before=dataclasses.replace(diff.before, label=HOSTILE),
        notes=dataclasses.replace(diff.notes, changes=(NoteChange("+", note, (HOSTILE,), False),)),
        warnings=(("+", HOSTILE),),
    )
    for text in (diff_to_text(hostile), diff_to_markdown(hostile)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    markdown = diff_to_markdown(hostile)
    outside_code = re.sub(r"(`+)[^`].*?[^`]?\1(?!`)", "", markdown.replace(r"\`", ""))
    assert "@root" not in outside_code
    assert not re.search(r"(?<!\\)<b>", outside_code)
    assert not re.search(r"(?<!\\)\]\(", outside_code)


def test_markdown_shows_text_as_text() -> None:
    assert escaped("a_b *c* | <d>") == r"a_b \*c\* \| \<d>"
    assert escaped("_a_") == r"\_a\_"
    assert escaped("@you #1 a@b") == "@<!-- -->you #<!-- -->1 a@<!-- -->b"
    assert escaped("[1..2]") == "[1..2]"
    assert escaped("[a](b)") == r"[a\](b)"
    assert escaped("two\nlines") == "two lines"
    assert (code("a|b"), code("a`b"), code("")) == (r"`a\|b`", "`` a`b ``", "")


def test_json_is_strict_and_whole(diff: PlanDiff) -> None:
    record = diff_to_dict(diff)
    json_text(record)
    assert [change["key"] for change in record["inputs"]["changed"]] == [
        "cluster.pools[train].count",
        "site.profile",
    ]
    days = record["estimates"][0]
    assert (days["quantity"], days["unit"], days["verdict"]) == ("training_days", "days", "worse")
    assert days["change"]["p50"] == pytest.approx(days["after"]["p50"] - days["before"]["p50"])
    cause = record["attribution"][0]
    assert sum(share["amount"] for share in cause["shares"]) == pytest.approx(cause["total"])
