"""Collectives by name, and how the tools that time them turn size over time into bus bandwidth."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Collective = Literal[
    "all_reduce", "all_gather", "reduce_scatter", "alltoall", "broadcast", "reduce", "sendrecv"
]

#: How often each byte of the message passes a rank's wire in a ring, over (n - 1)/n; 0: once, whatever n.
#: NVIDIA, nccl-tests, doc/PERFORMANCE.md. [-]
BUS_FACTORS: Mapping[Collective, float] = MappingProxyType(
    {
        "all_reduce": 2.0,
        "all_gather": 1.0,
        "reduce_scatter": 1.0,
        "alltoall": 1.0,
        "broadcast": 0.0,
        "reduce": 0.0,
        "sendrecv": 0.0,
    }
)


def bus_factor(collective: Collective, ranks: float) -> float:
    r"""Return the bus bandwidth of a collective over its algorithm bandwidth, size over time. [-].

    .. math:: b = f\,\frac{n - 1}{n}

    Parameters
    ----------
    collective : str
        A name of `BUS_FACTORS`.
    ranks : float
        :math:`n` >= 2. [-]

    References
    ----------
    .. [1] NVIDIA, nccl-tests, doc/PERFORMANCE.md: an all-reduce moves each byte twice.

    Examples
    --------
    >>> bus_factor("all_reduce", 8), bus_factor("all_gather", 8), bus_factor("broadcast", 8)
    (1.75, 0.875, 1.0)
    """
    factor = BUS_FACTORS[collective]
    return factor * (ranks - 1.0) / ranks if factor else 1.0
