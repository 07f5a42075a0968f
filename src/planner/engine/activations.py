"""What layers keep of a token for their backward pass, by what is kept, run again and how it is written."""

from __future__ import annotations

from dataclasses import dataclass

from planner.engine.arrays import FloatArray, any_of, as_floats, where
from planner.engine.inputs import Layouts, WorkloadInputs
from planner.engine.work import FLOAT_BYTES, HALF_BYTES, ModelWork


@dataclass(frozen=True, slots=True, eq=False)
class LayerBytes:
    """Bytes of one token in the average layer on one chip. [B]."""

    #: kept where the layer does not run again whole
    kept: FloatArray
    #: kept where it does: its input
    kept_recomputed: FloatArray
    #: all that its backward pass needs, run again or not
    whole: FloatArray


def activation_bytes_per_token(work: ModelWork, layout: Layouts, workload: WorkloadInputs) -> LayerBytes:
    r"""Return what one layer keeps of one token for the backward pass.

    .. math:: \frac{(8 + 2 q) h}{d} + \frac{2 (w_{qkv} + w_o + w_{other} + n f) + m_{routed} + 5 a s}{t}

    with :math:`q` 1 in plain blocks and 0 in gated ones, :math:`n` widths :math:`f` kept, and :math:`d = t`
    under sequence parallelism, otherwise 1, in a layer of two blocks, which mix tokens and channels (half of
    :math:`h`'s term where it has one); the scores' :math:`5 a s` only where attention is not fused. For
    the standard block (four-fold feed-forward, dropout, heads of width :math:`h/a`) this is Korthikanti's
    :math:`sbh(10 + 24/t + 5as/(ht))` and, with sequence parallelism and the attention core recomputed,
    :math:`34\,sbh/t`; recomputed whole it is :math:`2\,sbh`. Gated, grouped-query, latent and expert blocks
    are counted by the same rules: what each matmul and activation reads is kept in two bytes, a dropout mask
    in one (only in blocks that are not gated, which are those that train with dropout).

    Parts that are run again are not kept. Without fused kernels, a gated block's normalisation keeps its
    input in single precision, and its activation two more products (Llama's modules in Transformers). What is
    kept of every second matmul alone are the layer's input, attention's results and half of the feed-forward
    part's (TorchTitan, arXiv 2410.06511).

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), equations 1 to 6.

    Examples
    --------
    34 bytes an element of the hidden size, of which two are the layer's input.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1000, heads=10, key_value_heads=10, head_dimension=100,
    ...                            feed_forward_width=4000, is_gated=0)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> alone = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)
    >>> found = activation_bytes_per_token(model_work(shape, workload), alone, workload)
    >>> float(found.kept), float(found.kept_recomputed)
    (34000.0, 2000.0)
    """
    tensor = as_floats(layout.tensor)
    divided = where(layout.is_sequence_parallel > 0, tensor, 1.0)
    eager = as_floats(layout.is_eager) * work.is_gated
    inputs, other_inputs = workload.input_bytes, workload.input_bytes * workload.keeps_matmul_inputs
    # of each block its input, what its normalisation gives, and a dropout mask
    residual = (HALF_BYTES + 1.0 - work.is_gated + eager * FLOAT_BYTES) * work.blocks * work.hidden
    norms = (inputs + other_inputs) / 2.0 * work.blocks * work.hidden
    mixing = HALF_BYTES * (work.attention_output_width + work.other_kept_width)
    # a compiler that runs attention again keeps none of it, a checkpoint its result
    dropped = HALF_BYTES * work.attention_output_width * layout.drops_unused_recompute
    projected = HALF_BYTES * work.query_key_value_width
    scores = 5.0 * work.attention_share * work.heads * work.sequence_length * workload.writes_scores
    matmuls = workload.activation_input_bytes * (1.0 + work.is_gated)
    gives = other_inputs + HALF_BYTES * eager
    dense, active = work.feed_forward_width, work.mixture_share * work.active_experts
    # of each expert's tokens what it reads, and what it gives, which the router weighs in the activation
    routed = active * inputs * work.expert_hidden + matmuls * work.routed_width
    whole = (residual + norms) / divided + (
        mixing + projected + scores + (matmuls + gives) * dense + routed + gives * work.routed_width
    ) / tensor
    feed_forward = (matmuls + gives * (1.0 - layout.drops_activations)) * dense
    experts = routed + gives * (1.0 - layout.drops_expert_activations) * work.routed_width
    inside = (
        mixing
        + projected * (1.0 - layout.drops_latent)
        + feed_forward * (1.0 - layout.drops_feed_forward)
        + experts * (1.0 - layout.drops_experts)
        + scores
    )
    again = scores + dropped
    if any_of(again):
        inside = inside - again * layout.recompute_attention
    kept = (residual + norms * (1.0 - layout.drops_norms)) / divided + inside / tensor
    if any_of(layout.keeps_second_matmuls):
        kept = where(layout.keeps_second_matmuls > 0, _of_second_matmuls(work, divided, tensor), kept)
    return LayerBytes(as_floats(kept), as_floats(HALF_BYTES * work.hidden / divided), as_floats(whole))


def _of_second_matmuls(work: ModelWork, divided: FloatArray, tensor: FloatArray) -> FloatArray:
    """Return what a layer keeps that keeps every second matmul's result, and attention's. [B]."""
    mixing = (work.query_key_value_width + work.attention_output_width) / 2.0 + work.attention_output_width
    feed_forward = work.feed_forward_width + work.routed_width
    return as_floats(HALF_BYTES * (work.hidden / divided + (mixing + feed_forward) / tensor))


def layer_bytes_per_token(
    kept: FloatArray, kept_recomputed: FloatArray, layers_again: FloatArray
) -> FloatArray:
    r"""Return what the average layer keeps of one token, where a share of the layers runs again whole. [B].

    .. math:: (1 - c)\,m_{kept} + c\,m_{again}

    Examples
    --------
    >>> layer_bytes_per_token(34.0, 2.0, 0.5)
    18.0
    """
    return (1.0 - layers_again) * kept + layers_again * kept_recomputed


def activation_bytes(
    tokens: FloatArray, in_flight: FloatArray, layers: FloatArray, layer_bytes: FloatArray
) -> FloatArray:
    r"""Return what all microbatches in flight keep. [B].

    .. math:: T\,n\,l\,m_{layer}

    Examples
    --------
    >>> activation_bytes(100.0, 4.0, 2.0, 34.0)
    27200.0
    """
    return tokens * in_flight * layers * layer_bytes
