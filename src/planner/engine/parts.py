"""How the exposed parts of a step follow from its terms, one formula a function.

Every function is plain arithmetic of its parameters, which broadcast against each other. The step calls them
on blocks of layouts; an explanation calls the same functions to print their formula. Times are in seconds.
"""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray

#: Backward over forward time of matmuls and element-wise work; of fused attention, which recomputes scores.
BACKWARD_MATMUL = 2.0
BACKWARD_ATTENTION = 2.5
#: Bytes that Adam moves for one parameter: gradient 4, master and two moments 12 each way, weight 2. [B]
OPTIMIZER_BYTES = 30.0


def matmul_passes_s(
    matmul: FloatArray, dropped: FloatArray, layers_again: FloatArray, matmul_again: FloatArray
) -> FloatArray:
    """Return a layer's matmuls, forward, backward and run again, less what running again leaves out. [s]."""
    again = layers_again + (1.0 - layers_again) * matmul_again
    return matmul * (1.0 + BACKWARD_MATMUL + again) - layers_again * dropped


def attention_passes_s(
    attention: FloatArray, layers_again: FloatArray, attention_again: FloatArray
) -> FloatArray:
    """Return a layer's attention, forward, backward and run again. [s]."""
    return attention * (1.0 + BACKWARD_ATTENTION + np.maximum(layers_again, attention_again))


def memory_bound_passes_s(element_wise: FloatArray, layers_again: FloatArray) -> FloatArray:
    """Return a layer's element-wise work, forward, backward and run again. [s]."""
    return element_wise * (1.0 + BACKWARD_MATMUL + layers_again)


def head_passes_s(head: FloatArray) -> FloatArray:
    """Return output head and loss of one microbatch, forward and backward. [s]."""
    return head * (1.0 + BACKWARD_MATMUL)


def exposed_passes_s(one_pass: FloatArray, layers_again: FloatArray, overlap: ArrayLike) -> FloatArray:
    """Return what compute does not hide of a layer's traffic, forward, backward and run again. [s]."""
    return one_pass * (2.0 + layers_again) * (1.0 - overlap)


def ring_passes_s(ring: FloatArray, layers_again: FloatArray) -> FloatArray:
    """Return ring attention's traffic of a layer; backward, gradients go around too. [s]."""
    return ring * (3.0 + layers_again)


def ring_hidden_s(ring_passes: FloatArray, attention_passes: FloatArray, overlap: ArrayLike) -> FloatArray:
    """Return how much of ring attention's traffic the attention itself hides. [s]."""
    return overlap * np.minimum(attention_passes, ring_passes)


def ring_exposed_s(ring_passes: FloatArray, ring_hidden: FloatArray) -> FloatArray:
    """Return what attention does not hide of a layer's ring traffic. [s]."""
    return ring_passes - ring_hidden


def compute_s(
    microbatches: FloatArray,
    layers: FloatArray,
    matmul_passes: FloatArray,
    attention_passes: FloatArray,
    head: FloatArray,
) -> FloatArray:
    """Return the compute of the slowest stage over all microbatches. [s]."""
    return microbatches * (layers * (matmul_passes + attention_passes) + head)


def over_layers_s(microbatches: FloatArray, layers: FloatArray, layer: FloatArray) -> FloatArray:
    """Return what each layer of the slowest stage takes, over all microbatches. [s]."""
    return microbatches * layers * layer


def layer_s(
    matmul_passes: FloatArray,
    attention_passes: FloatArray,
    memory_bound: FloatArray,
    tensor: FloatArray,
    context: FloatArray,
    expert: FloatArray,
) -> FloatArray:
    """Return one layer and microbatch, all passes, with the traffic that nothing hides. [s]."""
    return matmul_passes + attention_passes + memory_bound + tensor + context + expert


def mean_stage_s(
    all_layers: FloatArray, layer: FloatArray, head: FloatArray, pipeline: FloatArray
) -> FloatArray:
    """Return one microbatch on the mean stage of a pipeline. [s]."""
    return (all_layers * layer + head) / pipeline


def transfers_s(
    microbatches: FloatArray, virtual_stages: FloatArray, transfer: FloatArray, overlap: ArrayLike
) -> FloatArray:
    """Return the transfers between stages that compute does not hide: activations on, gradients back. [s]."""
    return 2.0 * microbatches * virtual_stages * transfer * (1.0 - overlap)


def bubble_s(
    idle: FloatArray, mean_stage: FloatArray, transfer: FloatArray, virtual_stages: FloatArray
) -> FloatArray:
    """Return the time in which a pipeline fills and drains. [s]."""
    return idle * (mean_stage + 2.0 * transfer * virtual_stages)


def data_hidden_s(
    moved: FloatArray, exposed_share: ArrayLike, overlap: ArrayLike, compute_once: FloatArray
) -> FloatArray:
    """Return how much of one exchange of gradients and parameters the compute beside it hides. [s]."""
    return np.minimum(moved * (1.0 - exposed_share), overlap * compute_once)


def data_s(moved: FloatArray, hidden: FloatArray, exchanges: FloatArray) -> FloatArray:
    """Return the exchange of gradients and parameters that nothing hides. [s]."""
    return (moved - hidden) * exchanges


def optimizer_s(
    updated: FloatArray, memory_rate: FloatArray, step_overhead: ArrayLike, doublings: FloatArray
) -> FloatArray:
    """Return the optimizer's update over the memory rate, and what every step loses. [s]."""
    return updated * OPTIMIZER_BYTES / memory_rate + step_overhead * (1.0 + doublings)


def doublings(chips: FloatArray, host_chips: ArrayLike) -> FloatArray:
    """Return how often one host doubles to all of them. [-]."""
    return np.log2(np.maximum(chips / host_chips, 1.0))


def smooth_s(
    compute: FloatArray,
    memory_bound: FloatArray,
    tensor: FloatArray,
    context: FloatArray,
    expert: FloatArray,
    pipeline_p2p: FloatArray,
    data: FloatArray,
    bubble: FloatArray,
    optimizer: FloatArray,
) -> FloatArray:
    """Return a step without stragglers. [s]."""
    return compute + memory_bound + tensor + context + expert + pipeline_p2p + data + bubble + optimizer


def jitter_s(smooth: FloatArray, loss: ArrayLike, doublings: FloatArray) -> FloatArray:
    """Return what stragglers and jitter stretch a step by. [s]."""
    return smooth * (loss * doublings)


def step_s(smooth: FloatArray, jitter: FloatArray) -> FloatArray:
    """Return a whole step. [s]."""
    return smooth + jitter


def traffic_s(
    tensor: FloatArray, context: FloatArray, expert: FloatArray, pipeline_p2p: FloatArray, data: FloatArray
) -> FloatArray:
    """Return all traffic of a step that nothing hides. [s]."""
    return tensor + context + expert + pipeline_p2p + data


def scale_out_share(
    tensor: FloatArray,
    context: FloatArray,
    expert: FloatArray,
    pipeline_p2p: FloatArray,
    data: FloatArray,
    tensor_crosses: FloatArray,
    context_crosses: FloatArray,
    expert_crosses: FloatArray,
    pipeline_crosses: FloatArray,
    data_crosses: FloatArray,
) -> FloatArray:
    """Return the share of a step's traffic that leaves the scale-up domain. [-]."""
    outside = (
        tensor * tensor_crosses
        + context * context_crosses
        + expert * expert_crosses
        + pipeline_p2p * pipeline_crosses
        + data * data_crosses
    )
    return outside / np.maximum(traffic_s(tensor, context, expert, pipeline_p2p, data), 1e-30)
