"""The front of two quantities against brute force, and what has no place on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import MakeFigures

from planner.errors import InputError
from planner.estimate.result import Estimate
from planner.exploring.pareto import Front, front_of, undominated
from planner.exploring.sweeps import Point

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30)


@given(PAIRS)
def test_the_front_is_what_brute_force_finds(pairs: list[tuple[int, int]]) -> None:
    def is_beaten(one: tuple[int, int]) -> bool:
        return any(other[0] <= one[0] and other[1] <= one[1] and other != one for other in pairs)

    expected = [place for place, pair in enumerate(pairs) if not is_beaten(pair)]
    assert undominated([(float(one), float(other)) for one, other in pairs]) == expected


@pytest.fixture
def points(example_estimate: Estimate, make_figures: MakeFigures) -> list[Point]:
    """Days, money, power: the second is beaten in money alone; the last two have no place in it."""
    figures = [
        {"training_days": days, "cost.total": money, "power.facility_w": watts, "mfu": mfu}
        for days, money, watts, mfu in (
            (90.0, 38e6, 5e6, 0.50),
            (120.0, 40e6, 4e6, 0.55),
            (180.0, 36e6, 3e6, 0.45),
            (60.0, 60e6, 9e6, 0.30),
            (200.0, None, 2e6, 0.20),
        )
    ]
    able = [replace(example_estimate, figures=make_figures(told)) for told in figures]
    unable = replace(example_estimate, is_feasible=False, figures=None, reasons=("memory",))
    return [Point((str(place),), None, estimate) for place, estimate in enumerate([*able, unable])]


def names(front: Front) -> list[str]:
    return [placed.point.values[0] for placed in front.on_front]


def test_who_is_sooner_costs_more_along_the_front(points: list[Point]) -> None:
    money = front_of(points, "cost")
    assert names(money) == ["3", "0", "2"]
    assert [placed.point.values[0] for placed in money.placed] == ["3", "0", "1", "2"]
    assert [point.values[0] for point in money.without] == ["4", "5"]
    along = [(placed.first, placed.against) for placed in money.on_front]
    assert along == sorted(along)
    assert [other for _, other in along] == sorted((other for _, other in along), reverse=True)
    # what nobody has a price of may have a rating
    assert names(front_of(points, "power.facility_w")) == ["3", "0", "1", "2", "4"]


def test_more_may_be_better(points: list[Point]) -> None:
    assert names(front_of(points, "mfu")) == ["3", "0", "1"]


@pytest.mark.parametrize(
    ("against", "told"),
    [
        ("strategy.schedule", "is told in words"),
        ("goodput.failures", "neither more nor less"),
        ("cots", "no quantity"),
    ],
)
def test_what_nothing_is_judged_by_is_refused(points: list[Point], against: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        front_of(points, against)
