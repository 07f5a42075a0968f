"""Texts that act on a figure: what they multiply it by, and which are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.app.relative import factor_of, times
from planner.errors import InputError
from planner.units import Span


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("x1.5", 1.5),
        ("X 2", 2),
        ("*1,000", 1000),
        ("/4", 0.25),
        ("+10 %", 1.1),
        (" -5% ", 0.95),
    ],
)
def test_factors(text: str, factor: float) -> None:
    assert factor_of(text) == pytest.approx(factor)


@pytest.mark.parametrize("text", ["", "1.5", "10 %", "8k", "4..8", "8192 chips", "h200", "1.5x10"])
def test_a_figure_of_its_own_is_none(text: str) -> None:
    assert factor_of(text) is None


@pytest.mark.parametrize("text", ["x", "/", "+", "/0", "-120 %"])
def test_what_is_begun_or_impossible_says_so(text: str) -> None:
    with pytest.raises(InputError):
        factor_of(text)


@given(st.floats(1e-6, 1e12), st.floats(1e-3, 1e3))
def test_both_ends_of_a_span_move_alike(low: float, factor: float) -> None:
    moved = times(Span(low, 2 * low), factor, is_whole=False)
    assert isinstance(moved, Span)
    assert moved.high == pytest.approx(2 * moved.low)


def test_what_is_counted_stays_whole_and_there() -> None:
    assert times(3, 1.5, is_whole=True) == 4
    assert times(3, 0.01, is_whole=True) == 1
    assert times(0.08, 1.1, is_whole=False) == 0.088
