"""Calendars of any shape: what a later delivery, another order or a split phase may not change."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.engine.calendar import Course, Fleet, course, earliest_start


@dataclass(frozen=True)
class Case:
    """Tranches of whole days and chips, stops, a ramp, and phases in tokens."""

    tranches: tuple[tuple[int, int], ...]
    stops: tuple[tuple[int, int], ...]
    ramp: int
    tokens: tuple[float, ...]

    def fleet(self) -> Fleet:
        """Return the fleet; a chip trains the less of a token a day the more there are."""
        days, chips = (np.array(each, dtype=float) for each in zip(*self.tranches, strict=True))
        order = sorted(self.tranches)
        counts = np.unique(np.cumsum([chips for _, chips in order])).astype(float)
        speeds = np.repeat((counts**0.9)[:, None, None], len(self.tokens), axis=1)
        return Fleet(
            available=days[:, None],
            chips=chips[:, None],
            counts=counts[:, None],
            speeds=speeds,
            stop_from=np.array([[float(day)] for day, _ in self.stops]).reshape(-1, 1),
            stop_to=np.array([[float(day + days)] for day, days in self.stops]).reshape(-1, 1),
            ramp_days=np.array([float(self.ramp)]),
            ramp_share=0.5,
        )

    @property
    def went(self) -> Course:
        there = self.fleet()
        return course(there, earliest_start(there, np.zeros(1)), np.array(self.tokens)[:, None])

    @property
    def end(self) -> float:
        return float(self.went.ends[-1, 0])


cases = st.builds(
    Case,
    tranches=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=6).map(tuple),
    stops=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=4).map(tuple),
    ramp=st.integers(0, 9),
    tokens=st.lists(st.floats(0.1, 300), min_size=1, max_size=4).map(tuple),
)


def by_small_steps(case: Case, step: float = 1 / 64) -> float:
    """Return when a run ends, day by day in small steps."""
    there = case.fleet()
    now = float(min(day for day, _ in case.tranches))
    begins, left = now, list(case.tokens)
    while left:
        present = sum(chips for day, chips in case.tranches if day <= now)
        stopped = any(day <= now < day + days for day, days in case.stops)
        speed = 0.0 if stopped else float(present) ** 0.9
        speed *= there.ramp_share if now < begins + case.ramp else 1.0
        now += step
        done = speed * step
        while left and done >= left[0]:
            done -= left.pop(0)
        if left:
            left[0] -= done
    return float(now)


@settings(max_examples=60, deadline=None)
@given(case=cases)
def test_pieces_are_what_small_steps_are(case: Case) -> None:
    found = case.went
    assert found.ends[-1, 0] == pytest.approx(by_small_steps(case), abs=0.05)
    assert np.all(np.diff(found.ends[:, 0]) >= 0)
    assert 0 < found.fleet_days[0] <= found.ends[-1, 0] - found.begins[0] + 1e-9


@settings(max_examples=80, deadline=None)
@given(case=cases, data=st.data())
def test_a_later_delivery_never_ends_earlier(case: Case, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(case.tranches) - 1))
    later = data.draw(st.integers(1, 30))
    tranches = list(case.tranches)
    tranches[place] = (tranches[place][0] + later, tranches[place][1])
    assert replace(case, tranches=tuple(tranches)).end >= case.end - 1e-9


@settings(max_examples=80, deadline=None)
@given(case=cases, data=st.data())
def test_deliveries_come_in_any_order_of_the_file(case: Case, data: st.DataObject) -> None:
    other = replace(case, tranches=tuple(data.draw(st.permutations(case.tranches))))
    assert other.end == pytest.approx(case.end, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(case=cases)
def test_a_delivery_that_comes_in_two_on_one_day_is_one(case: Case) -> None:
    (day, chips), *others = case.tranches
    split = replace(case, tranches=((day, chips), (day, 3), *others))
    assert split.end == pytest.approx(replace(case, tranches=((day, chips + 3), *others)).end, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(case=cases)
def test_a_phase_split_in_two_changes_nothing(case: Case) -> None:
    first, *others = case.tokens
    split = replace(case, tokens=(first / 2, first / 2, *others))
    assert split.end == pytest.approx(case.end, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(case=cases)
def test_a_stop_more_never_ends_earlier(case: Case) -> None:
    assert replace(case, stops=(*case.stops, (20, 5))).end >= case.end - 1e-9
