"""One step: parts that sum, classes that are silent at degree one, and the whole by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.engine.data_exchange import stage_parameters
from planner.engine.inputs import (
    ArchitectureInputs,
    ChipInputs,
    Layouts,
    NetworkInputs,
    StackConstants,
    WorkloadInputs,
)
from planner.engine.parts import BACKWARD_ATTENTION, BACKWARD_MATMUL
from planner.engine.search import Machine
from planner.engine.step import STEP_PARTS, StepTimes, step_times
from planner.engine.work import ModelWork, model_work, total_parameters

PARTS = STEP_PARTS
H, L, S, V, BATCH, PEAK = 12288, 96, 2048, 51200, 64, 100e12
Stack = Callable[..., StackConstants]
Step = Callable[..., StepTimes]


def layout(**columns: object) -> Layouts:
    given: dict[str, object] = {"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, **columns}
    return Layouts(**given)  # type: ignore[arg-type]  # columns are floats or arrays


@pytest.fixture
def step(
    work: ModelWork, chip: ChipInputs, network: NetworkInputs, workload: WorkloadInputs, ideal: Stack
) -> Step:
    def make(stack: StackConstants | None = None, memory: float = np.inf, **columns: object) -> StepTimes:
        there = replace(chip, memory_bandwidth_bytes_per_s=memory)
        return step_times(work, layout(**columns), there, network, stack or ideal(), workload)

    return make


def forward_s(tensor: int = 1) -> float:
    """Return what a layer's forward pass of one sequence computes, at the peak."""
    return (2 * S * 12 * H**2 + S * 2 * H * S) / tensor / PEAK


@pytest.mark.parametrize("seed", range(5))
def test_parts_sum_to_the_whole(
    small_mixture: ArchitectureInputs, machine: Machine, workload: WorkloadInputs, seed: int
) -> None:
    source = np.random.default_rng(seed)

    def degree(*choices: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return source.choice(choices, size=500)

    candidates = layout(
        tensor=degree(1, 2, 4, 8, 16),
        pipeline=degree(1, 2, 4, 8),
        data=degree(1, 2, 16, 64),
        context=degree(1, 2),
        expert=degree(1, 4, 16),
        microbatch=degree(1, 2),
        zero=degree(0, 1, 2, 3),
        virtual_stages=degree(1, 2),
        recompute_attention=degree(0, 1),
        recompute_layers=degree(0, 0.5, 1),
    )
    work = model_work(small_mixture, workload)
    found = step_times(work, candidates, machine.chip, machine.network, machine.stack, workload)
    parts = [np.broadcast_to(getattr(found, name), (500,)) for name in PARTS]
    assert all(np.all(np.isfinite(part) & (part >= 0)) for part in parts)
    assert np.sum(parts, axis=0) == pytest.approx(found.total, rel=1e-12)
    assert np.all((found.scale_out >= 0) & (found.scale_out <= 1))


CLASSES = {"tensor", "context", "expert", "pipeline_p2p", "data", "bubble"}


@pytest.mark.parametrize(
    ("columns", "heard"),
    [
        ({}, set()),
        ({"tensor": 4.0}, {"tensor"}),
        ({"data": 4.0}, {"data"}),
        ({"pipeline": 4.0}, {"pipeline_p2p", "bubble"}),
        ({"context": 4.0}, {"context", "data"}),
        ({"tensor": 4.0, "pipeline": 4.0}, {"tensor", "pipeline_p2p", "bubble"}),
    ],
)
def test_a_class_is_silent_at_degree_one(
    small: ArchitectureInputs,
    machine: Machine,
    workload: WorkloadInputs,
    columns: dict[str, float],
    heard: set[str],
) -> None:
    work = model_work(small, workload)
    found = step_times(work, layout(**columns), machine.chip, machine.network, machine.stack, workload)
    assert {name for name in CLASSES if float(getattr(found, name)) != 0} == heard


def test_experts_are_heard_where_they_are_spread(
    small_mixture: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    work = model_work(small_mixture, workload)

    def found(**columns: float) -> StepTimes:
        return step_times(work, layout(**columns), machine.chip, machine.network, machine.stack, workload)

    assert float(found(data=4.0).expert) == 0
    assert float(found(data=4.0, expert=4.0).expert) > 0
    # experts that are not tensor-parallel have replicas on the tensor ranks, whose gradients are reduced
    assert float(found(tensor=4.0).data) > 0
    assert float(found(tensor=4.0, expert=4.0).data) == 0


def test_one_chip_that_loses_nothing_computes_the_flops(step: Step) -> None:
    found = step()
    matmul = 3 * (2 * S * (L * 12 * H**2 + V * H)) / PEAK
    attention = (1 + BACKWARD_ATTENTION) * L * S * 2 * H * S / PEAK
    assert float(found.total) == pytest.approx(BATCH * (matmul + attention))
    assert float(found.compute) == float(found.total)
    assert BACKWARD_MATMUL == 2.0
    assert float(found.terms.microbatches) == BATCH


def test_data_parallelism_divides_the_microbatches(step: Step, ideal: Stack) -> None:
    hidden = ideal(data_overlap=1.0)
    whole, divided = step(), step(hidden, data=8.0)
    assert float(divided.compute) == pytest.approx(float(whole.compute) / 8)
    assert float(divided.data) == pytest.approx(0.0)


def test_recomputation_adds_a_forward_pass(step: Step) -> None:
    more = float(step(recompute_layers=1.0).compute - step().compute)
    assert more == pytest.approx(BATCH * L * forward_s())
    attention = float(step(recompute_attention=1.0).compute - step().compute)
    assert attention == pytest.approx(BATCH * L * S * 2 * H * S / PEAK)
    matmuls = float(step(recompute_matmul=0.5).compute - step().compute)
    assert matmuls == pytest.approx(BATCH * L * 2 * S * 12 * H**2 / 2 / PEAK)


def test_the_bubble_is_stages_less_one(step: Step) -> None:
    found = step(pipeline=8.0, has_pipeline_overlap=0.0)
    layer = 3 * 2 * S * 12 * H**2 / PEAK + (1 + BACKWARD_ATTENTION) * S * 2 * H * S / PEAK
    head = 3 * 2 * S * V * H / PEAK
    transfer = 2 * S * 2 * H / 100e9
    mean_stage = (L * layer + head) / 8
    assert float(found.bubble) == pytest.approx(7 * (mean_stage + transfer))
    assert float(found.pipeline_p2p) == pytest.approx(BATCH * transfer)
    # the last stage carries the head, and sets the pace
    assert float(found.compute) == pytest.approx(BATCH * (12 * layer + head))
    interleaved = step(pipeline=8.0, virtual_stages=3.0, has_pipeline_overlap=0.0)
    assert float(interleaved.bubble) == pytest.approx(7 / 3 * (mean_stage + 3 * transfer))
    assert float(interleaved.pipeline_p2p) == pytest.approx(3 * BATCH * transfer)


def test_an_uneven_stage_sets_the_pace(step: Step) -> None:
    # 96 layers on ten stages: nine of ten layers, one of six with the head
    even, uneven = step(pipeline=8.0), step(pipeline=10.0)
    layer = 3 * 2 * S * 12 * H**2 / PEAK + (1 + BACKWARD_ATTENTION) * S * 2 * H * S / PEAK
    assert float(uneven.compute) == pytest.approx(BATCH * 10 * layer)
    assert float(uneven.compute) < float(even.compute)


def test_tensor_traffic_by_hand(step: Step, ideal: Stack) -> None:
    found = step(tensor=8.0)
    once = 4 * 7 / 8 * S * 2 * H / 100e9
    assert float(found.tensor) == pytest.approx(BATCH * L * 2 * once)
    assert float(step(tensor=8.0, recompute_layers=1.0).tensor) == pytest.approx(BATCH * L * 3 * once)
    assert float(step(ideal(tensor_overlap=0.25), tensor=8.0).tensor) == pytest.approx(
        0.75 * float(found.tensor)
    )
    assert float(found.scale_out) == 0


def test_a_fused_kernel_hides_its_own_share_of_tensor_traffic(step: Step, ideal: Stack) -> None:
    stack = ideal(tensor_overlap=0.1, fused_tensor_overlap=0.5)
    whole = float(step(tensor=8.0).tensor)
    assert float(step(stack, tensor=8.0).tensor) == pytest.approx(0.9 * whole)
    assert float(step(stack, tensor=8.0, has_tensor_overlap=1.0).tensor) == pytest.approx(0.5 * whole)


def test_the_data_traffic_of_a_pipeline_is_that_of_its_fullest_stage(step: Step, work: ModelWork) -> None:
    # ten stages: ten layers on each but the last, which has six and the head; the embedding is on the first
    found = step(pipeline=10.0, data=4.0)
    parameters = 10 * (12 * H**2 + 4 * H) + V * H
    assert float(found.data) == pytest.approx(2 * 3 / 4 * 2 * parameters / 100e9)


def test_data_traffic_hides_under_compute(step: Step, ideal: Stack, work: ModelWork) -> None:
    bytes_each = 2 * float(total_parameters(work))
    once = 2 * 7 / 8 * bytes_each / 100e9
    assert float(step(data=8.0).data) == pytest.approx(once, rel=1e-4)
    # what lies in the first and last bucket cannot hide
    hidden = step(ideal(data_overlap=1.0, data_exposed_share=0.1), data=8.0)
    assert float(hidden.data) == pytest.approx(0.1 * once, rel=1e-4)
    exposed = step(ideal(data_overlap=1.0), data=8.0, has_data_overlap=0.0)
    assert float(exposed.data) == pytest.approx(once, rel=1e-4)


def test_what_hides_context_traffic_hides_nothing_else(step: Step, ideal: Stack) -> None:
    stack = ideal(context_overlap=0.7, data_overlap=1.0)
    apart = step(stack, context=2.0, zero=3.0)
    passed = 3 * S / 2 * 2 * 2 * H / 100e9
    # a layer's attention is longer than its traffic: a share of the traffic hides
    assert float(apart.context) == pytest.approx(BATCH * L * 0.3 * passed)
    # and data traffic, which is longer than the compute, hides under what is left of it
    traffic = float(step(ideal(), context=2.0, zero=3.0).data)
    left = float(apart.compute) - BATCH * L * 0.7 * passed
    assert float(apart.data) == pytest.approx(max(traffic - left, 0.0), abs=1e-9)


def test_sharded_weights_are_gathered_twice_every_microbatch(step: Step, work: ModelWork) -> None:
    bytes_each = 2 * float(total_parameters(work))
    found = step(data=8.0, zero=3.0)
    assert float(found.data) == pytest.approx(8 * 3 * 7 / 8 * bytes_each / 100e9, rel=1e-4)


def test_frozen_weights_are_gathered_where_they_are_sharded_and_never_reduced(
    work: ModelWork, chip: ChipInputs, network: NetworkInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    def data_s(weight_bytes: float, **columns: object) -> float:
        tuned = replace(workload, trains_all=0.0, adapter_parameters=1e6, weight_bytes=weight_bytes)
        return float(step_times(work, layout(data=8.0, **columns), chip, network, ideal(), tuned).data)

    adapters = 2 * L * 1e6 * 7 / 8 / 100e9
    weights = 2 * float(total_parameters(work)) * 7 / 8 / 100e9
    assert data_s(2.0) == pytest.approx(2 * adapters)
    assert data_s(2.0, zero=3.0) == pytest.approx(8 * (adapters + 2 * weights), rel=1e-4)
    # in four bits a quarter of the bytes
    assert data_s(0.5, zero=3.0) == pytest.approx(8 * (adapters + weights / 2), rel=1e-4)


def test_adapters_are_exchanged_in_buckets_and_whole_layers_one_by_one(
    work: ModelWork, chip: ChipInputs, network: NetworkInputs, workload: WorkloadInputs, ideal: Stack
) -> None:
    def waits_s(adapters: float, trains_all: float, **columns: object) -> float:
        tuned = replace(workload, trains_all=trains_all, adapter_parameters=adapters)

        def data_s(latency_s: float) -> float:
            there = replace(network, scale_up_latency_s=latency_s)
            return float(step_times(work, layout(data=8.0, **columns), chip, there, ideal(), tuned).data)

        return data_s(1.0) - data_s(0.0)

    message = waits_s(1e5, 0.0)
    assert message > 0
    assert waits_s(1e5, 1.0) == pytest.approx(L * message)
    # more than 40 million gradients of all layers are two such buckets, and a layer has one at most
    assert waits_s(80e6 / L, 0.0) == pytest.approx(2 * message)
    assert waits_s(80e6, 0.0) == pytest.approx(L * message)
    # who shards weights reduces the adapters of each layer that was gathered
    assert waits_s(1e5, 0.0, zero=3.0) == pytest.approx(waits_s(80e6, 0.0, zero=3.0))


def test_plain_data_parallelism_reduces_but_gathers_nothing(step: Step) -> None:
    # an all-reduce of the gradients moves what reduce-scatter and all-gather of ZeRO-1 do
    assert float(step(data=8.0, zero=0.0).data) == pytest.approx(float(step(data=8.0, zero=1.0).data))


def test_the_optimizer_passes_over_its_state(step: Step, ideal: Stack, work: ModelWork) -> None:
    parameters = float(total_parameters(work))
    assert float(step(memory=1e12, zero=0.0).optimizer) == pytest.approx(30 * parameters / 1e12)
    assert float(step(memory=1e12, data=8.0).optimizer) == pytest.approx(30 * parameters / 8 / 1e12, rel=1e-4)
    assert float(step(ideal(step_overhead_s=0.5)).optimizer) == 0.5


def test_jitter_grows_with_the_doublings_of_hosts(step: Step, ideal: Stack) -> None:
    losing = ideal(jitter_per_doubling=0.01)
    assert float(step(losing, data=8.0).jitter) == 0
    found = step(losing, data=64.0)
    assert float(found.jitter) == pytest.approx(0.03 * float(found.total - found.jitter))


def test_traffic_over_the_fabric_is_told_apart(step: Step, ideal: Stack) -> None:
    assert float(step(data=8.0).scale_out) == 0
    assert float(step(data=64.0).scale_out) == pytest.approx(1)
    mixed = step(tensor=8.0, data=8.0)
    assert float(mixed.scale_out) == pytest.approx(float(mixed.data / (mixed.data + mixed.tensor)))


def test_a_stage_holds_its_layers_and_one_end(work: ModelWork) -> None:
    dense, experts = stage_parameters(work, layout(), L)
    assert float(dense) == pytest.approx(float(total_parameters(work)))
    assert float(experts) == 0
    dense, _ = stage_parameters(work, layout(pipeline=8.0, tensor=4.0), L / 8)
    assert float(dense) == pytest.approx((12 * (12 * H**2 + 4 * H) + V * H) / 4)


def test_candidates_are_costed_alike_alone_and_together(
    work: ModelWork, machine: Machine, workload: WorkloadInputs
) -> None:
    tensor, pipeline = np.array([1.0, 8.0, 4.0]), np.array([8.0, 1.0, 4.0])
    parts = (machine.chip, machine.network, machine.stack, workload)
    together = step_times(work, layout(tensor=tensor, pipeline=pipeline, data=8.0), *parts).total
    alone = [
        float(step_times(work, layout(tensor=t, pipeline=p, data=8.0), *parts).total)
        for t, p in zip(tensor, pipeline, strict=True)
    ]
    assert together.tolist() == alone
