"""Power from the chips to the meter, on average while training and at its peak."""

from __future__ import annotations

import math

import numpy as np

from planner.domain.evidence import value_of
from planner.engine.arrays import FloatArray
from planner.engine.power import (
    BUSY_SHARE,
    HOST_SHARE,
    IDLE_SHARE,
    STORAGE_SHARE,
    NetworkCount,
    chips_power_w,
    clos_count,
    cooling_power_w,
    facility_power_w,
    host_w_per_chip,
    hosts_power_w,
    it_power_w,
    network_power_w,
    peak_facility_w,
    storage_power_w,
)
from planner.planning.resolve import ResolvedPool
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, constant
from planner.quantities.record import of_profile
from planner.quantities.setting import Setting
from planner.quantities.table import leaf, quantity

#: Spread of the power model itself: nodes in intensive training measured 0.76 to 0.82 of their rating.
POWER_LOG_SPREAD = 0.05


def _model_scatter(_: Setting) -> tuple[str, float]:
    return "power", POWER_LOG_SPREAD


quantity(
    "power.chips_w",
    "average power of the chips",
    "W",
    {
        "chips": "pools.chips",
        "tdp": "chip.tdp_w",
        "busy_share": "power.busy_share",
        "idle": "power.idle_share",
        "busy": "power.computing_share",
    },
    short="chips",
    form="band",
    family="power",
    scatter=_model_scatter,
)(chips_power_w)


@quantity(
    "power.busy_share",
    "share of the step and of the chips that computes",
    "share",
    {
        "compute": "step.parts.compute",
        "memory_bound": "step.parts.memory_bound",
        "step_seconds": "step.modelled_s",
        "used": "strategy.chips_used",
        "chips": "pools.chips",
    },
)
def busy_share(
    compute: FloatArray,
    memory_bound: FloatArray,
    step_seconds: FloatArray,
    used: FloatArray,
    chips: FloatArray,
) -> FloatArray:
    """Return how much of a step's time and of the pool's chips draws power for work. [-]."""
    return (compute + memory_bound) / step_seconds * used / chips


quantity(
    "power.it_w",
    "average IT power",
    "W",
    {
        "chips_w": "power.chips_w",
        "hosts_w": "power.parts.hosts",
        "network_w": "power.parts.network",
        "storage_w": "power.parts.storage",
    },
    short="all IT",
    form="band",
    family="power",
    optional=frozenset({"network_w"}),
    aliases=("power.it",),
)(it_power_w)
quantity(
    "power.facility_w",
    "average power at the meter",
    "W",
    {"it": "power.it_w", "pue": "site.pue"},
    short="at the meter",
    form="band",
    better="less",
    family="power",
    aliases=("power", "power.facility", "facility_w"),
    over_pools="added",
)(facility_power_w)
quantity(
    "power.peak_facility_w",
    "peak power at the meter: every rating in full",
    "W",
    {
        "chips": "pools.chips",
        "tdp": "chip.tdp_w",
        "host": "power.host_w_per_chip",
        "network": "power.parts.network",
        "pue": "site.pue",
        "storage": "power.storage_share",
    },
    short="peak power",
    scope="pool",
    form="number",
    better="less",
    family="power",
    optional=frozenset({"network"}),
    is_rating=True,
    aliases=("power.peak", "peak_facility_w"),
    over_pools="added",
)(peak_facility_w)


@quantity(
    "power.parts.chips",
    "average power of the chips, at the medians",
    "W",
    {"chips": "power.chips_w"},
    short="chips",
    form="part",
    family="power",
    aliases=("power.chips",),
)
def chips_part(chips: FloatArray) -> FloatArray:
    """Return the chips' power as a part of the IT power. [W]."""
    return chips


quantity(
    "power.host_w_per_chip",
    "rating of a chip's share of its host: the system's less the chip's, where positive",
    "W",
    {"system": "system.max_power_w", "chips_per_system": "system.chips_per_system", "tdp": "chip.tdp_w"},
    scope="pool",
    family="power",
)(host_w_per_chip)
quantity(
    "power.parts.hosts",
    "average power of the hosts",
    "W",
    {"chips": "pools.chips", "host": "power.host_w_per_chip", "share": "power.host_share"},
    short="hosts",
    scope="pool",
    form="part",
    family="power",
    scatter=_model_scatter,
    aliases=("power.hosts",),
)(hosts_power_w)


@leaf(
    "power.network_w_per_chip",
    "power of switches and optics per chip",
    "W",
    method="switches and modules of a folded Clos network that joins all ports, counted by their radix",
    inputs={
        "radix": "fabric.switch_radix",
        "switch_w": "fabric.switch_power_w",
        "optic_w": "fabric.optic_power_w",
        "ports": "system.ports_per_host",
    },
    scope="pool",
    family="power",
)
def network_per_chip(setting: Setting) -> Leaf:
    """Return the network's power per chip; a cluster inside one scale-up domain needs none."""
    if setting.pool.system.max_power_scope == "all-in":
        grounds = of_profile(setting.pool.system, "max_power_scope", None)
        return Leaf(np.zeros(1), grounds, method="the system's rating holds its part of the network")
    each = network_w_per_chip(setting.pool)
    if each is not None:
        return Leaf(np.array([each]))
    text = f"power of fabric '{setting.pool.fabric.id}' (not in the sums)"
    return Leaf(None, name="power of switches and optics per chip", gaps=(Gap("unknown", "power", text),))


def network_w_per_chip(pool: ResolvedPool) -> float | None:
    """Return the power of switches and optics per chip, counted from the topology. [W]; None where unknown.

    A cluster inside one scale-up domain needs no scale-out network.
    """
    if not pool.needs_network:
        return 0.0
    switch_w, count = value_of(pool.fabric.switch_power_w), network_count(pool)
    if switch_w is None or count is None:
        return None
    optics = float(count.optics) * (value_of(pool.fabric.optic_power_w) or 0.0)
    return (float(count.switches) * switch_w + optics) / pool.chips


def network_count(pool: ResolvedPool) -> NetworkCount | None:
    """Return the switches and optics that join a pool's ports; None where a switch's ports are unknown."""
    radix = value_of(pool.fabric.switch_radix)
    if radix is None:
        return None
    return clos_count(float(network_ports(pool)), radix, pool.fabric.oversubscription)


def network_ports(pool: ResolvedPool) -> int:
    """Return the ports of a pool's hosts; one a chip where its system does not say."""
    ports_per_host = value_of(pool.system.ports_per_host)
    per_chip = ports_per_host / pool.system.chips_per_host if ports_per_host is not None else 1.0
    return max(math.ceil(pool.chips * per_chip), 1)


quantity(
    "power.parts.network",
    "average power of the network",
    "W",
    {"chips": "pools.chips", "network_per_chip": "power.network_w_per_chip"},
    short="network",
    scope="pool",
    form="part",
    family="power",
    scatter=_model_scatter,
    aliases=("power.network",),
)(network_power_w)
quantity(
    "power.parts.storage",
    "average power of storage and management",
    "W",
    {"chips_w": "power.chips_w", "hosts_w": "power.parts.hosts", "share": "power.storage_share"},
    short="storage",
    form="part",
    family="power",
    aliases=("power.storage",),
)(storage_power_w)
quantity(
    "power.parts.cooling",
    "what the facility adds (PUE)",
    "W",
    {"it": "power.it_w", "pue": "site.pue"},
    short="cooling",
    form="part",
    family="power",
    aliases=("power.cooling",),
)(cooling_power_w)


def _share(name: str, title: str, value: float, note: str | None = None) -> None:
    @leaf(f"power.{name}_share", title, "share", scope="plan")
    def read(_: Setting) -> Leaf:
        return constant(value, f"engine: {name.upper()}_SHARE", note)


_MEASURED = "an 8 x H100 node of 10.2 kW measured 8.4 kW at most and 7.75 kW on average in intensive training"
_share("idle", "of its rating, what a waiting chip draws", IDLE_SHARE)
_share("computing", "of its rating, what a computing chip draws", BUSY_SHARE, _MEASURED)
_share("host", "of its rating, what a host draws on average", HOST_SHARE)
_share("storage", "storage and management as a share of chips and hosts", STORAGE_SHARE)
