"""Goodput: Daly's interval by hand, the closed form against a simulation, and the designs' table."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from planner.engine.arrays import FloatArray
from planner.engine.goodput import (
    by_hand_share,
    checkpoint_interval_s,
    checkpoint_s,
    failures_per_second_of_work,
    lost_s,
    progress,
    snapshot_s,
    usual_goodput,
    wait_s,
    working_share,
)
from planner.engine.operators import OPERATORS, SERVER_FAILURES_PER_DAY

NOTHING = np.array(0.0)
#: Seconds between failures of one H100 of the run that published them.
CHIP_S = 16_384 * 54 * 86_400 / 419


def interval_s(checkpoint: float, between: float) -> FloatArray:
    return checkpoint_interval_s(np.array(checkpoint), np.array(between), NOTHING)


def share(
    between: float, *, checkpoint: float, wait: float = 0.0, reload: float = 0.0, interval: float = 0.0
) -> float:
    """Return the share of the time that counts, at Daly's interval where none is given."""
    every = np.array(interval) if interval else interval_s(checkpoint, between)
    numbers = (np.array(number) for number in (checkpoint, between, wait, reload))
    return float(working_share(every, *numbers))


def simulated(
    between: float, *, checkpoint: float, wait: float, reload: float, interval: float, segments: int
) -> float:
    """Return the same share of so many segments, failure by failure, with waits drawn about their mean."""
    generator = np.random.default_rng(20_261_127)
    spent = np.zeros(segments)
    # the first try of a segment has no reload before it; all that failed try again until none is left
    open_segments, needed = np.arange(segments), interval + checkpoint
    while open_segments.size:
        lasts = generator.exponential(between, open_segments.size)
        fails = lasts < needed
        spent[open_segments] += np.minimum(lasts, needed)
        open_segments = open_segments[fails]
        spent[open_segments] += generator.gamma(0.5, wait / 0.5, open_segments.size) if wait else 0.0
        needed = reload + interval + checkpoint
    return segments * interval / float(spent.sum())


@pytest.mark.parametrize(("hours", "minutes"), [(24.0, 117.0), (6.0, 57.0), (0.25, 9.1)])
def test_the_interval_is_that_of_the_paper(hours: float, minutes: float) -> None:
    # Daly 2006, figures 3 to 5: checkpoints of 5 min
    assert float(interval_s(300.0, hours * 3600.0)) / 60.0 == pytest.approx(minutes, rel=0.006)


def test_a_stall_of_twice_the_time_between_failures_is_taken_as_often_as_those() -> None:
    assert float(interval_s(199.0, 100.0)) == pytest.approx(88.9, abs=0.1)
    assert float(interval_s(200.0, 100.0)) == float(interval_s(1e6, 100.0)) == 100.0


def test_no_interval_is_shorter_than_its_write_or_a_second() -> None:
    short = checkpoint_interval_s(np.array(10.0), np.array(2000.0), np.array(900.0))
    assert float(short) == 900.0
    assert float(interval_s(0.0, 1e4)) == 1.0


@pytest.mark.parametrize("between", [600.0, 1391.0, 1e4, 1e5])
@pytest.mark.parametrize("checkpoint", [1.0, 10.0, 120.0])
def test_dalys_interval_loses_least(between: float, checkpoint: float) -> None:
    best = share(between, checkpoint=checkpoint)
    around = np.linspace(0.2, 3.0, 57) * float(interval_s(checkpoint, between))
    best_around = max(share(between, checkpoint=checkpoint, interval=float(one)) for one in around)
    assert best == pytest.approx(best_around, rel=2e-3)
    assert best <= best_around * (1.0 + 1e-9)


@pytest.mark.parametrize(
    ("chips", "at_600", "at_120", "at_1800"),
    [
        (8_192, 0.945, 0.965, 0.895),
        (16_384, 0.908, 0.948, 0.815),
        (65_536, 0.740, 0.879, 0.481),
        (131_072, 0.575, 0.812, 0.243),
        (262_144, 0.355, 0.707, 0.063),
    ],
)
def test_the_full_form_at_the_rate_of_llama_3(
    chips: int, at_600: float, at_120: float, at_1800: float
) -> None:
    # worked out by hand from Daly's equations: restarts of 600, 120 and 1,800 s, checkpoints of 10 s
    for restart, expected in ((600.0, at_600), (120.0, at_120), (1800.0, at_1800)):
        found = share(CHIP_S / chips, checkpoint=10.0, reload=restart)
        assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("between", "checkpoint", "wait", "reload"),
    [
        (11_135.0, 10.0, 0.0, 600.0),
        (11_135.0, 10.0, 500.0, 300.0),
        (1391.0, 10.0, 400.0, 300.0),
        (695.0, 20.0, 1000.0, 300.0),
        (58_784.0, 60.0, 7600.0, 300.0),
        (300.0, 10.0, 0.0, 200.0),
    ],
)
def test_the_closed_form_is_what_a_simulation_finds(
    between: float, checkpoint: float, wait: float, reload: float
) -> None:
    interval = float(interval_s(checkpoint, between))
    told = {"checkpoint": checkpoint, "wait": wait, "reload": reload, "interval": interval}
    assert share(between, **told) == pytest.approx(simulated(between, segments=100_000, **told), rel=0.01)


def test_losses_and_waits_of_all_failures_are_all_that_is_lost() -> None:
    every, stall, between = interval_s(10.0, 1391.0), np.array(10.0), np.array(1391.0)
    wait, reload = np.array(400.0), np.array(300.0)
    failures = failures_per_second_of_work(every, stall, between, reload)
    lost = lost_s(every, stall, between, failures)
    spent = 1.0 + stall / every + failures * (wait + lost)
    assert 1.0 / float(spent) == pytest.approx(float(working_share(every, stall, between, wait, reload)))
    # work done again is half of a segment or so, and the reload comes with it
    assert float(lost) == pytest.approx(300.0 + float(every + stall) / 2.0, rel=0.15)


def test_a_checkpoint_of_fourteen_bytes_a_parameter_by_hand() -> None:
    # 405e9 parameters x 14 bytes = 5.67 TB; at 2 TB/s 2.835 s, at 100 GB/s 56.7 s
    found = snapshot_s(np.array(405e9), np.array([2e12, 100e9]))
    assert found == pytest.approx(np.array([2.835, 56.7]))


def test_a_write_that_is_hidden_stalls_nothing_beyond_its_copy() -> None:
    copy, write = np.array(5.0), np.array(60.0)
    stalls = [float(checkpoint_s(copy, write, np.array(hidden))) for hidden in (0.0, 0.5, 0.95, 1.0)]
    assert stalls == pytest.approx([60.0, 30.0, 5.0, 5.0])


def test_people_help_no_more_often_than_they_can() -> None:
    day, limit = np.array(86_400.0), np.array(1.0)
    assert float(by_hand_share(np.array(0.3), day, limit)) == 0.3
    # ten failures a day, one of which is helped
    assert float(by_hand_share(np.array(0.3), day / 10.0, limit)) == pytest.approx(0.1)
    assert float(wait_s(np.array(0.1), np.array(3600.0), np.array(60.0))) == pytest.approx(414.0)


def test_maintenance_and_missing_servers_are_taken_of_all_time() -> None:
    working, second = np.array(0.8), np.array(1000.0)
    assert float(progress(working, NOTHING, second, np.array(0.1), np.array(0.5))) == pytest.approx(0.36)
    # 250 s more than the 1,250 that 1,000 s of steps take
    assert float(progress(working, np.array(250.0), second, NOTHING, NOTHING)) == pytest.approx(2 / 3)


@pytest.mark.parametrize("operator", OPERATORS)
def test_goodput_falls_with_chips_and_is_never_nothing(operator: str) -> None:
    found = usual_goodput(10.0 ** np.linspace(3, 6, 61), operator)
    assert np.all(np.diff(found) < 0)
    assert np.all((found > 0) & (found <= 1))
    # nothing jumps: a tenth more chips never lose a third
    assert all(second > 0.67 * first for first, second in pairwise(found))


def test_16384_chips_fail_as_often_as_they_did() -> None:
    # 419 unexpected interruptions in 54 days (The Llama 3 Herd of Models, section 3.3.4)
    assert SERVER_FAILURES_PER_DAY.middle * 16_384 / 8 * 54 == pytest.approx(419)
    assert SERVER_FAILURES_PER_DAY.middle * 1000 == pytest.approx(3.79, abs=0.01)
    assert float(usual_goodput(16_384, "practised")) == pytest.approx(0.9, abs=0.03)


def test_what_hopelessly_fails_is_a_small_number_and_no_error() -> None:
    assert 0 < share(1.0, checkpoint=1e6, wait=1e7, reload=1e7) < 1e-80
    assert share(1e12, checkpoint=0.0) == pytest.approx(1.0)
