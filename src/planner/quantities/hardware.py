"""What is read of chips, systems, fabrics and the site, each figure with its evidence."""

from __future__ import annotations

import numpy as np

from planner.domain.evidence import value_of
from planner.planning.chip import half_precision_peak, matmul_peak_flops_per_s, sustained_share
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, of_fact, of_figure, typed
from planner.quantities.record import Grounds, Record
from planner.quantities.setting import Setting
from planner.quantities.table import TABLE, leaf


@leaf("pools.chips", "chips of the pool", "chips", scope="pool", aliases=("chips",))
def chips(setting: Setting) -> Leaf:
    """Return how many chips the plan buys or rents."""
    return typed(float(setting.pool.chips), "cluster.pools")


@leaf("pools.systems", "systems of the pool", "", scope="pool", aliases=("systems",))
def systems(setting: Setting) -> Leaf:
    """Return how many systems those chips are; the last may be in part."""
    return typed(setting.pool.systems, "cluster.pools")


@leaf("chip.half_peak_flops_per_s", "dense 16-bit peak of one chip", "FLOP/s", scope="pool")
def half_peak(setting: Setting) -> Leaf:
    """Return the peak by which utilisations go."""
    _, datatype = half_precision_peak(setting.pool.chip)
    return of_figure(setting.pool.chip, f"peak_dense_flops_per_s.{datatype}")


@leaf(
    "chip.peak_flops_per_s", "dense peak of one chip at the precision of the matmuls", "FLOP/s", scope="pool"
)
def peak(setting: Setting) -> Leaf:
    """Return the peak of the matmuls."""
    _, datatype = matmul_peak_flops_per_s(setting.pool.chip, setting.plan.workload.precision)
    return of_figure(setting.pool.chip, f"peak_dense_flops_per_s.{datatype}")


@leaf(
    "chip.sustained_share",
    "share of the peak that a cap on the chip's power leaves",
    "share",
    scope="pool",
)
def sustained(setting: Setting) -> Leaf:
    """Return what a capped chip keeps of its peak; 1 where there is no cap."""
    if value_of(setting.pool.chip.sustained_share) is None:
        share = np.array([sustained_share(setting.pool.chip)])
        return Leaf(share, method="no cap on the chip's power being known")
    return of_figure(setting.pool.chip, "sustained_share")


@leaf("chip.memory_bandwidth_bytes_per_s", "memory bandwidth of a chip", "B/s", scope="pool")
def memory_bandwidth(setting: Setting) -> Leaf:
    """Return the rate of a chip's memory."""
    return of_figure(setting.pool.chip, "memory.bandwidth_bytes_per_s")


@leaf("chip.tdp_w", "rating of a chip (TDP)", "W", scope="pool", family="power")
def tdp(setting: Setting) -> Leaf:
    """Return the rated power of a chip."""
    chip = setting.pool.chip
    return of_figure(chip, "tdp_w", missing=Gap("unknown", "power", f"TDP of chip '{chip.id}'"))


@leaf("system.max_power_w", "rating of a system, chips included", "W", scope="pool", family="power")
def max_power(setting: Setting) -> Leaf:
    """Return the rated power of a system."""
    system = setting.pool.system
    missing = Gap("unknown", "power", f"maximum power of system '{system.id}'")
    return of_figure(system, "max_power_w", missing=missing)


@leaf("system.chips_per_system", "chips of a system", "chips", scope="pool")
def chips_per_system(setting: Setting) -> Leaf:
    """Return the chips of what is bought."""
    system = setting.pool.system
    return of_fact(system, "chips_per_system", system.chips_per_system)


@leaf("system.chips_per_domain", "chips that share a scale-up network", "chips", scope="pool")
def chips_per_domain(setting: Setting) -> Leaf:
    """Return how many chips share a scale-up network."""
    system = setting.pool.system
    return of_fact(system, "chips_per_domain", system.chips_per_domain)


@leaf("system.chips_per_host", "chips of a host", "chips", scope="pool")
def chips_per_host(setting: Setting) -> Leaf:
    """Return the chips that share processors and ports."""
    system = setting.pool.system
    return of_fact(system, "chips_per_host", system.chips_per_host)


@leaf("system.ports_per_host", "ports of a host", "", scope="pool")
def ports_per_host(setting: Setting) -> Leaf:
    """Return the ports that the chips of a host share."""
    return of_figure(setting.pool.system, "ports_per_host")


@leaf("fabric.port_bytes_per_s", "rate of a port, one direction", "B/s", scope="pool")
def port_rate(setting: Setting) -> Leaf:
    """Return the rate of one port of the scale-out network."""
    return of_figure(setting.pool.fabric, "port_bytes_per_s")


@leaf("fabric.switch_radix", "ports of a switch", "", scope="pool")
def switch_radix(setting: Setting) -> Leaf:
    """Return the ports of a switch."""
    return of_figure(setting.pool.fabric, "switch_radix")


@leaf("fabric.switch_power_w", "power of a switch", "W", scope="pool", family="power")
def switch_power(setting: Setting) -> Leaf:
    """Return what a switch draws."""
    return of_figure(setting.pool.fabric, "switch_power_w")


@leaf("fabric.optic_power_w", "power of an optical module", "W", scope="pool", family="power")
def optic_power(setting: Setting) -> Leaf:
    """Return what an optical module draws."""
    return of_figure(setting.pool.fabric, "optic_power_w")


@leaf("network.scale_up_bytes_per_s", "scale-up bandwidth of a chip, one direction", "B/s", scope="pool")
def scale_up(setting: Setting) -> Leaf:
    """Return the bandwidth inside a domain: the system's own figure, or the chip's."""
    system, chip = setting.pool.system, setting.pool.chip
    has_own = value_of(system.scale_up.bandwidth_bytes_per_s) is not None
    return of_figure(system if has_own else chip, "scale_up.bandwidth_bytes_per_s")


@leaf("network.scale_out_bytes_per_s", "a chip's share of the network, one direction", "B/s")
def scale_out(setting: Setting) -> Leaf:
    """Return a chip's share of its host's ports, or the chip's own figure."""
    system, chip, fabric = setting.pool.system, setting.pool.chip, setting.pool.fabric
    value = np.array([float(setting.phase.job.machine.network.scale_out_bytes_per_s)])
    if value_of(system.ports_per_host):
        ids = ("system.ports_per_host", "fabric.port_bytes_per_s", "system.chips_per_host")
        owners = (of_figure(system, "ports_per_host"), of_figure(fabric, "port_bytes_per_s"))
        leaves = (*owners, of_fact(system, "chips_per_host", system.chips_per_host))
        children = tuple(
            leaf_record(identifier, symbol, one)
            for identifier, symbol, one in zip(ids, ("ports", "port", "chips_per_host"), leaves, strict=True)
        )
        return Leaf(value, children=children, equation="ports x port / chips_per_host")
    if value_of(chip.scale_out_bytes_per_s):
        return of_figure(chip, "scale_out_bytes_per_s")
    return Leaf(value, method="never used: all chips share one scale-up domain")


def leaf_record(identifier: str, symbol: str, read: Leaf) -> Record:
    """Return a leaf of the table as a record of its own."""
    made = TABLE[identifier]
    value = read.value if isinstance(read.value, str) else read.figure.p50
    return Record(symbol, read.name or made.title, value, made.unit, grounds=read.grounds, id=identifier)


@leaf("site.pue", "facility over IT power (PUE)", "", scope="plan", family="power")
def pue(setting: Setting) -> Leaf:
    """Return the site's overhead: the plan's, else the site's, else assumed."""
    override, site = setting.plan.site, setting.resolved.site
    if override.pue is not None:
        return typed(override.pue, "site.pue", "facility over IT power (PUE)")
    if site is not None and value_of(site.pue) is not None:
        return of_figure(site, "pue", "facility over IT power (PUE)", stream="site.pue")
    return Leaf(
        np.array([DEFAULT_PUE]),
        Grounds("assumed", "engine: DEFAULT_PUE"),
        gaps=(Gap("assumed", "power", f"PUE of the site ({DEFAULT_PUE:g} assumed)"),),
    )


#: Overhead where the site has none; assumed: between the 1.58 of the industry and the 1.1 of the largest.
DEFAULT_PUE = 1.3
