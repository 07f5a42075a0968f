"""Power from the chip to the meter, and what it makes of energy, carbon and water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray

#: Share of its TDP that an idle or waiting accelerator draws. [-]
#: Assumed from published idle figures (H100 SXM about 70 to 120 W of 700) with clocks held high by a job.
IDLE_SHARE = 0.25
#: Share of its TDP that an accelerator draws while it computes. [-]
#: An 8 x H100 node of 10.2 kW measured 8.4 kW at most and 7.75 kW on average in intensive training.
BUSY_SHARE = 0.92
#: Share of its rating that a host (processors, memory, fans, ports) draws on average in training. [-]
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
    """
    return np.asarray(np.multiply(tdp_w, IDLE_SHARE + (BUSY_SHARE - IDLE_SHARE) * np.asarray(busy_share)))


def power_parts(chips: ArrayLike, busy_share: ArrayLike, power: PowerInputs) -> PowerParts:
    """Return the power of a cluster of `chips` chips that compute `busy_share` of the time."""
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

    A leaf gives :math:`k\,o/(1+o)` of its :math:`k` ports to hosts. One tier serves :math:`k` ports, two
    :math:`k^2/2`, three :math:`k^3/4`; every tier below the top has one switch per :math:`k/2` of the
    bandwidth that it carries. Each cable has a module at both ends.

    References
    ----------
    .. [1] Al-Fares et al., A Scalable, Commodity Data Center Network Architecture (SIGCOMM 2008).
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
