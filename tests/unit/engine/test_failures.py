"""Chance: counts and sums are distributed as they say, and spares are counted as tables of Poisson do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.engine.failures import (
    chance_s,
    failure_counts,
    lengths_together,
    servers_missing,
    spares_needed,
    without_spare,
)
from planner.engine.operators import OPERATORS, SERVER_FAILURES_PER_DAY, Assumption
from planner.engine.uncertainty import drawn_about, one_at_a_time


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.3, 1.0, 4.0, 11.9, 12.1, 40.0, 5000.0])
def test_counts_have_the_mean_and_the_variance_of_poisson(mean: float) -> None:
    counts = failure_counts("a test", np.array([mean]))
    assert counts.shape == (1000,)
    assert np.all((counts >= 0) & (counts == np.round(counts)))
    assert float(np.mean(counts)) == pytest.approx(mean, rel=0.02, abs=2e-3)
    assert float(np.var(counts)) == pytest.approx(mean, rel=0.04, abs=4e-3)


@pytest.mark.parametrize("mean", [0.3, 2.0, 7.0])
def test_each_count_is_as_likely_as_poisson_says(mean: float) -> None:
    counts = failure_counts("a test", np.array([mean]))
    for number in range(12):
        likely = math.exp(-mean) * mean**number / math.factorial(number)
        assert float(np.mean(counts == number)) == pytest.approx(likely, abs=4e-3)


def test_who_expects_more_failures_sees_no_fewer() -> None:
    seen = [failure_counts("a test", np.array([mean])) for mean in 1.2 ** np.arange(-20, 60)]
    steps = np.diff(np.array(seen), axis=0)
    # by one at most where the two ways of counting meet
    assert np.all(steps >= -1)
    assert np.mean(steps < 0) < 1e-3


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_lengths_add_up_to_gamma_distributions(count: int) -> None:
    sums = lengths_together("a test", np.full(1000, float(count)), np.array([3.0]))
    assert float(np.mean(sums)) == pytest.approx(3.0 * count, rel=0.01)
    assert float(np.var(sums)) == pytest.approx(9.0 * count, rel=0.05)
    assert np.all(lengths_together("a test", np.zeros(1000), np.array([3.0])) == 0)


def test_chance_is_nothing_at_the_medians_and_on_the_mean() -> None:
    told = (np.array([number]) for number in (40.0, 0.25, 7200.0, 300.0, 900.0))
    more = chance_s(*told)
    assert more.shape == (1001,)
    assert more[0] == 0.0
    # ten restarts of two hours and thirty of five minutes, with 900 s each
    variance = 10 * (7200.0**2 + (7200.0 + 900.0) ** 2) + 30 * 1200.0**2
    assert float(np.std(more[1:])) == pytest.approx(math.sqrt(variance), rel=0.04)
    assert abs(float(np.mean(more[1:]))) < 0.05 * math.sqrt(variance)


def test_what_is_lost_is_never_won_back() -> None:
    told = [np.array([number]) for number in (3.0, 0.25, 7200.0, 300.0, 900.0)]
    expected = 3.0 * (0.25 * 7200.0 + 0.75 * 300.0 + 900.0)
    assert np.all(chance_s(*told) >= -expected - 1e-6)


@pytest.mark.parametrize(
    ("mean", "needed"), [(0.0, 0), (0.05, 0), (0.1, 1), (1.0, 3), (5.0, 9), (10.0, 15), (100.0, 117)]
)
def test_spares_are_quantiles_of_poisson(mean: float, needed: int) -> None:
    assert float(spares_needed(np.array([mean]))[0]) == needed


def test_many_spares_are_near_those_of_the_normal_distribution() -> None:
    # at a million one look adds up a million terms: they are few only where what is left is halved
    for mean in (40_000.0, 1e6):
        spares = float(spares_needed(np.array([mean]))[0])
        assert spares == pytest.approx(mean + 1.645 * math.sqrt(mean), abs=2)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95, 0.999])
def test_spares_are_the_least_that_suffice(share: float) -> None:
    for mean in (0.0, 0.3, 1.0, 7.5, 60.0, 400.0):
        chances = np.cumsum(
            [
                math.exp(count * math.log(mean or 1e-300) - mean - math.lgamma(count + 1))
                for count in range(700)
            ]
        )
        least = int(np.searchsorted(chances, share))
        assert float(spares_needed(np.array([mean]), share)[0]) == least


@pytest.mark.parametrize("mean", [0.2, 3.0, 150.0, 2_000.0])
def test_chances_of_no_spare_are_those_of_all_counts_added_up(mean: float) -> None:
    for spares in (0.0, 1.0, math.floor(mean), math.ceil(mean + 3.0 * math.sqrt(mean))):
        terms = [n * math.log(mean) - mean - math.lgamma(n + 1) for n in range(int(spares))]
        expected = 1.0 - math.fsum(map(math.exp, terms))
        found = without_spare(np.array([mean]), np.array([spares]))[0]
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_thousand_million_spares_are_counted_about_the_mean_alone() -> None:
    mean = np.array([1e9])
    assert without_spare(mean, np.array([1e9]))[0] == pytest.approx(0.5, abs=1e-4)
    assert without_spare(mean, np.array([1.01e9]))[0] == 0.0
    assert without_spare(mean, np.array([0.99e9]))[0] == 1.0


def test_what_is_missing_by_hand() -> None:
    # two in repair on the mean, one spare: it is there with a chance of e^-2, and 1 + e^-2 are missing
    mean, one = np.array([2.0]), np.array([1.0])
    assert float(without_spare(mean, one)[0]) == pytest.approx(1.0 - math.exp(-2.0))
    assert float(servers_missing(mean, one)[0]) == pytest.approx(1.0 + math.exp(-2.0))


def test_many_means_are_told_as_each_alone() -> None:
    means = np.concatenate([[3.0], np.linspace(0.5, 9.0, 1000)])
    several = servers_missing(means, np.array([4.0]))
    alone = [float(servers_missing(np.array([mean]), np.array([4.0]))[0]) for mean in means[::50]]
    assert several[0] == alone[0]
    assert several[::50] == pytest.approx(np.array(alone), abs=0.01)


@pytest.mark.parametrize("operator", OPERATORS)
def test_four_of_five_draws_lie_between_low_and_high(operator: str) -> None:
    figures = [getattr(OPERATORS[operator], name) for name in OPERATORS[operator].__slots__]
    for figure in [SERVER_FAILURES_PER_DAY, *(one for one in figures if isinstance(one, Assumption))]:
        assert figure.low <= figure.middle <= figure.high
        draws = drawn_about(figure.middle, figure.low, figure.high, "a test")
        assert draws[0] == figure.middle
        if figure.low == figure.high:
            assert draws.size == 1
        else:
            assert np.quantile(draws[1:], [0.1, 0.5, 0.9]) == pytest.approx(
                [figure.low, figure.middle, figure.high], rel=0.01
            )


def test_at_the_middle_of_all_streams_what_is_expected_happens() -> None:
    """Few failures and many, by hand and not: each stream's two draws alone are luck."""
    for failures in (0.4, 9.0, 300.0):
        with one_at_a_time() as streams:
            told = [np.array([value]) for value in (failures, 0.3, 7200.0, 600.0, 900.0)]
            cost = chance_s(*told)
        lucky = [1 + row for name in streams.places for row in streams.rows(name)]
        assert len(lucky) == 6
        assert np.delete(cost, lucky) == pytest.approx(0.0, abs=1e-9)
        low, high = (cost[1 + row] for row in streams.rows("automatic"))
        assert low <= 0.0 <= high
