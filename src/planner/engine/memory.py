"""Memory of the fullest chip, in parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.inputs import ChipInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.step_cut import StepCut, step_cut
from planner.engine.work import FLOAT_BYTES, HALF_BYTES, ModelWork, microbatch_tokens

#: Master weight and two moments of Adam in single precision. [B]
OPTIMIZER_STATE_BYTES = 12.0
#: Share of the memory that allocator, library buffers and fragmentation keep. [-]
RESERVED_SHARE = 0.06
#: Context of the device, buffers of the collective library, workspaces of kernels. [B]
RUNTIME_BYTES = 3e9
#: Of one logit: in single precision with its gradient, and both in 16 bit. [B]
LOGIT_BYTES = 2.0 * (FLOAT_BYTES + HALF_BYTES)


@dataclass(frozen=True, slots=True)
class MemoryParts:
    """Bytes on the fullest chip; `total` is the sum of the parts. [B]."""

    weights: FloatArray
    gradients: FloatArray
    optimizer: FloatArray
    activations: FloatArray
    logits: FloatArray
    buffers: FloatArray
    total: FloatArray
    #: what may be used of the chip's memory
    usable: FloatArray


def activation_bytes_per_token(
    work: ModelWork, layout: Layouts, stack: StackConstants
) -> tuple[FloatArray, FloatArray]:
    r"""Return what one layer keeps of one token for the backward pass, and what it keeps recomputed whole.

    For the standard block (four-fold feed-forward, dropout, heads of width :math:`h/a`) this is
    Korthikanti's :math:`sbh(10 + 24/t + 5as/(ht))` and, with sequence parallelism and the attention core
    recomputed, :math:`34\,sbh/t`; recomputed whole it is :math:`2\,sbh`. Gated, grouped-query, latent and
    expert blocks are counted by the same rules: what each matmul and activation reads is kept in two bytes,
    a dropout mask in one (only in blocks that are not gated, which are those that train with dropout).

    Returns
    -------
    kept, kept_recomputed : (...,) float
        Bytes per token and layer on one chip. [B]

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), equations 1 to 6.
    """
    tensor = np.asarray(layout.tensor, dtype=np.float64)
    divided = np.where(np.asarray(layout.is_sequence_parallel) > 0, tensor, 1.0)
    dropout = 2.0 * (1.0 - work.is_gated)
    # two normalisation inputs, two matmul inputs, two dropout masks
    outside = (8.0 + dropout) * work.hidden
    inside = HALF_BYTES * (work.query_key_value_width + work.attention_output_width + work.latent_width)
    inside = inside + HALF_BYTES * (2.0 + work.is_gated) * work.feed_forward_width
    routed = work.mixture_share * work.active_experts * 2.0 * HALF_BYTES * work.hidden
    routed = routed + HALF_BYTES * (2.0 + work.is_gated) * work.routed_width
    is_unfused = np.asarray(stack.score_traffic_bytes) > 0
    scores = np.where(
        is_unfused & (np.asarray(layout.recompute_attention) <= 0),
        5.0 * work.heads * work.sequence_length,
        0.0,
    )
    kept = outside / divided + (inside + routed + scores) / tensor
    return np.asarray(kept), np.asarray(HALF_BYTES * work.hidden / divided)


def state_bytes(
    parameters: FloatArray,
    shards: FloatArray,
    zero: FloatArray,
    gradient_bytes: ArrayLike = FLOAT_BYTES,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return bytes of weights, gradients and optimizer state of `parameters` under a ZeRO stage.

    Weights in two bytes, gradients in `gradient_bytes` (four where they are accumulated in single
    precision), and twelve of master weight and moments; stage 1 shards the last, 2 the gradients too, 3 the
    weights too.

    References
    ----------
    .. [1] Rajbhandari et al., ZeRO (arXiv 1910.02054), section 3.
    """
    weights = parameters * HALF_BYTES / np.where(zero >= 3.0, shards, 1.0)
    gradients = parameters * gradient_bytes / np.where(zero >= 2.0, shards, 1.0)
    optimizer = parameters * OPTIMIZER_STATE_BYTES / np.where(zero >= 1.0, shards, 1.0)
    return weights, gradients, optimizer


def memory_parts(
    work: ModelWork, layout: Layouts, chip: ChipInputs, stack: StackConstants, workload: WorkloadInputs
) -> MemoryParts:
    """Return the memory of the fullest chip: of the first stage, or the last where that holds more."""
    plan = step_cut(work, layout, workload)
    tokens = microbatch_tokens(work, layout.microbatch, layout.context)
    first = _stage(work, layout, stack, workload, plan, tokens, is_last=False)
    last = _stage(work, layout, stack, workload, plan, tokens, is_last=True)
    is_one = np.asarray(layout.pipeline) <= 1.0
    last_is_fuller = is_one | (sum(last[1:], last[0]) > sum(first[1:], first[0]))
    weights, gradients, optimizer, activations, logits, gathered = (
        np.where(last_is_fuller, at_last, at_first) for at_last, at_first in zip(last, first, strict=True)
    )
    buffers = gathered + RUNTIME_BYTES
    total = weights + gradients + optimizer + activations + logits + buffers
    return MemoryParts(
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=activations,
        logits=logits,
        buffers=buffers,
        total=total,
        usable=np.asarray(np.multiply(chip.memory_bytes, 1.0 - RESERVED_SHARE)),
    )


def _stage(
    work: ModelWork,
    layout: Layouts,
    stack: StackConstants,
    workload: WorkloadInputs,
    plan: StepCut,
    tokens: FloatArray,
    *,
    is_last: bool,
) -> tuple[FloatArray, ...]:
    """Return weights, gradients, optimizer, activations, logits and gathered weights of one stage."""
    layers = plan.last_stage_layers if is_last else plan.stage_layers
    one_stage = np.asarray(layout.pipeline) <= 1.0
    if is_last:
        ends = work.head_parameters + np.where(
            one_stage, work.embedding_parameters - work.has_tied_embeddings * work.head_parameters, 0.0
        )
    else:
        ends = work.embedding_parameters
    dense = (layers * work.layer_parameters + ends) / layout.tensor
    expert_ways = np.multiply(layout.expert, layout.expert_tensor)
    experts = layers * work.layer_expert_parameters / expert_ways
    zero = np.asarray(layout.zero, dtype=np.float64)
    ranks = np.multiply(layout.data, layout.context)
    shards = np.minimum(layout.shard_ranks, ranks)
    expert_shards = np.maximum(shards * layout.tensor / expert_ways, 1.0)
    held = workload.held_gradient_bytes
    states = [
        own + routed
        for own, routed in zip(
            state_bytes(dense, shards, zero, held),
            state_bytes(experts, expert_shards, zero, held),
            strict=True,
        )
    ]
    kept, kept_recomputed = activation_bytes_per_token(work, layout, stack)
    again = np.asarray(layout.recompute_layers, dtype=np.float64)
    in_flight = np.where(one_stage, 1.0, np.where(is_last, np.minimum(plan.in_flight, 1.0), plan.in_flight))
    per_layer = (1.0 - again) * kept + again * kept_recomputed
    # the layer whose backward pass runs holds the gradients of what it kept, and what it recomputed
    working = kept + np.where(again > 0, kept, 0.0)
    activations = tokens * (in_flight * layers * per_layer + working)
    logits = tokens / layout.tensor * work.vocabulary * LOGIT_BYTES if is_last else tokens * 0.0
    one_layer = (
        work.layer_parameters / layout.tensor + work.layer_expert_parameters / expert_ways
    ) * HALF_BYTES
    gathered = np.where(zero >= 3.0, 2.0 * one_layer, 0.0)
    return (*states, activations, logits, gathered)
