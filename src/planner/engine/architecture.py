"""Model arithmetic: exact parameter counts and training FLOPs of a decoder-only transformer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.inputs import ArchitectureInputs


@dataclass(frozen=True, slots=True)
class LayerParameters:
    """Parameters of the parts of one layer. [-].

    `attention_matmul` and the other `*_matmul` fields count what multiplies activations; `*_vectors`
    are biases and normalisations.
    """

    attention_matmul: FloatArray
    attention_vectors: FloatArray
    feed_forward_matmul: FloatArray
    feed_forward_vectors: FloatArray
    #: one routed expert
    expert_matmul: FloatArray
    expert_vectors: FloatArray
    #: all shared experts with their gate
    shared_matmul: FloatArray
    router: FloatArray
    norm_vectors: FloatArray


@dataclass(frozen=True, slots=True)
class ParameterCounts:
    """Parameters of a model. [-]."""

    #: the main model, embeddings included, prediction modules not
    total: FloatArray
    #: those of them that one token uses
    active: FloatArray
    #: those that multiply one token's activations, output head included, embedding look-up not
    active_matmul: FloatArray
    embedding: FloatArray
    output_head: FloatArray
    #: multi-token-prediction modules, which `total` leaves out
    prediction: FloatArray
    prediction_active_matmul: FloatArray


def mixture_layers(a: ArchitectureInputs) -> FloatArray:
    """Return how many layers hold routed experts. [-]."""
    after_first = np.maximum(np.subtract(a.layers, a.first_dense_layers), 0.0)
    return np.where(np.asarray(a.experts) > 0, np.floor(after_first / a.mixture_layer_every), 0.0)


def layer_parameters(a: ArchitectureInputs) -> LayerParameters:
    """Return the parameters of one layer's parts.

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V2 (arXiv 2405.04434), section 2.1: latent attention.
    .. [2] Shazeer, GLU Variants Improve Transformer (arXiv 2002.05202): gated feed-forward.
    """
    hidden = np.asarray(a.hidden, dtype=np.float64)
    query_width = a.heads * np.asarray(a.head_dimension)
    key_value_width = 2.0 * a.key_value_heads * a.head_dimension
    grouped = hidden * (query_width + key_value_width) + query_width * hidden
    query_key = np.add(a.nope_dimension, a.rope_dimension)
    compressed = np.asarray(a.query_rank) > 0
    latent_query = np.where(
        compressed,
        hidden * a.query_rank + a.query_rank * a.heads * query_key,
        hidden * a.heads * query_key,
    )
    latent_key_value = hidden * np.add(a.key_value_rank, a.rope_dimension) + a.key_value_rank * (
        a.heads * np.add(a.nope_dimension, a.value_dimension)
    )
    latent = latent_query + latent_key_value + a.heads * np.asarray(a.value_dimension) * hidden
    is_latent = np.asarray(a.is_latent) > 0
    matrices = np.add(2.0, a.is_gated)
    feed_forward_width = np.asarray(a.feed_forward_width)
    expert_width = np.asarray(a.expert_width)
    return LayerParameters(
        attention_matmul=np.where(is_latent, latent, grouped),
        attention_vectors=a.has_query_key_value_bias * (query_width + key_value_width)
        + a.has_attention_output_bias * hidden
        + 2.0 * np.multiply(a.has_query_key_norm, a.head_dimension)
        + np.where(is_latent, np.add(a.query_rank, a.key_value_rank), 0.0),
        feed_forward_matmul=matrices * hidden * feed_forward_width,
        feed_forward_vectors=a.has_feed_forward_bias
        * ((matrices - 1.0) * feed_forward_width + np.where(feed_forward_width > 0, hidden, 0.0)),
        expert_matmul=matrices * hidden * expert_width,
        expert_vectors=a.has_feed_forward_bias
        * ((matrices - 1.0) * expert_width + np.where(expert_width > 0, hidden, 0.0)),
        shared_matmul=matrices * hidden * a.shared_width + a.has_shared_gate * hidden,
        router=np.multiply(a.experts, hidden + a.has_router_bias),
        norm_vectors=a.norms_per_layer * (hidden * a.vectors_per_norm),
    )


def parameter_counts(a: ArchitectureInputs) -> ParameterCounts:
    """Return the model's parameter counts, exact where the architecture is.

    Notes
    -----
    A prediction module (DeepSeek-V3) is one layer of the main model's last kind with a projection from
    twice the hidden size and three normalisations; embedding and output head are shared.

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V3 Technical Report (arXiv 2412.19437), section 2.2.
    """
    part = layer_parameters(a)
    sparse = mixture_layers(a)
    dense = a.layers - sparse
    embedding = np.multiply(a.vocabulary, a.hidden) * 1.0
    head = embedding * 1.0
    positions = np.multiply(a.learned_positions, a.hidden)
    norms_outside = a.norms_outside * np.multiply(a.hidden, a.vectors_per_norm)
    common = part.attention_matmul + part.attention_vectors + part.norm_vectors
    dense_layer = common + part.feed_forward_matmul + part.feed_forward_vectors
    one_expert = part.expert_matmul + part.expert_vectors
    outside = (
        embedding
        + np.where(np.asarray(a.has_tied_embeddings) > 0, 0.0, head)
        + np.multiply(a.has_output_head_bias, a.vocabulary)
        + positions
        + norms_outside
        + a.other_parameters
    )

    def with_experts(number: ArrayLike) -> FloatArray:
        sparse_layer = common + part.router + part.shared_matmul + number * one_expert
        return np.asarray(dense * dense_layer + sparse * sparse_layer + outside)

    active_experts = np.asarray(a.active_experts)
    sparse_matmul = (
        part.attention_matmul + part.router + part.shared_matmul + active_experts * part.expert_matmul
    )
    dense_matmul = part.attention_matmul + part.feed_forward_matmul
    projection = 2.0 * np.multiply(a.hidden, a.hidden)
    is_mixture = np.asarray(a.experts) > 0
    last_layer = np.where(
        is_mixture, common + part.router + part.shared_matmul + a.experts * one_expert, dense_layer
    )
    module_norms = 3.0 * np.multiply(a.hidden, a.vectors_per_norm)
    last_matmul = np.where(is_mixture, sparse_matmul, dense_matmul)
    modules = np.asarray(a.multi_token_prediction_layers)
    return ParameterCounts(
        total=with_experts(a.experts),
        active=with_experts(active_experts),
        active_matmul=np.asarray(dense * dense_matmul + sparse * sparse_matmul + head),
        embedding=embedding,
        output_head=head,
        prediction=modules * (last_layer + projection + module_norms),
        prediction_active_matmul=modules * (last_matmul + projection + head),
    )


def mean_context(a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool) -> FloatArray:
    r"""Return the keys that a query meets on average over the layers. [-].

    Full attention meets :math:`S` (`causal`: :math:`S/2`); a window of :math:`w < S` meets
    :math:`w - w^2 / 2S`, by which a windowed layer counts under either convention.
    """
    sequence = np.asarray(sequence_length, dtype=np.float64)
    full = sequence * (0.5 if causal else 1.0)
    window = np.asarray(a.window)
    is_windowed = (window > 0) & (window < sequence)
    inside = np.where(is_windowed, window - window**2 / (2.0 * sequence), full)
    every = np.asarray(a.window_full_every)
    full_share = np.where(window > 0, np.where(every > 0, 1.0 / np.maximum(every, 1.0), 0.0), 1.0)
    return np.asarray(full_share * full + (1.0 - full_share) * inside)


def attention_flops_per_token(
    a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool
) -> FloatArray:
    r"""Return forward FLOPs of the attention scores and their weighted sum, per token and layer. [FLOP].

    .. math:: 2 h (d_{qk} + d_v) \bar S

    with :math:`\bar S` the mean context; the three passes of training make it the field's
    :math:`12 L h d S` (full) or half of it (causal).

    References
    ----------
    .. [1] Chowdhery et al., PaLM (arXiv 2204.02311), appendix B.
    """
    is_latent = np.asarray(a.is_latent) > 0
    widths = np.where(
        is_latent,
        np.add(a.nope_dimension, a.rope_dimension) + a.value_dimension,
        2.0 * np.asarray(a.head_dimension),
    )
    return np.asarray(2.0 * np.asarray(a.heads) * widths * mean_context(a, sequence_length, causal=causal))


def training_flops_per_token(
    a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool = True, with_prediction: bool = True
) -> FloatArray:
    """Return model FLOPs of one training token: forward and backward, without recomputation. [FLOP].

    Three times the forward matmuls (output head included, embedding look-up not) and attention, by the
    `causal` (half of the attention matrix) or the `full` convention. Prediction modules count where the
    run trains them.
    """
    counts = parameter_counts(a)
    matmul = counts.active_matmul
    attention_layers = np.asarray(a.layers, dtype=np.float64)
    if with_prediction:
        matmul = matmul + counts.prediction_active_matmul
        attention_layers = attention_layers + a.multi_token_prediction_layers
    attention = attention_layers * attention_flops_per_token(a, sequence_length, causal=causal)
    return np.asarray(6.0 * matmul + 3.0 * attention)


def recomputed_flops_per_token(
    a: ArchitectureInputs, sequence_length: ArrayLike, attention_again: ArrayLike, layers_again: ArrayLike
) -> FloatArray:
    """Return FLOPs that recomputation adds to one training token: one more forward pass of what is run again.

    `layers_again` is the share of the layers that run again whole, `attention_again` is 1 where the
    attention core of every layer does. Causal convention. [FLOP].
    """
    counts = parameter_counts(a)
    layers_matmul = 2.0 * (counts.active_matmul - counts.output_head)
    attention = a.layers * attention_flops_per_token(a, sequence_length, causal=True)
    return np.asarray(layers_again * layers_matmul + np.maximum(layers_again, attention_again) * attention)
