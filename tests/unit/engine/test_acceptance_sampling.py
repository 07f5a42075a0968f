"""Risks of acceptance tests are true: simulated nodes and soaks pass and fail as often as is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.engine.acceptance_sampling import node_test, poisson_cdf, soak

DRAWS = 100_000
POINT = 0.01


@pytest.mark.parametrize("spread", [0.005, 0.02, 0.03, 0.08])
@pytest.mark.parametrize("repeat_error", [0.0, 0.01, 0.05])
@pytest.mark.parametrize(("seller", "buyer"), [(0.05, 0.10), (0.01, 0.20)])
def test_sound_nodes_fail_and_slow_ones_pass_as_often_as_is_said(
    spread: float, repeat_error: float, seller: float, buyer: float
) -> None:
    test = node_test(spread, repeat_error, 0.10, seller_risk=seller, buyer_risk=buyer)
    chance = np.random.default_rng(1)

    def passed(mean: float) -> float:
        nodes = mean * (1.0 + spread * chance.standard_normal(DRAWS))
        error = mean * repeat_error / np.sqrt(test.repetitions) * chance.standard_normal(DRAWS)
        return float(np.mean(nodes + error >= test.threshold_share))

    assert 1.0 - passed(1.0) == pytest.approx(seller, abs=POINT)
    assert passed(0.9) == pytest.approx(test.buyer_risk, abs=POINT)
    if test.is_possible:
        assert test.buyer_risk <= buyer + 1e-9


def test_wide_scatter_is_said_to_be_impossible_and_not_hidden() -> None:
    test = node_test(0.08, 0.01, 0.10, seller_risk=0.05, buyer_risk=0.10)
    assert not test.is_possible
    assert test.buyer_risk > 0.5


@pytest.mark.parametrize("ratio", [1.5, 2.0, 4.0])
def test_a_soak_keeps_both_risks(ratio: float) -> None:
    plan = soak(0.02, 0.02 * ratio, seller_risk=0.05, buyer_risk=0.10)
    chance = np.random.default_rng(3)
    good = chance.poisson(0.02 * plan.hours, DRAWS) > plan.allowed
    bad = chance.poisson(0.02 * ratio * plan.hours, DRAWS) <= plan.allowed
    assert float(np.mean(good)) <= 0.05 + POINT
    assert float(np.mean(good)) == pytest.approx(plan.seller_risk, abs=POINT)
    assert float(np.mean(bad)) == pytest.approx(0.10, abs=POINT)


@pytest.mark.parametrize("rate", [1e-5, 0.001, 0.005])
def test_a_soak_that_nobody_waits_for_keeps_the_sellers_risk_and_says_the_buyers(rate: float) -> None:
    plan = soak(rate, 2.0 * rate, seller_risk=0.05, buyer_risk=0.10, longest_h=720.0)
    chance = np.random.default_rng(3)
    assert plan.hours == 720.0
    assert float(np.mean(chance.poisson(rate * 720.0, DRAWS) > plan.allowed)) <= 0.05 + POINT
    passing = float(np.mean(chance.poisson(2.0 * rate * 720.0, DRAWS) <= plan.allowed))
    assert passing == pytest.approx(plan.buyer_risk, abs=POINT)
    assert plan.buyer_risk > 0.10


@settings(max_examples=25)
@given(st.floats(1e-4, 10.0), st.floats(1.8, 10.0))
def test_rates_further_apart_need_a_shorter_soak(rate: float, ratio: float) -> None:
    near, far = (soak(rate, rate * by, seller_risk=0.05, buyer_risk=0.1) for by in (ratio, ratio * 1.5))
    assert far.hours < near.hours
    assert far.allowed <= near.allowed


@given(st.integers(0, 200), st.floats(0.01, 300.0))
def test_more_failures_allowed_are_likelier(count: int, mean: float) -> None:
    assert 0.0 <= poisson_cdf(count, mean) <= poisson_cdf(count + 1, mean) <= 1.0
