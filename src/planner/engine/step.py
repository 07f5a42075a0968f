"""The time of one optimizer step, in exposed parts that sum to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, BoolArray, FloatArray
from planner.engine.compute import head_time_s, layer_times
from planner.engine.inputs import ChipInputs, Layouts, NetworkInputs, StackConstants, WorkloadInputs
from planner.engine.schedule import Schedule, schedule
from planner.engine.traffic import (
    ClassTime,
    DataTraffic,
    context_layer_time,
    data_traffic,
    expert_layer_time,
    pipeline_transfer_time,
    tensor_layer_time,
)
from planner.engine.work import ModelWork, microbatch_tokens

#: Backward over forward time of matmuls and element-wise work; of fused attention, which recomputes scores.
BACKWARD_MATMUL = 2.0
BACKWARD_ATTENTION = 2.5
#: Bytes that Adam moves for one parameter: gradient 4, master and two moments 12 each way, weight 2. [B]
OPTIMIZER_BYTES = 30.0


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Exposed parts of one step. [s].

    `total` is the sum of all parts; communication parts are what compute did not hide.
    """

    compute: FloatArray
    memory_bound: FloatArray
    tensor: FloatArray
    context: FloatArray
    expert: FloatArray
    pipeline_p2p: FloatArray
    data: FloatArray
    bubble: FloatArray
    optimizer: FloatArray
    jitter: FloatArray
    total: FloatArray
    microbatches: FloatArray
    #: of tensor, context, expert, pipeline and data traffic, whether it leaves the scale-up domain
    crossing: tuple[BoolArray, ...]

    @property
    def scale_out(self) -> FloatArray:
        """Share of the exposed communication that is bound by the scale-out tier. [-]."""
        traffic = (self.tensor, self.context, self.expert, self.pipeline_p2p, self.data)
        outside = sum(time * crosses for time, crosses in zip(traffic, self.crossing, strict=True))
        return np.asarray(outside / np.maximum(sum(traffic), 1e-30))


@dataclass(frozen=True, slots=True)
class _Passes:
    """Forward and backward of one average layer and microbatch, recomputation included. [s]."""

    compute: FloatArray
    memory_bound: FloatArray
    #: compute under which context traffic hides, and so nothing else does
    taken: FloatArray
    tensor: ClassTime
    context: ClassTime
    expert: ClassTime


def _layer_passes(
    work: ModelWork,
    tokens: FloatArray,
    layout: Layouts,
    chip: ChipInputs,
    network: NetworkInputs,
    stack: StackConstants,
    workload: WorkloadInputs,
) -> _Passes:
    forward = layer_times(work, tokens, layout, chip, stack, workload)
    again = np.asarray(layout.recompute_layers, dtype=np.float64)
    attention_again = np.maximum(again, layout.recompute_attention)
    matmul_again = again + (1.0 - again) * layout.recompute_matmul
    matmul = (forward.matmul + forward.experts) * (1.0 + BACKWARD_MATMUL + matmul_again)
    matmul = matmul - again * forward.dropped
    attention = forward.attention * (1.0 + BACKWARD_ATTENTION + attention_again)
    tensor = tensor_layer_time(work, tokens, layout, network, stack)
    context = context_layer_time(work, tokens, layout, network, stack)
    expert = expert_layer_time(work, tokens, layout, network, stack)
    fused = np.maximum(stack.fused_tensor_overlap, stack.tensor_overlap)
    tensor_hidden = np.where(np.asarray(layout.has_tensor_overlap) > 0, fused, stack.tensor_overlap)
    context_total = context.seconds * (3.0 + again)
    context_hidden = np.minimum(stack.context_overlap * attention, stack.context_overlap * context_total)
    return _Passes(
        compute=matmul + attention,
        memory_bound=forward.memory_bound * (1.0 + BACKWARD_MATMUL + again),
        taken=context_hidden,
        tensor=ClassTime(tensor.seconds * (2.0 + again) * (1.0 - tensor_hidden), tensor.crosses_domains),
        context=ClassTime(context_total - context_hidden, context.crosses_domains),
        expert=ClassTime(
            expert.seconds * (2.0 + again) * (1.0 - np.asarray(stack.expert_overlap)), expert.crosses_domains
        ),
    )


def step_times(
    work: ModelWork,
    layout: Layouts,
    chip: ChipInputs,
    network: NetworkInputs,
    stack: StackConstants,
    workload: WorkloadInputs,
) -> StepTimes:
    r"""Return the exposed parts of one step of every layout; all arguments broadcast.

    Notes
    -----
    The slowest stage sets the pipeline's pace: with :math:`m` microbatches of :math:`t_s` on it and
    :math:`b` bubble microbatches of the mean stage, a step takes
    :math:`m\,t_s + b\,\bar t + t_{data} + t_{optimizer}`, and stragglers stretch the whole.
    """
    tokens = microbatch_tokens(work, layout.microbatch, layout.context)
    plan = schedule(work, layout, workload)
    layer = _layer_passes(work, tokens, layout, chip, network, stack, workload)
    head = head_time_s(work, tokens, layout, chip, stack) * (1.0 + BACKWARD_MATMUL)
    layer_total = layer.compute + layer.memory_bound + layer.tensor.seconds + layer.context.seconds
    layer_total = layer_total + layer.expert.seconds
    last_is_slowest = plan.last_stage_layers * layer_total + head > plan.stage_layers * layer_total
    slow_layers = np.where(last_is_slowest, plan.last_stage_layers, plan.stage_layers)
    slow_head = np.where(last_is_slowest, head, 0.0)
    mean_stage = ((work.layers + work.prediction_layers) * layer_total + head) / layout.pipeline
    microbatches = plan.microbatches
    layer_passes = microbatches * slow_layers
    transfer = pipeline_transfer_time(work, tokens, layout, network, stack)
    exposed_transfer = (
        2.0
        * microbatches
        * layout.virtual_stages
        * transfer.seconds
        * (1.0 - stack.pipeline_overlap * np.asarray(layout.has_pipeline_overlap))
    )
    bubble = plan.bubble_microbatches * (mean_stage + 2.0 * transfer.seconds * layout.virtual_stages)
    data, optimizer, data_crosses = _data_and_optimizer(work, layout, chip, network, stack, plan, layer, head)
    tensor = layer_passes * layer.tensor.seconds
    context = layer_passes * layer.context.seconds
    expert = layer_passes * layer.expert.seconds
    compute = layer_passes * layer.compute + microbatches * slow_head
    memory_bound = layer_passes * layer.memory_bound
    doublings = np.log2(np.maximum(_hosts(layout, network), 1.0))
    optimizer = optimizer + stack.step_overhead_s * (1.0 + doublings)
    smooth = compute + memory_bound + tensor + context + expert + exposed_transfer + data + bubble + optimizer
    jitter = smooth * (stack.jitter_per_doubling * doublings)
    return StepTimes(
        compute=compute,
        memory_bound=memory_bound,
        tensor=tensor,
        context=context,
        expert=expert,
        pipeline_p2p=exposed_transfer,
        data=data,
        bubble=bubble,
        optimizer=optimizer,
        jitter=jitter,
        total=smooth + jitter,
        microbatches=microbatches,
        crossing=(
            layer.tensor.crosses_domains,
            layer.context.crosses_domains,
            layer.expert.crosses_domains,
            transfer.crosses_domains,
            data_crosses,
        ),
    )


def _hosts(layout: Layouts, network: NetworkInputs) -> FloatArray:
    chips = layout.tensor * np.multiply(layout.context, layout.pipeline) * layout.data
    return np.asarray(chips / network.host_chips)


def stage_parameters(work: ModelWork, layout: Layouts, layers: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the parameters that one chip holds of `layers` layers: all but routed experts, and those. [-].

    The embedding (first stage) or head (last) is counted once; both where there is one stage and they are
    not tied.
    """
    one_stage = np.asarray(layout.pipeline) <= 1.0
    ends = work.embedding_parameters + np.where(
        one_stage, (1.0 - work.has_tied_embeddings) * work.head_parameters, 0.0
    )
    dense = (layers * work.layer_parameters + ends) / layout.tensor
    if not work.has_experts:
        return np.asarray(dense), np.zeros(())
    experts = layers * work.layer_expert_parameters / (np.multiply(layout.expert, layout.expert_tensor))
    return np.asarray(dense), np.asarray(experts)


def _data_and_optimizer(
    work: ModelWork,
    layout: Layouts,
    chip: ChipInputs,
    network: NetworkInputs,
    stack: StackConstants,
    plan: Schedule,
    layer: _Passes,
    head: FloatArray,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return exposed data-parallel time, the optimizer's time, and whether the traffic leaves the domain.

    Gradients are reduced under the last microbatch's backward pass and parameters gathered under the first
    forward pass. With sharded weights (ZeRO-3) both happen every microbatch, and weights are gathered a
    second time for the backward pass. The stage with most layers counts, whichever is the slowest: a faster
    chip must not move the traffic to another stage.
    """
    layers = np.maximum(plan.stage_layers, plan.last_stage_layers)
    dense, experts = stage_parameters(work, layout, layers)
    zero = np.asarray(layout.zero)
    is_sharded = zero >= 3.0
    traffic: DataTraffic = data_traffic(dense, experts, np.maximum(layers, 1.0), layout, network, stack)
    compute_once = layers * (layer.compute + layer.memory_bound - layer.taken)
    compute_once = compute_once + np.where(np.asarray(layout.pipeline) <= 1.0, head, 0.0)
    hidden_share = stack.data_overlap * np.asarray(layout.has_data_overlap)
    once = traffic.reduce + np.where(zero >= 1.0, traffic.gather, traffic.reduce)
    every = traffic.reduce + 2.0 * traffic.gather
    moved = np.where(is_sharded, every, once)
    hidden = np.minimum(moved * (1.0 - np.asarray(stack.data_exposed_share)), hidden_share * compute_once)
    exposed = (moved - hidden) * np.where(is_sharded, plan.microbatches, 1.0)
    ranks = np.multiply(layout.data, layout.context)
    shards = np.where(zero >= 1.0, np.minimum(layout.shard_ranks, ranks), 1.0)
    updated = dense / shards
    if work.has_experts:
        expert_ways = np.multiply(layout.expert, layout.expert_tensor)
        expert_shards = np.maximum(shards * layout.tensor / expert_ways, 1.0)
        updated = updated + experts / np.where(zero >= 1.0, expert_shards, 1.0)
    memory_rate = np.multiply(chip.memory_bandwidth_bytes_per_s, stack.memory_efficiency)
    return exposed, updated * (OPTIMIZER_BYTES / memory_rate), traffic.crosses_domains
