"""Collectives by hand: shared ports, links of a mesh, axes of a torus, and nothing for one rank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.engine.collectives import all_to_all_time_s, gather_time_s, group, point_to_point_time_s
from planner.engine.inputs import NetworkInputs, StackConstants

GB = 1e9
Stack = Callable[..., StackConstants]


def test_a_group_inside_a_domain_runs_at_its_rate(network: NetworkInputs, ideal: Stack) -> None:
    members = group(8.0, 1.0, network, ideal())
    assert (float(members.ranks_per_domain), float(members.domains)) == (8, 1)
    # 7/8 of 8 GB at 100 GB/s
    assert float(gather_time_s(8 * GB, members, network, ideal())) == pytest.approx(0.07)


@pytest.mark.parametrize(
    ("stride", "per_domain", "domains", "rate"),
    [(1.0, 8, 8, 80 * GB), (2.0, 4, 16, 40 * GB), (8.0, 1, 64, 10 * GB), (64.0, 1, 64, 10 * GB)],
)
def test_members_of_one_domain_share_their_ports(
    network: NetworkInputs, ideal: Stack, stride: float, per_domain: int, domains: int, rate: float
) -> None:
    members = group(64.0, stride, network, ideal())
    assert (float(members.ranks_per_domain), float(members.domains)) == (per_domain, domains)
    assert float(members.outer_bytes_per_s) == rate
    # 63/64 of 6.4 GB at min(100 GB/s, what the ports of a domain reach together)
    assert float(gather_time_s(6.4 * GB, members, network, ideal())) == pytest.approx(6.3 * GB / rate)


def test_the_domain_limits_where_its_ports_are_faster(network: NetworkInputs, ideal: Stack) -> None:
    fast = replace(network, scale_out_bytes_per_s=50 * GB)
    members = group(64.0, 1.0, fast, ideal())
    assert float(members.outer_bytes_per_s) == 400 * GB
    assert float(gather_time_s(6.4 * GB, members, fast, ideal())) == pytest.approx(0.063)


def test_oversubscription_and_library_cost_bandwidth(network: NetworkInputs, ideal: Stack) -> None:
    stack = ideal(scale_up_efficiency=0.5, scale_out_efficiency=0.25)
    members = group(64.0, 8.0, replace(network, oversubscription=2.0), stack)
    assert float(members.inner_bytes_per_s) == 50 * GB
    assert float(members.outer_bytes_per_s) == 1.25 * GB


@pytest.mark.parametrize(("ranks", "rate"), [(2.0, 10), (4.0, 30), (8.0, 70)])
def test_a_mesh_gives_a_group_a_link_to_every_other_member(
    network: NetworkInputs, ideal: Stack, ranks: float, rate: int
) -> None:
    mesh = replace(network, is_mesh=1.0)
    assert float(group(ranks, 1.0, mesh, ideal()).inner_bytes_per_s) == rate * GB


def test_a_mesh_gives_no_more_than_the_chip_has(network: NetworkInputs, ideal: Stack) -> None:
    mesh = replace(network, is_mesh=1.0, pair_bytes_per_s=40 * GB)
    assert float(group(8.0, 1.0, mesh, ideal()).inner_bytes_per_s) == 100 * GB


def test_a_torus_gives_a_group_the_axes_that_it_runs_along(network: NetworkInputs, ideal: Stack) -> None:
    torus = replace(network, torus_axes=3.0, domain_chips=512.0)
    assert float(group(8.0, 1.0, torus, ideal(), torus_share=1 / 3).inner_bytes_per_s) == pytest.approx(
        100 * GB / 3
    )
    # a switch has no axes to share
    assert float(group(8.0, 1.0, network, ideal(), torus_share=1 / 3).inner_bytes_per_s) == 100 * GB


def test_one_rank_alone_waits_for_nothing(network: NetworkInputs, ideal: Stack) -> None:
    slow = replace(network, scale_up_latency_s=1.0, scale_out_latency_s=1.0)
    alone = group(1.0, 8.0, slow, ideal(collective_step_s=1.0))
    assert float(gather_time_s(GB, alone, slow, ideal(collective_step_s=1.0))) == 0
    assert float(all_to_all_time_s(GB, GB, alone, slow)) == 0


def test_latency_counts_hops_inside_and_domains_outside(network: NetworkInputs, ideal: Stack) -> None:
    slow = replace(network, scale_up_latency_s=1e-6, scale_out_latency_s=5e-6)
    stack = ideal(collective_step_s=10e-6)
    inside = group(8.0, 1.0, slow, stack)
    assert float(gather_time_s(0.0, inside, slow, stack)) == pytest.approx(3e-6)
    across = group(32.0, 1.0, slow, stack)
    # three hops inside, one latency outside, and a step for each of three further domains
    assert float(gather_time_s(0.0, across, slow, stack)) == pytest.approx(3e-6 + 5e-6 + 30e-6)


def test_all_to_all_is_bound_by_the_slower_of_its_two_shares(network: NetworkInputs, ideal: Stack) -> None:
    members = group(32.0, 1.0, network, ideal())
    # a quarter stays: 0.25 GB at 100 GB/s; 0.75 GB leave over the rank's own port of 10 GB/s
    assert float(all_to_all_time_s(0.25 * GB, 0.75 * GB, members, network)) == pytest.approx(0.075)
    assert float(all_to_all_time_s(GB, 0.0, members, network)) == pytest.approx(0.01)
    # kernels that move a quarter of what the wire does
    slow = all_to_all_time_s(GB, 0.0, members, network, most_bytes_per_s=25 * GB)
    assert float(slow) == pytest.approx(0.04)


def test_point_to_point_takes_its_own_link(network: NetworkInputs, ideal: Stack) -> None:
    stack = ideal(point_to_point_efficiency=0.5)
    inside, outside = np.array(True), np.array(False)
    assert float(point_to_point_time_s(GB, inside, network, stack)) == pytest.approx(1 / 50)
    assert float(point_to_point_time_s(GB, outside, network, stack)) == pytest.approx(1 / 5)
    mesh = replace(network, is_mesh=1.0)
    assert float(point_to_point_time_s(GB, inside, mesh, stack)) == pytest.approx(1 / 5)
    # of three axes with two directions each, a transfer takes one
    torus = replace(network, torus_axes=3.0)
    assert float(point_to_point_time_s(GB, inside, torus, stack)) == pytest.approx(6 / 50)
    late = replace(network, scale_out_latency_s=1.0, scale_up_latency_s=0.5)
    assert float(point_to_point_time_s(0.0, outside, late, stack)) == 1.0
    assert float(point_to_point_time_s(0.0, inside, late, stack)) == 0.5


def test_groups_broadcast(network: NetworkInputs, ideal: Stack) -> None:
    members = group(np.array([1.0, 8.0, 64.0]), np.array([1.0, 1.0, 8.0]), network, ideal())
    times = gather_time_s(6.4 * GB, members, network, ideal())
    assert times == pytest.approx([0.0, 0.056, 0.63])


def test_a_message_of_half_size_takes_a_domain_twice_as_long(network: NetworkInputs, ideal: Stack) -> None:
    message = 64e6
    eight = group(8.0, 1.0, network, ideal())
    wire = float(gather_time_s(message, eight, network, ideal()))
    # what the group moves is 7/8 of the message
    ramped = float(gather_time_s(message, eight, network, ideal(scale_up_half_bytes=message * 7 / 8)))
    assert ramped == pytest.approx(2 * wire)
    alone = group(1.0, 1.0, network, ideal())
    assert float(gather_time_s(message, alone, network, ideal(scale_up_half_bytes=message))) == 0


def test_members_that_do_not_fill_their_domains(network: NetworkInputs, ideal: Stack) -> None:
    # of eight chips in a domain, two lie three apart; twelve in a row take two domains
    apart = group(4.0, 3.0, network, ideal())
    assert (float(apart.ranks_per_domain), float(apart.domains)) == (2, 2)
    row = group(12.0, 1.0, network, ideal())
    assert (float(row.ranks_per_domain), float(row.domains)) == (8, 2)


def test_a_torus_of_one_axis_is_a_ring(network: NetworkInputs, ideal: Stack) -> None:
    ring = replace(network, torus_axes=1.0)
    assert float(group(8.0, 1.0, ring, ideal(), torus_share=0.5).inner_bytes_per_s) == 50 * GB
    assert float(group(8.0, 1.0, ring, ideal()).inner_bytes_per_s) == 100 * GB
    # one of its two directions
    assert float(point_to_point_time_s(GB, np.array(True), ring, ideal())) == pytest.approx(1 / 50)


def test_many_domains_cost_no_more_steps_than_a_tree(network: NetworkInputs, ideal: Stack) -> None:
    stack = ideal(collective_step_s=10e-6)
    for domains, steps in [(65.0, 64), (66.0, 64), (1024.0, 64), (64.0, 63)]:
        members = group(8.0 * domains, 1.0, network, stack)
        assert float(gather_time_s(0.0, members, network, stack)) == pytest.approx(steps * 10e-6)


def test_one_member_a_domain_ramps_up_nothing_inside(network: NetworkInputs, ideal: Stack) -> None:
    stack = ideal(scale_up_half_bytes=GB)
    assert float(gather_time_s(0.0, group(8.0, 8.0, network, stack), network, stack)) == 0
    assert float(gather_time_s(0.0, group(8.0, 1.0, network, stack), network, stack)) == pytest.approx(0.01)


def test_an_exchange_that_mostly_stays_is_bound_inside(network: NetworkInputs, ideal: Stack) -> None:
    members = group(32.0, 1.0, network, ideal())
    # 0.95 GB at 100 GB/s take longer than 0.05 GB at 10 GB/s
    assert float(all_to_all_time_s(0.95 * GB, 0.05 * GB, members, network)) == pytest.approx(0.0095)


def test_an_exchange_waits_for_both_tiers_latency(network: NetworkInputs, ideal: Stack) -> None:
    slow = replace(network, scale_up_latency_s=1e-6, scale_out_latency_s=5e-6)
    inside = group(8.0, 1.0, slow, ideal())
    assert float(all_to_all_time_s(0.0, 0.0, inside, slow)) == pytest.approx(1e-6)
    # three domains: log2(3 + 1) = 2 times the latency between them
    across = group(24.0, 1.0, slow, ideal())
    assert float(all_to_all_time_s(0.0, 0.0, across, slow)) == pytest.approx(1e-6 + 10e-6)
    assert float(all_to_all_time_s(100e6, 0.0, across, slow)) == pytest.approx(1e-3 + 11e-6)
