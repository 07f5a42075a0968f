"""The time of one optimizer step, in exposed parts that sum to it, with the terms behind them by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine import host_parts, parts, traffic_parts
from planner.engine.arrays import ArrayLike, BoolArray, FloatArray, any_of, as_floats, where
from planner.engine.compute import half_rate_flops_per_s, head_time_s, layer_times
from planner.engine.data_exchange import data_exchange
from planner.engine.experts import expert_layer_time, launch_s
from planner.engine.inputs import ChipInputs, Layouts, NetworkInputs, StackConstants, WorkloadInputs
from planner.engine.offload import offload_wait_s, update_rate
from planner.engine.recipe import update_bytes
from planner.engine.step_cut import step_cut
from planner.engine.traffic import (
    context_layer_time,
    pipeline_transfer_time,
    tensor_layer_time,
)
from planner.engine.work import ModelWork, microbatch_tokens

#: The exposed parts of a step, in the order in which they are told; they sum to the step.
STEP_PARTS = (
    "compute",
    "memory_bound",
    "tensor",
    "context",
    "expert",
    "pipeline_p2p",
    "data",
    "bubble",
    "optimizer",
    "jitter",
)
#: Those that are traffic.
TRAFFIC = ("tensor", "context", "expert", "pipeline_p2p", "data")


@dataclass(frozen=True, slots=True, eq=False)
class StepTerms:
    """What the parts of a step are made of: the parameters of the formulas in `parts`, by their names."""

    #: of one microbatch on one chip. [-]
    tokens: FloatArray
    #: of one pipeline in one step. [-]
    microbatches: FloatArray
    #: of the stage that sets the pace, and whether that is the last, which holds the output head. [-]
    layers: FloatArray
    last_is_slowest: BoolArray
    #: of the whole model, prediction modules included. [-]
    all_layers: FloatArray
    #: one layer and microbatch, forward. [s]
    matmul: FloatArray
    dropped: FloatArray
    attention: FloatArray
    element_wise: FloatArray
    element_again: FloatArray
    #: of one layer and microbatch, what the way to the host and back takes beside the layer's work, and how
    #: long the host takes to start its kernels. [s]
    host_wait: FloatArray
    launch: FloatArray
    #: output head and loss of one microbatch, forward, and on the slowest stage forward and backward. [s]
    head: FloatArray
    slowest_head: FloatArray
    #: traffic of one layer, microbatch and pass; of one transfer to the next stage. [s]
    tensor_pass: FloatArray
    expert_pass: FloatArray
    ring: FloatArray
    transfer: FloatArray
    #: shares that compute hides. [-]
    tensor_overlap: ArrayLike
    expert_overlap: ArrayLike
    pipeline_overlap: ArrayLike
    #: microbatch times of the whole pipeline that its fill and drain cost. [-]
    idle: FloatArray
    #: gradients and parameters of one exchange, how often they are exchanged, and the compute beside it. [s]
    moved: FloatArray
    exchanges: FloatArray
    compute_once: FloatArray
    data_overlap: ArrayLike
    #: products of a matmul's backward pass. [-]
    backward_matmul: FloatArray
    #: parameters that one chip's optimizer updates, the bytes of each, and the rate at which they move.
    #: [-], [B], [B/s]
    updated: FloatArray
    update_bytes: FloatArray
    memory_rate: FloatArray
    #: what the optimizer computes of one of them in matmuls, and their rate. [FLOP], [FLOP/s]
    update_flops: ArrayLike
    update_rate: FloatArray
    doublings: FloatArray
    #: of tensor, context, expert, pipeline and data traffic, whether it leaves the scale-up domain
    crossing: tuple[BoolArray, ...]


@dataclass(frozen=True, slots=True, eq=False)
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
    terms: StepTerms

    @property
    def scale_out(self) -> FloatArray:
        """Share of the exposed communication that is bound by the scale-out tier. [-]."""
        return as_floats(
            traffic_parts.scale_out_share(
                self.tensor,
                self.context,
                self.expert,
                self.pipeline_p2p,
                self.data,
                *(crosses.astype(np.float64) for crosses in self.terms.crossing),
            )
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

    .. math:: t = \left(m\,t_s + b\,\bar t + t_{data} + t_{optimizer}\right)(1 + j \log_2 n_{hosts})

    Parameters
    ----------
    work, layout, workload
        The model; all degrees, the schedule and what is recomputed; the sequences of a step.
    chip, network, stack
        Peaks [FLOP/s], bandwidths [B/s] and latencies [s], and the constants of the software.

    Returns
    -------
    StepTimes
        Parts that sum to the total, each in a shape that broadcasts to it [s], and their terms.

    Notes
    -----
    The slowest stage sets the pipeline's pace: with :math:`m` microbatches of :math:`t_s` on it and
    :math:`b` bubble microbatches of the mean stage, a step takes
    :math:`m\,t_s + b\,\bar t + t_{data} + t_{optimizer}`, and stragglers stretch the whole.

    References
    ----------
    .. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), section 2.2: the bubble of a schedule.
    .. [2] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), section 5: what
       recomputation costs.

    Examples
    --------
    Two stages and four microbatches, nothing else lost: of five microbatch times one is the bubble.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=4)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                   memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12)
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=np.inf,
    ...                         pair_bytes_per_s=np.inf, scale_up_latency_s=0)
    >>> stack = StackConstants(step_overhead_s=0)
    >>> layout = Layouts(tensor=1, pipeline=2, data=1, microbatch=1)
    >>> step = step_times(model_work(shape, workload), layout, chip, network, stack, workload)
    >>> round(float(step.bubble / (step.compute + step.memory_bound + step.bubble)), 9)
    0.2
    """
    tokens = microbatch_tokens(work, layout.microbatch, layout.context)
    plan = step_cut(work, layout, workload)
    forward = layer_times(work, tokens, layout, chip, stack, workload)
    again = as_floats(layout.recompute_layers)
    matmul = forward.matmul + forward.experts
    backward = parts.BACKWARD_MATMUL - 1.0 + as_floats(workload.trains_all)
    matmul_passes = parts.matmul_passes_s(
        matmul, forward.dropped, again, as_floats(layout.recompute_matmul), backward
    )
    attention_passes = parts.attention_passes_s(
        forward.attention, again, as_floats(layout.recompute_attention)
    )
    host_wait = np.zeros(())
    if any_of(workload.holds_activations < 1.0) or any_of(workload.holds_weights < 1.0):
        once = forward.matmul + forward.experts + forward.attention + forward.memory_bound
        host_wait = offload_wait_s(work, layout, chip, workload, tokens=tokens, forward_s=once)
    element_passes = parts.memory_bound_passes_s(
        forward.memory_bound, forward.element_again, again, host_wait
    )
    tensor = tensor_layer_time(work, tokens, layout, network, stack)
    ring = context_layer_time(work, tokens, layout, network, stack)
    expert = expert_layer_time(work, tokens, layout, network, stack)
    transfer = pipeline_transfer_time(work, tokens, layout, network, stack)
    fused = np.maximum(stack.fused_tensor_overlap, stack.tensor_overlap)
    tensor_overlap = where(layout.has_tensor_overlap > 0, fused, stack.tensor_overlap)
    pipeline_overlap = stack.pipeline_overlap * as_floats(layout.has_pipeline_overlap)
    ring_passes = parts.ring_passes_s(ring.seconds, again)
    ring_hidden = parts.ring_hidden_s(ring_passes, attention_passes, stack.context_overlap)
    tensor_layer = parts.exposed_passes_s(tensor.seconds, again, tensor_overlap)
    ring_layer = parts.ring_exposed_s(ring_passes, ring_hidden)
    expert_overlap = as_floats(stack.expert_overlap)
    if work.has_experts:
        scheduled = np.maximum(stack.scheduled_expert_overlap, stack.expert_overlap)
        expert_overlap = where(layout.has_expert_overlap > 0, scheduled, expert_overlap)
    expert_layer = parts.exposed_passes_s(expert.seconds, again, expert_overlap)
    layer = parts.layer_s(
        matmul_passes, attention_passes, element_passes, tensor_layer, ring_layer, expert_layer
    )
    launch = launch_s(work, layout, stack)
    memory_bound = element_passes
    if any_of(launch):
        memory_bound = host_parts.waited_s(element_passes, host_parts.launch_wait_s(layer, launch))
        layer = parts.layer_s(
            matmul_passes, attention_passes, memory_bound, tensor_layer, ring_layer, expert_layer
        )
    head = head_time_s(work, tokens, layout, chip, stack, workload)
    head_passes = parts.head_passes_s(head)
    last_is_slowest = plan.last_stage_layers * layer + head_passes > plan.stage_layers * layer
    layers = where(last_is_slowest, plan.last_stage_layers, plan.stage_layers)
    slowest_head = where(last_is_slowest, head_passes, 0.0)
    all_layers = work.layers + work.prediction_layers
    exchange = data_exchange(work, layout, network, stack, plan, workload)
    # what hides context traffic hides nothing else
    compute_once = exchange.layers * (matmul_passes + attention_passes + memory_bound - ring_hidden)
    compute_once = compute_once + where(layout.pipeline <= 1.0, head_passes, 0.0)
    chips = layout.tensor * np.multiply(layout.context, layout.pipeline) * layout.data
    terms = StepTerms(
        tokens=tokens,
        microbatches=plan.microbatches,
        layers=layers,
        last_is_slowest=last_is_slowest,
        all_layers=all_layers,
        matmul=matmul,
        dropped=forward.dropped,
        attention=forward.attention,
        element_wise=forward.memory_bound,
        element_again=forward.element_again,
        host_wait=host_wait,
        launch=launch,
        head=head,
        slowest_head=slowest_head,
        tensor_pass=tensor.seconds,
        expert_pass=expert.seconds,
        ring=ring.seconds,
        transfer=transfer.seconds,
        tensor_overlap=tensor_overlap,
        expert_overlap=expert_overlap,
        pipeline_overlap=pipeline_overlap,
        idle=plan.bubble_microbatches,
        moved=exchange.moved,
        exchanges=exchange.times,
        compute_once=compute_once,
        data_overlap=stack.data_overlap * as_floats(layout.has_data_overlap),
        backward_matmul=backward,
        updated=exchange.updated,
        update_bytes=update_bytes(workload),
        memory_rate=update_rate(chip, stack, workload),
        update_flops=workload.update_flops,
        update_rate=half_rate_flops_per_s(work, chip, stack),
        doublings=parts.doublings(chips, network.host_chips),
        crossing=(
            tensor.crosses_domains,
            ring.crosses_domains,
            expert.crosses_domains,
            transfer.crosses_domains,
            exchange.crosses_domains,
        ),
    )
    mean_stage = parts.mean_stage_s(all_layers, layer, head_passes, as_floats(layout.pipeline))
    return _assembled(
        terms,
        stack,
        as_floats(layout.virtual_stages),
        compute=parts.compute_s(plan.microbatches, layers, matmul_passes, attention_passes, slowest_head),
        memory_bound=memory_bound,
        tensor=tensor_layer,
        context=ring_layer,
        expert=expert_layer,
        mean_stage=mean_stage,
    )


def _assembled(
    terms: StepTerms,
    stack: StackConstants,
    virtual_stages: FloatArray,
    *,
    compute: FloatArray,
    memory_bound: FloatArray,
    tensor: FloatArray,
    context: FloatArray,
    expert: FloatArray,
    mean_stage: FloatArray,
) -> StepTimes:
    """Return the parts of a step from its terms and from what one layer takes of each."""
    memory_bound, tensor, context, expert = (
        parts.over_layers_s(terms.microbatches, terms.layers, layer)
        for layer in (memory_bound, tensor, context, expert)
    )
    transfers = parts.transfers_s(terms.microbatches, virtual_stages, terms.transfer, terms.pipeline_overlap)
    hidden = parts.data_hidden_s(
        terms.moved, as_floats(stack.data_exposed_share), terms.data_overlap, terms.compute_once
    )
    data = parts.data_s(terms.moved, hidden, terms.exchanges)
    bubble = parts.bubble_s(terms.idle, mean_stage, terms.transfer, virtual_stages)
    optimizer = parts.optimizer_s(
        terms.updated,
        terms.update_bytes,
        terms.memory_rate,
        terms.update_flops,
        terms.update_rate,
        stack.step_overhead_s,
        terms.doublings,
    )
    smooth = parts.smooth_s(
        compute, memory_bound, tensor, context, expert, transfers, data, bubble, optimizer
    )
    jitter = parts.jitter_s(smooth, stack.jitter_per_doubling, terms.doublings)
    return StepTimes(
        compute=compute,
        memory_bound=memory_bound,
        tensor=tensor,
        context=context,
        expert=expert,
        pipeline_p2p=transfers,
        data=data,
        bubble=bubble,
        optimizer=optimizer,
        jitter=jitter,
        total=parts.step_s(smooth, jitter),
        terms=terms,
    )
