"""Bars of a tornado: one scale, both ends told apart by signs, in any width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from planner.report.document import Document, SwingRow, Swings
from planner.report.markdown import markdown_text
from planner.report.page import cell_width
from planner.report.terminal import terminal_text
from planner.report.tornado import ASCII_MARKS, MARKS, Pull, tornado_bars

ENDS = st.none() | st.floats(-1e12, 1e12, allow_subnormal=False)
PULLS = st.lists(st.builds(Pull, ENDS, ENDS), min_size=1, max_size=8)


def test_a_bar_goes_to_where_each_end_does() -> None:
    bars = tornado_bars(
        [Pull(-4.0, 8.0), Pull(2.0, -1.0), Pull(6.0, 3.0), Pull(None, 0.0)], 13, is_ascii=True
    )
    assert bars == ["----|########", "   #|--", "    |###---", "    |"]


def test_without_colour_and_without_blocks_the_ends_differ() -> None:
    assert len(set(MARKS)) == len(set(ASCII_MARKS)) == 3
    assert all(mark.isascii() for mark in ASCII_MARKS)


def test_what_moves_nothing_has_no_bar() -> None:
    assert tornado_bars([Pull(0.0, 0.0)], 5, is_ascii=True) == ["  |"]
    assert tornado_bars([], 5) == []


@given(pulls=PULLS, cells=st.integers(3, 100), is_ascii=st.booleans())
def test_bars_fit_their_room_and_share_one_value(pulls: list[Pull], cells: int, is_ascii: bool) -> None:
    lower, upper, middle = ASCII_MARKS if is_ascii else MARKS
    bars = tornado_bars(pulls, cells, is_ascii=is_ascii)
    assert len(bars) == len(pulls)
    assert len({bar.index(middle) for bar in bars}) == 1
    for bar, pull in zip(bars, pulls, strict=True):
        assert cell_width(bar) <= cells
        assert bar.count(middle) == 1
        left, _, right = bar.partition(middle)
        # whichever side an end goes to, something is drawn there
        for end, mark in zip(pull, (lower, upper), strict=True):
            if end:
                side = right if end > 0 else left
                assert side.strip()
                other = pull.high if mark == lower else pull.low
                if not other or (other > 0) != (end > 0):
                    assert set(side.strip()) == {mark}


@given(low=st.floats(0, 1e6), high=st.floats(0, 1e6), cells=st.integers(10, 80))
def test_who_goes_farther_has_no_shorter_bar(low: float, high: float, cells: int) -> None:
    nearer, farther = sorted((low, high))
    bars = tornado_bars([Pull(None, nearer), Pull(None, farther)], cells)
    assert len(bars[0]) <= len(bars[1])


HEADER = ("input", "moved by", "lower", "upper", "rank")
ROWS = (
    SwingRow("what is \x1b[31mdrawn", "spread", -31.0, 44.0, "-31", "+44", "+0.87"),
    SwingRow("a name that goes on and on and on, longer than any column", "10 %", 8.7, None, "+8.7", "-", ""),
)


def test_a_terminal_draws_it_in_its_width() -> None:
    for width in (40, 80, 120):
        for is_ascii in (False, True):
            text = terminal_text(Document((Swings(HEADER, ROWS),)), width=width, is_ascii=is_ascii)
            assert max(map(cell_width, text.splitlines())) <= width
            assert "\x1b" not in text
            assert text.isascii() is False or is_ascii or "\N{FULL BLOCK}" not in text
            for told in ("-31", "+44", "+0.87", "spread", "10 %"):
                assert told in text


def test_a_page_has_the_numbers() -> None:
    page = markdown_text(Document((Swings(HEADER, ROWS), Swings(HEADER, ROWS))))
    assert "| spread | -31 | +44 | +0.87 |" in page
    assert "\x1b" not in page
