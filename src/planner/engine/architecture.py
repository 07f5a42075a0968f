"""Model arithmetic: exact parameter counts of a decoder-only transformer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where
from planner.engine.attention import value_width
from planner.engine.inputs import ArchitectureInputs


@dataclass(frozen=True, slots=True, eq=False)
class LayerParameters:
    """Parameters of the parts of one layer, its token mixers in the mean over the kinds of layers. [-].

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

    @property
    def common(self) -> FloatArray:
        """Attention and normalisations, which every layer has."""
        return np.asarray(self.attention_matmul + self.attention_vectors + self.norm_vectors)

    @property
    def feed_forward(self) -> FloatArray:
        """The feed-forward part of a layer without experts."""
        return np.asarray(self.feed_forward_matmul + self.feed_forward_vectors)

    @property
    def expert(self) -> FloatArray:
        """One routed expert."""
        return np.asarray(self.expert_matmul + self.expert_vectors)

    @property
    def shared(self) -> FloatArray:
        """What every token uses in a layer with experts beside them: router and shared experts."""
        return np.asarray(self.router + self.shared_matmul)


@dataclass(frozen=True, slots=True, eq=False)
class ParameterCounts:
    """Parameters of a model. [-]."""

    #: the main model, embeddings included, prediction modules not
    total: FloatArray
    #: those of them that one token uses
    active: FloatArray
    #: those that multiply one token's activations, output head included, embedding look-up not; encoders as
    #: often as they run
    active_matmul: FloatArray
    embedding: FloatArray
    output_head: FloatArray
    #: outside of the layers: embedding and head, learned positions, the last norm and biases, encoders
    outside: FloatArray
    #: multi-token-prediction modules, which `total` leaves out
    prediction: FloatArray
    prediction_active_matmul: FloatArray


def mixture_layers(a: ArchitectureInputs) -> FloatArray:
    r"""Return how many layers hold routed experts. [-].

    .. math:: L_m = \lfloor (L - L_{first}) / n_{every} \rfloor

    Parameters
    ----------
    a : ArchitectureInputs
        Layers :math:`L`, dense ones before the first mixture :math:`L_{first}`, and one mixture layer in
        every :math:`n_{every}` >= 1 of the rest. [-]

    Returns
    -------
    (...,) float64
        A whole number from 0 to the layers; 0 where there are no experts. [-]

    Examples
    --------
    All layers but the first two.

    >>> tiny = ArchitectureInputs(layers=6, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, experts=4, first_dense_layers=2)
    >>> float(mixture_layers(tiny))
    4.0
    """
    if a.kinds:
        return np.asarray(sum(mixture_layers(kind) for kind in a.kinds))
    after_first = np.maximum(np.subtract(a.layers, a.first_dense_layers), 0.0)
    return where(np.asarray(a.experts) > 0, np.floor(after_first / a.mixture_layer_every), 0.0)


def dense_layers(a: ArchitectureInputs) -> FloatArray:
    """Return how many layers hold a dense feed-forward part. [-].

    Examples
    --------
    All that hold no experts; of several kinds, those of a kind that has any width.

    >>> tiny = ArchitectureInputs(layers=6, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, experts=4, first_dense_layers=2)
    >>> float(dense_layers(tiny))
    2.0
    """
    if not a.kinds:
        return np.asarray(a.layers - mixture_layers(a))
    return np.asarray(sum(dense_layers(kind) for kind in a.kinds if float(kind.feed_forward_width) > 0))


def layer_parameters(a: ArchitectureInputs) -> LayerParameters:
    r"""Return the parameters of one layer's parts.

    .. math::
        P_{attention} = h\,(a d + 2 k d) + a d\,h,\quad
        P_{latent} = h r_q + r_q a (d_n + d_r) + h (r_{kv} + d_r) + r_{kv} a (d_n + d_v) + a d_v h,\quad
        P_{feed} = n\,h f

    with hidden size :math:`h`, :math:`a` heads and :math:`k` key-value heads of :math:`d`, ranks
    :math:`r_q, r_{kv}`, a head's parts without and with rotation :math:`d_n, d_r` and of its values
    :math:`d_v`, and :math:`n` matrices of width :math:`f`: 2, or 3 where gated.

    Parameters
    ----------
    a : ArchitectureInputs
        The shape; without a query rank, latent attention projects its queries in one step. [-]

    Returns
    -------
    LayerParameters
        Of each part, in the broadcast shape of the fields it depends on. [-]

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V2 (arXiv 2405.04434), section 2.1: latent attention.
    .. [2] Shazeer, GLU Variants Improve Transformer (arXiv 2002.05202), section 2: gated feed-forward.
    .. [3] Ainslie et al., GQA (arXiv 2305.13245), section 2.2: heads that share keys and values.

    Examples
    --------
    Queries and output 4 x 4 each, keys and values 4 x 2 each; three matrices of 4 x 8; two norms of 4.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> part = layer_parameters(tiny)
    >>> float(part.attention_matmul), float(part.feed_forward_matmul), float(part.norm_vectors)
    (48.0, 96.0, 8.0)
    """
    hidden = np.asarray(a.hidden, dtype=np.float64)
    matrices = np.add(2.0, a.is_gated)
    feed_forward_width = np.asarray(a.feed_forward_width)
    expert_width = np.asarray(a.expert_width)
    expert_hidden = where(np.asarray(a.expert_hidden) > 0, a.expert_hidden, hidden)
    mixing, vectors, norms = _mean_over_kinds(a)
    return LayerParameters(
        attention_matmul=mixing,
        attention_vectors=vectors,
        feed_forward_matmul=matrices * hidden * feed_forward_width,
        feed_forward_vectors=a.has_feed_forward_bias
        * ((matrices - 1.0) * feed_forward_width + where(feed_forward_width > 0, hidden, 0.0)),
        expert_matmul=matrices * expert_hidden * expert_width,
        expert_vectors=a.has_feed_forward_bias
        * ((matrices - 1.0) * expert_width + where(expert_width > 0, expert_hidden, 0.0)),
        shared_matmul=matrices * hidden * a.shared_width
        + a.has_shared_gate * hidden
        # down to where the experts work, and up again
        + 2.0 * hidden * a.expert_hidden,
        router=np.multiply(a.experts, hidden + a.has_router_bias),
        norm_vectors=norms,
    )


def _mean_over_kinds(a: ArchitectureInputs) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the mean layer's token mixers, multiplying and other parameters, and its normalisations."""
    if not a.kinds:
        norms = a.norms_per_layer * (np.asarray(a.hidden) * a.vectors_per_norm)
        return *_token_mixers(a), norms
    shares = [float(kind.layers) / float(a.layers) for kind in a.kinds]
    parts = [_mean_over_kinds(kind) for kind in a.kinds]
    matmul, vectors, norms = (
        np.asarray(sum(share * part[index] for share, part in zip(shares, parts, strict=True)))
        for index in range(3)
    )
    return matmul, vectors, norms


def _token_mixers(a: ArchitectureInputs) -> tuple[FloatArray, FloatArray]:
    """Return the parameters of one kind's token mixers, those that multiply activations first."""
    hidden = np.asarray(a.hidden, dtype=np.float64)
    query_width = a.heads * np.asarray(a.head_dimension)
    values = value_width(a)
    key_value_width = a.key_value_heads * (a.head_dimension + values * np.subtract(1.0, a.keys_are_values))
    is_latent = np.asarray(a.is_latent) > 0
    output_width = a.heads * where(is_latent, a.value_dimension, values)
    grouped = hidden * (query_width + key_value_width) + output_width * hidden
    gate = np.multiply(a.has_output_gate, hidden * output_width)
    # one vector for all heads of the queries and one for those of the keys, or one as wide as all of them
    together = np.asarray(a.normalises_heads_together) > 0
    normalised_heads = where(together, np.add(a.heads, a.key_value_heads), 2.0)
    vectors = (
        a.has_query_key_value_bias * (query_width + key_value_width)
        + a.has_attention_output_bias * hidden
        + np.multiply(a.has_query_key_norm, normalised_heads * a.head_dimension)
        + where(is_latent, np.add(a.query_rank, a.key_value_rank), 0.0)
        # the normalisation of the indexer's keys
        + where(np.asarray(a.index_heads) > 0, 2.0 * np.asarray(a.index_dimension), 0.0)
    )
    matmul = where(is_latent, _latent_parameters(a), grouped) + gate + _indexer_parameters(a)
    others = [mixer.costs(float(hidden)) for mixer in a.mixers]
    matmul = np.multiply(a.has_attention, matmul) + sum(other.matmul for other in others)
    vectors = np.multiply(a.has_attention, vectors) + sum(other.vectors for other in others)
    return np.asarray(matmul), np.asarray(vectors)


def _latent_parameters(a: ArchitectureInputs) -> FloatArray:
    """Return the multiplying parameters of latent attention."""
    hidden = np.asarray(a.hidden, dtype=np.float64)
    query_key = np.add(a.nope_dimension, a.rope_dimension)
    query = where(
        np.asarray(a.query_rank) > 0,
        hidden * a.query_rank + a.query_rank * a.heads * query_key,
        hidden * a.heads * query_key,
    )
    key_value = hidden * np.add(a.key_value_rank, a.rope_dimension) + a.key_value_rank * (
        a.heads * np.add(a.nope_dimension, a.value_dimension)
    )
    return np.asarray(query + key_value + a.heads * np.asarray(a.value_dimension) * hidden)


def _indexer_parameters(a: ArchitectureInputs) -> FloatArray:
    """Return the multiplying parameters of an indexer: its queries, its one key, and its heads' weights."""
    hidden = np.asarray(a.hidden, dtype=np.float64)
    read = where(np.asarray(a.query_rank) > 0, a.query_rank, hidden)
    width = np.multiply(a.index_heads, a.index_dimension)
    key = where(np.asarray(a.index_heads) > 0, np.add(a.index_dimension, a.index_heads), 0.0)
    return np.asarray(read * width + hidden * key)


def model_parameters(
    layers: FloatArray,
    common: FloatArray,
    dense_layers: FloatArray,
    feed_forward: FloatArray,
    mixture_layers: FloatArray,
    experts: FloatArray,
    expert: FloatArray,
    shared: FloatArray,
    outside: FloatArray,
) -> FloatArray:
    r"""Return a model's parameters with so many routed experts counted in each mixture layer. [-].

    .. math:: P = L P_{common} + L_d P_{ff} + L_m (E P_{expert} + P_{shared}) + P_{outside}

    Examples
    --------
    Two layers of 48 + 8, each with a feed-forward part of 96, and 84 outside of them.

    >>> counts = (np.array(float(number)) for number in (2, 56, 2, 96, 0, 0, 0, 0, 84))
    >>> float(model_parameters(*counts))
    388.0
    """
    mixture = mixture_layers * (experts * expert + shared)
    return layers * common + dense_layers * feed_forward + mixture + outside


def parameter_counts(a: ArchitectureInputs) -> ParameterCounts:
    """Return the model's parameter counts, exact where the architecture is.

    .. math::
        P = L_d P_{dense} + L_m (P_{common} + P_{router} + P_{shared} + E P_{expert}) + P_{outside}

    and the same with the :math:`k` experts of one token for the active ones.

    Parameters
    ----------
    a : ArchitectureInputs
        The shape. [-]

    Returns
    -------
    ParameterCounts
        Total, active and multiplying parameters, and those outside of `total`. [-]

    Notes
    -----
    A prediction module (DeepSeek-V3) is one layer of the main model's last kind with a projection from
    twice the hidden size and three normalisations; embedding and output head are shared. Where the layers
    are of several kinds it has the model's own attention.

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V3 Technical Report (arXiv 2412.19437), section 2.2.

    Examples
    --------
    Two layers of 48 + 96 + 8, a last norm of 4, embedding and head of 10 x 4 each.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, vocabulary=10)
    >>> counts = parameter_counts(tiny)
    >>> float(counts.total), float(counts.active_matmul)
    (388.0, 328.0)
    """
    part = layer_parameters(a)
    sparse, dense = mixture_layers(a), dense_layers(a)
    embedding = np.multiply(a.vocabulary, a.hidden) * 1.0
    head = embedding * 1.0
    positions = np.multiply(a.learned_positions, a.hidden)
    norms_outside = a.norms_outside * np.multiply(a.hidden, a.vectors_per_norm)
    encoders = sum(encoder.parameters for encoder in a.encoders)
    outside = (
        embedding
        + where(np.asarray(a.has_tied_embeddings) > 0, 0.0, head)
        + np.multiply(a.has_output_head_bias, a.vocabulary)
        + positions
        + norms_outside
        + a.other_parameters
        + encoders
    )

    def with_experts(number: ArrayLike) -> FloatArray:
        return np.asarray(
            model_parameters(
                np.asarray(a.layers),
                part.common,
                dense,
                part.feed_forward,
                sparse,
                np.asarray(number),
                part.expert,
                part.shared,
                outside,
            )
        )

    active_experts = np.asarray(a.active_experts)
    sparse_matmul = part.router + part.shared_matmul + active_experts * part.expert_matmul
    projection = 2.0 * np.multiply(a.hidden, a.hidden)
    is_mixture = np.asarray(a.experts) > 0
    own = layer_parameters(replace(a, kinds=())) if a.kinds else part
    last_layer = own.common + where(is_mixture, part.shared + a.experts * part.expert, part.feed_forward)
    module_norms = 3.0 * np.multiply(a.hidden, a.vectors_per_norm)
    last_matmul = own.attention_matmul + where(is_mixture, sparse_matmul, part.feed_forward_matmul)
    modules = np.asarray(a.multi_token_prediction_layers)
    return ParameterCounts(
        total=with_experts(a.experts),
        active=with_experts(active_experts),
        active_matmul=np.asarray(
            a.layers * part.attention_matmul
            + dense * part.feed_forward_matmul
            + sparse * sparse_matmul
            + head
            + sum(encoder.matmul_per_token for encoder in a.encoders)
        ),
        embedding=embedding,
        output_head=head,
        outside=np.asarray(outside),
        prediction=modules * (last_layer + projection + module_norms),
        prediction_active_matmul=modules * (last_matmul + projection + head),
    )
