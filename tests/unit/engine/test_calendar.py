"""Tokens over a calendar, by hand: parts, stops, ramps, phases, and runs that share a fleet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from planner.engine.calendar import Course, Fleet, course, earliest_start, free_at


def fleet(
    *tranches: tuple[float, float],
    speed: float = 1.0,
    phases: int = 1,
    stops: tuple[tuple[float, float], ...] = (),
    ramp: float = 0.0,
    share: float = 0.5,
    **changes: Any,
) -> Fleet:
    """Return a fleet of tranches (day, chips), of which each chip trains `speed` tokens a day."""
    days, chips = (np.array(each, dtype=float) for each in zip(*tranches, strict=True))
    counts = np.unique(np.cumsum(chips[np.argsort(days, kind="stable")]))
    told: dict[str, Any] = {
        "available": days[:, None],
        "chips": chips[:, None],
        "counts": counts[:, None],
        "speeds": np.repeat((counts * speed)[:, None, None], phases, axis=1),
        "stop_from": np.array([[start] for start, _ in stops]).reshape(-1, 1),
        "stop_to": np.array([[end] for _, end in stops]).reshape(-1, 1),
        "ramp_days": np.array([ramp]),
        "ramp_share": share,
    }
    return Fleet(**{**told, **changes})


def went(there: Fleet, *tokens: float, start: float = 0.0) -> Course:
    begins = earliest_start(there, np.array([start]))
    return course(there, begins, np.array(tokens)[:, None])


def test_one_tranche_is_tokens_over_speed() -> None:
    found = went(fleet((3.0, 8.0)), 80.0)
    assert (found.begins[0], found.ends[0, 0], found.fleet_days[0]) == (3.0, 13.0, 10.0)


def test_each_part_trains_from_its_day_on() -> None:
    # 8 chips four days, then 16 for two, then 32: 32 + 32 tokens, and the last 32 in a day
    there = fleet((0.0, 8.0), (4.0, 8.0), (6.0, 16.0))
    found = went(there, 96.0)
    assert found.ends[0, 0] == pytest.approx(7.0)
    assert found.fleet_days[0] == pytest.approx((4 * 8 + 2 * 16 + 32) / 32)


def test_phases_follow_one_another_over_deliveries() -> None:
    there = fleet((0.0, 8.0), (4.0, 8.0), phases=3)
    found = went(there, 16.0, 32.0, 16.0)
    # two days of 8; two more of them and one of 16; one of 16
    assert found.ends[:, 0] == pytest.approx([2.0, 5.0, 6.0])


def test_nothing_runs_while_it_stops_and_chips_wait() -> None:
    there = fleet((0.0, 8.0), stops=((2.0, 5.0), (6.0, 7.0)))
    found = went(there, 40.0)
    assert found.ends[0, 0] == pytest.approx(9.0)
    assert found.fleet_days[0] == pytest.approx(9.0)
    # stops that overlap are one, and one before the beginning is none
    overlapping = fleet((0.0, 8.0), stops=((2.0, 5.0), (3.0, 4.0), (-5.0, -1.0)))
    assert went(overlapping, 40.0).ends[0, 0] == pytest.approx(8.0)


def test_a_ramp_is_slower_from_the_first_day_of_training() -> None:
    there = fleet((10.0, 8.0), ramp=4.0, share=0.25)
    assert went(there, 40.0).ends[0, 0] == pytest.approx(10.0 + 4.0 + 4.0)
    assert went(there, 4.0).ends[0, 0] == pytest.approx(12.0)


def test_too_few_chips_wait_for_others() -> None:
    there = fleet((0.0, 8.0), (5.0, 8.0), speeds=np.array([[[0.0]], [[16.0]]]))
    found = went(there, 32.0)
    assert (found.begins[0], found.ends[0, 0]) == (5.0, 7.0)
    # and nothing begins before its day
    assert went(there, 32.0, start=6.0).begins[0] == 6.0


def test_a_later_phase_that_few_chips_cannot_run_waits_too() -> None:
    speeds = np.array([[[8.0], [0.0]], [[16.0], [16.0]]])
    found = went(fleet((0.0, 8.0), (5.0, 8.0), phases=2, speeds=speeds), 16.0, 16.0)
    assert found.ends[:, 0] == pytest.approx([2.0, 6.0])


def test_the_most_urgent_of_those_that_wait_goes_first() -> None:
    ready, days = np.array([[0.0], [1.0], [2.0]]), np.array([[10.0], [5.0], [3.0]])

    def begins(*priorities: float, own: float = 0.0, start: float = 1.5) -> float:
        return float(free_at(np.array([start]), ready, days, np.array(priorities), own)[0])

    # the first holds it until 10; then the second, which was ready before the own run
    assert begins(0, 0, 0) == 15.0
    assert begins(0, 0, 0, own=1.0) == 10.0
    assert begins(0, 0, 9) == 18.0
    # nobody is stopped for whoever is more urgent
    assert begins(0, 5, 5, own=9.0) == 10.0
    # an early bird does not wait for what is not ready
    assert begins(9, 9, 9, start=-1.0) == -1.0
    assert begins(0, 0, 0, start=40.0) == 40.0


def test_draws_go_their_own_ways() -> None:
    ready, days = np.array([[0.0, 9.0]]), np.array([[10.0, 10.0]])
    assert free_at(np.array([5.0, 5.0]), ready, days, np.zeros(1), 0.0).tolist() == [10.0, 5.0]
    none = np.zeros((0, 2))
    two: dict[str, Any] = {
        "stop_from": none,
        "stop_to": none,
        "ramp_days": np.zeros(2),
        "speeds": np.full((1, 1, 2), 8.0),
    }
    there = fleet((0.0, 8.0), available=np.array([[0.0, 3.0]]), **two)
    found = course(there, earliest_start(there, np.zeros(2)), np.array([[16.0, 16.0]]))
    assert found.ends.tolist() == [[2.0, 5.0]]


@pytest.mark.parametrize(("counted", "days"), [(None, 3.25), ([1.0, 0.0], 4.0), ([0.0, 1.0], 2.5)])
def test_two_pools_begin_once_both_have_enough_and_each_waits_by_its_own_chips(
    counted: list[float] | None, days: float
) -> None:
    # 8 chips learn from day 0; of those that generate 4 come on day 2 and 4 on day 5
    there = fleet(
        (0.0, 8.0), (2.0, 4.0), (5.0, 4.0),
        chips=np.array([[8.0, 0.0], [0.0, 4.0], [0.0, 4.0]]),
        counts=np.array([[8.0, 4.0], [8.0, 8.0]]),
        speeds=np.array([[[10.0]], [[20.0]]]),
        counted=None if counted is None else np.array(counted),
    )  # fmt: skip
    found = went(there, 50.0)
    # three days at 10, then one at 20; of 16 chips 12 are there for three of four days
    assert (found.begins[0], found.ends[0, 0]) == (2.0, 6.0)
    assert found.fleet_days[0] == pytest.approx(days)
