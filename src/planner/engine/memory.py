"""Memory of the fullest chip, in parts: states, what layers keep, logits, buffers, and what lies around them.

What is freed is not counted with what comes after it: a chip holds its states, and beside them either what
the forward and backward pass keep, or what the optimizer's step takes, whichever is more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.activations import (
    WORKING_GRADIENTS,
    activation_bytes,
    activation_bytes_per_token,
    layer_bytes_per_token,
)
from planner.engine.arrays import ArrayLike, BoolArray, FloatArray
from planner.engine.inputs import ChipInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.sharding import expert_ways, sharing_ranks, state_shards
from planner.engine.step_cut import step_cut
from planner.engine.work import HALF_BYTES, ModelWork, microbatch_tokens


@dataclass(frozen=True, slots=True, eq=False)
class MemoryParts:
    """Bytes on the fullest chip; `total` is the sum of the parts. [B]."""

    weights: FloatArray
    gradients: FloatArray
    optimizer: FloatArray
    activations: FloatArray
    logits: FloatArray
    buffers: FloatArray
    overhead: FloatArray
    total: FloatArray
    #: what software sees of the chip's memory
    usable: FloatArray


def state_bytes(
    each: ArrayLike,
    dense: FloatArray,
    dense_ranks: FloatArray,
    experts: FloatArray,
    expert_ranks: FloatArray,
    end_each: ArrayLike = 0.0,
    ends: ArrayLike = 0.0,
) -> FloatArray:
    r"""Return the bytes of one state on a chip: so many a parameter, shared by so many ranks. [B].

    .. math:: b\,(N_{dense} / n + N_{experts} / n_e) + b_{ends}\,N_{ends} / n

    Examples
    --------
    >>> state_bytes(12.0, 1000.0, 10.0, 500.0, 5.0)
    2400.0
    """
    return each * (dense / dense_ranks + experts / expert_ranks) + end_each * ends / dense_ranks


def logit_bytes(tokens: FloatArray, vocabulary: FloatArray, tensor: ArrayLike, each: ArrayLike) -> FloatArray:
    r"""Return the logits of one microbatch as the loss holds them, on the stage that has the head. [B].

    .. math:: b\,T\,V / t

    Examples
    --------
    >>> logit_bytes(100.0, 1000.0, 4.0, 12.0)
    300000.0
    """
    return tokens / tensor * vocabulary * each


def buffer_bytes(
    gathered: FloatArray,
    working: FloatArray,
    stays: FloatArray,
    step: FloatArray,
    activations: FloatArray,
    logits: FloatArray,
) -> FloatArray:
    r"""Return what is there at the peak beside states, kept activations and logits. [B].

    What stays is there throughout. The logits are gone when a layer is at work, with its weights gathered and
    its gradients whole; both are gone when the optimizer steps.

    .. math:: \max(M_{stays} + \max(M_{gathered} + M_{working} - M_{logits},\ 0),\
        M_{step} - M_{activations} - M_{logits})

    Examples
    --------
    >>> float(buffer_bytes(2e9, 2e9, 1e9, 0.0, 1e9, 3e9)), float(buffer_bytes(2e9, 2e9, 1e9, 8e9, 1e9, 3e9))
    (2000000000.0, 4000000000.0)
    """
    return np.maximum(stays + np.maximum(gathered + working - logits, 0.0), step - activations - logits)


def overhead_bytes(
    context: ArrayLike,
    fragmentation: ArrayLike,
    activations: FloatArray,
    logits: FloatArray,
    buffers: FloatArray,
) -> FloatArray:
    r"""Return what the device and the collective library keep, and what the allocator cannot use. [B].

    .. math:: M_{context} + f\,(M_{activations} + M_{logits} + M_{buffers})

    Examples
    --------
    >>> overhead_bytes(1e9, 0.5, 2e9, 3e9, 1e9)
    4000000000.0
    """
    return context + fragmentation * (activations + logits + buffers)


def held_bytes(
    weights: FloatArray,
    gradients: FloatArray,
    optimizer: FloatArray,
    activations: FloatArray,
    logits: FloatArray,
    buffers: FloatArray,
    overhead: FloatArray,
) -> FloatArray:
    r"""Return all that a chip holds. [B].

    .. math:: \sum_i M_i

    Examples
    --------
    >>> held_bytes(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
    28.0
    """
    return weights + gradients + optimizer + activations + logits + buffers + overhead


def usable_bytes(capacity: FloatArray, hidden: ArrayLike) -> FloatArray:
    r"""Return what software sees of a chip's memory. [B].

    .. math:: C\,(1 - h)

    Examples
    --------
    >>> usable_bytes(100e9, 0.01), usable_bytes(np.inf, 0.01)
    (99000000000.0, inf)
    """
    return capacity * (1.0 - hidden)


@dataclass(frozen=True, slots=True, eq=False)
class MemoryTerms:
    """What the memory of one stage's chip is made of: the parameters of the formulas above."""

    #: of the stage, and whether it is the last, which holds head and logits. [-]
    layers: FloatArray
    is_last: FloatArray
    #: parameters that the chip's ranks hold together, routed experts and embedding or head apart. [-]
    dense: FloatArray
    experts: FloatArray
    ends: FloatArray
    #: of these, what is trained, adapters among the dense ones. [-]
    trained_dense: FloatArray
    trained_experts: FloatArray
    trained_ends: FloatArray
    #: ranks that share each state of them. [-]
    weight_ranks: FloatArray
    gradient_ranks: FloatArray
    optimizer_ranks: FloatArray
    expert_weight_ranks: FloatArray
    expert_gradient_ranks: FloatArray
    expert_optimizer_ranks: FloatArray
    #: of one parameter on the chip, what lies in the host's memory left out. [B]
    weight_bytes: FloatArray
    end_weight_bytes: FloatArray
    gradient_bytes: FloatArray
    optimizer_bytes: FloatArray
    end_optimizer_bytes: FloatArray
    #: of a microbatch on one chip, and of those whose logits the chip holds. [-]
    tokens: FloatArray
    logit_tokens: FloatArray
    logit_bytes: ArrayLike
    in_flight: FloatArray
    #: of one token and layer, kept and where the layer runs again; of the layer at work. [B]
    kept: FloatArray
    kept_recomputed: FloatArray
    layers_again: FloatArray
    working_per_token: FloatArray
    #: weights that sharding gathers for use, weights and buffers of collectives that stay, what the
    #: optimizer's step takes. [B]
    gathered: FloatArray
    stays: FloatArray
    step: FloatArray
    #: of the chip and its software. [B], [-]
    context: ArrayLike
    fragmentation: ArrayLike
    hidden_share: ArrayLike

    @property
    def weights(self) -> FloatArray:
        """Weights. [B]."""
        return state_bytes(
            self.weight_bytes,
            self.dense,
            self.weight_ranks,
            self.experts,
            self.expert_weight_ranks,
            self.end_weight_bytes,
            self.ends,
        )

    @property
    def gradients(self) -> FloatArray:
        """Gradients of what is trained. [B]."""
        return state_bytes(
            self.gradient_bytes,
            self.trained_dense,
            self.gradient_ranks,
            self.trained_experts,
            self.expert_gradient_ranks,
            self.gradient_bytes,
            self.trained_ends,
        )

    @property
    def optimizer(self) -> FloatArray:
        """Master weights and moments of what is trained. [B]."""
        return state_bytes(
            self.optimizer_bytes,
            self.trained_dense,
            self.optimizer_ranks,
            self.trained_experts,
            self.expert_optimizer_ranks,
            self.end_optimizer_bytes,
            self.trained_ends,
        )

    @property
    def activations(self) -> FloatArray:
        """What the backward pass needs. [B]."""
        layer = layer_bytes_per_token(self.kept, self.kept_recomputed, self.layers_again)
        return activation_bytes(self.tokens, self.in_flight, self.layers, layer)

    @property
    def working(self) -> FloatArray:
        """What the layer at work needs besides. [B]."""
        return self.tokens * self.working_per_token


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
    weights, gradients, optimizer, activations, logits, buffers, overhead = (
        np.where(last_is_fuller, at_last, at_first) for at_last, at_first in zip(last, first, strict=True)
    )
    return MemoryParts(
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=activations,
        logits=logits,
        buffers=buffers,
        overhead=overhead,
        total=held_bytes(weights, gradients, optimizer, activations, logits, buffers, overhead),
        usable=usable_bytes(np.asarray(chip.memory_bytes), workload.hidden_share),
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
    activations = stage.activations
    logits = logit_bytes(stage.logit_tokens, work.vocabulary, layout.tensor, stage.logit_bytes)
    buffers = buffer_bytes(stage.gathered, stage.working, stage.stays, stage.step, activations, logits)
    return (
        stage.weights,
        stage.gradients,
        stage.optimizer,
        activations,
        logits,
        buffers,
        overhead_bytes(stage.context, stage.fragmentation, activations, logits, buffers),
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
    zero = np.where(np.asarray(layout.zero) > 0, np.maximum(layout.zero, workload.least_zero), 0.0)
    is_sharded, is_shared = zero >= 3.0, zero >= 1.0
    shards, expert_shards = state_shards(layout)
    again = np.asarray(layout.recompute_layers, dtype=np.float64)
    layer = activation_bytes_per_token(work, layout, stack, workload)
    working = np.where(again > 0, layer.whole, layer.whole - layer.kept) + WORKING_GRADIENTS * layer.whole
    kept, kept_recomputed = (
        part * workload.holds_activations for part in (layer.kept, layer.kept_recomputed)
    )
    dense_layer, expert_layer = work.layer_parameters / layout.tensor, work.layer_expert_parameters / ways
    tokens = microbatch_tokens(work, layout.microbatch, layout.context)
    ranks, expert_ranks = sharing_ranks(zero, shards), sharing_ranks(zero, expert_shards)
    # a shard in single precision is the weight itself
    held = workload.holds_weights * (
        1.0 - workload.shard_is_master * is_sharded * (np.asarray(workload.master_bytes) > 0)
    )

    def stage(
        stage_layers: FloatArray, ends: FloatArray, in_flight: FloatArray, is_last: float
    ) -> MemoryTerms:
        layers = stage_layers * layout.stage_copies
        dense, experts, ends = layers * dense_layer, layers * expert_layer, ends / layout.tensor
        trains = workload.trains_all
        trained_dense = trains * dense + layers * workload.adapter_parameters / layout.tensor
        states = workload.master_bytes + workload.moment_bytes
        end_states = workload.master_bytes + workload.end_moment_bytes
        on_chip = workload.holds_optimizer
        trained = trained_dense + trains * (experts + ends)
        share = trained_dense / ranks[2] + trains * (experts / expert_ranks[2] + ends / ranks[2])
        return MemoryTerms(
            layers=layers,
            is_last=np.asarray(is_last),
            dense=dense,
            experts=experts,
            ends=ends,
            trained_dense=trained_dense,
            trained_experts=trains * experts,
            trained_ends=trains * ends,
            weight_ranks=ranks[0],
            gradient_ranks=ranks[1],
            optimizer_ranks=ranks[2],
            expert_weight_ranks=expert_ranks[0],
            expert_gradient_ranks=expert_ranks[1],
            expert_optimizer_ranks=expert_ranks[2],
            weight_bytes=np.asarray(held * workload.weight_bytes),
            end_weight_bytes=np.asarray(held * workload.end_weight_bytes),
            gradient_bytes=np.asarray(workload.held_gradient_bytes * workload.holds_weights),
            optimizer_bytes=np.asarray(on_chip * states),
            end_optimizer_bytes=np.asarray(on_chip * end_states),
            tokens=tokens,
            logit_tokens=np.minimum(tokens, workload.logit_tokens) * is_last,
            logit_bytes=workload.logit_bytes,
            in_flight=np.where(one_stage, 1.0, in_flight),
            kept=kept,
            kept_recomputed=kept_recomputed,
            layers_again=again,
            working_per_token=working,
            gathered=np.where(is_sharded, gathered_bytes(dense, experts), 0.0),
            stays=np.where(is_sharded, workload.gathers_ends * workload.end_weight_bytes * ends, 0.0)
            + HALF_BYTES * is_shared * np.minimum(workload.bucket_elements, trained),
            step=workload.step_bytes * np.minimum(share, workload.step_parameters) * on_chip,
            context=workload.context_bytes,
            fragmentation=workload.fragmentation,
            hidden_share=workload.hidden_share,
        )

    def gathered_bytes(dense: FloatArray, experts: FloatArray) -> FloatArray:
        """Return what sharding gathers of a stage at once: some layers, one of them with its gradient."""
        one_layer, whole = dense_layer + expert_layer, dense + experts
        gradient = workload.gathered_gradient_bytes * workload.trains_all
        gathered = np.maximum(
            workload.gathered_layers * one_layer, np.minimum(workload.gathered_parameters, whole)
        )
        some = workload.weight_bytes * gathered + gradient * one_layer
        all_of_it = (workload.weight_bytes + gradient) * whole
        return np.where(one_stage | (np.asarray(workload.keeps_gathered) <= 0), some, all_of_it)

    first = stage(plan.stage_layers, work.embedding_parameters, plan.in_flight, 0.0)
    ends = work.head_parameters + embedding_at_head
    return first, stage(plan.last_stage_layers, ends, np.minimum(plan.in_flight, 1.0), 1.0)
