"""Collectives over a tree of tiers: hierarchical alpha-beta with shared ports, mesh and torus domains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, BoolArray, FloatArray
from planner.engine.inputs import NetworkInputs, StackConstants


@dataclass(frozen=True, slots=True)
class Group:
    """The ranks of one collective and the rates that they see."""

    #: members. [-]
    ranks: FloatArray
    #: members that share one scale-up domain. [-]
    ranks_per_domain: FloatArray
    #: one rank's rate inside its domain. [B/s]
    inner_bytes_per_s: FloatArray
    #: the rate across domains of all members of one domain together. [B/s]
    outer_bytes_per_s: FloatArray
    #: domains that the group spans. [-]
    domains: FloatArray


def group(
    ranks: ArrayLike,
    stride: ArrayLike,
    network: NetworkInputs,
    stack: StackConstants,
    *,
    torus_share: ArrayLike = 1.0,
) -> Group:
    r"""Return the group of `ranks` chips that lie `stride` apart.

    Parameters
    ----------
    ranks : (...,) float
        Members of the group. [-]
    stride : (...,) float
        Neighbouring members lie that many chips apart: the product of the degrees placed inside. [-]
    network, stack
        Tiers and the shares of them that the collective library reaches.
    torus_share : (...,) float
        Share of a torus's axes that the group runs along. [-]

    Notes
    -----
    With :math:`g` members in one domain, bytes cross the outer tier once per domain, over the :math:`g`
    members' ports together: :math:`B_{outer} = g\,B_{port}`. In a full mesh a group of :math:`g` chips has
    :math:`g - 1` links (measured on MI300X: 47.7 GB/s of bus bandwidth over 2 chips, 313 over 8).

    References
    ----------
    .. [1] S. Bekman, Machine Learning Engineering, network chapter: measured bus bandwidths.
    """
    ranks = np.asarray(ranks, dtype=np.float64)
    per_domain = np.minimum(ranks, np.maximum(np.floor(np.divide(network.domain_chips, stride)), 1.0))
    switched = inner = np.multiply(network.scale_up_bytes_per_s, 1.0)
    is_torus, is_mesh = np.asarray(network.torus_axes) > 0, np.asarray(network.is_mesh) > 0
    if np.any(is_torus):
        inner = np.where(is_torus, switched * torus_share, inner)
    if np.any(is_mesh):
        links = np.maximum(per_domain - 1.0, 1.0)
        inner = np.where(is_mesh, np.minimum(np.multiply(network.pair_bytes_per_s, links), switched), inner)
    outer = np.multiply(network.scale_out_bytes_per_s, per_domain) / network.oversubscription
    return Group(
        ranks=ranks,
        ranks_per_domain=per_domain,
        inner_bytes_per_s=np.asarray(inner * stack.scale_up_efficiency),
        outer_bytes_per_s=outer * stack.scale_out_efficiency,
        domains=np.ceil(ranks / per_domain),
    )


def gather_time_s(
    message_bytes: ArrayLike, members: Group, network: NetworkInputs, stack: StackConstants
) -> FloatArray:
    r"""Return the time of one all-gather or reduce-scatter. [s].

    .. math:: t = \frac{r-1}{r}\frac{S}{\min(B_{inner}, B_{outer})}
        + \frac{S_{1/2}}{B_{inner}} + \alpha_{up}\log_2 g + \alpha_{out}(D-1)

    `message_bytes` is what every rank holds afterwards (before, for a reduce-scatter); :math:`D` are the
    domains spanned, and at a message of :math:`S_{1/2}` a collective inside a domain reaches half of its
    bandwidth. An all-reduce is twice this. Zero where the group has one rank.

    References
    ----------
    .. [1] Thakur et al., Optimization of Collective Communication Operations in MPICH (2005).
    """
    alone = members.ranks <= 1.0
    crosses = members.domains > 1.0
    bandwidth = np.where(
        crosses, np.minimum(members.inner_bytes_per_s, members.outer_bytes_per_s), members.inner_bytes_per_s
    )
    share = 1.0 - 1.0 / members.ranks
    ramp = np.where(
        members.ranks_per_domain > 1.0, stack.scale_up_half_bytes / members.inner_bytes_per_s, 0.0
    )
    latency = (
        ramp
        + network.scale_up_latency_s * np.log2(members.ranks_per_domain)
        + np.where(
            crosses,
            network.scale_out_latency_s + stack.collective_step_s * np.minimum(members.domains - 1.0, 64.0),
            0.0,
        )
    )
    return np.where(alone, 0.0, share * message_bytes / bandwidth + latency)


def all_to_all_time_s(
    sent_bytes: ArrayLike,
    remote_share: ArrayLike,
    members: Group,
    network: NetworkInputs,
) -> FloatArray:
    r"""Return the time of one all-to-all in which every rank sends `sent_bytes` in all. [s].

    .. math:: t = \max\left(\frac{S\,(1-\rho)}{B_{inner}}, \frac{S\,\rho}{B_{port}}\right) + \alpha

    The share :math:`\rho` that leaves the domain goes over each rank's own port; both tiers work at once.
    """
    port = members.outer_bytes_per_s / members.ranks_per_domain
    inside = np.multiply(sent_bytes, 1.0 - np.asarray(remote_share)) / members.inner_bytes_per_s
    across = np.multiply(sent_bytes, remote_share) / port
    latency = network.scale_up_latency_s + np.where(
        members.domains > 1.0, network.scale_out_latency_s * np.log2(members.domains + 1.0), 0.0
    )
    return np.where(members.ranks > 1.0, np.maximum(inside, across) + latency, 0.0)


def point_to_point_time_s(
    message_bytes: ArrayLike, is_inside: BoolArray, network: NetworkInputs, stack: StackConstants
) -> FloatArray:
    """Return the time of one transfer between two chips, inside a domain or across. [s].

    Point to point reaches more of the wire than a collective does (about 0.80 against 0.70).
    """
    inner = np.where(
        np.asarray(network.is_mesh) > 0,
        network.pair_bytes_per_s,
        np.multiply(network.scale_up_bytes_per_s, 1.0),
    )
    inner = np.where(
        np.asarray(network.torus_axes) > 0,
        inner / np.maximum(2.0 * np.asarray(network.torus_axes), 1.0),
        inner,
    )
    outer = np.divide(network.scale_out_bytes_per_s, network.oversubscription)
    bandwidth = np.where(is_inside, inner, np.minimum(outer, inner)) * stack.point_to_point_efficiency
    latency = np.where(is_inside, network.scale_up_latency_s, network.scale_out_latency_s)
    return np.divide(message_bytes, bandwidth) + latency
