"""What attention meets and multiplies: the keys of a query, and the FLOPs of scores and weighted sum."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.inputs import ArchitectureInputs


def mean_context(a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool) -> FloatArray:
    r"""Return the keys that a query meets on average over the layers. [-].

    .. math:: \bar S = s_f S_f + (1 - s_f)\left(w - \frac{w^2}{2 S}\right)

    A query at position :math:`i < w` meets :math:`i` keys, every later one :math:`w`: in the mean
    :math:`w - w^2 / 2S`, by which a windowed layer counts under either convention.

    Parameters
    ----------
    a : ArchitectureInputs
        Its window :math:`w` (0: none) and the layers of which one is full, :math:`1 / s_f` (0: none is). [-]
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

    .. math:: 2 a (d_{qk} + d_v) \bar S

    with :math:`a` heads and :math:`\bar S` the mean context; the three passes of training make it the
    field's :math:`12 L h d S` (full) or half of it (causal).

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
    return np.asarray(attention_flops(np.asarray(a.heads, dtype=np.float64), score_widths(a), context))


def attention_flops(heads: FloatArray, widths: FloatArray, context: FloatArray) -> FloatArray:
    r"""Return the FLOPs of scores and weighted sum of one query over `context` keys. [FLOP].

    .. math:: F = 2 a (d_{qk} + d_v) \bar S

    Examples
    --------
    >>> float(attention_flops(np.array(2.0), np.array(4.0), np.array(4.0)))
    64.0
    """
    return 2.0 * heads * widths * context


def score_widths(a: ArchitectureInputs) -> FloatArray:
    """Return the width of a head's query and value together. [-].

    Examples
    --------
    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> float(score_widths(tiny))
    4.0
    """
    return np.where(
        np.asarray(a.is_latent) > 0,
        np.add(a.nope_dimension, a.rope_dimension) + a.value_dimension,
        2.0 * np.asarray(a.head_dimension),
    )
