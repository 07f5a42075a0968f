"""The cache of keys and values that decoding holds and reads: grouped, latent, windowed, and states."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where
from planner.engine.attention import score_widths, value_width
from planner.engine.inputs import ArchitectureInputs
from planner.engine.work import FLOAT_BYTES


def cached_bytes(
    a: ArchitectureInputs, context: ArrayLike, tensor: ArrayLike, element_bytes: ArrayLike
) -> FloatArray:
    r"""Return what one chip holds of one sequence. [B].

    .. math:: \sum_l c_l\,b\,\lceil k / t \rceil (d_k + d_v),\quad
        \sum_l c_l\,b\,(r_{kv} + d_r) \text{ where latent}

    with :math:`c_l` the tokens that layer :math:`l` keeps: all, or a window or chunk of them.

    Parameters
    ----------
    a : ArchitectureInputs
        :math:`k` key-value heads of widths :math:`d_k, d_v`, or the latent of rank :math:`r_{kv}` with its
        rotated part :math:`d_r`; of all kinds of layers. [-]
    context : (...,) float
        Tokens of the sequence so far. [-]
    tensor : (...,) float
        Chips that split every matrix, :math:`t`. A head is on one chip whole, so that more chips than heads
        hold copies; a latent is on every chip whole. [-]
    element_bytes : (...,) float
        Of one element of the cache, :math:`b`. [B]

    Returns
    -------
    (...,) float64
        States of layers without attention are added, in single precision. [B]

    References
    ----------
    .. [1] Ainslie et al., GQA (arXiv 2305.13245), section 2.2: heads that share keys and values.
    .. [2] DeepSeek-AI, DeepSeek-V2 (arXiv 2405.04434), section 2.1.3: what latent attention caches.

    Examples
    --------
    Two layers, one head of 2 + 2 elements of 2 bytes, 10 tokens; in a window of 4 as many as that.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> float(cached_bytes(tiny, 10.0, 1.0, 2.0)), float(cached_bytes(tiny, 10.0, 4.0, 2.0))
    (160.0, 160.0)
    >>> from dataclasses import replace
    >>> float(cached_bytes(replace(tiny, window=4), 10.0, 1.0, 2.0))
    64.0
    """
    return _over_kinds(a, np.asarray(context, dtype=np.float64), np.asarray(tensor), element_bytes, _kept)


def read_bytes(
    a: ArchitectureInputs, context: ArrayLike, tensor: ArrayLike, element_bytes: ArrayLike
) -> FloatArray:
    """Return what one chip reads of its cache to decode one token of one sequence. [B].

    As `cached_bytes`, but of keys that an indexer chooses only those, and its own keys.

    Examples
    --------
    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, top_k=2, index_heads=1, index_dimension=1)
    >>> float(cached_bytes(tiny, 10.0, 1.0, 2.0)), float(read_bytes(tiny, 10.0, 1.0, 2.0))
    (200.0, 72.0)
    """
    return _over_kinds(a, np.asarray(context, dtype=np.float64), np.asarray(tensor), element_bytes, _met)


def decoded_flops(a: ArchitectureInputs, context: ArrayLike) -> FloatArray:
    r"""Return the FLOPs of scores and weighted sum of one new token, over all layers. [FLOP].

    .. math:: \sum_l 2 a (d_{qk} + d_v) c_l

    Examples
    --------
    Two layers of two heads of width 2 + 2 that meet 10 keys.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> float(decoded_flops(tiny, 10.0))
    320.0
    """
    tokens = np.asarray(context, dtype=np.float64)
    if a.kinds:
        return np.asarray(sum(decoded_flops(kind, tokens) for kind in a.kinds))
    state = sum(mixer.costs(float(a.hidden)).flops for mixer in a.mixers)
    met = a.heads * score_widths(a) * _met(a, tokens)
    indexed = np.multiply(a.index_heads, a.index_dimension) * tokens
    return np.asarray(a.layers * (2.0 * np.asarray(a.has_attention) * (met + indexed) + state))


def _over_kinds(
    a: ArchitectureInputs, context: FloatArray, tensor: FloatArray, element_bytes: ArrayLike, tokens: object
) -> FloatArray:
    if a.kinds:
        return np.asarray(sum(_over_kinds(kind, context, tensor, element_bytes, tokens) for kind in a.kinds))
    assert callable(tokens)
    heads = np.ceil(np.asarray(a.key_value_heads) / tensor)
    grouped = heads * (a.head_dimension + value_width(a) * np.subtract(1.0, a.keys_are_values))
    width = where(np.asarray(a.is_latent) > 0, np.add(a.key_value_rank, a.rope_dimension), grouped)
    indexer = where(np.asarray(a.index_heads) > 0, a.index_dimension, 0.0) * context
    states = sum(mixer.costs(float(a.hidden)).state for mixer in a.mixers) * FLOAT_BYTES / tensor
    cached = np.asarray(a.has_attention) * (width * tokens(a, context) + indexer) * element_bytes
    return np.asarray(a.layers * (cached + states))


def _kept(a: ArchitectureInputs, context: FloatArray) -> FloatArray:
    """Return the tokens of a sequence that the mean layer of a kind keeps."""
    limit = where(np.asarray(a.chunk) > 0, a.chunk, where(np.asarray(a.window) > 0, a.window, np.inf))
    every = np.asarray(a.window_full_every)
    full = where(np.asarray(a.window) > 0, where(every > 0, 1.0 / np.maximum(every, 1.0), 0.0), 0.0)
    return np.asarray(full * context + (1.0 - full) * np.minimum(context, limit))


def _met(a: ArchitectureInputs, context: FloatArray) -> FloatArray:
    """Return the keys that a new token meets in the mean layer of a kind."""
    chosen = where(np.asarray(a.top_k) > 0, a.top_k, np.inf)
    return np.minimum(_kept(a, context), chosen)
