"""Time of what reads and writes memory more than it computes: norms, activations, routing, and the host."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray, any_of, as_floats, where
from planner.engine.inputs import Layouts, StackConstants, WorkloadInputs
from planner.engine.work import HALF_BYTES, ModelWork


def element_wise_time_s(
    work: ModelWork,
    tokens: FloatArray,
    layout: Layouts,
    memory_rate: FloatArray,
    stack: StackConstants,
    workload: WorkloadInputs,
) -> FloatArray:
    r"""Return the time of one forward pass of a layer's element-wise work. [s].

    Bytes of normalisation, residual, rotation, activation and routing, plus what the host adds.

    Outside the tensor-parallel region: two normalisations and two residual additions, each reading and
    writing the hidden state (:math:`8 \times 2h` bytes or so); inside: rotation of queries and keys, and the
    activation function over the feed-forward width; routing permutes every token's copies twice. Below
    16 bit every matmul input is cast once more each way. Adapters move a third of all that they do. Run
    eagerly, one operation after the other, the same work passes through memory several times.
    """
    outside = 2.0 * _norm_bytes(work)
    inside = HALF_BYTES * work.element_width + _activation_bytes(
        work, work.feed_forward_width + work.routed_width
    )
    copies = work.mixture_share * work.active_experts
    routing = stack.routing_traffic * (4.0 * HALF_BYTES) * copies * work.expert_hidden
    cast = where(workload.is_low_precision > 0, 4.0, 0.0) * (
        work.blocks * work.hidden + work.attention_output_width + work.feed_forward_width + work.routed_width
    )
    divided, unfused = _ways_outside(layout), _unfused(layout, stack)
    moved = tokens * (
        unfused * (outside / divided + inside / layout.tensor)
        + (routing + cast + workload.adapter_traffic_bytes / 3.0) / layout.tensor
    )
    local_experts = work.experts / layout.expert
    # a fixed capacity has static shapes: the host waits for no router, and one kernel does all experts
    is_waiting = as_floats(layout.expert_capacity) <= 0
    routing_s = is_waiting * (stack.routing_overhead_s + local_experts * stack.expert_overhead_s)
    # half a layer, where it has one mixer, has half of the kernels
    overhead = stack.layer_overhead_s * (work.blocks / 2.0) + work.mixture_share * routing_s
    return as_floats(moved / memory_rate + overhead)


def element_wise_again_s(
    work: ModelWork, tokens: FloatArray, layout: Layouts, memory_rate: FloatArray, stack: StackConstants
) -> FloatArray:
    """Return how long normalisations and activations take whose results are not kept but made again. [s].

    Examples
    --------
    Two norms of 2,000 tokens, each reading and writing 2 x 1,024 bytes, at 1 TB/s.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> layout = Layouts(tensor=1, pipeline=1, data=1, microbatch=1, drops_norms=1.0)
    >>> again = element_wise_again_s(work, np.array(2000.0), layout, np.array(1e12), StackConstants())
    >>> round(float(again) * 1e6, 3)
    16.384
    """
    drops = (layout.drops_norms, layout.drops_activations, layout.drops_expert_activations)
    if not any(any_of(drop) for drop in (*drops, layout.keeps_second_matmuls)):
        return np.zeros(())
    # who keeps every second matmul makes all that lies between them again
    norms, dense, routed = (np.maximum(drop, layout.keeps_second_matmuls) for drop in drops)
    outside = norms * _norm_bytes(work) / _ways_outside(layout)
    inside = dense * _activation_bytes(work, work.feed_forward_width)
    inside = inside + routed * _activation_bytes(work, work.routed_width)
    moved = tokens * _unfused(layout, stack) * (outside + inside / layout.tensor)
    return as_floats(moved / memory_rate)


def _norm_bytes(work: ModelWork) -> FloatArray:
    """Return what a layer's normalisations move of a token; residual additions move as much. [B]."""
    return as_floats(2.0 * work.blocks * HALF_BYTES * work.hidden)


def _activation_bytes(work: ModelWork, width: FloatArray) -> FloatArray:
    """Return what an activation function over so many inner elements reads and writes of a token. [B]."""
    return as_floats(HALF_BYTES * (2.0 + work.is_gated) * width)


def _ways_outside(layout: Layouts) -> FloatArray:
    """Return by how many ranks work outside of the tensor-parallel region is divided. [-]."""
    return where(layout.is_sequence_parallel > 0, layout.tensor, 1.0)


def _unfused(layout: Layouts, stack: StackConstants) -> FloatArray:
    """Return how often what is moved passes through memory. [-]."""
    return where(layout.is_eager > 0, stack.eager_traffic, 1.0)
