"""What the memory of a pipeline's first and last stage is made of: parameters of the formulas of memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.activations import (
    activation_bytes,
    activation_bytes_per_token,
    layer_bytes_per_token,
)
from planner.engine.arrays import ArrayLike, FloatArray, all_of, any_of, as_floats, where
from planner.engine.inputs import Layouts, WorkloadInputs
from planner.engine.sharding import expert_ways, sharing_ranks, state_bytes, state_shards
from planner.engine.step_cut import step_cut
from planner.engine.work import HALF_BYTES, ModelWork, microbatch_tokens

_NOTHING = np.zeros(())


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
    #: whole gradients of the head while the loss is at work. [B]
    head_gradient: FloatArray
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
    #: 1 where gradients take the place of logits, and of what layers kept. [-]
    replaces_logits: FloatArray
    replaces_kept: FloatArray
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
    def all_gradients(self) -> FloatArray:
        """Gradients of what is trained, once all are there. [B]."""
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


@dataclass(frozen=True, slots=True, eq=False)
class _Shares:
    """How layers and states are shared, whatever the stage."""

    #: of one layer on a rank. [-]
    dense_layer: FloatArray
    expert_layer: FloatArray
    has_experts: bool
    #: of weights, gradients and optimizer states. [-]
    ranks: tuple[FloatArray, FloatArray, FloatArray]
    expert_ranks: tuple[FloatArray, FloatArray, FloatArray]
    #: 1 where anything is shared, and where weights are
    is_shared: FloatArray
    is_sharded: FloatArray

    @classmethod
    def of(cls, work: ModelWork, layout: Layouts, workload: WorkloadInputs) -> _Shares:
        """Return how a model is shared by layouts."""
        zero = as_floats(layout.zero)
        if any_of(workload.least_zero):
            zero = where(zero > 0, np.maximum(zero, workload.least_zero), 0.0)
        shards, expert_shards = state_shards(layout)
        has_experts = work.has_experts
        ranks = sharing_ranks(zero, shards)
        expert_ranks = sharing_ranks(zero, expert_shards) if has_experts else ranks
        if any_of(layout.stage_copies > 1.0):
            # the ranks that hold the copies of a stage share its states too
            copies = where(zero >= 1.0, layout.stage_copies, 1.0)
            ranks, expert_ranks = (
                (weights, gradients, as_floats(states * copies))
                for weights, gradients, states in (ranks, expert_ranks)
            )
        if any_of(workload.keeps_whole_gradients):
            ranks, expert_ranks = (
                (weights, where(workload.keeps_whole_gradients > 0, 1.0, gradients), states)
                for weights, gradients, states in (ranks, expert_ranks)
            )
        return cls(
            dense_layer=work.layer_parameters / layout.tensor,
            expert_layer=work.layer_expert_parameters / expert_ways(layout) if has_experts else _NOTHING,
            has_experts=has_experts,
            ranks=ranks,
            expert_ranks=expert_ranks,
            is_shared=as_floats(zero >= 1.0),
            is_sharded=as_floats(zero >= 3.0),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Parameters:
    """Parameters of a stage on a rank: of layers, of routed experts, of embedding or head. [-]."""

    dense: FloatArray
    experts: FloatArray
    ends: FloatArray

    @property
    def all(self) -> FloatArray:
        """All of them. [-]."""
        return self.dense + self.experts + self.ends


def stages(work: ModelWork, layout: Layouts, workload: WorkloadInputs) -> tuple[MemoryTerms, MemoryTerms]:
    """Return the terms of the first stage's memory and of the last one's."""
    plan = step_cut(work, layout, workload)
    # those of the microbatches before are there from the start
    frees = _NOTHING
    if any_of(workload.frees_gradients):
        frees = as_floats((plan.microbatches <= 1.0) * workload.frees_gradients)
    one_stage = layout.pipeline <= 1.0
    shares = _Shares.of(work, layout, workload)
    head_gradient = _head_gradient_bytes(work, layout, workload, shares, plan.microbatches)
    again = as_floats(layout.recompute_layers)
    layer = activation_bytes_per_token(work, layout, workload)
    working = (
        where(again > 0, layer.whole, layer.whole - layer.kept) + workload.working_gradients * layer.whole
    )
    tokens = microbatch_tokens(work, layout.microbatch, layout.context)
    # a part of a pipeline over pools may hold no head
    logit_tokens = np.minimum(tokens, workload.logit_tokens) * (work.vocabulary > 0.0)
    context = context_bytes(layout, workload)

    def stage(layers: FloatArray, ends: FloatArray, in_flight: FloatArray, is_last: float) -> MemoryTerms:
        # a rank may hold its stage more than once
        held = layers * layout.stage_copies
        experts = held * shares.expert_layer if shares.has_experts else _NOTHING
        parameters = _Parameters(held * shares.dense_layer, experts, ends / layout.tensor)
        trained = _trained(workload, parameters, held / layout.tensor)
        return MemoryTerms(
            layers=layers,
            is_last=as_floats(is_last),
            **_states(workload, shares, parameters, trained),
            tokens=tokens,
            logit_tokens=logit_tokens if is_last else _NOTHING,
            logit_bytes=workload.logit_bytes,
            head_gradient=head_gradient if is_last else _NOTHING,
            in_flight=in_flight,
            kept=_on_chip(layer.kept, workload.holds_activations),
            kept_recomputed=_on_chip(layer.kept_recomputed, workload.holds_activations),
            layers_again=again,
            working_per_token=working,
            gathered=_gathered_bytes(workload, layout, shares, parameters),
            stays=_staying_bytes(workload, shares, parameters, trained),
            step=_step_bytes(workload, shares, trained),
            replaces_logits=frees,
            replaces_kept=as_floats(frees * workload.frees_layer_by_layer),
            context=context,
            fragmentation=workload.fragmentation,
            hidden_share=workload.hidden_share,
        )

    tied = work.has_tied_embeddings * work.head_parameters
    ends = work.head_parameters + where(one_stage, work.embedding_parameters - tied, 0.0)
    in_flight = plan.in_flight
    if any_of(layout.in_flight_more):
        in_flight = where(one_stage, 1.0, in_flight)
    first = stage(plan.stage_layers, work.embedding_parameters, in_flight, 0.0)
    # the last stage holds one microbatch, whatever the schedule
    return first, stage(plan.last_stage_layers, ends, as_floats(1.0), 1.0)


def _head_gradient_bytes(
    work: ModelWork, layout: Layouts, workload: WorkloadInputs, shares: _Shares, microbatches: FloatArray
) -> FloatArray:
    """Return the gradients of the head that lie beside those that are held, whole and in 16 bit. [B]."""
    if not any_of(workload.head_gradients):
        return _NOTHING
    # the first of a step that nobody shares is itself the one that is held
    is_held = (workload.held_gradient_bytes <= HALF_BYTES) & (microbatches <= 1.0) & (shares.is_sharded <= 0)
    beside = np.maximum(workload.head_gradients - is_held, 0.0) * workload.trains_all
    return as_floats(beside * HALF_BYTES * work.head_parameters / layout.tensor)


def context_bytes(layout: Layouts, workload: WorkloadInputs) -> FloatArray:
    """Return what the device takes, and the collective library where there are several chips. [B].

    Examples
    --------
    >>> workload = WorkloadInputs(sequence_length=1, global_batch_sequences=1, context_bytes=1e9,
    ...                           communicator_bytes=2e9)
    >>> alone, two = (Layouts(tensor=ways, pipeline=1, data=1, microbatch=1) for ways in (1, 2))
    >>> float(context_bytes(alone, workload)), float(context_bytes(two, workload))
    (1000000000.0, 3000000000.0)
    """
    chips = np.multiply(layout.tensor, layout.pipeline) * np.multiply(layout.data, layout.context)
    return as_floats(workload.context_bytes + workload.communicator_bytes * (chips > 1.0))


def _on_chip(amount: FloatArray, share: ArrayLike) -> FloatArray:
    """Return what of an amount is on the chip; where all is, it costs nothing to say so."""
    return amount if all_of(as_floats(share) == 1.0) else as_floats(amount * share)


def _trained(workload: WorkloadInputs, parameters: _Parameters, layers: FloatArray) -> _Parameters:
    """Return what is trained of a stage: all of it, or the adapters of its layers."""
    trains = workload.trains_all
    if all_of(trains):
        return parameters
    return _Parameters(
        as_floats(trains * parameters.dense + layers * workload.adapter_parameters),
        as_floats(trains * parameters.experts),
        as_floats(trains * parameters.ends),
    )


def _states(
    workload: WorkloadInputs, shares: _Shares, parameters: _Parameters, trained: _Parameters
) -> dict[str, FloatArray]:
    """Return the parameters of a stage, the ranks that share their states, and the bytes of each."""
    held = as_floats(workload.holds_weights)
    if any_of(workload.shard_is_master):
        # a shard in single precision is the weight itself
        is_master = workload.shard_is_master * (as_floats(workload.master_bytes) > 0)
        held = held * (1.0 - is_master * shares.is_sharded)
    on_chip = workload.holds_optimizer
    return {
        "dense": parameters.dense,
        "experts": parameters.experts,
        "ends": parameters.ends,
        "trained_dense": trained.dense,
        "trained_experts": trained.experts,
        "trained_ends": trained.ends,
        "weight_ranks": shares.ranks[0],
        "gradient_ranks": shares.ranks[1],
        "optimizer_ranks": shares.ranks[2],
        "expert_weight_ranks": shares.expert_ranks[0],
        "expert_gradient_ranks": shares.expert_ranks[1],
        "expert_optimizer_ranks": shares.expert_ranks[2],
        "weight_bytes": as_floats(held * workload.weight_bytes),
        "end_weight_bytes": as_floats(held * workload.end_weight_bytes),
        "gradient_bytes": as_floats(workload.held_gradient_bytes * workload.holds_weights),
        "optimizer_bytes": as_floats(on_chip * (workload.master_bytes + workload.moment_bytes)),
        "end_optimizer_bytes": as_floats(on_chip * (workload.master_bytes + workload.end_moment_bytes)),
    }


def _gathered_bytes(
    workload: WorkloadInputs, layout: Layouts, shares: _Shares, parameters: _Parameters
) -> FloatArray:
    """Return what sharding gathers of a stage at once: some layers, one of them with its gradient. [B]."""
    if not any_of(shares.is_sharded):
        return _NOTHING
    one_layer = shares.is_sharded * (shares.dense_layer + shares.expert_layer)
    gradient = workload.gathered_gradient_bytes * workload.trains_all
    if not any_of(workload.gathered_parameters) and not any_of(workload.keeps_gathered):
        return one_layer * (workload.gathered_layers * workload.weight_bytes + gradient)
    whole = shares.is_sharded * (parameters.dense + parameters.experts)
    gathered = np.maximum(
        workload.gathered_layers * one_layer, np.minimum(workload.gathered_parameters, whole)
    )
    keeps_all = (as_floats(layout.pipeline) > 1.0) & (as_floats(workload.keeps_gathered) > 0)
    some = workload.weight_bytes * gathered + gradient * one_layer
    return where(keeps_all, (workload.weight_bytes + gradient) * whole, some)


def _staying_bytes(
    workload: WorkloadInputs, shares: _Shares, parameters: _Parameters, trained: _Parameters
) -> FloatArray:
    """Return what is there throughout: buckets of collectives, embedding and head if they are kept. [B]."""
    stays = _NOTHING
    if any_of(workload.bucket_elements):
        stays = HALF_BYTES * shares.is_shared * np.minimum(workload.bucket_elements, trained.all)
    if any_of(workload.gathers_ends):
        ends = workload.gathers_ends * workload.end_weight_bytes * parameters.ends
        stays = as_floats(stays + shares.is_sharded * ends)
    return as_floats(stays)


def _step_bytes(workload: WorkloadInputs, shares: _Shares, trained: _Parameters) -> FloatArray:
    """Return what the optimizer's step takes of a rank's share of the states. [B]."""
    if not any_of(workload.step_bytes):
        return _NOTHING
    share = (trained.dense + trained.ends) / shares.ranks[2] + trained.experts / shares.expert_ranks[2]
    at_once = where(shares.is_sharded > 0, np.minimum(share, workload.step_parameters), share)
    return as_floats(workload.step_bytes * at_once * workload.holds_optimizer)
