"""The shortlist of a search: whatever the blocks, the preferred of those about as fast as the fastest."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.grid import COLUMNS
from planner.engine.shortlist import Fastest, Preference, Preferred, RowsAt

#: Candidates: step and handicap. A few values, so that there are ties.
CANDIDATES = st.lists(
    st.tuples(st.sampled_from([1.0, 1.05, 1.1, 1.3, 2.0, 2.1]), st.sampled_from([-0.4, 0.0, 0.1, 0.3])),
    min_size=1,
    max_size=60,
)


def rows_of(numbers: range) -> RowsAt:
    """Return what writes out candidates that are told apart by their first column."""
    block = np.ones((len(COLUMNS), len(numbers)))
    block[0] = list(numbers)
    return lambda places: block[:, places]


@given(CANDIDATES, st.integers(1, 5), st.sampled_from([0.0, 0.06, 0.2, 1.0]), st.integers(1, 20))
def test_the_preferred_are_those_of_all_at_once(
    candidates: list[tuple[float, float]], keep: int, tolerance: float, size: int
) -> None:
    times, handicaps = (np.array(column) for column in zip(*candidates, strict=True))
    preference = Preference(lambda block: handicaps[block[0].astype(int)], tolerance)
    found = Preferred(keep, preference)
    for start in range(0, len(times), size):
        part = range(start, min(start + size, len(times)))
        found.take(times[list(part)], rows_of(part))
    near = [i for i in range(len(times)) if times[i] <= times.min() * math.exp(tolerance)]
    scores = times * np.exp(handicaps)
    rows, steps = found.found()
    assert list(scores[rows[:, 0].astype(int)]) == sorted(scores[near])[:keep]
    assert list(steps) == list(times[rows[:, 0].astype(int)])
    fastest, shortest_s = found.fastest()
    assert shortest_s == times.min()
    assert fastest is not None
    assert times[int(fastest[0])] == shortest_s


@pytest.mark.parametrize("tolerance", [0.0, 0.5])
def test_a_handicap_that_all_share_changes_nothing(tolerance: float) -> None:
    times = np.array([1.2, 1.0, 1.1, 3.0])

    def list_of(handicap: float) -> Preferred:
        return Preferred(3, Preference(lambda block: np.full(block.shape[1], handicap), tolerance))

    plain, shifted = list_of(0.0), list_of(0.7)
    for one in (plain, shifted):
        one.take(times, rows_of(range(4)))
    assert np.array_equal(plain.found()[0], shifted.found()[0])


def test_the_fastest_come_in_their_order_and_the_first_of_equal_ones_first() -> None:
    found = Fastest(3)
    found.take(np.array([2.0, 1.0, 2.0]), rows_of(range(3)))
    found.take(np.array([1.0, 5.0]), rows_of(range(3, 5)))
    assert found.found()[0][:, 0].tolist() == [1.0, 3.0, 0.0]
    assert found.fastest()[1] == 1.0
    assert found.idle_s == 2.0
