"""The split of a gap: exact in cents and in draws, whatever the amounts; the logarithmic mean's laws."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.arrays import FloatArray
from planner.quotes.gap import gap_between, logarithmic_mean

NAMES = ("rent", "servers", "staff", "electricity")
FACTORS = ("rate", "goodput", "setup")
money = st.floats(0, 1e10, allow_nan=False)
factor = st.floats(1e-3, 1e3)


@st.composite
def offers(draw: st.DrawFn) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Draw an offer's lines and factors at the medians."""
    lines = {name: np.array([draw(money)]) for name in draw(st.sets(st.sampled_from(NAMES)))}
    return lines, {name: np.array([draw(factor)]) for name in FACTORS}


def product(factors: dict[str, FloatArray]) -> float:
    return math.prod(float(value[0]) for value in factors.values())


@given(offers(), offers())
def test_parts_add_up_to_what_the_same_work_costs_more(
    own: tuple[dict[str, FloatArray], dict[str, FloatArray]],
    other: tuple[dict[str, FloatArray], dict[str, FloatArray]],
) -> None:
    gap = gap_between(*own, *other)
    assert sum((part.amount for part in gap.parts), Decimal(0)) == gap.amount
    paid, others = (sum(float(value[0]) for value in lines.values()) for lines in (own[0], other[0]))
    same_work = paid * product(other[1]) / product(own[1])
    size = max(paid, others, same_work, 1.0)
    assert float(gap.amount) == pytest.approx(same_work - others, abs=1e-9 * size + 0.05)
    assert math.fsum(part.band.p50 for part in gap.parts) == pytest.approx(
        same_work - others, abs=1e-9 * size
    )
    # each offer has the lines that it has, and the draws' ends lie about the middle
    assert {part.id for part in gap.parts if part.kind == "money"} == set(own[0]) | set(other[0])
    assert {part.id for part in gap.parts if part.kind == "work"} == set(FACTORS)


@given(offers())
def test_nothing_separates_an_offer_from_itself(
    own: tuple[dict[str, FloatArray], dict[str, FloatArray]],
) -> None:
    gap = gap_between(*own, *own)
    assert gap.amount == 0
    assert all(part.amount == 0 for part in gap.parts)


def test_parts_add_up_in_every_draw() -> None:
    random = np.random.default_rng(1)
    lines, others = ({name: random.uniform(1, 9, 1001) for name in NAMES} for _ in range(2))
    factors, other_factors = ({name: random.uniform(0.5, 1, 1001) for name in FACTORS} for _ in range(2))
    for place in (0, 1, 500):

        def at(values: dict[str, FloatArray], place: int = place) -> dict[str, FloatArray]:
            return {name: value[place : place + 1] for name, value in values.items()}

        gap = gap_between(at(lines), at(factors), at(others), at(other_factors))
        assert math.fsum(part.band.p50 for part in gap.parts) == pytest.approx(gap.band.p50, rel=1e-12)


def test_half_the_rate_costs_as_much_again_and_the_rest_nothing() -> None:
    lines = {"rent": np.array([100.0])}
    whole = {"rate": np.array([2.0]), "goodput": np.array([0.9])}
    half = {"rate": np.array([1.0]), "goodput": np.array([0.9])}
    parts = {(part.id, part.kind): part.amount for part in gap_between(lines, half, lines, whole).parts}
    assert parts == {("rent", "money"): 0, ("rate", "work"): 100, ("goodput", "work"): 0}


@given(st.floats(1e-3, 1e12), st.floats(1e-3, 1e12))
def test_the_logarithmic_mean_lies_between_and_turns_a_ratio_into_a_difference(a: float, b: float) -> None:
    mean = float(logarithmic_mean(np.array([a]), np.array([b]))[0])
    assert min(a, b) * (1 - 1e-9) <= mean <= max(a, b) * (1 + 1e-9)
    assert mean * math.log(a / b) == pytest.approx(a - b, abs=1e-9 * max(a, b))
