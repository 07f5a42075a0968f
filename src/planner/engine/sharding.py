"""Over how many ranks parameters and their states are shared: experts, and the stages of ZeRO."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, as_floats, where
from planner.engine.inputs import Layouts


def expert_ways(layout: Layouts) -> FloatArray:
    """Return the ranks over which the routed experts of a layer lie, those inside an expert included. [-].

    Examples
    --------
    >>> float(expert_ways(Layouts(tensor=8, pipeline=1, data=4, microbatch=1, expert=16, expert_tensor=2)))
    32.0
    """
    return as_floats(np.multiply(layout.expert, layout.expert_tensor))


def state_shards(layout: Layouts) -> tuple[FloatArray, FloatArray]:
    r"""Return the ranks over which ZeRO shards states, and those of routed experts, which are fewer. [-].

    .. math:: r = \min(r_{max},\, d c),\quad r_e = \max(r t / w, 1)

    with data, context and tensor degrees :math:`d, c, t` and :math:`w` ranks that share the experts.

    Examples
    --------
    >>> layout = Layouts(tensor=8, pipeline=1, data=4, microbatch=1, expert=16)
    >>> [float(ranks) for ranks in state_shards(layout)]
    [4.0, 2.0]
    """
    shards = np.minimum(layout.shard_ranks, np.multiply(layout.data, layout.context))
    return shards, as_floats(np.maximum(shards * layout.tensor / expert_ways(layout), 1.0))


def sharing_ranks(zero: FloatArray, shards: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return how many ranks share weights, gradients and optimizer state under a ZeRO stage. [-].

    Stage 1 shards the optimizer's state over the data-parallel ranks, 2 the gradients too, 3 the weights
    too.

    References
    ----------
    .. [1] Rajbhandari et al., ZeRO (arXiv 1910.02054), section 3.

    Examples
    --------
    >>> [float(ranks) for ranks in sharing_ranks(np.array(2.0), np.array(8.0))]
    [1.0, 8.0, 8.0]
    """
    weights, gradients = (where(zero >= stage, shards, 1.0) for stage in (3.0, 2.0))
    return weights, gradients, optimizer_ranks(zero, shards)


def optimizer_ranks(zero: FloatArray, shards: FloatArray) -> FloatArray:
    """Return how many ranks share the optimizer's state under a ZeRO stage. [-].

    Examples
    --------
    >>> [float(optimizer_ranks(np.array(stage), np.array(8.0))) for stage in (0.0, 1.0)]
    [1.0, 8.0]
    """
    return where(zero >= 1.0, shards, 1.0)


def state_bytes(
    each: ArrayLike,
    dense: FloatArray,
    dense_ranks: FloatArray,
    experts: FloatArray,
    expert_ranks: FloatArray,
    end_each: ArrayLike = 0.0,
    ends: ArrayLike = 0.0,
) -> FloatArray:
    r"""Return the bytes of one state on a chip: so many a parameter, shared by so many ranks. [B].

    .. math:: (b\,N_{dense} + b_{ends}\,N_{ends}) / n + b\,N_{experts} / n_e

    Examples
    --------
    >>> state_bytes(12.0, 1000.0, 10.0, 500.0, 5.0)
    2400.0
    """
    shared = (each * dense + end_each * ends) / dense_ranks
    # a model without experts says so in one number, and adding nothing to all layouts takes time
    if not np.ndim(experts) and not experts:
        return shared
    return shared + each * experts / expert_ranks
