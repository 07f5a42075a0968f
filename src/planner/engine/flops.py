"""The FLOPs of training: of one token by the field's conventions, and what recomputation adds."""

from __future__ import annotations

import numpy as np

from planner.engine.architecture import parameter_counts
from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.attention import attention_flops_per_token
from planner.engine.inputs import ArchitectureInputs


def flops_per_token(
    matmul: FloatArray, prediction: FloatArray, attention_layers: FloatArray, attention: FloatArray
) -> FloatArray:
    r"""Return the FLOPs of one training token: three times the forward matmuls and attention. [FLOP].

    .. math:: F = 6 (P_{matmul} + P_{prediction}) + 3 L F_{attention}

    Examples
    --------
    >>> terms = (np.array(float(number)) for number in (328, 0, 2, 64))
    >>> float(flops_per_token(*terms))
    2352.0
    """
    return 6.0 * (matmul + prediction) + 3.0 * attention_layers * attention


def recomputed_flops(
    layers_again: FloatArray,
    attention_again: FloatArray,
    layers_matmul: FloatArray,
    layers: FloatArray,
    attention: FloatArray,
) -> FloatArray:
    r"""Return the FLOPs that recomputation adds to one token: a forward pass of what runs again. [FLOP].

    .. math:: F_{again} = 2 c_l P_{layers} + \max(c_l, c_a) L F_{attention}

    Examples
    --------
    All layers of 288 again, with two times 64 of attention; then attention alone.

    >>> matmul, layers, attention = np.array(288.0), np.array(2.0), np.array(64.0)
    >>> none, whole = np.array(0.0), np.array(1.0)
    >>> float(recomputed_flops(whole, none, matmul, layers, attention))
    704.0
    >>> float(recomputed_flops(none, whole, matmul, layers, attention))
    128.0
    """
    again = np.maximum(layers_again, attention_again)
    return layers_again * 2.0 * layers_matmul + again * layers * attention


def training_flops_per_token(
    a: ArchitectureInputs, sequence_length: ArrayLike, *, causal: bool = True, with_prediction: bool = True
) -> FloatArray:
    """Return model FLOPs of one training token: forward and backward, without recomputation. [FLOP].

    .. math:: F = 6 P_{matmul} + 3 L F_{attention}

    Three times the forward matmuls (output head included, embedding look-up not) and attention.

    Parameters
    ----------
    a : ArchitectureInputs
        The shape. [-]
    sequence_length : (...,) float
        Tokens of a sequence, >= 1. [-]
    causal : bool
        Which convention counts: half of the attention matrix, or the full one.
    with_prediction : bool
        Whether the run trains the prediction modules, if there are any.

    Returns
    -------
    (...,) float64
        Per token. [FLOP]

    References
    ----------
    .. [1] Chowdhery et al., PaLM (arXiv 2204.02311), appendix B: the full matrix.
    .. [2] Dao, FlashAttention-2 (arXiv 2307.08691), section 4.1: half of it under a causal mask.

    Examples
    --------
    Six times 328 multiplying parameters, three times two layers of 64 FLOPs of attention.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, vocabulary=10)
    >>> float(training_flops_per_token(tiny, 8))
    2352.0
    """
    counts = parameter_counts(a)
    prediction = np.zeros(())
    attention_layers = np.asarray(a.layers, dtype=np.float64)
    if with_prediction:
        prediction = counts.prediction_active_matmul
        attention_layers = attention_layers + a.multi_token_prediction_layers
    attention = attention_flops_per_token(a, sequence_length, causal=causal)
    return np.asarray(flops_per_token(counts.active_matmul, prediction, attention_layers, attention))


def recomputed_flops_per_token(
    a: ArchitectureInputs, sequence_length: ArrayLike, attention_again: ArrayLike, layers_again: ArrayLike
) -> FloatArray:
    r"""Return FLOPs that recomputation adds to a training token: one more forward pass of what runs again.

    .. math:: F_{again} = 2 c_l P_{layers} + \max(c_l, c_a) L F_{attention}

    Parameters
    ----------
    a : ArchitectureInputs
        The shape. [-]
    sequence_length : (...,) float
        Tokens of a sequence, >= 1. [-]
    attention_again : (...,) float
        1 where the attention core of every layer runs again, :math:`c_a`. [-]
    layers_again : (...,) float
        Share of the layers that run again whole, :math:`c_l` from 0 to 1. [-]

    Returns
    -------
    (...,) float64
        Per token, by the causal convention. [FLOP]

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), appendix A.

    Examples
    --------
    All layers again: 2 x 288 and attention's 2 x 64; attention alone: the latter.

    >>> tiny = ArchitectureInputs(layers=2, hidden=4, heads=2, key_value_heads=1, head_dimension=2,
    ...                           feed_forward_width=8, vocabulary=10)
    >>> float(recomputed_flops_per_token(tiny, 8, 0, 1)), float(recomputed_flops_per_token(tiny, 8, 1, 0))
    (704.0, 128.0)
    """
    counts = parameter_counts(a)
    return np.asarray(
        recomputed_flops(
            np.asarray(layers_again),
            np.asarray(attention_again),
            counts.active_matmul - counts.output_head,
            np.asarray(a.layers),
            attention_flops_per_token(a, sequence_length, causal=True),
        )
    )
