"""What the engine is told: frozen records of floats and arrays in SI units, nothing else.

Every field may be a float or an array; all fields of one call broadcast against each other, so that one
record describes a single plan, a block of candidates, or a column of published runs alike.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from planner.engine.arrays import ArrayLike, all_of, any_of
from planner.engine.encoders import EncoderInputs
from planner.engine.mixers import MixerInputs
from planner.engine.recipe import RecipeInputs

#: Of a score that attention writes, in one forward pass: its two products and its softmax write and read it
#: in two bytes, without dropout (Korthikanti et al., Reducing Activation Recomputation, arXiv 2205.05198,
#: section 4). [B]
SCORE_BYTES = 8.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArchitectureInputs:
    """The shape of a decoder-only model, or of one kind of its layers; flags are 0 or 1."""

    layers: ArrayLike
    hidden: ArrayLike
    heads: ArrayLike
    key_value_heads: ArrayLike
    head_dimension: ArrayLike
    feed_forward_width: ArrayLike
    is_gated: ArrayLike = 1.0
    vocabulary: ArrayLike = 0.0
    has_tied_embeddings: ArrayLike = 0.0
    learned_positions: ArrayLike = 0.0
    #: learned vectors of the hidden size in one normalisation: 1 (RMS) or 2 (layer)
    vectors_per_norm: ArrayLike = 1.0
    norms_per_layer: ArrayLike = 2.0
    norms_outside: ArrayLike = 1.0
    has_query_key_norm: ArrayLike = 0.0
    #: 1 where that normalisation runs over all heads together
    normalises_heads_together: ArrayLike = 0.0
    has_query_key_value_bias: ArrayLike = 0.0
    has_attention_output_bias: ArrayLike = 0.0
    has_feed_forward_bias: ArrayLike = 0.0
    has_output_head_bias: ArrayLike = 0.0
    #: 0 where no layer of this kind has attention
    has_attention: ArrayLike = 1.0
    #: 1 where queries bring a gate of the attention's output
    has_output_gate: ArrayLike = 0.0
    #: 1 where keys are the values too
    keys_are_values: ArrayLike = 0.0
    is_latent: ArrayLike = 0.0
    query_rank: ArrayLike = 0.0
    key_value_rank: ArrayLike = 0.0
    rope_dimension: ArrayLike = 0.0
    nope_dimension: ArrayLike = 0.0
    #: 0: values are as wide as keys
    value_dimension: ArrayLike = 0.0
    experts: ArrayLike = 0.0
    active_experts: ArrayLike = 0.0
    expert_width: ArrayLike = 0.0
    #: hidden size inside the routed experts; 0: the model's
    expert_hidden: ArrayLike = 0.0
    shared_width: ArrayLike = 0.0
    first_dense_layers: ArrayLike = 0.0
    mixture_layer_every: ArrayLike = 1.0
    #: hosts or domains that one token's experts may lie on; infinite where any
    routing_groups_limit: ArrayLike = np.inf
    has_router_bias: ArrayLike = 0.0
    has_shared_gate: ArrayLike = 0.0
    #: 0: full attention everywhere
    window: ArrayLike = 0.0
    window_full_every: ArrayLike = 0.0
    #: tokens that attend to each other and to no others; 0: no chunks
    chunk: ArrayLike = 0.0
    #: keys that an indexer chooses for each query, 0: all; its heads and their width
    top_k: ArrayLike = 0.0
    index_heads: ArrayLike = 0.0
    index_dimension: ArrayLike = 0.0
    multi_token_prediction_layers: ArrayLike = 0.0
    other_parameters: ArrayLike = 0.0
    #: token mixers of every layer beside its attention
    mixers: tuple[MixerInputs, ...] = ()
    #: stacks beside the decoder
    encoders: tuple[EncoderInputs, ...] = ()
    #: where the layers are of several kinds: each as a model of as many layers as there are of it. What this
    #: record says of attention is then that of the model's own, and is in no layer unless a kind says so.
    kinds: tuple[ArchitectureInputs, ...] = ()

    @property
    def has_attention_alone(self) -> bool:
        """Whether nothing mixes tokens but the decoder's attention, and no indexer chooses its keys."""
        if any(encoder.patches_per_token > 0 for encoder in self.encoders):
            return False
        if self.kinds:
            return all(kind.has_attention_alone for kind in self.kinds)
        return not self.mixers and not any_of(self.top_k)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChipInputs:
    """What one chip can do at the run's precision."""

    #: dense rate of the matmuls. [FLOP/s]
    matmul_peak_flops_per_s: ArrayLike
    #: dense rate of attention, which stays in 16 bit. [FLOP/s]
    attention_peak_flops_per_s: ArrayLike
    memory_bytes: ArrayLike
    memory_bandwidth_bytes_per_s: ArrayLike
    #: of the link to its host, one direction; 16 lanes of PCIe 4.0 where nobody says. [B/s]
    host_bytes_per_s: ArrayLike = 32e9
    #: ranks that software sees on one chip: its cores or dies, where each is one. [-]
    ranks_per_chip: ArrayLike = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkInputs:
    """The tiers between chips; bandwidths per chip and direction. [B/s]."""

    #: chips that share the scale-up network. [-]
    domain_chips: ArrayLike
    #: chips that share a host. [-]
    host_chips: ArrayLike
    scale_up_bytes_per_s: ArrayLike
    #: between one pair of chips, for a mesh
    pair_bytes_per_s: ArrayLike
    is_mesh: ArrayLike = 0.0
    #: axes of a torus; 0 where the domain is switched or a mesh. [-]
    torus_axes: ArrayLike = 0.0
    #: one step of a collective inside the domain. [s]
    scale_up_latency_s: ArrayLike = 2e-6
    #: a chip's share of its host's ports
    scale_out_bytes_per_s: ArrayLike = 25e9
    #: one step of a collective between domains. [s]
    scale_out_latency_s: ArrayLike = 5e-6
    oversubscription: ArrayLike = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkloadInputs(RecipeInputs):
    """What every step trains on, and by which recipe."""

    sequence_length: ArrayLike
    global_batch_sequences: ArrayLike
    #: mean length of the documents that a sequence is packed of, beyond which attention does not look
    document_tokens: ArrayLike = np.inf
    #: 1 where the matmuls run below 16 bit. [-]
    is_low_precision: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StackConstants:
    """The efficiency constants of a software stack on a chip generation.

    The defaults are priors from datasheets and published microbenchmarks; fitted values come from the
    stack profiles. All are dimensionless unless said.
    """

    #: share of the dense peak that large matmuls reach, chip and software together
    matmul_efficiency: ArrayLike = 0.75
    #: of that, what is left below 16 bit
    low_precision_efficiency: ArrayLike = 0.85
    #: of that, what grouped expert matmuls reach, load imbalance included
    expert_efficiency: ArrayLike = 0.75
    #: bytes moved for one weight and pass: read, and its gradient accumulated. [B]
    weight_traffic_bytes: ArrayLike = 4.0
    #: width of a sharded matrix at which it does
    width_half_size: ArrayLike = 150.0
    #: hidden size at which it does
    hidden_half_size: ArrayLike = 250.0
    #: outputs that the last, half-empty wave of tiles of one matmul leaves idle: about half of what all
    #: matrix cores hold at once
    wave_idle_outputs: ArrayLike = 1e6
    #: share of the 16-bit peak that fused attention reaches at long context
    attention_efficiency: ArrayLike = 0.55
    #: mean context at which it reaches half of that
    attention_half_context: ArrayLike = 300.0
    #: width of a head at which attention reaches half of what it would with endlessly wide ones
    attention_half_head: ArrayLike = 40.0
    #: bytes that attention moves per score and forward pass where it writes its scores. [B]
    score_traffic_bytes: ArrayLike = SCORE_BYTES
    #: share of the memory bandwidth that element-wise work reaches
    memory_efficiency: ArrayLike = 0.7
    #: bytes that element-wise work moves where nothing fuses it, over those where kernels are fused
    eager_traffic: ArrayLike = 2.0
    #: bytes moved to route a token to its experts and back, over those of two permutations
    routing_traffic: ArrayLike = 1.0
    #: host time per layer, microbatch and forward pass that no kernel hides. [s]
    layer_overhead_s: ArrayLike = 30e-6
    #: the same for routing tokens to experts, and for each expert that a chip holds, where shapes depend on
    #: the router's choice. [s]
    routing_overhead_s: ArrayLike = 100e-6
    expert_overhead_s: ArrayLike = 5e-6
    #: of one pass over a layer that is run eagerly, what its host takes to start the kernels, and of one over
    #: a mixture's layer. [s]
    eager_host_s: ArrayLike = 0.7e-3
    mixture_host_s: ArrayLike = 3e-3
    #: spread of the experts' loads over their mean, where nothing evens them
    expert_load_spread: ArrayLike = 0.5
    scale_up_efficiency: ArrayLike = 0.75
    #: message at which a collective inside the domain reaches half of its bandwidth. [B]
    scale_up_half_bytes: ArrayLike = 4e6
    scale_out_efficiency: ArrayLike = 0.75
    point_to_point_efficiency: ArrayLike = 0.8
    #: what a collective costs for each domain that it spans. [s]
    collective_step_s: ArrayLike = 15e-6
    #: shares of each traffic that compute can hide
    tensor_overlap: ArrayLike = 0.1
    #: the share where the stack fuses matmuls with their collectives
    fused_tensor_overlap: ArrayLike = 0.5
    context_overlap: ArrayLike = 0.7
    expert_overlap: ArrayLike = 0.3
    #: the share where the schedule runs dispatch and combine beside other work
    scheduled_expert_overlap: ArrayLike = 0.6
    pipeline_overlap: ArrayLike = 0.5
    data_overlap: ArrayLike = 0.6
    #: part of data-parallel traffic that nothing hides (first and last bucket)
    data_exposed_share: ArrayLike = 0.1
    #: loss to stragglers and jitter per doubling of the hosts
    jitter_per_doubling: ArrayLike = 0.004
    #: loss that every step has, whatever its size (data loading, logging, synchronisation), and again for
    #: each doubling of the hosts. [s]
    step_overhead_s: ArrayLike = 0.01
    #: bytes of one gradient on the wire. [B]
    gradient_bytes: ArrayLike = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layouts:
    """Parallel layouts as a structure of arrays: a candidate is an index of every column."""

    tensor: ArrayLike
    pipeline: ArrayLike
    data: ArrayLike
    microbatch: ArrayLike
    context: ArrayLike = 1.0
    expert: ArrayLike = 1.0
    #: tensor parallelism inside an expert
    expert_tensor: ArrayLike = 1.0
    virtual_stages: ArrayLike = 1.0
    #: 0 to 3
    zero: ArrayLike = 1.0
    #: ranks over which ZeRO shards; more than the data-parallel ranks means all of them
    shard_ranks: ArrayLike = np.inf
    is_sequence_parallel: ArrayLike = 1.0
    #: 1 where the attention core is run again in the backward pass
    recompute_attention: ArrayLike = 0.0
    #: share of the layers that are run again whole
    recompute_layers: ArrayLike = 0.0
    #: share of the matmuls of the other layers that are run again
    recompute_matmul: ArrayLike = 0.0
    #: 1 where the other layers do not keep what normalisations and activations give, or what latent attention
    #: projects up, and run them again
    drops_norms: ArrayLike = 0.0
    drops_activations: ArrayLike = 0.0
    drops_expert_activations: ArrayLike = 0.0
    drops_latent: ArrayLike = 0.0
    #: shares of the dense and of the routed feed-forward part that they do not keep
    drops_feed_forward: ArrayLike = 0.0
    drops_experts: ArrayLike = 0.0
    #: 1 where they keep the results of every second matmul and of attention alone
    keeps_second_matmuls: ArrayLike = 0.0
    #: share of the 1F1B bubble that the schedule leaves
    bubble_share: ArrayLike = 1.0
    #: microbatches in flight beyond those of 1F1B
    in_flight_more: ArrayLike = 0.0
    #: copies of its stage's parameters that a rank holds
    stage_copies: ArrayLike = 1.0
    #: 1 where dispatch and combine send one copy of a token to each domain, and inside it to each rank
    merges_across: ArrayLike = 0.0
    merges_inside: ArrayLike = 0.0
    #: what their kernels move inside a domain at most. [B/s]
    dispatch_bytes_per_s: ArrayLike = np.inf
    #: 1 where nothing evens the experts' loads
    has_free_routing: ArrayLike = 0.0
    #: 1 where a schedule runs dispatch and combine beside other work
    has_expert_overlap: ArrayLike = 0.0
    #: 1 where the host starts no kernel by itself
    is_captured: ArrayLike = 0.0
    #: 1 where the stack overlaps tensor-parallel traffic by a fused or pipelined kernel
    has_tensor_overlap: ArrayLike = 0.0
    #: tokens that every expert takes, over an even share, where that is fixed and no shape waits for the
    #: router; 0 where experts take what the router sends them. [-]
    expert_capacity: ArrayLike = 0.0
    #: 1 where the compiler leaves out, of a layer that it runs again, what nothing needs: the last matmul
    drops_unused_recompute: ArrayLike = 0.0
    #: 1 where nothing fuses element-wise operations: each reads and writes memory by itself
    is_eager: ArrayLike = 0.0
    #: 1 where pipeline transfers overlap with compute
    has_pipeline_overlap: ArrayLike = 1.0
    #: 1 where gradient and parameter collectives overlap with compute
    has_data_overlap: ArrayLike = 1.0


Record = TypeVar("Record")


def stacked(records: list[Record]) -> Record:
    """Return one record whose fields are the columns of `records`, as arrays of their number.

    A field that is the same everywhere stays a float, so that what does not vary costs nothing.

    Parameters
    ----------
    records : list of dataclass instances
        At least one, all of one class, their fields numbers.

    Returns
    -------
    the same class
        Of floats and (records,) arrays.

    Examples
    --------
    >>> runs = [WorkloadInputs(sequence_length=2048, global_batch_sequences=batch) for batch in (32, 64)]
    >>> together = stacked(runs)
    >>> together.sequence_length, np.asarray(together.global_batch_sequences).tolist()
    (2048.0, [32.0, 64.0])
    """
    first = records[0]
    columns = {}
    for column in fields(first):  # type: ignore[arg-type]  # the type variable cannot say "dataclass"
        values = np.array([getattr(record, column.name) for record in records], dtype=np.float64)
        columns[column.name] = float(values[0]) if all_of(values == values[0]) else values
    return type(first)(**columns)
