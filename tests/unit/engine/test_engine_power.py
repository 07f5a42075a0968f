"""Power by hand, and switches and optics counted in networks small enough to draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.engine.arrays import FloatArray
from planner.engine.power import (
    BUSY_SHARE,
    HOST_SHARE,
    IDLE_SHARE,
    STORAGE_SHARE,
    chips_power_w,
    clos_count,
    cooling_power_w,
    facility_power_w,
    host_w_per_chip,
    hosts_power_w,
    it_power_w,
    network_power_w,
    peak_facility_w,
    storage_power_w,
)


def number(value: float) -> FloatArray:
    return np.array(value)


#: A chip of 700 W, 400 W of host and 50 W of network for each, and a PUE of 1.25.
TDP, HOST, NETWORK, PUE = (number(value) for value in (700.0, 400.0, 50.0, 1.25))
CHIPS = number(1000.0)


def test_a_chip_draws_between_idle_and_busy() -> None:
    one = number(1.0)
    assert float(chips_power_w(one, TDP, number(0.0))) == pytest.approx(700 * IDLE_SHARE)
    assert float(chips_power_w(one, TDP, number(1.0))) == pytest.approx(700 * BUSY_SHARE)
    assert float(chips_power_w(one, TDP, number(0.5))) == pytest.approx(700 * (IDLE_SHARE + BUSY_SHARE) / 2)


def it_w(
    chips: FloatArray, busy: float, host: FloatArray = HOST, network: FloatArray = NETWORK
) -> FloatArray:
    """Return the IT power of some chips from that of their parts."""
    each = chips_power_w(chips, TDP, number(busy))
    hosts = hosts_power_w(chips, host)
    return it_power_w(each, hosts, network_power_w(chips, network), storage_power_w(each, hosts))


def test_power_adds_up_from_chip_to_meter() -> None:
    chips, hosts = 1000 * 700 * BUSY_SHARE, 1000 * 400 * HOST_SHARE
    assert float(chips_power_w(CHIPS, TDP, number(1.0))) == pytest.approx(chips)
    assert float(hosts_power_w(CHIPS, HOST)) == pytest.approx(hosts)
    assert float(network_power_w(CHIPS, NETWORK)) == 50_000
    assert float(storage_power_w(number(chips), number(hosts))) == pytest.approx(
        STORAGE_SHARE * (chips + hosts)
    )
    it = it_w(CHIPS, 1.0)
    assert float(it) == pytest.approx(1.02 * (chips + hosts) + 50_000)
    assert float(facility_power_w(it, PUE)) == pytest.approx(1.25 * float(it))
    assert float(cooling_power_w(it, PUE)) == pytest.approx(0.25 * float(it))


def test_the_peak_is_what_the_ratings_say() -> None:
    peak = peak_facility_w(CHIPS, TDP, HOST, network_power_w(CHIPS, NETWORK), PUE)
    assert float(peak) == pytest.approx((1000 * 1100 * 1.02 + 50_000) * 1.25)
    assert float(peak) > float(facility_power_w(it_w(CHIPS, 1.0), PUE))


def test_a_measured_node_is_met() -> None:
    # 8 x H100 node rated 10.2 kW: 8.4 kW at most, 7.75 kW on average in intensive training
    host = host_w_per_chip(number(10_200.0), number(8.0), TDP)
    assert float(host) == 575.0
    eight = number(8.0)
    node = chips_power_w(eight, TDP, number(0.85)) + hosts_power_w(eight, host)
    assert float(node) == pytest.approx(8000, rel=0.06)


def test_no_host_draws_less_than_nothing() -> None:
    assert float(host_w_per_chip(number(5000.0), number(8.0), TDP)) == 0.0


def test_an_unknown_rating_makes_the_sums_unknown_not_zero() -> None:
    unknown = number(math.nan)
    assert float(chips_power_w(number(8.0), TDP, number(1.0))) > 0
    it = it_w(number(8.0), 1.0, host=unknown, network=number(0.0))
    assert all(
        math.isnan(float(part))
        for part in (hosts_power_w(number(8.0), unknown), it, facility_power_w(it, PUE))
    )


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
