"""What the token mixers of an average layer must do for one token: attention, and what stands beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where
from planner.engine.attention import (
    attention_flops,
    index_flops,
    met_keys,
    score_widths,
    value_width,
)
from planner.engine.inputs import ArchitectureInputs


@dataclass(frozen=True, slots=True, eq=False)
class MixingWork:
    """Token mixers of the mean layer; widths in elements."""

    #: layers that mix tokens, and those that attend, over all
    mixing_share: FloatArray
    attention_share: FloatArray
    #: forward FLOPs of attention, causal, with those of an indexer
    attention_flops: FloatArray
    #: keys that a query meets where it attends, and the width of a head of the values
    mean_context: FloatArray
    head_width: FloatArray
    #: forward FLOPs of states, the tokens that they compute together, and the elements of the states
    state_flops: FloatArray
    state_chunk: FloatArray
    state_elements: FloatArray
    #: sum over the matrices of parameters over sharded width
    width_terms: FloatArray
    #: width of what the projections in return together: queries, keys and values, or what a state reads
    query_key_value_width: FloatArray
    #: width of what the projection out reads
    attention_output_width: FloatArray
    #: keys and values of one token as ring attention passes them on
    key_value_width: FloatArray
    #: widths that the backward pass needs besides: low ranks of latent attention, what convolutions read, ...
    other_kept_width: FloatArray
    #: elements that element-wise work between the projections moves one way: rotation, convolution, states
    element_width: FloatArray


#: Weighted by the layers that attend, or by the FLOPs of states, rather than by layers.
_OF_ATTENTION = ("mean_context", "head_width")
_OF_STATES = ("state_chunk",)


def mixing_work(a: ArchitectureInputs, sequence_length: ArrayLike) -> MixingWork:
    r"""Return the token mixers of the mean layer at a sequence length.

    Parameters
    ----------
    a : ArchitectureInputs
        The shape, of one kind of layers or of several. [-]
    sequence_length : (...,) float
        Tokens of a sequence, >= 1. [-]

    Returns
    -------
    MixingWork
        The mean over the layers; what attention's rate depends on is the mean over those that attend.

    Examples
    --------
    One layer of two attends; queries are 4 wide, keys and values 2 each.

    >>> from dataclasses import replace
    >>> tiny = ArchitectureInputs(layers=1, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> both = replace(tiny, layers=2, kinds=(tiny, replace(tiny, has_attention=0)))
    >>> work = mixing_work(both, 8)
    >>> float(work.attention_flops), float(work.mean_context), float(work.query_key_value_width)
    (32.0, 4.0, 4.0)
    """
    if not a.kinds:
        return _of_one_kind(a, np.asarray(sequence_length, dtype=np.float64))
    works = [mixing_work(kind, sequence_length) for kind in a.kinds]
    layers = np.array([float(kind.layers) for kind in a.kinds])
    attending = layers * np.array([float(work.attention_share) for work in works])
    by_states = layers * np.array([float(work.state_flops) for work in works])

    def mean(name: str, weights: FloatArray) -> FloatArray:
        values = [getattr(work, name) for work in works]
        whole = float(np.sum(weights))
        # of what no layer has, any kind's value is as good
        shares = weights / whole if whole else layers / float(np.sum(layers))
        return np.asarray(sum(share * value for share, value in zip(shares, values, strict=True)))

    weights = dict.fromkeys(_OF_ATTENTION, attending) | dict.fromkeys(_OF_STATES, by_states)
    names = (field.name for field in fields(MixingWork))
    return MixingWork(**{name: mean(name, weights.get(name, layers)) for name in names})


def _of_one_kind(a: ArchitectureInputs, sequence: FloatArray) -> MixingWork:
    """Return the token mixers of a layer where all have the same."""
    attends = np.asarray(a.has_attention, dtype=np.float64)
    is_latent = np.asarray(a.is_latent) > 0
    heads, value = np.asarray(a.heads, dtype=np.float64), value_width(a)
    query_width = where(
        is_latent, heads * np.add(a.nope_dimension, a.rope_dimension), heads * a.head_dimension
    )
    output_width = heads * where(is_latent, a.value_dimension, value)
    value_widths = where(is_latent, output_width, a.key_value_heads * value)
    key_width = where(is_latent, query_width, np.multiply(a.key_value_heads, a.head_dimension))
    gate = np.multiply(a.has_output_gate, output_width)
    index = np.multiply(a.index_heads, a.index_dimension) + where(
        np.asarray(a.index_heads) > 0, a.index_dimension, 0.0
    )
    ranks = where(is_latent, np.add(a.query_rank, a.key_value_rank), 0.0)
    hidden = np.asarray(a.hidden, dtype=np.float64)
    context = met_keys(a, sequence, causal=True)
    others = [mixer.costs(float(a.hidden)) for mixer in a.mixers]
    flops = sum(other.flops for other in others)
    read = query_width + key_width + value_widths + gate
    return MixingWork(
        mixing_share=where(attends > 0, attends, float(bool(others))),
        attention_share=attends,
        attention_flops=attends
        * (attention_flops(heads, score_widths(a), context) + index_flops(a, sequence, causal=True)),
        mean_context=context,
        head_width=output_width / heads,
        state_flops=np.asarray(flops, dtype=np.float64),
        state_chunk=np.asarray(
            sum(other.flops * other.chunk for other in others) / flops if flops else 1.0, dtype=np.float64
        ),
        state_elements=np.asarray(sum(other.state for other in others), dtype=np.float64),
        width_terms=attends * (2.0 * hidden) + sum(other.width_terms for other in others),
        query_key_value_width=attends * read + sum(other.input_width for other in others),
        attention_output_width=attends * output_width + sum(other.output_width for other in others),
        key_value_width=attends
        * where(is_latent, np.add(a.key_value_rank, a.rope_dimension), key_width + value_widths),
        other_kept_width=attends * (ranks + index) + sum(other.kept_width for other in others),
        element_width=attends * (2.0 * np.asarray(a.is_gated) * read)
        + sum(other.element_width for other in others),
    )


def shardable_heads(a: ArchitectureInputs) -> int:
    """Return what a tensor degree must divide: the heads that all token mixers have in common. [-].

    Examples
    --------
    >>> from dataclasses import replace
    >>> tiny = ArchitectureInputs(layers=1, hidden=4, heads=12, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8)
    >>> shardable_heads(replace(tiny, layers=2, kinds=(tiny, replace(tiny, heads=8))))
    4
    """
    if a.kinds:
        return math.gcd(*(shardable_heads(kind) for kind in a.kinds))
    # nothing is shared with none: the greatest common divisor with 0 is the other
    heads = int(a.heads) if a.has_attention else 0
    return math.gcd(heads, *(mixer.costs(float(a.hidden)).shards for mixer in a.mixers))
