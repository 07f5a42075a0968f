"""What a tool that times collectives prints of a sound network, from the wires alone: Hockney's law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where
from planner.engine.collectives import MOST_STEPS

#: Share of the wire inside a domain that a ring of all its chips reaches: 0.76 to 0.82 on NVLink 3 to 5, 0.70
#: on meshes of Infinity Fabric, 0.98 on Gaudi 3. [-]
RING_SHARE = 0.80
#: The same where switches add: each byte passes a wire once in place of twice, so that the bus bandwidth
#: exceeds it. 1.07 over 8 chips of H100, 0.94 over 8 of B200 and 72 of GB200. [-]
SWITCH_SHARE = 1.02
#: Share of the ports that leave a domain: 48 of 50 GB/s by ring as the tool's maintainers say, less what is
#: measured. [-]
PORT_SHARE = 0.92
#: How much more than a ring's the bus bandwidth of two domains is: the two trees of an all-reduce send each
#: byte across once each way. Of 2 by design, 1.6 to 1.9 are measured. [-]
TWO_DOMAINS = 1.8
#: Message at which a collective of one rank would reach half of its bandwidth, and how that grows with ranks:
#: 7 to 15 MB over 8 ranks, 20 to 90 MB over 16, 0.9 GB over 1,440. [B], [-]
HALF_BYTES = 1.5e6
HALF_GROWTH = 0.85


@dataclass(frozen=True, slots=True, eq=False)
class TimedGroup:
    """The ranks of one timed collective and the wires that they have; fields broadcast."""

    #: in all, and in one domain. [-]
    ranks: ArrayLike
    ranks_per_domain: ArrayLike
    domains: ArrayLike
    #: of one rank inside its domain, and of all ports of one domain, in one direction. [B/s]
    inner_bytes_per_s: ArrayLike
    outer_bytes_per_s: ArrayLike
    #: 1 where switches add in place of chips. [-]
    adds_in_switch: ArrayLike
    #: 1 of an all-reduce. [-]
    is_reduced: ArrayLike
    #: of what one rank sends, the part that leaves its domain over its own port; 0 where a ring serves. [-]
    leaving_share: ArrayLike


def half_bytes(group: TimedGroup) -> FloatArray:
    r"""Return the message at which a collective reaches half of its bandwidth. [B].

    .. math:: S_{1/2} = S_1 (g \min(D, n_{most}))^{\gamma}

    Parameters
    ----------
    group : TimedGroup
        Ranks of a domain :math:`g` and domains :math:`D`; beyond `MOST_STEPS` libraries take trees. [-]

    References
    ----------
    .. [1] Hockney, The communication challenge for MPP (Parallel Computing 20, 1994):
       half-performance length.

    Examples
    --------
    >>> one = TimedGroup(8, 8, 1, 450e9, 400e9, 1, 1, 0)
    >>> round(float(half_bytes(one)) / 1e6, 1)
    8.8
    """
    together = np.multiply(group.ranks_per_domain, np.minimum(group.domains, MOST_STEPS))
    return np.asarray(HALF_BYTES * np.power(together, HALF_GROWTH))


def ramp_share(message_bytes: ArrayLike, group: TimedGroup) -> FloatArray:
    """Return the share of a collective's time that does not grow with its message. [-].

    Examples
    --------
    >>> one = TimedGroup(8, 8, 1, 450e9, 400e9, 1, 1, 0)
    >>> float(ramp_share(half_bytes(one), one))
    0.5
    """
    half = half_bytes(group)
    return np.asarray(half / (half + message_bytes))


def nominal_bus_bytes_per_s(message_bytes: ArrayLike, group: TimedGroup) -> FloatArray:
    r"""Return the bus bandwidth that the wires let expect. [B/s].

    .. math:: B = \frac{B_\infty}{1 + S_{1/2} / S},\quad
        B_\infty = \min(e\,B_{inner},\ \phi\,e_{port}\,B_{outer})

    Of an exchange, each of :math:`g` ranks has its share of the ports for what leaves the domain.

    Parameters
    ----------
    message_bytes : (...,) float
        The message, :math:`S` > 0; infinite is the plateau. [B]
    group : TimedGroup
        Ranks and their wires. Switches add inside one domain, and over two of them; a ring serves more.

    References
    ----------
    .. [1] Hockney (1994), as above.
    .. [2] NVIDIA, nccl-tests, doc/PERFORMANCE.md: bus bandwidth is the wire's where a ring is bound by it.

    Examples
    --------
    The plateau of 8 chips at 450 GB/s: by ring 360, where switches add 459.

    >>> import math
    >>> ring = TimedGroup(8, 8, 1, 450e9, 400e9, 0, 1, 0)
    >>> round(float(nominal_bus_bytes_per_s(math.inf, ring)) / 1e9)
    360
    >>> added = TimedGroup(8, 8, 1, 450e9, 400e9, 1, 1, 0)
    >>> round(float(nominal_bus_bytes_per_s(math.inf, added)) / 1e9)
    459
    """
    domains, ranks = np.asarray(group.domains, dtype=np.float64), np.asarray(group.ranks, dtype=np.float64)
    reduced, leaving = np.asarray(group.is_reduced) > 0, np.asarray(group.leaving_share, dtype=np.float64)
    adds = (np.asarray(group.adds_in_switch) > 0) & reduced & (domains <= 2.0)
    inner = np.multiply(group.inner_bytes_per_s, where(adds, SWITCH_SHARE, RING_SHARE))
    outer = PORT_SHARE * np.multiply(
        group.outer_bytes_per_s, where(reduced & (domains == 2.0), TWO_DOMAINS, 1.0)
    )
    port = PORT_SHARE * np.divide(group.outer_bytes_per_s, group.ranks_per_domain)
    exchange = port / np.maximum(leaving, 1e-12) * (ranks - 1.0) / ranks
    outer = where(leaving > 0, exchange, outer)
    plateau = where(domains > 1.0, np.minimum(inner, outer), inner)
    return np.asarray(plateau * (1.0 - ramp_share(message_bytes, group)))
