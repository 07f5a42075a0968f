"""What each class of parallelism moves, by hand; each is silent at degree one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.engine.inputs import ArchitectureInputs, Layouts, NetworkInputs, StackConstants, WorkloadInputs
from planner.engine.traffic import (
    DataTraffic,
    context_layer_time,
    data_traffic,
    expert_layer_time,
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
    sent = S * 2 * 1024 * 2 * 15 / 16
    # of two copies spread over two domains, 1 - 1/4 reach the other one: a copy for each domain, not expert
    assert float(found.seconds) == pytest.approx(2 * sent * 0.75 / 2 / (10 * GB))
    assert found.crosses_domains


def test_node_limited_routing_bounds_what_leaves(
    deepseek_v3: ArchitectureInputs, workload: WorkloadInputs, network: NetworkInputs, ideal: Stack
) -> None:
    def seconds(limit: float) -> float:
        work = model_work(replace(deepseek_v3, routing_groups_limit=limit), workload)
        return float(
            expert_layer_time(work, TOKENS, layout(expert=64.0, data=64.0), network, ideal()).seconds
        )

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
