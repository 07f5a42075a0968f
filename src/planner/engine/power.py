"""Power from the chip to the meter, and what it makes of energy, carbon and water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray, where

#: Share of its TDP that an idle or waiting accelerator draws. [-]
#: Assumed from published idle figures (H100 SXM about 70 to 120 W of 700) with clocks held high by a job.
IDLE_SHARE = 0.25
#: Share of its TDP that an accelerator draws while it computes. [-]
#: Derived: an 8 x H100 node of 10.2 kW drew 8.4 kW at most (Latif et al., arXiv 2412.08602) and 76 % of its
#: rating, 7.75 kW, on average in intensive training (Newkirk et al., arXiv 2506.14551).
BUSY_SHARE = 0.92
#: Share of its rating that a host (processors, memory, fans, ports) draws on average in training. [-]
#: Assumed: nobody publishes it apart; with the chips' share it meets the same node.
HOST_SHARE = 0.75
#: Storage, management and front-end network as a share of the IT power of the hosts; assumed. [-]
STORAGE_SHARE = 0.02


def chips_power_w(
    chips: FloatArray,
    tdp: FloatArray,
    busy_share: FloatArray,
    idle: ArrayLike = IDLE_SHARE,
    busy: ArrayLike = BUSY_SHARE,
) -> FloatArray:
    r"""Return the average power of chips that compute `busy_share` of the time. [W].

    .. math:: P = n\,P_{TDP}\,(\epsilon + (\beta - \epsilon)\,u)

    Parameters
    ----------
    chips : (...,) float
        Chips that are powered, :math:`n` >= 0. [-]
    tdp : (...,) float
        Rated power :math:`P_{TDP}` >= 0 of one. [W]
    busy_share : (...,) float
        Share of the time that they compute, :math:`u` from 0 to 1. [-]
    idle, busy : (...,) float
        Of its rating, what a waiting chip draws, :math:`\epsilon`, and a computing one, :math:`\beta`. [-]

    References
    ----------
    .. [1] Latif et al. (arXiv 2412.08602): an 8 x H100 node in training; the linear form between idle and
       busy is assumed.

    Examples
    --------
    A quarter of 1,000 W waiting, 92 % computing.

    >>> one, tdp = np.array(1.0), np.array(1000.0)
    >>> float(chips_power_w(one, tdp, np.array(0.0))), float(chips_power_w(one, tdp, np.array(1.0)))
    (250.0, 920.0)
    """
    return chips * tdp * (idle + (busy - idle) * busy_share)


def host_w_per_chip(system: FloatArray, chips_per_system: FloatArray, tdp: FloatArray) -> FloatArray:
    """Return the rating of a chip's share of its host: the system's less the chip's, where positive. [W]."""
    return np.maximum(system / chips_per_system - tdp, 0.0)


def hosts_power_w(chips: FloatArray, host: FloatArray, share: ArrayLike = HOST_SHARE) -> FloatArray:
    r"""Return the average power of the hosts of `chips` chips, each rated `host` for one. [W].

    .. math:: P = n\,\eta\,P_{host}

    Examples
    --------
    >>> float(hosts_power_w(np.array(10.0), np.array(400.0)))
    3000.0
    """
    return chips * share * host


def network_power_w(chips: FloatArray, network_per_chip: FloatArray) -> FloatArray:
    """Return the power of switches and optics, which run at their rating. [W]."""
    return chips * network_per_chip


def storage_power_w(chips_w: FloatArray, hosts_w: FloatArray, share: ArrayLike = STORAGE_SHARE) -> FloatArray:
    """Return the power of storage, management and front-end network beside chips and hosts. [W].

    Examples
    --------
    >>> float(storage_power_w(np.array(9200.0), np.array(3000.0)))
    244.0
    """
    return share * (chips_w + hosts_w)


def it_power_w(
    chips_w: FloatArray, hosts_w: FloatArray, network_w: FloatArray, storage_w: FloatArray
) -> FloatArray:
    """Return the power of all IT. [W]."""
    return chips_w + hosts_w + network_w + storage_w


def facility_power_w(it: FloatArray, pue: FloatArray) -> FloatArray:
    """Return the power at the meter. [W].

    References
    ----------
    .. [1] ISO/IEC 30134-2: power usage effectiveness.
    """
    return it * pue


def cooling_power_w(it: FloatArray, pue: FloatArray) -> FloatArray:
    """Return what the facility adds to the IT. [W]."""
    return it * (pue - 1.0)


def peak_facility_w(
    chips: FloatArray,
    tdp: FloatArray,
    host: FloatArray,
    network: FloatArray,
    pue: FloatArray,
    storage: ArrayLike = STORAGE_SHARE,
) -> FloatArray:
    """Return the power that the breaker sees: every rating in full, times the PUE. [W].

    Examples
    --------
    Ten chips of 1,000 W with 400 W of host each, 2 % for storage, 500 W of network, and a PUE of 1.25.

    >>> ratings = (np.array(float(value)) for value in (10, 1000, 400, 500, 1.25))
    >>> float(peak_facility_w(*ratings))
    18475.0
    """
    return (chips * (tdp + host) * (1.0 + storage) + network) * pue


@dataclass(frozen=True, slots=True, eq=False)
class NetworkCount:
    """Switches and optics of a folded Clos network. [-]."""

    tiers: FloatArray
    switches: FloatArray
    optics: FloatArray


def clos_count(ports: ArrayLike, radix: ArrayLike, oversubscription: ArrayLike) -> NetworkCount:
    r"""Return switches and optical modules that join `ports` end ports.

    .. math:: n_{leaf} = \left\lceil \frac{N (1 + o)}{k\,o} \right\rceil,\quad U = N / o

    A leaf gives :math:`k\,o/(1+o)` of its :math:`k` ports to hosts; :math:`U` uplinks leave the leaves. One
    tier serves :math:`k` ports, two :math:`k^2/2`, three :math:`k^3/4`. The top tier has :math:`U/k`
    switches, a middle one :math:`2U/k`. Each cable has a module at both ends.

    Parameters
    ----------
    ports : (...,) float
        End ports, :math:`N` >= 1. [-]
    radix : (...,) float
        Ports of a switch, :math:`k` >= 2. [-]
    oversubscription : (...,) float
        Bandwidth down over bandwidth up at the leaves, :math:`o` >= 1. [-]

    Returns
    -------
    NetworkCount
        Tiers, switches and modules; more than :math:`k^3/4` ports are counted in three tiers all the same.
        [-]

    References
    ----------
    .. [1] Al-Fares et al., A Scalable, Commodity Data Center Network Architecture (SIGCOMM 2008),
       section 2.2: the fat tree of :math:`k`-port switches.

    Examples
    --------
    32 ports of 8-port switches: 8 leaves with 4 down and 4 up, 4 spines, 64 cables.

    >>> found = clos_count(32, 8, 1)
    >>> float(found.tiers), float(found.switches), float(found.optics)
    (2.0, 12.0, 128.0)
    """
    ports = np.asarray(ports, dtype=np.float64)
    radix = np.asarray(radix, dtype=np.float64)
    over = np.asarray(oversubscription, dtype=np.float64)
    tiers = where(ports <= radix, 1.0, where(ports <= radix**2 / 2.0, 2.0, 3.0))
    down = radix * over / (1.0 + over)
    leaves = where(tiers > 1, np.ceil(ports / down), np.ceil(ports / radix))
    uplinks = where(tiers > 1, ports / over, 0.0)
    spines = where(tiers > 2, 2.0 * uplinks / radix, uplinks / radix)
    cores = where(tiers > 2, uplinks / radix, 0.0)
    cables = ports + uplinks + where(tiers > 2, uplinks, 0.0)
    return NetworkCount(tiers, leaves + np.ceil(spines) + np.ceil(cores), 2.0 * cables)
