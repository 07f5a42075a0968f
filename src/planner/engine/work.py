"""What an average layer must do for one token: the terms that no layout changes, worked out once a model."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from planner.engine.architecture import (
    LayerParameters,
    dense_layers,
    layer_parameters,
    mixture_layers,
    parameter_counts,
)
from planner.engine.arrays import ArrayLike, FloatArray, any_of, as_numbers, where
from planner.engine.attention import met_tokens
from planner.engine.encoders import encoder_work
from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
from planner.engine.mixing import MixingWork, mixing_work

#: Of an activation or weight in bf16 or fp16, and of a number in single precision, by their definitions. [B]
HALF_BYTES = 2.0
FLOAT_BYTES = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class ModelWork(MixingWork):
    """One model at one sequence length, per token and average layer unless said.

    An average layer is the mean over all layers: dense ones and mixtures, and all kinds of token mixers.
    Widths are in elements.
    """

    layers: FloatArray
    hidden: FloatArray
    sequence_length: FloatArray
    vocabulary: FloatArray
    #: share of the layers that hold routed experts
    mixture_share: FloatArray
    experts: FloatArray
    active_experts: FloatArray
    routing_groups_limit: FloatArray
    #: dense matmul parameters that tensor parallelism shards, routed experts left out
    dense_parameters: FloatArray
    #: sum over those matrices of parameters over sharded width
    dense_width_terms: FloatArray
    #: matmul parameters of one routed expert, and its width terms
    expert_parameters: FloatArray
    expert_width_terms: FloatArray
    #: inner width of one routed expert
    expert_width: FloatArray
    #: hidden size inside the routed experts
    expert_hidden: FloatArray
    heads: FloatArray
    #: token and channel mixers of the average layer, each with its normalisation and residual: 2 but where a
    #: layer has one of them
    blocks: FloatArray
    #: feed-forward widths of the average layer: dense and shared parts
    feed_forward_width: FloatArray
    #: width of the routed experts that one token uses
    routed_width: FloatArray
    is_gated: FloatArray
    #: parameters of the output head's matmul
    head_parameters: FloatArray
    embedding_parameters: FloatArray
    has_tied_embeddings: FloatArray
    #: all parameters of an average layer but routed experts, and those of all routed experts of one layer
    layer_parameters: FloatArray
    layer_expert_parameters: FloatArray
    #: multi-token-prediction modules, each about one layer and one head
    prediction_layers: FloatArray

    @property
    def has_experts(self) -> bool:
        """Whether any of the models is a mixture; where none is, nothing is costed for experts."""
        return any_of(self.mixture_share > 0)

    @property
    def has_states(self) -> bool:
        """Whether any of the models mixes tokens by a state; where none does, nothing is costed for it."""
        return any_of(self.state_flops > 0)


def model_work(a: ArchitectureInputs, workload: WorkloadInputs) -> ModelWork:
    r"""Return the layout-independent terms of a model at a sequence length.

    .. math:: \bar P = \bar P_{mixing} + \delta P_{feed} + \mu (P_{shared} + P_{router}),\quad
        \mu = L_m / L,\quad \delta = L_d / L

    Parameters
    ----------
    a : ArchitectureInputs
        The shape; at least one layer. [-]
    workload : WorkloadInputs
        Its sequence length and that of its documents count here, >= 1. [-]

    Returns
    -------
    ModelWork
        Per token and average layer, each term in the broadcast shape of what it depends on.

    Notes
    -----
    Every matrix counts by its parameters and by its width terms, parameters over the width that tensor
    parallelism shards: so narrow shards lose rate without a loop over matrices (`compute.layer_times`).

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), section 4: the matrices
       of a block and what each reads.

    Examples
    --------
    Attention of 48 parameters and three matrices of 4 x 8; queries are 4 wide, keys and values 2 each.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> work = model_work(tiny, WorkloadInputs(sequence_length=8, global_batch_sequences=1))
    >>> float(work.dense_parameters), float(work.query_key_value_width), float(work.mean_context)
    (144.0, 8.0, 4.0)
    """
    parts = layer_parameters(a)
    counts = parameter_counts(a)
    layers = np.asarray(a.layers, dtype=np.float64)
    hidden = np.asarray(a.hidden, dtype=np.float64)
    sparse, plain = mixture_layers(a) / layers, dense_layers(a) / layers
    mixing = mixing_work(a, met_tokens(workload.sequence_length, workload.document_tokens))
    expert_hidden = where(np.asarray(a.expert_hidden) > 0, a.expert_hidden, hidden)
    matrices = np.add(2.0, a.is_gated)
    has_shared = np.asarray(a.shared_width) > 0
    work = ModelWork(
        **{field.name: getattr(mixing, field.name) for field in fields(MixingWork)},
        layers=layers,
        hidden=hidden,
        sequence_length=np.asarray(workload.sequence_length, dtype=np.float64),
        vocabulary=np.asarray(a.vocabulary, dtype=np.float64),
        mixture_share=sparse,
        experts=np.asarray(a.experts, dtype=np.float64),
        active_experts=np.asarray(a.active_experts, dtype=np.float64),
        routing_groups_limit=np.asarray(a.routing_groups_limit, dtype=np.float64),
        dense_parameters=parts.attention_matmul
        + plain * parts.feed_forward_matmul
        + sparse * (parts.shared_matmul + parts.router),
        dense_width_terms=mixing.width_terms + matrices * hidden * (plain + where(has_shared, sparse, 0.0)),
        expert_parameters=parts.expert_matmul,
        expert_width_terms=matrices * expert_hidden,
        expert_width=np.maximum(np.asarray(a.expert_width, dtype=np.float64), 1.0),
        expert_hidden=expert_hidden,
        heads=np.asarray(a.heads, dtype=np.float64),
        blocks=mixing.mixing_share + plain + sparse,
        feed_forward_width=plain * a.feed_forward_width + sparse * a.shared_width,
        routed_width=sparse * active_experts_width(a),
        is_gated=np.asarray(a.is_gated, dtype=np.float64),
        head_parameters=counts.output_head,
        embedding_parameters=counts.embedding + np.multiply(a.learned_positions, hidden),
        has_tied_embeddings=np.asarray(a.has_tied_embeddings, dtype=np.float64),
        layer_parameters=_layer_parameters_but_experts(parts, plain, sparse),
        layer_expert_parameters=sparse * a.experts * (parts.expert_matmul + parts.expert_vectors),
        prediction_layers=np.asarray(a.multi_token_prediction_layers, dtype=np.float64),
    )
    return as_numbers(_with_encoders(work, a) if a.encoders else work)


def _with_encoders(work: ModelWork, a: ArchitectureInputs) -> ModelWork:
    """Return the work of the mean layer with what the encoders that run add to it."""
    added = encoder_work(a.encoders, float(a.layers), float(a.hidden), float(a.is_gated))
    return replace(
        work,
        dense_parameters=work.dense_parameters + added.matmul,
        dense_width_terms=work.dense_width_terms + added.width_terms,
        attention_flops=work.attention_flops + added.attention_flops,
        blocks=work.blocks + added.blocks,
        query_key_value_width=work.query_key_value_width + added.query_key_value_width,
        attention_output_width=work.attention_output_width + added.attention_output_width,
        feed_forward_width=work.feed_forward_width + added.feed_forward_width,
        layer_parameters=work.layer_parameters + added.parameters,
    )


def active_experts_width(a: ArchitectureInputs) -> FloatArray:
    r"""Return the routed width that one token uses in a mixture layer. [-].

    .. math:: k\,f_e

    Parameters
    ----------
    a : ArchitectureInputs
        Experts that one token goes to, :math:`k`, and the width of each, :math:`f_e`. [-]

    Returns
    -------
    (...,) float64
        In elements; 0 without experts. [-]

    Examples
    --------
    Two of four experts, each 6 wide.

    >>> mixture = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                              feed_forward_width=8, experts=4, active_experts=2, expert_width=6)
    >>> float(active_experts_width(mixture))
    12.0
    """
    return np.asarray(np.multiply(a.active_experts, a.expert_width))


def _layer_parameters_but_experts(
    parts: LayerParameters, plain: FloatArray, sparse: FloatArray
) -> FloatArray:
    common = parts.attention_matmul + parts.attention_vectors + parts.norm_vectors
    dense = parts.feed_forward_matmul + parts.feed_forward_vectors
    return np.asarray(common + plain * dense + sparse * (parts.shared_matmul + parts.router))


def total_parameters(work: ModelWork) -> FloatArray:
    r"""Return all parameters of the model, prediction modules left out. [-].

    .. math:: P = L (\bar P_{layer} + \bar P_{experts}) + P_{embedding} + (1 - t) P_{head}

    Parameters
    ----------
    work : ModelWork
        The model; :math:`t` is 1 where embedding and head are tied. [-]

    Returns
    -------
    (...,) float64
        Without what stands outside of the layers in `parameter_counts` but embeddings: the last norm, the
        head's bias and the architecture's other parameters, which no chip's memory notices, and encoders that
        run for no token, which no chip holds. [-]

    Examples
    --------
    Two layers of 152, embedding and head of 40 each; the last norm's 4 make the 388 of `parameter_counts`.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, vocabulary=10)
    >>> work = model_work(tiny, WorkloadInputs(sequence_length=8, global_batch_sequences=1))
    >>> float(total_parameters(work))
    384.0
    """
    return np.asarray(
        work.layers * (work.layer_parameters + work.layer_expert_parameters)
        + work.embedding_parameters
        + (1.0 - work.has_tied_embeddings) * work.head_parameters
    )


def microbatch_tokens(work: ModelWork, microbatch: ArrayLike, context: ArrayLike) -> FloatArray:
    r"""Return the tokens of one microbatch on one chip. [-].

    .. math:: T = b\,S / c

    Parameters
    ----------
    work : ModelWork
        Its sequence length :math:`S`. [-]
    microbatch : (...,) float
        Sequences of one microbatch, :math:`b` >= 1. [-]
    context : (...,) float
        Ranks that share a sequence, :math:`c` >= 1. [-]

    Returns
    -------
    (...,) float64
        Tokens. [-]

    Examples
    --------
    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> work = model_work(tiny, WorkloadInputs(sequence_length=4096, global_batch_sequences=1))
    >>> float(microbatch_tokens(work, 2, 4))
    2048.0
    """
    return np.asarray(microbatch * work.sequence_length / context)
