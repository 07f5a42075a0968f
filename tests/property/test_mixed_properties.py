"""Pools that train together, whatever they are: shares, steps and the link hold what arithmetic demands."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engine.arrays import FloatArray
from planner.engine.mixed import (
    PoolStep,
    data_step_s,
    exchange_s,
    lost_share,
    pipeline_step_s,
    shares_by_speed,
)
from planner.planning.mixed_data import tried_shares, units_of, whole_parts

SECONDS = st.floats(1e-4, 1e3)
NOTHING = np.zeros(())


@st.composite
def pool_steps(draw: st.DrawFn) -> PoolStep:
    stage = draw(SECONDS)
    return PoolStep(
        whole=np.array(draw(SECONDS)),
        slowest_stage=np.array(stage),
        mean_stage=np.array(stage * draw(st.floats(0.3, 1.0))),
        transfer=np.array(draw(st.floats(0, 1))),
        overlap=draw(st.floats(0, 1)),
        once=np.array(draw(st.floats(0, 10))),
        hides=np.array(draw(st.floats(0, 10))),
        exposed_share=draw(st.floats(0, 1)),
        loss=np.array(draw(st.floats(0, 0.2))),
        stages=float(draw(st.integers(1, 16))),
        microbatches=8.0,
    )


POOLS = st.lists(pool_steps(), min_size=1, max_size=4)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=3), st.integers(1, 12), st.data())
def test_shares_are_whole_and_no_others_are_faster(
    speeds: list[float], units: int, data: st.DataObject
) -> None:
    """Of steps with a start-up of their own and cells that do not fit, too."""
    times: list[FloatArray] = []
    for speed in speeds:
        each: FloatArray = speed * np.arange(units + 1.0) + np.where(np.arange(units + 1) > 0, speed / 3, 0.0)
        for place in data.draw(st.sets(st.integers(1, units), max_size=3)):
            each[place] = np.inf
        times.append(each)
    shares, slowest = shares_by_speed(times, units)
    # places may stay empty: a pool may be given more than it needs
    best = min(
        max(float(each[count:].min()) if count else 0.0 for each, count in zip(times, counts, strict=True))
        for counts in itertools.product(range(units + 1), repeat=len(speeds))
        if sum(counts) == units
    )
    assert slowest == pytest.approx(best) or slowest == best
    if np.isfinite(best):
        assert sum(shares) == units
    else:
        assert shares == ()


@given(
    st.lists(st.tuples(st.floats(0.01, 100), st.integers(1, 6)), min_size=1, max_size=3), st.integers(1, 40)
)
def test_layers_are_all_held_and_none_could_be_left_out(pools: list[tuple[float, int]], layers: int) -> None:
    times = [speed * np.arange(layers + 1.0) for speed, _ in pools]
    stages = [count for _, count in pools]
    shares, slowest = shares_by_speed(times, layers, stages)
    held = sum(count * share for count, share in zip(stages, shares, strict=True))
    assert held >= layers
    assert all(held - count < layers for count, share in zip(stages, shares, strict=True) if share)
    assert max(each[share] for each, share in zip(times, shares, strict=True)) <= slowest * (1 + 1e-12)


@given(POOLS, st.floats(0, 100), st.floats(0, 100))
def test_a_joint_step_is_no_shorter_than_any_part_nor_by_a_slower_link(
    pools: list[PoolStep], one: float, more: float
) -> None:
    step = float(data_step_s(pools, one))
    assert step >= max(float(pool.whole) for pool in pools)
    assert step <= max(float(pool.whole + one * (1 + pool.loss)) for pool in pools) * (1 + 1e-12)
    assert float(data_step_s(pools, one + more)) >= step * (1 - 1e-12)
    stages = float(pipeline_step_s(pools, one))
    assert stages >= max(8.0 * float(pool.slowest_stage) for pool in pools) * (1 - 1e-12)
    assert float(pipeline_step_s(pools, one + more)) >= stages * (1 - 1e-12)


@given(POOLS, st.floats(1.01, 10))
def test_faster_pools_make_shorter_steps(pools: list[PoolStep], speed: float) -> None:
    faster = [pool.faster(speed) for pool in pools]
    assert float(data_step_s(faster, 0.0)) == pytest.approx(float(data_step_s(pools, 0.0)) / speed)
    assert float(pipeline_step_s(faster, 0.0)) == pytest.approx(float(pipeline_step_s(pools, 0.0)) / speed)


@given(pool_steps(), st.integers(1, 8), st.integers(1, 8))
def test_stages_of_one_kind_are_one_pipeline(pool: PoolStep, first: int, last: int) -> None:
    one = pipeline_step_s([replace(pool, stages=float(first + last))], 0.0)
    two = pipeline_step_s([replace(pool, stages=float(first)), replace(pool, stages=float(last))], 0.0)
    assert float(two) == pytest.approx(float(one))


@given(st.floats(0, 1e13), st.integers(1, 10), st.floats(1e6, 1e14), st.floats(0, 1))
def test_an_exchange_is_never_free_nor_more_than_all_twice(
    amount: float, pools: int, rate: float, latency: float
) -> None:
    seconds = float(exchange_s(amount, pools, rate, latency))
    assert 0 <= seconds <= (2 * amount / rate + 2 * pools * latency) * (1 + 1e-12)
    assert pools > 1 or seconds == 0


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=5), st.floats(0, 1))
def test_what_is_lost_is_what_is_not_left(rates: list[float], left: float) -> None:
    ideal = np.array(sum(rates))
    assert float(lost_share(left * ideal, ideal)) == pytest.approx(1 - left, abs=1e-9)


@given(st.integers(1, 100_000), st.integers(1, 20_000), st.floats(0.001, 1))
def test_shares_that_are_tried_are_shares(chips: int, batch: int, share: float) -> None:
    tried = tried_shares(chips, batch, share * batch)
    assert tried
    assert all(1 <= sequences <= batch for sequences in tried)
    assert batch % units_of(batch) == 0


@given(st.integers(0, 100_000), st.lists(st.integers(1, 10_000), min_size=1, max_size=6))
def test_whole_parts_add_up(total: int, weights: list[int]) -> None:
    found = whole_parts(total, weights)
    assert sum(found) == total
    exact = [total * weight / sum(weights) for weight in weights]
    assert all(abs(part - want) <= 1 + 1e-6 * want for part, want in zip(found, exact, strict=True))
