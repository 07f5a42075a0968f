r"""How much of a step is traffic, and how much of that leaves a domain: formulas as those of `parts`."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray


def traffic_s(
    tensor: FloatArray, context: FloatArray, expert: FloatArray, pipeline_p2p: FloatArray, data: FloatArray
) -> FloatArray:
    """Return all traffic of a step that nothing hides. [s].

    .. math:: t_{tensor} + t_{context} + t_{expert} + t_{pipeline} + t_{data}

    Examples
    --------
    >>> traffic_s(5.0, 4.0, 3.0, 2.0, 1.0)
    15.0
    """
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
    r"""Return the share of a step's traffic that leaves the scale-up domain. [-].

    .. math:: \sum_i x_i t_i / \sum_i t_i

    with :math:`x_i` 1 where a class leaves the domain, otherwise 0; nothing leaves where there is no traffic.

    Examples
    --------
    >>> float(scale_out_share(6.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0))
    0.25
    """
    outside = (
        tensor * tensor_crosses
        + context * context_crosses
        + expert * expert_crosses
        + pipeline_p2p * pipeline_crosses
        + data * data_crosses
    )
    return outside / np.maximum(traffic_s(tensor, context, expert, pipeline_p2p, data), 1e-30)
