"""Goodput: Daly's interval by hand, and a cluster of the size that published its interruptions."""

from __future__ import annotations

import numpy as np
import pytest

from planner.engine.arrays import FloatArray
from planner.engine.goodput import (
    CHIP_MTBF_HOURS,
    ReliabilityInputs,
    between_failures_s,
    checkpoint_interval_s,
    checkpoint_stall_s,
    goodput,
    progress_share,
)


def cycle_s(chips: float, reliability: ReliabilityInputs) -> tuple[FloatArray, FloatArray]:
    """Return the time between failures of a job and that between its checkpoints. [s]."""
    between = between_failures_s(np.asarray(reliability.chip_mtbf_s), np.array(chips))
    return between, checkpoint_interval_s(np.asarray(reliability.checkpoint_s), between)


def lost(chips: float, reliability: ReliabilityInputs) -> tuple[float, float, float]:
    """Return the shares lost to checkpoints, rework and restarts: each where the others cost nothing."""
    between, interval = cycle_s(chips, reliability)
    checkpoint, restart = np.asarray(reliability.checkpoint_s), np.asarray(reliability.restart_s)
    free, never = np.array(0.0), np.array(np.inf)
    checkpoints = 1.0 - float(progress_share(checkpoint, interval, never, free))
    rework = 1.0 - float(progress_share(free, interval, between, free))
    restarts = 1.0 - rework - float(progress_share(free, interval, between, restart))
    return checkpoints, rework, restarts


def test_dalys_interval_and_the_three_losses_by_hand() -> None:
    # 100 chips of 1e6 s each fail every 10,000 s; checkpoints of 50 s: sqrt(2 x 50 x 10,000) = 1,000 s
    reliability = ReliabilityInputs(chip_mtbf_s=1e6, restart_s=300.0, checkpoint_s=50.0)
    between, interval = cycle_s(100.0, reliability)
    assert float(between) == pytest.approx(10_000)
    assert float(interval) == pytest.approx(1000)
    assert lost(100.0, reliability) == pytest.approx((0.05, 0.05, 0.03))
    assert float(goodput(100.0, reliability)) == pytest.approx(0.87)


def test_a_checkpoint_of_fourteen_bytes_a_parameter_by_hand() -> None:
    # 405e9 parameters x 14 bytes = 5.67 TB; at 2 TB/s 2.835 s, at 100 GB/s 56.7 s
    found = checkpoint_stall_s(np.array(405e9), np.array([2e12, 100e9]))
    assert found == pytest.approx(np.array([2.835, 56.7]))


def test_the_interval_loses_least() -> None:
    # at Daly's interval, checkpoints and rework cost the same
    checkpoints, rework, _ = lost(4096.0, ReliabilityInputs())
    assert checkpoints == pytest.approx(rework)


def test_16384_chips_fail_as_often_as_they_did() -> None:
    # 419 unexpected interruptions in 54 days (The Llama 3 Herd of Models, section 3.3.4): one in 3.1 hours
    hours = CHIP_MTBF_HOURS / 16_384
    assert hours == pytest.approx(3.09, abs=0.01)
    assert 54 * 24 / hours == pytest.approx(419)
    # "more than 90% effective training time"
    assert float(goodput(16_384.0, ReliabilityInputs())) == pytest.approx(0.9, abs=0.03)


def test_more_chips_make_less_progress_each() -> None:
    chips = np.array([0.0, 1.0, 8.0, 1024.0, 16_384.0, 1e6, 1e9])
    found = goodput(chips, ReliabilityInputs())
    assert np.all(np.diff(found) <= 0)
    assert np.all((found >= 0) & (found <= 1))


def test_a_cluster_that_only_restarts_makes_no_progress() -> None:
    assert float(goodput(1e6, ReliabilityInputs(restart_s=1e6))) == 0


def test_free_checkpoints_are_taken_every_second() -> None:
    reliability = ReliabilityInputs(chip_mtbf_s=1e6, restart_s=0.0, checkpoint_s=0.0)
    _, interval = cycle_s(1.0, reliability)
    assert float(interval) == 1
    assert float(goodput(1.0, reliability)) == pytest.approx(1.0, abs=1e-6)
