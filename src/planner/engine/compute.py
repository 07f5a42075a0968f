"""Time of a layer's matmuls, attention and element-wise work on one chip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, any_of, as_floats, where
from planner.engine.element_wise import element_wise_again_s, element_wise_time_s
from planner.engine.experts import busiest_load
from planner.engine.inputs import ChipInputs, Layouts, StackConstants, WorkloadInputs
from planner.engine.work import ModelWork

#: Matmuls are computed in tiles this wide, full or not: 256 is the wider side of the tiles of large products
#: on tensor cores, and the systolic array of TPUs from v6e on. [-]
TILE_WIDTH = 256.0
#: Width of the heads that an attention efficiency is of, by choice: the most common one of large models. [-]
REFERENCE_HEAD_WIDTH = 128.0


@dataclass(frozen=True, slots=True, eq=False)
class LayerTimes:
    """Forward times of one average layer and microbatch on one chip. [s]."""

    matmul: FloatArray
    experts: FloatArray
    attention: FloatArray
    memory_bound: FloatArray
    #: of the matmuls, what running the layer again leaves out
    dropped: FloatArray
    #: of normalisations and activations whose results are not kept, what running them again takes
    element_again: FloatArray


def matmul_rate_flops_per_s(
    work: ModelWork, chip: ChipInputs, stack: StackConstants, workload: WorkloadInputs
) -> FloatArray:
    r"""Return the rate of large matmuls of the model's hidden size. [FLOP/s].

    .. math:: P\, e_{max}\, e_{low}\, \frac{h}{h + h_{1/2}}\, \tau(h)

    Parameters
    ----------
    work : ModelWork
        Its hidden size, :math:`h` >= 1. [-]
    chip : ChipInputs
        The dense peak at the precision of the matmuls, :math:`P`. [FLOP/s]
    stack : StackConstants
        The shares :math:`e_{max}` and, below 16 bit, where casts and scaling keep matmuls from the whole
        gain, :math:`e_{low}`; the hidden size :math:`h_{1/2}` at which half of the rate is reached. [-]
    workload : WorkloadInputs
        Whether the matmuls run below 16 bit; otherwise :math:`e_{low}` is 1.

    Returns
    -------
    (...,) float64
        With the share of whole tiles that the hidden size fills, :math:`\tau` (`tile_share`). [FLOP/s]

    References
    ----------
    .. [1] NVIDIA, Matrix Multiplication Background User's Guide, on dimension quantization: what tiles and
       waves leave idle. The saturating form is assumed; its constants fit published runs
       (docs/accuracy.md).

    Examples
    --------
    Half of 100 TFLOP/s, and half of that where the hidden size is the half size; 1,024 fills its tiles.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                   memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12)
    >>> stack = StackConstants(matmul_efficiency=0.5, hidden_half_size=1024)
    >>> float(matmul_rate_flops_per_s(model_work(shape, workload), chip, stack, workload))
    25000000000000.0
    """
    low = where(workload.is_low_precision > 0, stack.low_precision_efficiency, 1.0)
    saturation = _saturation(work, stack)
    return as_floats(chip.matmul_peak_flops_per_s * (stack.matmul_efficiency * low) * saturation)


def half_rate_flops_per_s(work: ModelWork, chip: ChipInputs, stack: StackConstants) -> FloatArray:
    """Return the rate of large 16-bit matmuls of the model's hidden size, whatever its own run in. [FLOP/s].

    Examples
    --------
    Half of 100 TFLOP/s, and half of that where the hidden size is the half size.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> chip = ChipInputs(matmul_peak_flops_per_s=400e12, attention_peak_flops_per_s=100e12,
    ...                   memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12)
    >>> stack = StackConstants(matmul_efficiency=0.5, hidden_half_size=1024)
    >>> float(half_rate_flops_per_s(work, chip, stack))
    25000000000000.0
    """
    rate = np.multiply(chip.attention_peak_flops_per_s, stack.matmul_efficiency)
    return as_floats(rate * _saturation(work, stack))


def _saturation(work: ModelWork, stack: StackConstants) -> FloatArray:
    """Return the share of their rate that matmuls of the model's hidden size reach. [-]."""
    saturation = work.hidden / (work.hidden + stack.hidden_half_size) * tile_share(work.hidden)
    return as_floats(saturation)


def tile_share(width: FloatArray) -> FloatArray:
    r"""Return the share of whole tiles that a width fills. [-].

    .. math:: \tau(n) = \frac{n}{w \lceil n / w \rceil}

    Parameters
    ----------
    width : (...,) float
        Of a matrix, :math:`n` >= 0. [-]

    Returns
    -------
    (...,) float64
        From 0 to 1, with tiles of `TILE_WIDTH`, :math:`w`. [-]

    References
    ----------
    .. [1] NVIDIA, Matrix Multiplication Background User's Guide, on tile quantization.

    Examples
    --------
    512 fills two tiles of 256; 384 leaves half of the second.

    >>> float(tile_share(np.array(512.0))), float(tile_share(np.array(384.0)))
    (1.0, 0.75)
    """
    return as_floats(width / np.maximum(np.ceil(width / TILE_WIDTH) * TILE_WIDTH, 1.0))


def layer_times(
    work: ModelWork,
    tokens: FloatArray,
    layout: Layouts,
    chip: ChipInputs,
    stack: StackConstants,
    workload: WorkloadInputs,
) -> LayerTimes:
    r"""Return forward times of one layer for a microbatch of `tokens`.

    .. math::
        t = \frac{2 T \left(\sum_i P_i / t_p + n_{1/2} \sum_i P_i / n_i\right) + 2 A \sum_i K_i}{P e f(h)}
            + \frac{b_w \sum_i P_i / t_p}{B e_B}

    Parameters
    ----------
    work : ModelWork
        Matrices of :math:`P_i` parameters, :math:`n_i` of their width sharded, inner widths :math:`K_i`. [-]
    tokens : (...,) float
        Tokens of the microbatch on one chip, :math:`T` > 0. [-]
    layout : Layouts
        Tensor degree :math:`t_p`, expert degrees, and how the layer is run.
    chip : ChipInputs
        Peaks :math:`P` [FLOP/s] and memory bandwidth :math:`B` [B/s].
    stack : StackConstants
        Efficiencies :math:`e, e_B` [-], the half width :math:`n_{1/2}` [-], idle outputs :math:`A` [-] and
        bytes per weight :math:`b_w` [B].
    workload : WorkloadInputs
        Whether the matmuls run below 16 bit, and whether attention writes its scores.

    Returns
    -------
    LayerTimes
        Of one average layer, without recomputation and communication. [s]

    Notes
    -----
    A matmul of :math:`M \times K \times N` runs at :math:`P e f(K) f(N)`, :math:`f(x) = x/(x+x_{1/2})`, and
    its weights are moved whatever :math:`M` is; summed over the matrices of a layer that is linear. The
    outputs of a matmul are cut into tiles that the matrix cores take in waves; the last wave is half empty in
    the mean, as if :math:`A` more outputs of inner width :math:`K_i` were computed.

    Attention is a fused kernel whose rate saturates with the mean context and the width of a head, plus the
    traffic of the score matrix where that is written. Element-wise work outside the tensor-parallel region
    is divided by the tensor degree only under sequence parallelism.

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), section 4.
    .. [2] Dao, FlashAttention-2 (arXiv 2307.08691), section 4.1: rate against sequence length.

    Examples
    --------
    2,048 tokens, :math:`16 \cdot 1024^2` parameters, 100 TFLOP/s and nothing lost: 0.687 ms; attention
    2,048 x 4 x 1,024 x 1,024 FLOPs.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                   memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12)
    >>> stack = StackConstants(matmul_efficiency=1, hidden_half_size=0, width_half_size=0,
    ...                        wave_idle_outputs=0, weight_traffic_bytes=0, attention_efficiency=1,
    ...                        attention_half_context=0, attention_half_head=0)
    >>> alone = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)
    >>> times = layer_times(model_work(shape, workload), np.array(2048.0), alone, chip, stack, workload)
    >>> round(float(times.matmul) * 1e3, 3), round(float(times.attention) * 1e3, 3)
    (0.687, 0.086)
    """
    rate = matmul_rate_flops_per_s(work, chip, stack, workload)
    tensor = layout.tensor
    memory_rate = np.multiply(chip.memory_bandwidth_bytes_per_s, stack.memory_efficiency)
    weights = work.dense_parameters / tensor
    half_width = stack.width_half_size * where(tensor > 1.0, chip.ranks_per_chip, 1.0)
    matmul = 2.0 * tokens * (weights + half_width * work.dense_width_terms) / rate
    matmul = matmul + 2.0 * stack.wave_idle_outputs * _inner_widths(work, tensor) / rate
    weight_s = stack.weight_traffic_bytes * workload.weight_traffic_share / memory_rate
    matmul = matmul + weights * weight_s
    attention = (tokens / tensor) * _mixing_s_per_token(work, chip, stack, workload, memory_rate)
    # the way down only feeds the residual stream, which the next layer kept
    last = work.hidden * work.feed_forward_width / work.dense_parameters
    return LayerTimes(
        matmul=matmul,
        dropped=as_floats(matmul * last * layout.drops_unused_recompute),
        experts=_expert_time_s(work, tokens, layout, rate, weight_s, stack),
        attention=attention,
        memory_bound=element_wise_time_s(work, tokens, layout, memory_rate, stack, workload),
        element_again=element_wise_again_s(work, tokens, layout, memory_rate, stack),
    )


def _mixing_s_per_token(
    work: ModelWork,
    chip: ChipInputs,
    stack: StackConstants,
    workload: WorkloadInputs,
    memory_rate: FloatArray,
) -> FloatArray:
    r"""Return the time of one token's attention, and of what else mixes tokens, before it is sharded. [s].

    States are computed in chunks, which are to a kernel what the context is to attention; that they reach
    the share of the peak that attention would reach over so few keys is assumed.
    """
    best = chip.attention_peak_flops_per_s * stack.attention_efficiency
    context_rate = work.mean_context / (work.mean_context + stack.attention_half_context)
    per_token = work.attention_flops / (best * context_rate * _head_rate(work, stack))
    if work.has_states:
        chunk_rate = work.state_chunk / (work.state_chunk + stack.attention_half_context)
        per_token = per_token + work.state_flops / (best * chunk_rate)
    if any_of(workload.writes_scores):
        scores = workload.writes_scores * work.attention_share * work.heads * work.sequence_length
        per_token = per_token + stack.score_traffic_bytes * scores / memory_rate
    return as_floats(per_token)


def _head_rate(work: ModelWork, stack: StackConstants) -> FloatArray:
    r"""Return attention's rate at the heads' width over that at the reference width. [-].

    .. math:: f(d) / f(128),\quad f(d) = d / (d + d_{1/2})
    """
    width, half = work.head_width, stack.attention_half_head
    reference = REFERENCE_HEAD_WIDTH / (REFERENCE_HEAD_WIDTH + half)
    return as_floats(width / (width + half) / reference)


def _inner_widths(work: ModelWork, tensor: ArrayLike) -> FloatArray:
    r"""Return the summed inner widths :math:`\sum_i K_i` of a layer's four matmuls, or of two. [-].

    Queries, keys and values, and the way up, read the whole hidden size; the ways back read what tensor
    parallelism left of the attention output and of the feed-forward width.
    """
    return as_floats(
        work.blocks * work.hidden + (work.attention_output_width + work.feed_forward_width) / tensor
    )


def _expert_time_s(
    work: ModelWork,
    tokens: FloatArray,
    layout: Layouts,
    rate: FloatArray,
    weight_s: FloatArray,
    stack: StackConstants,
) -> FloatArray:
    """Return the routed experts' grouped matmuls; the weights of every local expert are moved. [s].

    Experts of a fixed capacity above an even share compute what stays empty too, and all wait for the rank
    whose experts are asked for most.
    """
    if not work.has_experts:
        return np.zeros(())
    load = np.maximum(busiest_load(work, layout, stack), layout.expert_capacity)
    routed = tokens * load * work.active_experts * layout.expert_tensor / layout.tensor
    weights = work.expert_parameters / layout.expert_tensor
    saturated = weights + stack.width_half_size * work.expert_width_terms
    saturated = saturated / tile_share(work.expert_width)
    efficiency = where(layout.expert_capacity > 0, 1.0, stack.expert_efficiency)
    multiply = 2.0 * routed * saturated / (rate * efficiency)
    local_experts = work.experts / layout.expert
    move = local_experts * weights * weight_s
    return as_floats(work.mixture_share * (multiply + move))


def head_time_s(
    work: ModelWork,
    tokens: FloatArray,
    layout: Layouts,
    chip: ChipInputs,
    stack: StackConstants,
    workload: WorkloadInputs,
) -> FloatArray:
    r"""Return the forward time of output head and loss for one microbatch. [s].

    .. math:: t = \frac{T}{t_p} \left(\frac{2 + w}{3} \frac{2 P_{head}}{P_{16} e} + \frac{b V}{3 B e_B}\right)
        (1 + n_{mtp})

    Parameters
    ----------
    work : ModelWork
        The head's parameters, vocabulary :math:`V`, prediction modules :math:`n_{mtp}` with a head each. [-]
    tokens : (...,) float
        Tokens of the microbatch on one chip, :math:`T` > 0. [-]
    layout : Layouts
        Tensor degree, :math:`t_p`. [-]
    chip : ChipInputs
        The 16-bit peak :math:`P_{16}` [FLOP/s], where the head stays, and memory bandwidth :math:`B` [B/s].
    stack : StackConstants
        The shares of both that are reached. [-]
    workload : WorkloadInputs
        What the loss moves of a logit in all passes, :math:`b` [B], and whether the head is trained,
        :math:`w`: one that stands still beside adapters has no gradient, two products in place of three.

    Returns
    -------
    (...,) float64
        Of one forward pass, a third of all three. [s]

    References
    ----------
    .. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), appendix: the head multiplies :math:`2 h V` a
       token.

    Examples
    --------
    1,000 tokens: 1,024 x 50,000 parameters at 100 TFLOP/s, 1.024 ms, and 12 x 50,000 bytes at 1 TB/s, 0.6 ms.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096, vocabulary=50000)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> chip = ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                   memory_bytes=80e9, memory_bandwidth_bytes_per_s=1e12)
    >>> alone = Layouts(tensor=1, pipeline=1, data=1, microbatch=1)
    >>> stack = StackConstants(matmul_efficiency=1, memory_efficiency=1)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> round(float(head_time_s(work, np.array(1000.0), alone, chip, stack, workload)) * 1e3, 3)
    1.624
    """
    rate = chip.attention_peak_flops_per_s * stack.matmul_efficiency
    memory_rate = np.multiply(chip.memory_bandwidth_bytes_per_s, stack.memory_efficiency)
    logit = workload.loss_traffic_bytes / 3.0
    products = (2.0 + as_floats(workload.trains_all)) / 3.0
    per_token = products * 2.0 * work.head_parameters / rate + logit * work.vocabulary / memory_rate
    return as_floats((tokens / layout.tensor) * per_token * (1.0 + work.prediction_layers))
