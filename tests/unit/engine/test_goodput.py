"""Goodput: Daly's interval by hand, and a cluster of the size that published its interruptions."""

from __future__ import annotations

import numpy as np
import pytest

from planner.engine.goodput import CHIP_MTBF_HOURS, ReliabilityInputs, checkpoint_stall_s, goodput


def test_dalys_interval_and_the_three_losses_by_hand() -> None:
    # 100 chips of 1e6 s each fail every 10,000 s; checkpoints of 50 s: sqrt(2 x 50 x 10,000) = 1,000 s
    found = goodput(100.0, ReliabilityInputs(chip_mtbf_s=1e6, restart_s=300.0, checkpoint_s=50.0))
    assert float(found.interval_s) == pytest.approx(1000)
    assert float(found.lost_to_checkpoints) == pytest.approx(0.05)
    assert float(found.lost_to_rework) == pytest.approx(0.05)
    assert float(found.lost_to_restarts) == pytest.approx(0.03)
    assert float(found.goodput) == pytest.approx(0.87)


def test_a_checkpoint_of_fourteen_bytes_a_parameter_by_hand() -> None:
    # 405e9 parameters x 14 bytes = 5.67 TB; at 2 TB/s 2.835 s, at 100 GB/s 56.7 s
    found = checkpoint_stall_s(405e9, np.array([2e12, 100e9]))
    assert found == pytest.approx(np.array([2.835, 56.7]))


def test_the_interval_loses_least() -> None:
    # at Daly's interval, checkpoints and rework cost the same
    found = goodput(4096.0, ReliabilityInputs())
    assert float(found.lost_to_checkpoints) == pytest.approx(float(found.lost_to_rework))


def test_16384_chips_fail_as_often_as_they_did() -> None:
    # 419 unexpected interruptions in 54 days (The Llama 3 Herd of Models, section 3.3.4): one in 3.1 hours
    hours = CHIP_MTBF_HOURS / 16_384
    assert hours == pytest.approx(3.09, abs=0.01)
    assert 54 * 24 / hours == pytest.approx(419)
    # "more than 90% effective training time"
    assert float(goodput(16_384.0, ReliabilityInputs()).goodput) == pytest.approx(0.9, abs=0.03)


def test_more_chips_make_less_progress_each() -> None:
    chips = np.array([0.0, 1.0, 8.0, 1024.0, 16_384.0, 1e6, 1e9])
    found = goodput(chips, ReliabilityInputs()).goodput
    assert np.all(np.diff(found) <= 0)
    assert np.all((found >= 0) & (found <= 1))


def test_a_cluster_that_only_restarts_makes_no_progress() -> None:
    assert float(goodput(1e6, ReliabilityInputs(restart_s=1e6)).goodput) == 0


def test_free_checkpoints_are_taken_every_second() -> None:
    found = goodput(1.0, ReliabilityInputs(chip_mtbf_s=1e6, restart_s=0.0, checkpoint_s=0.0))
    assert float(found.interval_s) == 1
    assert float(found.goodput) == pytest.approx(1.0, abs=1e-6)
