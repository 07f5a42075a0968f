"""Power from the chip to the meter, and what it makes of energy, carbon and water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray

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


@dataclass(frozen=True, slots=True)
class PowerInputs:
    """Ratings of one chip with its share of host, and of the network; nan where unknown."""

    #: [W]
    chip_tdp_w: ArrayLike
    #: rating of host, ports and fans per chip. [W]
    host_w_per_chip: ArrayLike
    #: switches and optics per chip. [W]
    network_w_per_chip: ArrayLike
    #: facility over IT power. [-]
    pue: ArrayLike


@dataclass(frozen=True, slots=True)
class PowerParts:
    """Average power of the parts, and peak. [W]; nan where a rating is unknown."""

    chips: FloatArray
    hosts: FloatArray
    network: FloatArray
    storage: FloatArray
    it: FloatArray
    cooling: FloatArray
    facility: FloatArray
    peak_facility: FloatArray


def chip_power_w(tdp_w: ArrayLike, busy_share: ArrayLike) -> FloatArray:
    r"""Return a chip's average power when it computes `busy_share` of the time. [W].

    .. math:: P = P_{TDP}\,(\epsilon + (\beta - \epsilon)\,u)

    Parameters
    ----------
    tdp_w : (...,) float
        Rated power :math:`P_{TDP}` >= 0; nan where unknown. [W]
    busy_share : (...,) float
        Share of the time that the chip computes, :math:`u` from 0 to 1. [-]

    Returns
    -------
    (...,) float64
        From `IDLE_SHARE` :math:`\epsilon` to `BUSY_SHARE` :math:`\beta` of the rating. [W]

    References
    ----------
    .. [1] Latif et al. (arXiv 2412.08602): an 8 x H100 node in training; the linear form between idle and
       busy is assumed.

    Examples
    --------
    A quarter of 1,000 W waiting, 92 % computing.

    >>> float(chip_power_w(1000, 0)), float(chip_power_w(1000, 1))
    (250.0, 920.0)
    """
    return np.asarray(np.multiply(tdp_w, IDLE_SHARE + (BUSY_SHARE - IDLE_SHARE) * np.asarray(busy_share)))


def power_parts(chips: ArrayLike, busy_share: ArrayLike, power: PowerInputs) -> PowerParts:
    r"""Return the power of a cluster of `chips` chips that compute `busy_share` of the time.

    .. math:: P_{IT} = (1 + s)\,n\,(P_{chip} + \eta P_{host}) + n P_{network},\quad P = PUE \cdot P_{IT}

    with :math:`\eta` the `HOST_SHARE` and :math:`s` the `STORAGE_SHARE`.

    Parameters
    ----------
    chips : (...,) float
        Chips that are powered, :math:`n` >= 0. [-]
    busy_share : (...,) float
        Share of the time that they compute, from 0 to 1. [-]
    power : PowerInputs
        Ratings per chip [W] and the facility's PUE >= 1 [-]; nan where unknown.

    Returns
    -------
    PowerParts
        Average power of each part, their sums, and the peak: every rating in full, times the PUE; nan where
        it needs a rating that is nan. [W]

    References
    ----------
    .. [1] ISO/IEC 30134-2: power usage effectiveness.

    Examples
    --------
    Ten busy chips of 1,000 W with 400 W of host each: 9.2 kW and 3 kW, and 2 % of both for storage.

    >>> ratings = PowerInputs(chip_tdp_w=1000, host_w_per_chip=400, network_w_per_chip=50, pue=1.25)
    >>> found = power_parts(10, 1, ratings)
    >>> float(found.chips), float(found.hosts), float(found.network), float(found.storage)
    (9200.0, 3000.0, 500.0, 244.0)
    >>> float(found.it), float(found.facility), float(found.peak_facility)
    (12944.0, 16180.0, 18475.0)
    """
    chip = np.multiply(chips, chip_power_w(power.chip_tdp_w, busy_share))
    host = np.multiply(chips, HOST_SHARE * np.asarray(power.host_w_per_chip))
    network = np.multiply(chips, power.network_w_per_chip)
    storage = STORAGE_SHARE * (chip + host)
    it = chip + host + network + storage
    facility = it * power.pue
    rated = np.multiply(chips, np.add(power.chip_tdp_w, power.host_w_per_chip)) * (1.0 + STORAGE_SHARE)
    return PowerParts(
        chips=chip,
        hosts=host,
        network=np.asarray(network),
        storage=storage,
        it=it,
        cooling=facility - it,
        facility=facility,
        peak_facility=np.asarray((rated + network) * power.pue),
    )


@dataclass(frozen=True, slots=True)
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
    tiers = np.where(ports <= radix, 1.0, np.where(ports <= radix**2 / 2.0, 2.0, 3.0))
    down = radix * over / (1.0 + over)
    leaves = np.where(tiers > 1, np.ceil(ports / down), np.ceil(ports / radix))
    uplinks = np.where(tiers > 1, ports / over, 0.0)
    spines = np.where(tiers > 2, 2.0 * uplinks / radix, uplinks / radix)
    cores = np.where(tiers > 2, uplinks / radix, 0.0)
    cables = ports + uplinks + np.where(tiers > 2, uplinks, 0.0)
    return NetworkCount(tiers, leaves + np.ceil(spines) + np.ceil(cores), 2.0 * cables)
