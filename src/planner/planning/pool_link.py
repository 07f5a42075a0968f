"""What joins the pools of a plan: as the plan says, else by their ports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.planning.job import machine_of_pool
from planner.planning.resolve import ResolvedPlan, ResolvedPool

#: Of what the smaller pool's ports carry, the part that is joined to an unlike fabric, where the plan does
#: not say; assumed: spines of two makers meet in a few of their ports. [-]
LINKED_SHARE = 0.125
#: One way between pools of one site, where the plan does not say; assumed. [s]
LINK_LATENCY_S = 20e-6


@dataclass(frozen=True, slots=True)
class Link:
    """What joins each pool to the others."""

    #: of all lines of one pool together, one direction. [B/s]
    bytes_per_s: float
    latency_s: float
    #: what the plan leaves open, and what stands in for it
    assumed: tuple[str, ...] = ()


def link_of(resolved: ResolvedPlan, pools: Sequence[ResolvedPool]) -> Link:
    """Return the link of a plan's pools: as it says, else by the ports of the smaller pool."""
    cluster = resolved.plan.cluster
    assumed = []
    rate, latency = cluster.link_bytes_per_s, cluster.link_latency_s
    if rate is None:
        is_one_fabric = len({pool.fabric.id for pool in pools}) == 1
        share = 1.0 if is_one_fabric else LINKED_SHARE
        rate = share * min(ports_bytes_per_s(resolved, pool) for pool in pools)
        what = "all" if is_one_fabric else "an eighth"
        assumed.append(f"link between the pools ({what} of what the smaller one's ports carry)")
    if latency is None:
        latency = LINK_LATENCY_S
        assumed.append(f"latency between the pools ({LINK_LATENCY_S * 1e6:g} us)")
    return Link(rate, latency, tuple(assumed))


def ports_bytes_per_s(resolved: ResolvedPlan, pool: ResolvedPool) -> float:
    """Return what all ports of a pool carry together, one direction. [B/s]."""
    network = machine_of_pool(resolved, pool)[0].network
    return pool.chips * float(network.scale_out_bytes_per_s) / float(network.oversubscription)
