"""What each class of parallelism moves, by hand; each is silent at degree one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.engine.experts import busiest_load, expert_layer_time, launch_s
from planner.engine.inputs import ArchitectureInputs, Layouts, NetworkInputs, StackConstants, WorkloadInputs
from planner.engine.traffic import (
    DataTraffic,
    context_layer_time,
    data_traffic,
    pipeline_transfer_time,
    tensor_layer_time,
)
from planner.engine.work import ModelWork, model_work

H, S, GB = 12288, 2048, 1e9
TOKENS = np.array(2048.0)
Stack = Callable[..., StackConstants]


def layout(**columns: float) -> Layouts:
    return Layouts(**{"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, **columns})


def test_everything_is_silent_at_degree_one(work: ModelWork, network: NetworkInputs, ideal: Stack) -> None:
    alone = layout()
    for traffic in (tensor_layer_time, context_layer_time, expert_layer_time, pipeline_transfer_time):
        found = traffic(work, TOKENS, alone, network, ideal())
        assert (float(found.seconds), bool(found.crosses_domains)) == (0.0, False)
    data = data_traffic(np.array(1e9), np.array(0.0), np.array(8.0), alone, network, ideal())
    assert (float(data.reduce), float(data.gather), bool(data.crosses_domains)) == (0.0, 0.0, False)


def test_tensor_parallelism_reduces_twice_a_layer(
    work: ModelWork, network: NetworkInputs, ideal: Stack
) -> None:
    found = tensor_layer_time(work, TOKENS, layout(tensor=8.0), network, ideal())
    # two all-reduces, each a reduce-scatter and an all-gather of 7/8 of 2sbh bytes at 100 GB/s
    assert float(found.seconds) == pytest.approx(4 * 7 / 8 * S * 2 * H / (100 * GB))
    assert not found.crosses_domains
    across = tensor_layer_time(work, TOKENS, layout(tensor=16.0), network, ideal())
    assert float(across.seconds) == pytest.approx(4 * 15 / 16 * S * 2 * H / (80 * GB))
    assert across.crosses_domains


def test_experts_that_are_not_tensor_parallel_need_one_reduction_less(
    small_mixture: ArchitectureInputs, workload: WorkloadInputs, network: NetworkInputs, ideal: Stack
) -> None:
    work = model_work(small_mixture, workload)
    with_experts = tensor_layer_time(work, TOKENS, layout(tensor=8.0), network, ideal())
    sharded = tensor_layer_time(work, TOKENS, layout(tensor=8.0, expert_tensor=8.0), network, ideal())
    assert float(sharded.seconds) == pytest.approx(2 * float(with_experts.seconds))


def test_ring_attention_passes_keys_and_values_around(
    work: ModelWork, network: NetworkInputs, ideal: Stack
) -> None:
    found = context_layer_time(work, TOKENS, layout(context=4.0), network, ideal())
    # three times the keys and values (2h) of the chip's own tokens
    assert float(found.seconds) == pytest.approx(3 * S * 2 * 2 * H / (100 * GB))
    # beside eight-fold tensor parallelism each rank keeps an eighth and goes over its own port
    beside = context_layer_time(work, TOKENS, layout(context=4.0, tensor=8.0), network, ideal())
    assert float(beside.seconds) == pytest.approx(3 * S * 2 * 2 * H / 8 / (10 * GB))
    assert beside.crosses_domains


@pytest.fixture
def mixture(small_mixture: ArchitectureInputs, workload: WorkloadInputs) -> ModelWork:
    return model_work(small_mixture, workload)


def test_experts_are_sent_to_and_back(mixture: ModelWork, network: NetworkInputs, ideal: Stack) -> None:
    found = expert_layer_time(mixture, TOKENS, layout(expert=8.0, data=8.0), network, ideal())
    # dispatch and combine: two copies of each token's 1,024 halves, 7/8 of them to others
    assert float(found.seconds) == pytest.approx(2 * S * 2 * 1024 * 2 * 7 / 8 / (100 * GB))


def test_copies_that_leave_the_domain_take_the_port(
    mixture: ModelWork, network: NetworkInputs, ideal: Stack
) -> None:
    found = expert_layer_time(mixture, TOKENS, layout(expert=16.0, data=16.0), network, ideal())
    # of two copies spread over two domains, one reaches the other one
    assert float(found.seconds) == pytest.approx(2 * S * 2 * 1024 * 1.0 / (10 * GB))
    assert found.crosses_domains


def test_merged_copies_cross_once_and_reach_each_rank_once(
    mixture: ModelWork, network: NetworkInputs, ideal: Stack
) -> None:
    def seconds(**columns: float) -> float:
        spread = layout(data=columns["expert"], **columns)
        return float(expert_layer_time(mixture, TOKENS, spread, network, ideal()).seconds)

    copy = S * 2 * 1024
    # both experts lie in the same other domain for a quarter of the tokens: 1 - 1/4 copies leave
    merged = seconds(expert=16.0, merges_across=1.0)
    assert merged == pytest.approx(2 * copy * 0.75 / (10 * GB))
    # over eight ranks of one domain 7 (1 - (7/8)^2) others are reached, at what the kernels move
    inside = seconds(expert=8.0, merges_inside=1.0)
    assert inside == pytest.approx(2 * copy * 7 * (1 - 49 / 64) / (100 * GB))
    assert seconds(expert=8.0, merges_inside=1.0, dispatch_bytes_per_s=20e9) == pytest.approx(5 * inside)


def test_all_wait_for_the_rank_that_is_asked_for_most(
    mixture: ModelWork, network: NetworkInputs, ideal: Stack
) -> None:
    stack = ideal(expert_load_spread=0.5)
    even = expert_layer_time(mixture, TOKENS, layout(expert=8.0, data=8.0), network, stack)
    free = layout(expert=8.0, data=8.0, has_free_routing=1.0)
    uneven = expert_layer_time(mixture, TOKENS, free, network, stack)
    # sixteen experts over eight ranks: 1 + sqrt(2 x 8 ln 8 / 16) / 2
    busiest = 1 + 0.5 * np.sqrt(np.log(8.0))
    assert float(busiest_load(mixture, free, stack)) == pytest.approx(busiest)
    assert float(uneven.seconds) == pytest.approx(busiest * float(even.seconds))
    # who holds all experts has the mean load
    alone = layout(has_free_routing=1.0)
    assert float(busiest_load(mixture, alone, stack)) == 1.0


def test_a_host_starts_each_pass_of_a_mixture_but_no_graph(mixture: ModelWork, ideal: Stack) -> None:
    stack = ideal(mixture_host_s=0.002)
    share = float(mixture.mixture_share)
    assert float(launch_s(mixture, layout(), stack)) == pytest.approx(share * 3 * 0.002)
    assert float(launch_s(mixture, layout(recompute_layers=0.5), stack)) == pytest.approx(share * 0.007)
    assert float(launch_s(mixture, layout(is_captured=1.0), stack)) == 0.0


def test_a_host_starts_a_dense_layer_that_runs_eagerly(work: ModelWork, ideal: Stack) -> None:
    stack = ideal(eager_host_s=0.001, mixture_host_s=0.002)
    assert float(launch_s(work, layout(), stack)) == 0.0
    assert float(launch_s(work, layout(is_eager=1.0), stack)) == pytest.approx(0.003)


def test_node_limited_routing_bounds_what_leaves(
    deepseek_v3: ArchitectureInputs, workload: WorkloadInputs, network: NetworkInputs, ideal: Stack
) -> None:
    merged = layout(expert=64.0, data=64.0, merges_across=1.0)

    def seconds(limit: float) -> float:
        work = model_work(replace(deepseek_v3, routing_groups_limit=limit), workload)
        return float(expert_layer_time(work, TOKENS, merged, network, ideal()).seconds)

    # eight experts over eight domains reach 7 (1 - (7/8)^8) others; at most four where four may be visited
    assert seconds(np.inf) / seconds(4.0) == pytest.approx(7 * (1 - (7 / 8) ** 8) / 4)
    assert seconds(2.0) == pytest.approx(seconds(4.0) / 2)


def test_a_pipeline_sends_a_ranks_share_of_the_activations(
    work: ModelWork, network: NetworkInputs, ideal: Stack
) -> None:
    inside = pipeline_transfer_time(work, TOKENS, layout(pipeline=4.0, tensor=4.0), network, ideal())
    assert float(inside.seconds) == pytest.approx(S * 2 * H / 4 / (100 * GB))
    assert not inside.crosses_domains
    across = pipeline_transfer_time(work, TOKENS, layout(pipeline=4.0, tensor=8.0), network, ideal())
    assert float(across.seconds) == pytest.approx(S * 2 * H / 8 / (10 * GB))
    assert across.crosses_domains


@pytest.fixture
def data(network: NetworkInputs, ideal: Stack) -> Callable[..., DataTraffic]:
    def make(experts: float = 0.0, stack: StackConstants | None = None, **columns: float) -> DataTraffic:
        return data_traffic(
            np.array(1e9), np.array(experts), np.array(1.0), layout(**columns), network, stack or ideal()
        )

    return make


def test_gradients_are_reduced_and_parameters_gathered(data: Callable[..., DataTraffic]) -> None:
    found = data(data=8.0)
    assert float(found.reduce) == pytest.approx(7 / 8 * 2 * GB / (100 * GB))
    assert float(found.gather) == pytest.approx(float(found.reduce))
    across = data(data=16.0, tensor=8.0)
    assert float(across.reduce) == pytest.approx(15 / 16 * 2 * GB / (10 * GB))
    assert across.crosses_domains


def test_gradients_in_single_precision_take_twice_as_long(
    data: Callable[..., DataTraffic], ideal: Stack
) -> None:
    found = data(data=8.0, stack=ideal(gradient_bytes=4.0))
    assert float(found.reduce) == pytest.approx(2 * float(found.gather))


def test_context_ranks_hold_replicas_too(data: Callable[..., DataTraffic]) -> None:
    assert float(data(data=4.0, context=2.0).reduce) == pytest.approx(float(data(data=8.0).reduce))


def test_shards_of_a_domain_are_reduced_across_domains(data: Callable[..., DataTraffic]) -> None:
    found = data(data=32.0, shard_ranks=8.0)
    # inside: 7/8 of 2 GB at 100 GB/s; across: an all-reduce of a chip's eighth over four domains at 10 GB/s
    inside, across = 7 / 8 * 2 / 100, 2 * 3 / 4 * 0.25 / 10
    assert float(found.reduce) == pytest.approx(inside + across)
    assert float(found.gather) == pytest.approx(inside)
    assert found.crosses_domains


def test_experts_have_fewer_replicas(data: Callable[..., DataTraffic]) -> None:
    # sixteen ranks, experts over all of them: no replica to reduce with
    assert float(data(experts=1e9, data=16.0, expert=16.0).reduce) == pytest.approx(
        float(data(data=16.0).reduce)
    )
    # over eight of them: pairs across domains, each over its own port
    more = float(data(experts=1e9, data=16.0, expert=8.0).reduce) - float(data(data=16.0).reduce)
    assert more == pytest.approx(1 / 2 * 2 * GB / (10 * GB))
