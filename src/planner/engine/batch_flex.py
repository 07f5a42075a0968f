"""A global batch that may move a little, so that any number of replicas can share it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray


def flexed_batches(
    batch_sequences: float, share: float, data: ArrayLike, microbatch: ArrayLike
) -> FloatArray:
    r"""Return the batch that each layout trains on: what its replicas share evenly, where that is near.

    .. math:: G' = k\,d\,b,\quad k = \max(1, \operatorname{round}(G / (d\,b))),
        \quad \text{where } |G' - G| \le \varphi\,G;\quad \text{else } G' = G

    All arguments broadcast.

    Parameters
    ----------
    batch_sequences : float
        The batch as stated, :math:`G` >= 1. [-]
    share : float
        By which share of itself it may move, :math:`\varphi` >= 0. [-]
    data, microbatch : (...,) float
        Data-parallel degree :math:`d` and sequences of a microbatch :math:`b`, both >= 1. [-]

    Returns
    -------
    (...,) float64
        Sequences of one step. [-]

    References
    ----------
    .. [1] McCandlish et al. (arXiv 1812.06162): what a batch does to training changes with its order of
       magnitude; a few percent of it are within what anybody can tell.

    Examples
    --------
    Of 1,024 sequences 127 replicas take 1,016; 700 would need 676 fewer or more than that, which is too far.

    >>> flexed_batches(1024.0, 0.05, np.array([127.0, 128.0, 700.0]), 1.0).tolist()
    [1016.0, 1024.0, 1024.0]
    """
    per_step = np.multiply(data, microbatch, dtype=np.float64)
    near = np.maximum(np.rint(batch_sequences / per_step), 1.0) * per_step
    is_near = np.abs(near - batch_sequences) <= share * batch_sequences
    return np.asarray(np.where(is_near, near, batch_sequences))


@lru_cache(maxsize=1 << 12)
def most_replicas(batch_sequences: int, share: float, most: int, unit: int = 1, microbatch: int = 1) -> int:
    r"""Return the highest data-parallel degree that shares a batch near the stated one evenly.

    .. math:: \max \{ d \le d_{most} : u \mid d,\; \exists k,\;
        (1 - \varphi)\,G \le k\,d\,b \le (1 + \varphi)\,G \}

    Parameters
    ----------
    batch_sequences : int
        The batch as stated, :math:`G` >= 1. [-]
    share : float
        By which share of itself it may move, :math:`\varphi` from 0 to 1. [-]
    most : int
        Replicas that there is room for, :math:`d_{most}` >= 0. [-]
    unit : int
        What divides the degree, :math:`u` >= 1: experts are spread over so many. [-]
    microbatch : int
        Sequences of a microbatch, :math:`b` >= 1. [-]

    Returns
    -------
    int
        0 where there is none. [-]

    References
    ----------
    .. [1] By the definition of division: each replica takes :math:`k` microbatches of a step.

    Examples
    --------
    Room for 700 replicas: 537 of them take two sequences each of 1,074. Exactly, it is 512.

    >>> most_replicas(1024, 0.05, 700), most_replicas(1024, 0.0, 700), most_replicas(1024, 0.05, 127)
    (537, 512, 127)

    In pairs of two sequences it is 536, each with two: 1,072.

    >>> most_replicas(1024, 0.05, 700, 2, 2)
    536
    """
    # a share is seldom exact in binary
    lowest = max(math.ceil(batch_sequences * (1.0 - share) - 1e-9), 1)
    highest = math.floor(batch_sequences * (1.0 + share) + 1e-9)
    step, most_units = unit * microbatch, most // unit
    if most_units < 1 or step > highest:
        return 0
    each = -(-lowest // (step * most_units))
    while (units := min(most_units, highest // (step * each))) > 0:
        if units * each * step >= lowest:
            return units * unit
        each += 1
    return 0


def moved_degrees(
    batch_sequences: int, share: float, most: int, units: Iterable[int], microbatches: Sequence[int]
) -> set[int]:
    """Return the highest data-parallel degree for each unit and microbatch, where there is one. [-].

    Parameters
    ----------
    batch_sequences, share, most, units, microbatches
        As of `most_replicas`, each unit with each microbatch. [-]

    Returns
    -------
    set of int
        All at least 1. [-]

    References
    ----------
    .. [1] As of `most_replicas`.

    Examples
    --------
    >>> sorted(moved_degrees(1024, 0.05, 113, (1, 2), (1, 2)))
    [106, 107, 112, 113]
    """
    found = {
        most_replicas(batch_sequences, share, most, unit, microbatch)
        for unit in units
        for microbatch in microbatches
    }
    return found - {0}


def moved_microbatches(batch_sequences: int, share: float, data: int, sizes: Sequence[int]) -> list[int]:
    """Return the microbatches in which so many replicas share a batch near the stated one evenly. [-].

    Parameters
    ----------
    batch_sequences, share, data, sizes
        As of `flexed_batches`. [-]

    Returns
    -------
    list of int
        Those of `sizes` that do. [-]

    References
    ----------
    .. [1] As of `flexed_batches`.

    Examples
    --------
    >>> moved_microbatches(1024, 0.05, 127, (1, 2, 3, 16))
    [1, 2]
    """
    columns = np.array(sizes, dtype=np.float64)
    batches = flexed_batches(float(batch_sequences), share, data, columns)
    return [int(size) for size, batch in zip(columns, batches, strict=True) if batch % (data * size) == 0]


def nearest_batch(batch_sequences: int, replicas: int, microbatch: int = 1) -> int:
    """Return the batch nearest to the stated one that so many replicas share in whole microbatches. [-].

    Parameters
    ----------
    batch_sequences, replicas, microbatch : int
        All >= 1. [-]

    Returns
    -------
    int
        Sequences of one step, at least one microbatch a replica. [-]

    References
    ----------
    .. [1] As of `flexed_batches`, however far it moves.

    Examples
    --------
    >>> nearest_batch(1024, 700), nearest_batch(1024, 127, 2)
    (700, 1016)
    """
    per_step = replicas * microbatch
    return max(round(batch_sequences / per_step), 1) * per_step
