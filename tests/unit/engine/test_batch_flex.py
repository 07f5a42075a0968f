"""A batch that moves: against hand-worked values, and against trying every degree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.batch_flex import flexed_batches, most_replicas, nearest_batch
from planner.engine.blocks import rows
from planner.engine.grid import COLUMNS, Grid

DATA = COLUMNS.index("data")


def test_a_batch_stays_where_it_divides_or_nothing_near_does() -> None:
    moved = flexed_batches(1024.0, 0.05, np.array([128.0, 255.0, 700.0]), np.array([2.0, 4.0, 1.0]))
    assert moved.tolist() == [1024.0, 1020.0, 1024.0]
    assert flexed_batches(1024.0, 0.0, np.array([255.0]), 1.0).tolist() == [1024.0]


@pytest.mark.parametrize(
    ("most", "unit", "microbatch", "expected"),
    [
        # 2,040 chips in tensor 8: 255 replicas, four sequences each
        (255, 1, 4, 255),
        # of pairs of sequences 113 replicas are too many for ten each: 107 x 10 = 1,070
        (113, 1, 2, 107),
        # experts over 64 replicas at a time
        (255, 64, 1, 128),
        (63, 64, 1, 0),
        (2000, 1, 1, 1075),
    ],
)
def test_the_most_replicas_by_hand(most: int, unit: int, microbatch: int, expected: int) -> None:
    assert most_replicas(1024, 0.05, most, unit, microbatch) == expected


@given(
    batch=st.integers(1, 400),
    share=st.sampled_from([0.0, 0.01, 0.05, 0.2]),
    most=st.integers(0, 500),
    unit=st.integers(1, 8),
    microbatch=st.integers(1, 4),
)
def test_the_most_replicas_are_those_found_by_trying_all(
    batch: int, share: float, most: int, unit: int, microbatch: int
) -> None:
    def is_shared(degree: int) -> bool:
        batches = (count for count in range(1, 2 * batch + 1) if abs(count - batch) <= share * batch + 1e-9)
        return any(count % (degree * microbatch) == 0 for count in batches)

    fitting = [degree for degree in range(unit, most + 1, unit) if is_shared(degree)]
    assert most_replicas(batch, share, most, unit, microbatch) == max(fitting, default=0)


@given(chips=st.integers(1, 300), batch=st.integers(1, 300))
def test_every_candidate_shares_a_batch_near_the_stated_one(chips: int, batch: int) -> None:
    grid = Grid(
        chips=chips,
        layers=8,
        global_batch_sequences=batch,
        experts=4,
        tensor=(1, 2),
        expert=(1, 4),
        pipeline=(1, 3),
        batch_flex=0.05,
    )
    for block in rows(grid):
        batches = grid.batches(block)
        per_step = block[DATA] * block[COLUMNS.index("microbatch")]
        assert np.all(batches % per_step == 0)
        assert np.all(np.abs(batches - batch) <= 0.05 * batch)
        used = block[DATA] * block[COLUMNS.index("tensor")] * block[COLUMNS.index("pipeline")]
        assert np.all(used <= chips)


def test_the_nearest_batch_that_uses_all() -> None:
    assert [nearest_batch(1024, 255, 4), nearest_batch(1024, 700), nearest_batch(10, 700)] == [1020, 700, 700]
