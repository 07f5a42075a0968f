"""What lies in the host's memory costs in time: its way there and back, and what the host computes."""

from __future__ import annotations

import numpy as np

from planner.engine.activations import activation_bytes_per_token, layer_bytes_per_token
from planner.engine.arrays import FloatArray, all_of, as_floats
from planner.engine.inputs import ChipInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.parts import BACKWARD_MATMUL
from planner.engine.recipe import HOST_LINK_SHARE, HOST_UPDATE_S, update_bytes
from planner.engine.sharding import expert_ways, sharing_ranks, state_shards
from planner.engine.work import ModelWork


def update_rate(chip: ChipInputs, stack: StackConstants, workload: WorkloadInputs) -> FloatArray:
    r"""Return the rate at which an update moves: of the chip's memory, or of the way to the host. [B/s].

    .. math:: b / (b / (B_{host}\,e) + t_{host})

    with :math:`b` bytes of a parameter sent and fetched, and the time that the host takes for it.

    Examples
    --------
    1e9 parameters of six bytes over 51.2 GB/s take 0.117 s, the host's update of them 0.32 s.

    >>> chip = ChipInputs(matmul_peak_flops_per_s=1e15, attention_peak_flops_per_s=1e15, memory_bytes=80e9,
    ...                   memory_bandwidth_bytes_per_s=3e12, host_bytes_per_s=64e9)
    >>> workload = WorkloadInputs(sequence_length=1, global_batch_sequences=1, holds_optimizer=0.0)
    >>> round(6e9 / float(update_rate(chip, StackConstants(), workload)), 3)
    0.437
    """
    rate = np.multiply(chip.memory_bandwidth_bytes_per_s, stack.memory_efficiency)
    if all_of(workload.holds_optimizer):
        return as_floats(rate)
    sent = update_bytes(workload)
    host = sent / (sent / host_rate(chip) + HOST_UPDATE_S)
    return np.where(workload.holds_optimizer > 0, rate, host)


def host_rate(chip: ChipInputs) -> FloatArray:
    """Return what the link to the host moves in one direction. [B/s]."""
    return as_floats(np.multiply(chip.host_bytes_per_s, HOST_LINK_SHARE))


def offload_wait_s(
    work: ModelWork,
    layout: Layouts,
    chip: ChipInputs,
    workload: WorkloadInputs,
    *,
    tokens: FloatArray,
    forward_s: FloatArray,
) -> FloatArray:
    r"""Return what a layer and microbatch wait for the way to the host and back. [s].

    .. math:: \max(M / B - h\,t,\ 0) + \max(M / B - 2 h\,t,\ 0)

    with the bytes :math:`M` of kept activations and of the rank's share of the weights that lie there: they
    go out, or come, while the layer runs forward for :math:`t`, and come while it runs backward; :math:`h`
    is 1 where copies run beside the layers' work, and 0 where they stand in line with it.

    References
    ----------
    .. [1] Rajbhandari et al., ZeRO-Infinity (arXiv 2104.07857), sections 5.1.2 and 5.2: overlap with compute.
    """
    layer = activation_bytes_per_token(work, layout, workload)
    again = as_floats(layout.recompute_layers)
    kept = tokens * layer_bytes_per_token(layer.kept, layer.kept_recomputed, again)
    shards, expert_shards = state_shards(layout)
    zero = as_floats(layout.zero)
    weights = work.layer_parameters / layout.tensor / sharing_ranks(zero, shards)[0]
    if work.has_experts:
        experts = work.layer_expert_parameters / expert_ways(layout)
        weights = weights + experts / sharing_ranks(zero, expert_shards)[0]
    away = (1.0 - as_floats(workload.holds_activations)) * kept
    away = away + (1.0 - as_floats(workload.holds_weights)) * weights * workload.weight_bytes
    moved = away / host_rate(chip)
    hidden = workload.hides_offload * forward_s
    return np.maximum(moved - hidden, 0.0) + np.maximum(moved - BACKWARD_MATMUL * hidden, 0.0)
