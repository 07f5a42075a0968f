"""Draws: fixed, shared by name, stratified, and the bands that they make."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from planner.engine.inputs import StackConstants
from planner.engine.uncertainty import (
    DRAWS,
    SHARES,
    band,
    drawn_about,
    drawn_constants,
    one_at_a_time,
    standard_draws,
    uniform_draws,
)
from planner.errors import OutOfRangeError


def test_the_same_name_has_the_same_draws_everywhere() -> None:
    one, other = standard_draws(["a", "b"]), standard_draws(["b"])
    assert np.array_equal(one["b"], other["b"])
    assert not np.array_equal(one["a"], one["b"])
    assert not np.array_equal(one["a"], standard_draws(["a"], seed=1)["a"])
    assert np.array_equal(uniform_draws("a"), uniform_draws("a"))


def test_normal_draws_have_the_percentiles_of_the_normal_distribution() -> None:
    draws = standard_draws(["anything"])["anything"]
    assert len(draws) == DRAWS
    assert np.quantile(draws, [0.1, 0.5, 0.9]) == pytest.approx([-1.28155, 0, 1.28155], abs=0.01)
    assert float(np.std(draws)) == pytest.approx(1, abs=0.01)


def test_names_are_drawn_independently() -> None:
    drawn = standard_draws(["matmul_efficiency", "scale_up_efficiency"])
    correlation = np.corrcoef(drawn["matmul_efficiency"], drawn["scale_up_efficiency"])[0, 1]
    assert abs(float(correlation)) < 0.1


def test_uniform_draws_fill_the_unit_interval_evenly() -> None:
    draws = np.sort(uniform_draws("tokens", draws=10))
    assert draws == pytest.approx([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95])


def test_draws_cannot_be_changed_by_who_reads_them() -> None:
    with pytest.raises(ValueError, match="read-only"):
        standard_draws(["a"])["a"][0] = 0.0


def test_constants_are_log_normal_about_their_median() -> None:
    stack = StackConstants(step_overhead_s=0.1)
    drawn = drawn_constants(stack, {"step_overhead_s": 0.2})
    low, middle, high = np.quantile(drawn.step_overhead_s, [0.1, 0.5, 0.9])
    assert middle == pytest.approx(0.1, rel=0.01)
    assert (low, high) == pytest.approx((0.1 * np.exp(-0.2563), 0.1 * np.exp(0.2563)), rel=0.01)


def test_shares_stay_below_one_and_what_has_no_spread_stays_a_number() -> None:
    drawn = drawn_constants(
        StackConstants(matmul_efficiency=0.9), {"matmul_efficiency": 1.0, "unheard_of": 1.0}
    )
    assert float(np.max(drawn.matmul_efficiency)) < 1
    assert float(np.median(drawn.matmul_efficiency)) == pytest.approx(0.9, rel=1e-3)
    assert isinstance(drawn.memory_efficiency, float)


def test_every_share_is_a_constant_of_a_stack() -> None:
    names = {field.name for field in fields(StackConstants)}
    assert names >= SHARES
    assert {name for name in names if name.endswith(("efficiency", "overlap"))} <= SHARES


def test_a_band_keeps_its_middle_inside() -> None:
    draws = np.arange(101.0)
    assert band(draws, 50.0) == (10.0, 50.0, 90.0)
    assert band(draws, 5.0) == (5.0, 5.0, 90.0)
    assert band(draws, 95.0) == (10.0, 95.0, 95.0)
    assert band(np.array([3.0]), 3.0) == (3.0, 3.0, 3.0)


def test_one_at_a_time_each_stream_leaves_its_middle_twice_alone() -> None:
    joint = drawn_about(10.0, 5.0, 20.0, "a figure")
    usual = standard_draws(["another"])["another"]
    with one_at_a_time() as streams:
        figure = drawn_about(10.0, 5.0, 20.0, "a figure")
        uniform = uniform_draws("a share")
        spread = drawn_constants(StackConstants(layer_overhead_s=30e-6), {"layer_overhead_s": 0.2})
    # the median stands before the draws of a figure
    low, high = (1 + row for row in streams.rows("a figure"))
    assert figure[[low, high]] == pytest.approx([5.0, 20.0])
    assert np.all(np.delete(figure, [low, high]) == 10.0)
    low, high = streams.rows("a share")
    assert uniform[[low, high]].tolist() == [0.1, 0.9]
    assert np.all(np.delete(uniform, [low, high]) == 0.5)
    assert np.asarray(spread.layer_overhead_s)[list(streams.rows("layer_overhead_s"))] == pytest.approx(
        30e-6 * np.exp([-0.2 * 1.2816, 0.2 * 1.2816]), rel=1e-4
    )
    # nothing of it stays behind
    assert drawn_about(10.0, 5.0, 20.0, "a figure") is joint
    assert np.array_equal(standard_draws(["another"])["another"], usual)
    assert len(set(streams.rows("a figure")) | set(streams.rows("a share"))) == 4


def test_more_streams_than_draws_are_refused() -> None:
    with one_at_a_time(), pytest.raises(OutOfRangeError, match="expected fewer than 3"):
        standard_draws(["a", "b", "c"], draws=6)
