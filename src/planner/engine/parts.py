r"""How the exposed parts of a step follow from its terms, one formula a function.

Every function is plain arithmetic of its parameters, which broadcast against each other. The step calls them
on blocks of layouts; an explanation calls the same functions to print their formula.

Parameters are named as the fields of `step.StepTerms`, whatever their shape (...,): times >= 0 in seconds;
shares from 0 to 1, of which :math:`c` is that of the layers run again whole, :math:`c_a` and :math:`c_m`
that of attention and matmuls run again besides, and :math:`o` what compute hides; counts :math:`m` of
microbatches, :math:`l` and :math:`L` of layers of a stage and of all, :math:`p` of stages, :math:`v` of
virtual stages.

References
----------
.. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), section 2.2: bubble and transfers of a pipeline.
.. [2] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), sections 4 and 5: what a
   layer's tensor traffic and recomputation are.
.. [3] Liu et al., Ring Attention (arXiv 2310.01889), section 3: traffic that attention hides.
.. [4] Rajbhandari et al., ZeRO (arXiv 1910.02054), sections 3 and 7: states and their traffic.

Which share hides, and that stragglers cost as much for every doubling, are forms that are assumed; their
constants are a stack's, fitted to published runs (docs/accuracy.md).
"""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray

#: Backward over forward time of matmuls and element-wise work: two products for one; of fused attention,
#: which recomputes scores, five for two (Dao, FlashAttention-2, arXiv 2307.08691, section 4.1). [-]
BACKWARD_MATMUL = 2.0
BACKWARD_ATTENTION = 2.5


def matmul_passes_s(
    matmul: FloatArray,
    dropped: FloatArray,
    layers_again: FloatArray,
    matmul_again: FloatArray,
    backward: ArrayLike = BACKWARD_MATMUL,
) -> FloatArray:
    r"""Return a layer's matmuls, forward, backward and run again, less what running again leaves out. [s].

    The backward pass is 2 products for one, or 1 where weights stand still and have no gradient.

    .. math:: t_{matmul} (1 + b + c + (1 - c) c_m) - c\,t_{dropped}

    Examples
    --------
    >>> matmul_passes_s(1.0, 0.25, 0.0, 0.0), matmul_passes_s(1.0, 0.25, 1.0, 0.0)
    (3.0, 3.75)
    """
    again = layers_again + (1.0 - layers_again) * matmul_again
    return matmul * (1.0 + backward + again) - layers_again * dropped


def attention_passes_s(
    attention: FloatArray, layers_again: FloatArray, attention_again: FloatArray
) -> FloatArray:
    r"""Return a layer's attention, forward, backward and run again. [s].

    .. math:: t_{attention} (1 + 2.5 + \max(c, c_a))

    Examples
    --------
    >>> float(attention_passes_s(2.0, 0.0, 1.0))
    9.0
    """
    return attention * (1.0 + BACKWARD_ATTENTION + np.maximum(layers_again, attention_again))


def memory_bound_passes_s(
    element_wise: FloatArray, element_again: FloatArray, layers_again: FloatArray, host_wait: FloatArray
) -> FloatArray:
    """Return a layer's element-wise work, forward, backward and run again, and its wait for the host. [s].

    .. math:: t_{element} (1 + 2 + c) + t_{again} (1 - c) + t_{host}

    Examples
    --------
    >>> memory_bound_passes_s(1.0, 0.5, 0.5, 0.25)
    4.0
    """
    passes = element_wise * (1.0 + BACKWARD_MATMUL + layers_again)
    return passes + element_again * (1.0 - layers_again) + host_wait


def head_passes_s(head: FloatArray) -> FloatArray:
    r"""Return output head and loss of one microbatch, forward and backward. [s].

    .. math:: 3\,t_{head}

    Examples
    --------
    >>> head_passes_s(1.0)
    3.0
    """
    return head * (1.0 + BACKWARD_MATMUL)


def exposed_passes_s(one_pass: FloatArray, layers_again: FloatArray, overlap: ArrayLike) -> FloatArray:
    """Return what compute does not hide of a layer's traffic, forward, backward and run again. [s].

    .. math:: t_{pass} (2 + c) (1 - o)

    Examples
    --------
    >>> exposed_passes_s(1.0, 1.0, 0.25)
    2.25
    """
    return one_pass * (2.0 + layers_again) * (1.0 - overlap)


def ring_passes_s(ring: FloatArray, layers_again: FloatArray) -> FloatArray:
    """Return ring attention's traffic of a layer; backward, gradients go around too. [s].

    .. math:: t_{ring} (3 + c)

    Examples
    --------
    >>> ring_passes_s(1.0, 1.0)
    4.0
    """
    return ring * (3.0 + layers_again)


def ring_hidden_s(ring_passes: FloatArray, attention_passes: FloatArray, overlap: ArrayLike) -> FloatArray:
    r"""Return how much of ring attention's traffic the attention itself hides. [s].

    .. math:: o \min(t_{attention}, t_{ring})

    Examples
    --------
    >>> float(ring_hidden_s(4.0, 2.0, 0.5))
    1.0
    """
    return overlap * np.minimum(attention_passes, ring_passes)


def ring_exposed_s(ring_passes: FloatArray, ring_hidden: FloatArray) -> FloatArray:
    """Return what attention does not hide of a layer's ring traffic. [s].

    .. math:: t_{ring} - t_{hidden}

    Examples
    --------
    >>> ring_exposed_s(4.0, 1.0)
    3.0
    """
    return ring_passes - ring_hidden


def compute_s(
    microbatches: FloatArray,
    layers: FloatArray,
    matmul_passes: FloatArray,
    attention_passes: FloatArray,
    head: FloatArray,
) -> FloatArray:
    r"""Return the compute of the slowest stage over all microbatches. [s].

    .. math:: m\,(l\,(t_{matmul} + t_{attention}) + t_{head})

    Examples
    --------
    >>> compute_s(10.0, 4.0, 2.0, 1.0, 3.0)
    150.0
    """
    return microbatches * (layers * (matmul_passes + attention_passes) + head)


def over_layers_s(microbatches: FloatArray, layers: FloatArray, layer: FloatArray) -> FloatArray:
    r"""Return what each layer of the slowest stage takes, over all microbatches. [s].

    .. math:: m\,l\,t

    Examples
    --------
    >>> over_layers_s(10.0, 4.0, 0.5)
    20.0
    """
    return microbatches * layers * layer


def layer_s(
    matmul_passes: FloatArray,
    attention_passes: FloatArray,
    memory_bound: FloatArray,
    tensor: FloatArray,
    context: FloatArray,
    expert: FloatArray,
) -> FloatArray:
    """Return one layer and microbatch, all passes, with the traffic that nothing hides. [s].

    .. math:: t_{matmul} + t_{attention} + t_{element} + t_{tensor} + t_{context} + t_{expert}

    Examples
    --------
    >>> layer_s(4.0, 2.0, 1.0, 0.5, 0.25, 0.25)
    8.0
    """
    return matmul_passes + attention_passes + memory_bound + tensor + context + expert


def mean_stage_s(
    all_layers: FloatArray, layer: FloatArray, head: FloatArray, pipeline: FloatArray
) -> FloatArray:
    r"""Return one microbatch on the mean stage of a pipeline. [s].

    .. math:: (L\,t_{layer} + t_{head}) / p

    Examples
    --------
    >>> mean_stage_s(8.0, 1.0, 2.0, 4.0)
    2.5
    """
    return (all_layers * layer + head) / pipeline


def transfers_s(
    microbatches: FloatArray, virtual_stages: FloatArray, transfer: FloatArray, overlap: ArrayLike
) -> FloatArray:
    r"""Return the transfers between stages that compute does not hide: activations on, gradients back. [s].

    .. math:: 2\,m\,v\,t_{p2p} (1 - o)

    Examples
    --------
    >>> transfers_s(10.0, 2.0, 0.5, 0.75)
    5.0
    """
    return 2.0 * microbatches * virtual_stages * transfer * (1.0 - overlap)


def bubble_s(
    idle: FloatArray, mean_stage: FloatArray, transfer: FloatArray, virtual_stages: FloatArray
) -> FloatArray:
    r"""Return the time in which a pipeline fills and drains. [s].

    .. math:: b\,(\bar t_{stage} + 2\,v\,t_{p2p})

    Examples
    --------
    >>> bubble_s(3.0, 2.0, 0.5, 1.0)
    9.0
    """
    return idle * (mean_stage + 2.0 * transfer * virtual_stages)


def data_hidden_s(
    moved: FloatArray, exposed_share: ArrayLike, overlap: ArrayLike, compute_once: FloatArray
) -> FloatArray:
    r"""Return how much of one exchange of gradients and parameters the compute beside it hides. [s].

    .. math:: \min(t_{moved} (1 - e),\ o\,t_{compute})

    Examples
    --------
    >>> float(data_hidden_s(10.0, 0.25, 0.5, 100.0)), float(data_hidden_s(10.0, 0.25, 0.5, 8.0))
    (7.5, 4.0)
    """
    return np.minimum(moved * (1.0 - exposed_share), overlap * compute_once)


def data_s(moved: FloatArray, hidden: FloatArray, exchanges: FloatArray) -> FloatArray:
    r"""Return the exchange of gradients and parameters that nothing hides. [s].

    .. math:: (t_{moved} - t_{hidden})\,n

    Examples
    --------
    >>> data_s(10.0, 7.5, 1.0)
    2.5
    """
    return (moved - hidden) * exchanges


def optimizer_s(
    updated: FloatArray,
    update_bytes: ArrayLike,
    memory_rate: FloatArray,
    update_flops: ArrayLike,
    update_rate: FloatArray,
    step_overhead: ArrayLike,
    doublings: FloatArray,
) -> FloatArray:
    r"""Return the optimizer's update, bytes and matmuls over their rates, and what every step loses. [s].

    .. math:: N\,(b / B + F / R) + t_{step} (1 + \log_2 n_{hosts})

    Examples
    --------
    A thousand million parameters at 1.5 TB/s take 20 ms; 10 ms are lost, and again for each of two doublings.

    >>> round(optimizer_s(1e9, 30.0, 1.5e12, 0.0, 1e15, 0.01, 2.0), 6)
    0.05
    """
    update = update_bytes / memory_rate + update_flops / update_rate
    return updated * update + step_overhead * (1.0 + doublings)


def doublings(chips: FloatArray, host_chips: ArrayLike) -> FloatArray:
    r"""Return how often one host doubles to all of them. [-].

    .. math:: \log_2 \max(n / n_{host}, 1)

    Examples
    --------
    >>> float(doublings(64.0, 8.0)), float(doublings(4.0, 8.0))
    (3.0, 0.0)
    """
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
    r"""Return a step without stragglers. [s].

    .. math:: \sum_i t_i

    Examples
    --------
    >>> smooth_s(9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0)
    45.0
    """
    return compute + memory_bound + tensor + context + expert + pipeline_p2p + data + bubble + optimizer


def jitter_s(smooth: FloatArray, loss: ArrayLike, doublings: FloatArray) -> FloatArray:
    r"""Return what stragglers and jitter stretch a step by. [s].

    .. math:: t_{smooth}\,j \log_2 n_{hosts}

    Examples
    --------
    >>> jitter_s(10.0, 0.005, 4.0)
    0.2
    """
    return smooth * (loss * doublings)


def step_s(smooth: FloatArray, jitter: FloatArray) -> FloatArray:
    """Return a whole step. [s]."""
    return smooth + jitter
