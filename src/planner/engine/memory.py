"""Memory of the fullest chip, in parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, BoolArray, FloatArray
from planner.engine.inputs import ChipInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.sharding import expert_ways, sharing_ranks, state_shards
from planner.engine.step_cut import step_cut
from planner.engine.work import FLOAT_BYTES, HALF_BYTES, ModelWork, microbatch_tokens

#: Master weight and two moments of Adam in single precision (ZeRO, arXiv 1910.02054, section 3.1). [B]
OPTIMIZER_STATE_BYTES = 12.0
#: Share of the memory that allocator, library buffers and fragmentation keep; assumed. [-]
RESERVED_SHARE = 0.06
#: Context of the device and buffers of the collective library, of which 1 to 2.5 GiB were measured, and
#: workspaces of kernels; assumed. [B]
RUNTIME_BYTES = 3e9
#: Of one logit: in single precision with its gradient, and both in 16 bit, where nothing fuses the loss;
#: derived. [B]
LOGIT_BYTES = 2.0 * (FLOAT_BYTES + HALF_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
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

    .. math:: \frac{(8 + 2 q) h}{d} + \frac{2 (w_{qkv} + w_o + w_{other} + n f) + m_{routed} + 5 a s}{t}

    with :math:`q` 1 in plain blocks and 0 in gated ones, :math:`n` widths :math:`f` kept, and :math:`d = t`
    under sequence parallelism, otherwise 1, in a layer of two blocks, which mix tokens and channels (half of
    :math:`h`'s term where it has one); the scores' :math:`5 a s` only where attention is not fused. For
    the standard block (four-fold feed-forward, dropout, heads of width :math:`h/a`) this is Korthikanti's
    :math:`sbh(10 + 24/t + 5as/(ht))` and, with sequence parallelism and the attention core recomputed,
    :math:`34\,sbh/t`; recomputed whole it is :math:`2\,sbh`. Gated, grouped-query, latent and expert blocks
    are counted by the same rules: what each matmul and activation reads is kept in two bytes, a dropout mask
    in one (only in blocks that are not gated, which are those that train with dropout).

    Returns
    -------
    kept, kept_recomputed : (...,) float
        Bytes per token and layer on one chip. [B]

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), equations 1 to 6.

    Examples
    --------
    34 bytes an element of the hidden size, of which two are the layer's input.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1000, heads=10, key_value_heads=10, head_dimension=100,
    ...                            feed_forward_width=4000, is_gated=0)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> alone = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)
    >>> tuple(float(part) for part in activation_bytes_per_token(work, alone, StackConstants()))
    (34000.0, 2000.0)
    """
    tensor = np.asarray(layout.tensor, dtype=np.float64)
    divided = np.where(np.asarray(layout.is_sequence_parallel) > 0, tensor, 1.0)
    dropout = 2.0 * (1.0 - work.is_gated)
    # of each block, the inputs of its normalisation and of its matmul, and a dropout mask
    outside = (8.0 + dropout) / 2.0 * work.blocks * work.hidden
    inside = HALF_BYTES * (work.query_key_value_width + work.attention_output_width + work.other_kept_width)
    inside = inside + HALF_BYTES * (2.0 + work.is_gated) * work.feed_forward_width
    routed = work.mixture_share * work.active_experts * 2.0 * HALF_BYTES * work.expert_hidden
    routed = routed + HALF_BYTES * (2.0 + work.is_gated) * work.routed_width
    is_unfused = np.asarray(stack.score_traffic_bytes) > 0
    scores = np.where(
        is_unfused & (np.asarray(layout.recompute_attention) <= 0),
        5.0 * work.attention_share * work.heads * work.sequence_length,
        0.0,
    )
    kept = outside / divided + (inside + routed + scores) / tensor
    return np.asarray(kept), np.asarray(HALF_BYTES * work.hidden / divided)


def state_bytes(
    each: ArrayLike,
    dense: FloatArray,
    dense_ranks: FloatArray,
    experts: FloatArray,
    expert_ranks: FloatArray,
) -> FloatArray:
    r"""Return the bytes of one state on a chip: `each` a parameter, shared by so many ranks. [B].

    .. math:: b\,(N_{dense} / n + N_{experts} / n_e)

    Examples
    --------
    >>> state_bytes(12.0, 1000.0, 10.0, 500.0, 5.0)
    2400.0
    """
    return each * (dense / dense_ranks + experts / expert_ranks)


def layer_bytes_per_token(
    kept: FloatArray, kept_recomputed: FloatArray, layers_again: FloatArray
) -> FloatArray:
    r"""Return what the average layer keeps of one token, where a share of the layers runs again whole. [B].

    .. math:: (1 - c)\,m_{kept} + c\,m_{again}

    Examples
    --------
    >>> layer_bytes_per_token(34.0, 2.0, 0.5)
    18.0
    """
    return (1.0 - layers_again) * kept + layers_again * kept_recomputed


def activation_bytes(
    tokens: FloatArray,
    in_flight: FloatArray,
    layers: FloatArray,
    layer_bytes: FloatArray,
    working: FloatArray,
) -> FloatArray:
    r"""Return what all microbatches in flight keep, and the layer at work beside it. [B].

    .. math:: T\,(n\,l\,m_{layer} + m_{working})

    Examples
    --------
    >>> activation_bytes(100.0, 4.0, 2.0, 34.0, 34.0)
    30600.0
    """
    return tokens * (in_flight * layers * layer_bytes + working)


def logit_bytes(tokens: FloatArray, vocabulary: FloatArray, tensor: ArrayLike) -> FloatArray:
    r"""Return the logits of one microbatch with their gradient, on the stage that holds the head. [B].

    .. math:: 12\,T\,V / t

    Examples
    --------
    >>> logit_bytes(100.0, 1000.0, 4.0)
    300000.0
    """
    return tokens / tensor * vocabulary * LOGIT_BYTES


def buffer_bytes(gathered: FloatArray, run_time: ArrayLike = RUNTIME_BYTES) -> FloatArray:
    """Return weights that are gathered for use, and what the run time keeps. [B].

    Examples
    --------
    >>> buffer_bytes(1e9)
    4000000000.0
    """
    return gathered + run_time


def held_bytes(
    weights: FloatArray,
    gradients: FloatArray,
    optimizer: FloatArray,
    activations: FloatArray,
    logits: FloatArray,
    buffers: FloatArray,
) -> FloatArray:
    r"""Return all that a chip holds. [B].

    .. math:: \sum_i M_i

    Examples
    --------
    >>> held_bytes(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    21.0
    """
    return weights + gradients + optimizer + activations + logits + buffers


def usable_bytes(capacity: ArrayLike) -> FloatArray:
    """Return what a layout may fill of a chip's memory. [B].

    A chip that holds anything has room for anything: no share of infinity is taken off it.

    Examples
    --------
    >>> float(usable_bytes(100e9)), float(usable_bytes(np.inf))
    (94000000000.0, inf)
    """
    return np.asarray(np.multiply(capacity, 1.0 - RESERVED_SHARE))


def reserved_bytes(capacity: FloatArray, reserved: ArrayLike = RESERVED_SHARE) -> FloatArray:
    """Return what is kept free of a chip's memory. [B].

    Examples
    --------
    >>> reserved_bytes(100e9)
    6000000000.0
    """
    return capacity * reserved


@dataclass(frozen=True, slots=True, eq=False)
class MemoryTerms:
    """What the memory of one stage's chip is made of: the parameters of the formulas above."""

    #: of the stage, and whether it is the last, which holds head and logits. [-]
    layers: FloatArray
    is_last: FloatArray
    #: parameters that the chip's ranks hold together, routed experts apart. [-]
    dense: FloatArray
    experts: FloatArray
    #: ranks that share each state of them. [-]
    weight_ranks: FloatArray
    gradient_ranks: FloatArray
    optimizer_ranks: FloatArray
    expert_weight_ranks: FloatArray
    expert_gradient_ranks: FloatArray
    expert_optimizer_ranks: FloatArray
    gradient_bytes: ArrayLike
    #: of a microbatch on one chip, and of those whose logits the chip holds. [-]
    tokens: FloatArray
    logit_tokens: FloatArray
    in_flight: FloatArray
    #: of one token and layer, kept and where the layer runs again; of the layer at work. [B]
    kept: FloatArray
    kept_recomputed: FloatArray
    layers_again: FloatArray
    working: FloatArray
    #: weights that ZeRO-3 gathers for use. [B]
    gathered: FloatArray

    @property
    def weights(self) -> FloatArray:
        """Weights in two bytes. [B]."""
        return state_bytes(HALF_BYTES, self.dense, self.weight_ranks, self.experts, self.expert_weight_ranks)

    @property
    def gradients(self) -> FloatArray:
        """Gradients in as many bytes as the stack holds them in. [B]."""
        return state_bytes(
            self.gradient_bytes, self.dense, self.gradient_ranks, self.experts, self.expert_gradient_ranks
        )

    @property
    def optimizer(self) -> FloatArray:
        """Master weight and moments. [B]."""
        ranks, expert_ranks = self.optimizer_ranks, self.expert_optimizer_ranks
        return state_bytes(OPTIMIZER_STATE_BYTES, self.dense, ranks, self.experts, expert_ranks)

    @property
    def activations(self) -> FloatArray:
        """What the backward pass needs. [B]."""
        layer = layer_bytes_per_token(self.kept, self.kept_recomputed, self.layers_again)
        return activation_bytes(self.tokens, self.in_flight, self.layers, layer, self.working)


def memory_parts(
    work: ModelWork, layout: Layouts, chip: ChipInputs, stack: StackConstants, workload: WorkloadInputs
) -> MemoryParts:
    """Return the memory of the fullest chip: of the first stage, or the last where that holds more.

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), section 4: what a stage
       of a pipeline keeps. The states are those of ZeRO (arXiv 1910.02054), section 3.1.
    """
    first, last = (_parts(work, layout, stage) for stage in stages(work, layout, stack, workload))
    last_is_fuller = _is_fuller(layout, first, last)
    weights, gradients, optimizer, activations, logits, buffers = (
        np.where(last_is_fuller, at_last, at_first) for at_last, at_first in zip(last, first, strict=True)
    )
    return MemoryParts(
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=activations,
        logits=logits,
        buffers=buffers,
        total=held_bytes(weights, gradients, optimizer, activations, logits, buffers),
        usable=usable_bytes(chip.memory_bytes),
    )


def fullest_stage(
    work: ModelWork, layout: Layouts, stack: StackConstants, workload: WorkloadInputs
) -> MemoryTerms:
    """Return the terms of the fullest chip's memory; `layout` is a single one."""
    first, last = stages(work, layout, stack, workload)
    is_fuller = _is_fuller(layout, _parts(work, layout, first), _parts(work, layout, last))
    return last if np.all(is_fuller) else first


def _is_fuller(layout: Layouts, first: tuple[FloatArray, ...], last: tuple[FloatArray, ...]) -> BoolArray:
    """Return whether the last stage holds more than the first; a single stage is the last."""
    return np.asarray((np.asarray(layout.pipeline) <= 1.0) | (held_bytes(*last) > held_bytes(*first)))


def _parts(work: ModelWork, layout: Layouts, stage: MemoryTerms) -> tuple[FloatArray, ...]:
    return (
        stage.weights,
        stage.gradients,
        stage.optimizer,
        stage.activations,
        logit_bytes(stage.logit_tokens, work.vocabulary, layout.tensor),
        buffer_bytes(stage.gathered),
    )


def stages(
    work: ModelWork, layout: Layouts, stack: StackConstants, workload: WorkloadInputs
) -> tuple[MemoryTerms, MemoryTerms]:
    """Return the terms of the first stage's memory and of the last one's."""
    plan = step_cut(work, layout, workload)
    one_stage = np.asarray(layout.pipeline) <= 1.0
    embedding_at_head = np.where(
        one_stage, work.embedding_parameters - work.has_tied_embeddings * work.head_parameters, 0.0
    )
    ways = expert_ways(layout)
    zero = np.asarray(layout.zero, dtype=np.float64)
    shards, expert_shards = state_shards(layout)
    again = np.asarray(layout.recompute_layers, dtype=np.float64)
    kept, kept_recomputed = activation_bytes_per_token(work, layout, stack)
    one_layer = (work.layer_parameters / layout.tensor + work.layer_expert_parameters / ways) * HALF_BYTES
    tokens = microbatch_tokens(work, layout.microbatch, layout.context)
    weight_ranks, gradient_ranks, optimizer_ranks = sharing_ranks(zero, shards)
    expert_weight_ranks, expert_gradient_ranks, expert_optimizer_ranks = sharing_ranks(zero, expert_shards)

    def stage(layers: FloatArray, ends: FloatArray, in_flight: FloatArray, is_last: float) -> MemoryTerms:
        return MemoryTerms(
            layers=layers,
            is_last=np.asarray(is_last),
            dense=(layers * work.layer_parameters + ends) / layout.tensor,
            experts=layers * work.layer_expert_parameters / ways,
            weight_ranks=weight_ranks,
            gradient_ranks=gradient_ranks,
            optimizer_ranks=optimizer_ranks,
            expert_weight_ranks=expert_weight_ranks,
            expert_gradient_ranks=expert_gradient_ranks,
            expert_optimizer_ranks=expert_optimizer_ranks,
            gradient_bytes=workload.held_gradient_bytes,
            tokens=tokens,
            logit_tokens=tokens * is_last,
            in_flight=np.where(one_stage, 1.0, in_flight),
            kept=kept,
            kept_recomputed=kept_recomputed,
            layers_again=again,
            # the layer whose backward pass runs holds the gradients of what it kept, and what it recomputed
            working=kept + np.where(again > 0, kept, 0.0),
            gathered=np.where(zero >= 3.0, 2.0 * one_layer, 0.0),
        )

    first = stage(plan.stage_layers, work.embedding_parameters, plan.in_flight, 0.0)
    ends = work.head_parameters + embedding_at_head
    return first, stage(plan.last_stage_layers, ends, np.minimum(plan.in_flight, 1.0), 1.0)
