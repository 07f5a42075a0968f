"""Power by hand, and switches and optics counted in networks small enough to draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.engine.power import (
    BUSY_SHARE,
    HOST_SHARE,
    IDLE_SHARE,
    STORAGE_SHARE,
    PowerInputs,
    chip_power_w,
    clos_count,
    power_parts,
)

RATINGS = PowerInputs(chip_tdp_w=700.0, host_w_per_chip=400.0, network_w_per_chip=50.0, pue=1.25)


def test_a_chip_draws_between_idle_and_busy() -> None:
    assert float(chip_power_w(700.0, 0.0)) == pytest.approx(700 * IDLE_SHARE)
    assert float(chip_power_w(700.0, 1.0)) == pytest.approx(700 * BUSY_SHARE)
    assert float(chip_power_w(700.0, 0.5)) == pytest.approx(700 * (IDLE_SHARE + BUSY_SHARE) / 2)


def test_power_adds_up_from_chip_to_meter() -> None:
    found = power_parts(1000.0, 1.0, RATINGS)
    chips, hosts = 1000 * 700 * BUSY_SHARE, 1000 * 400 * HOST_SHARE
    assert float(found.chips) == pytest.approx(chips)
    assert float(found.hosts) == pytest.approx(hosts)
    assert float(found.network) == 50_000
    assert float(found.storage) == pytest.approx(STORAGE_SHARE * (chips + hosts))
    assert float(found.it) == pytest.approx(1.02 * (chips + hosts) + 50_000)
    assert float(found.facility) == pytest.approx(1.25 * float(found.it))
    assert float(found.cooling) == pytest.approx(0.25 * float(found.it))


def test_the_peak_is_what_the_ratings_say() -> None:
    found = power_parts(1000.0, 0.2, RATINGS)
    assert float(found.peak_facility) == pytest.approx((1000 * 1100 * 1.02 + 50_000) * 1.25)
    assert float(found.peak_facility) > float(power_parts(1000.0, 1.0, RATINGS).facility)


def test_a_measured_node_is_met() -> None:
    # 8 x H100 node rated 10.2 kW: 8.4 kW at most, 7.75 kW on average in intensive training
    node = PowerInputs(chip_tdp_w=700.0, host_w_per_chip=575.0, network_w_per_chip=0.0, pue=1.0)
    found = power_parts(8.0, 0.85, node)
    assert float(found.chips + found.hosts) == pytest.approx(8000, rel=0.06)


def test_an_unknown_rating_makes_the_sums_unknown_not_zero() -> None:
    unknown = PowerInputs(chip_tdp_w=700.0, host_w_per_chip=math.nan, network_w_per_chip=0.0, pue=1.2)
    found = power_parts(8.0, 1.0, unknown)
    assert float(found.chips) > 0
    assert all(math.isnan(float(part)) for part in (found.hosts, found.it, found.facility))


@pytest.mark.parametrize(
    ("ports", "radix", "tiers", "switches", "optics"),
    [
        # one switch, a module at each end of each cable
        (16, 32, 1, 1, 32),
        (32, 32, 1, 1, 64),
        # 64 ports of 8-port switches do not fit two tiers of them (32): three tiers, the fat tree of
        # Al-Fares with k = 8 has k^3/4 = 128 ports and 80 switches; half of it: 16 leaves, 16 spines, 8 cores
        (64, 8, 3, 40, 2 * 3 * 64),
        (128, 8, 3, 80, 2 * 3 * 128),
        # 32 ports of 8-port switches: 8 leaves with 4 down and 4 up, 4 spines
        (32, 8, 2, 12, 2 * 2 * 32),
    ],
)
def test_a_full_fat_tree_by_hand(ports: int, radix: int, tiers: int, switches: int, optics: int) -> None:
    found = clos_count(float(ports), float(radix), 1.0)
    assert (float(found.tiers), float(found.switches), float(found.optics)) == (tiers, switches, optics)


def test_oversubscription_saves_spines() -> None:
    # 2:1 on 12-port switches: 8 down and 4 up; 64 ports take 8 leaves, 32 uplinks, 3 spines of 12
    found = clos_count(64.0, 12.0, 2.0)
    assert float(found.tiers) == 2
    assert float(found.switches) == 8 + 3
    assert float(found.optics) == 2 * (64 + 32)


def test_networks_broadcast() -> None:
    found = clos_count(np.array([16.0, 32.0]), np.array([32.0, 8.0]), 1.0)
    assert found.switches.tolist() == [1, 12]
