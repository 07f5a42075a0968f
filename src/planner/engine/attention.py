"""What attention meets and multiplies: the keys of a query, and the FLOPs of scores and weighted sum."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, any_of, where
from planner.engine.inputs import ArchitectureInputs


def mean_context(a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool) -> FloatArray:
    r"""Return the keys that a query meets on average over the layers. [-].

    .. math:: \bar S = s_f S_f + (1 - s_f)\left(w - \frac{w^2}{2 S}\right)

    A query at position :math:`i < w` meets :math:`i` keys, every later one :math:`w`: in the mean
    :math:`w - w^2 / 2S`, by which a windowed layer counts under either convention. So does one whose indexer
    chooses :math:`w` keys; in chunks of :math:`w` a query meets half of its chunk.

    Parameters
    ----------
    a : ArchitectureInputs
        Its window :math:`w` (0: none) and the layers of which one is full, :math:`1 / s_f` (0: none is);
        its chunk, or the keys that an indexer chooses. Where there are kinds of layers, the mean over all of
        them, each weighted by the width of its heads over the model's own; one without attention meets
        none. [-]
    sequence_length : (...,) float
        Tokens of a sequence, :math:`S` >= 1. [-]
    causal : bool
        Whether full attention meets :math:`S_f = S/2` keys, or counts as :math:`S` all the same.

    Returns
    -------
    (...,) float64
        Keys per query. [-]

    References
    ----------
    .. [1] Beltagy et al., Longformer (arXiv 2004.05150), section 3.1: attention within a window.

    Examples
    --------
    In a window of 2 of 4 tokens, 2 - 4/8.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, window=2)
    >>> float(mean_context(tiny, 4, causal=True))
    1.5
    """
    sequence = np.asarray(sequence_length, dtype=np.float64)
    if not a.kinds:
        return met_keys(a, sequence, causal=causal)
    own = a.heads * score_widths(a)
    met = np.zeros(())
    for kind in a.kinds:
        weight = kind.layers / a.layers * np.asarray(kind.has_attention) * kind.heads * score_widths(kind)
        met = met + weight / own * met_keys(kind, sequence, causal=causal)
    return np.asarray(met)


def met_tokens(sequence_length: ArrayLike, document_tokens: ArrayLike) -> FloatArray:
    r"""Return the length over which attention looks: that of a sequence, or of its documents. [-].

    .. math:: \min(S, D)

    Documents count as equally long: where they are not, the long ones meet more than the short ones lack.

    Examples
    --------
    >>> float(met_tokens(16384, 2048)), float(met_tokens(4096, np.inf))
    (2048.0, 4096.0)
    """
    return np.minimum(np.asarray(sequence_length, dtype=np.float64), document_tokens)


def met_keys(a: ArchitectureInputs, sequence: FloatArray, *, causal: bool) -> FloatArray:
    """Return the keys that a query meets in an attention layer of one kind. [-].

    Examples
    --------
    In chunks of 4, the last of which holds 2: of 10 queries 8 meet 2 keys in the mean, 2 meet 1.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, chunk=4)
    >>> float(met_keys(tiny, np.array(10.0), causal=True))
    1.8
    """
    full = sequence * (0.5 if causal else 1.0)
    if any_of(np.asarray(a.chunk) > 0):
        return where(np.asarray(a.chunk) < sequence, _met_in_chunk(sequence, np.asarray(a.chunk)), full)
    window = where(np.asarray(a.top_k) > 0, a.top_k, a.window)
    is_windowed = (window > 0) & (window < sequence)
    inside = where(is_windowed, window - window**2 / (2.0 * sequence), full)
    every = np.asarray(a.window_full_every)
    full_share = where(window > 0, where(every > 0, 1.0 / np.maximum(every, 1.0), 0.0), 1.0)
    return np.asarray(full_share * full + (1.0 - full_share) * inside)


def _met_in_chunk(sequence: FloatArray, chunk: FloatArray) -> FloatArray:
    """Return half of each whole chunk, and half of what the last one holds, in the mean of all queries."""
    whole = np.floor(sequence / chunk)
    rest = sequence - whole * chunk
    return np.asarray((whole * chunk**2 + rest**2) / (2.0 * sequence))


def attention_flops_per_token(
    a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool
) -> FloatArray:
    r"""Return forward FLOPs of the attention scores and their weighted sum, per token and layer. [FLOP].

    .. math:: 2 a (d_{qk} + d_v) \bar S

    with :math:`a` heads and :math:`\bar S` the mean context; the three passes of training make it the
    field's :math:`12 L h d S` (full) or half of it (causal). What other token mixers do in its place, and
    what an indexer does to choose keys, is added (`other_mixing_flops`).

    Parameters
    ----------
    a : ArchitectureInputs
        Heads and their widths :math:`d_{qk}` of queries and keys, :math:`d_v` of values. [-]
    sequence_length : (...,) float
        Tokens of a sequence, >= 1. [-]
    causal : bool
        Whether half of the attention matrix counts, or all of it.

    Returns
    -------
    (...,) float64
        A multiplication and its addition are two. [FLOP]

    References
    ----------
    .. [1] Chowdhery et al., PaLM (arXiv 2204.02311), appendix B.

    Examples
    --------
    Two heads, of width 2 for scores and 2 for values, that meet 4 of 8 keys: 2 x 2 x 4 x 4.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> float(attention_flops_per_token(tiny, 8, causal=True))
    64.0
    """
    context = mean_context(a, sequence_length, causal=causal)
    scores = attention_flops(np.asarray(a.heads, dtype=np.float64), score_widths(a), context)
    return np.asarray(mixing_flops(scores, other_mixing_flops(a, sequence_length, causal=causal)))


def attention_flops(heads: FloatArray, widths: FloatArray, context: FloatArray) -> FloatArray:
    r"""Return the FLOPs of scores and weighted sum of one query over `context` keys. [FLOP].

    .. math:: F = 2 a (d_{qk} + d_v) \bar S

    Examples
    --------
    >>> float(attention_flops(np.array(2.0), np.array(4.0), np.array(4.0)))
    64.0
    """
    return 2.0 * heads * widths * context


def mixing_flops(scores: FloatArray, others: FloatArray) -> FloatArray:
    """Return the FLOPs of all that mixes tokens: of attention, and of what stands beside it. [FLOP].

    .. math:: F = F_{attention} + F_{other}

    Examples
    --------
    >>> float(mixing_flops(np.array(64.0), np.array(8.0)))
    72.0
    """
    return scores + others


def other_mixing_flops(a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool) -> FloatArray:
    """Return forward FLOPs of indexers, states and encoders' attention, per token and layer. [FLOP].

    Parameters
    ----------
    a : ArchitectureInputs
        The mixers beside attention, or in its place, and the indexer, if any; of all kinds of layers. [-]
    sequence_length : (...,) float
        Tokens of a sequence, >= 1. [-]
    causal : bool
        As of `attention_flops_per_token`, for the keys that an indexer looks at.

    Returns
    -------
    (...,) float64
        Of the mean layer; 0 where attention is all. [FLOP]

    Examples
    --------
    A convolution of three taps over the hidden size of 4, beside attention.

    >>> from planner.engine.mixers import ConvolutionInputs
    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, mixers=(ConvolutionInputs(taps=3),))
    >>> float(other_mixing_flops(tiny, 8, causal=True))
    24.0
    """
    encoders = sum(encoder.attention_flops_per_token for encoder in a.encoders) / a.layers
    if a.kinds:
        shares = (kind.layers / a.layers * other_mixing_flops(kind, sequence_length, causal=causal)
                  for kind in a.kinds)  # fmt: skip
        return np.asarray(encoders + sum(shares))
    state = sum(mixer.costs(float(a.hidden)).flops for mixer in a.mixers)
    return np.asarray(encoders + index_flops(a, sequence_length, causal=causal) + state)


def index_flops(a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool) -> FloatArray:
    r"""Return the FLOPs of an indexer, as a forward pass of which training does three. [FLOP].

    .. math:: F = \frac{1}{3} 2 a_i d_i (\bar S_{all} + 2 \bar S_{chosen})

    with :math:`a_i` heads of :math:`d_i`. It looks at every key; its gradient is that of the chosen ones.

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V3.2 (arXiv 2512.02556), section 2.1: the indexer, and its loss over the
       chosen tokens alone.

    Examples
    --------
    One head of 2 that looks at 4 of 8 keys in the mean and chooses 2: 2 x 2 x (4 + 2 x 1.75) / 3.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, top_k=2, index_heads=1, index_dimension=2)
    >>> float(index_flops(tiny, 8, causal=True))
    10.0
    """
    sequence = np.asarray(sequence_length, dtype=np.float64)
    everything = sequence * (0.5 if causal else 1.0)
    looked_at = everything + 2.0 * met_keys(a, sequence, causal=causal)
    return np.asarray(2.0 * np.multiply(a.index_heads, a.index_dimension) * looked_at / 3.0)


def score_widths(a: ArchitectureInputs) -> FloatArray:
    """Return the width of a head's query and value together. [-].

    Examples
    --------
    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> float(score_widths(tiny))
    4.0
    """
    key = np.asarray(a.head_dimension)
    latent = np.add(a.nope_dimension, a.rope_dimension) + a.value_dimension
    if any_of(np.asarray(a.top_k) > 0):
        # chosen keys differ from query to query, so that heads read the one latent key that they share
        latent = where(np.asarray(a.top_k) > 0, 2.0 * a.key_value_rank + a.rope_dimension, latent)
    return where(np.asarray(a.is_latent) > 0, latent, key + value_width(a))


def value_width(a: ArchitectureInputs) -> FloatArray:
    """Return the width of a head's values: of its keys, unless it has one of its own. [-].

    Examples
    --------
    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, value_dimension=3)
    >>> float(value_width(tiny))
    3.0
    """
    return where(np.asarray(a.value_dimension) > 0, a.value_dimension, a.head_dimension) * 1.0
