"""Collectives over a tree of tiers: hierarchical alpha-beta with shared ports, mesh and torus domains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, BoolArray, FloatArray, any_of, as_floats, where
from planner.engine.inputs import NetworkInputs, StackConstants

#: Steps between domains that a collective takes at most: libraries go over from rings to trees. Where they
#: do is assumed. [-]
MOST_STEPS = 64.0


@dataclass(frozen=True, slots=True, eq=False)
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

    .. math:: g = \min(r, \lfloor C / s \rfloor),\quad B_{outer} = e_{out}\,g\,B_{port} / o

    with :math:`C` chips in a domain and oversubscription :math:`o`.

    Parameters
    ----------
    ranks : (...,) float
        Members of the group, :math:`r` >= 1. [-]
    stride : (...,) float
        Neighbouring members lie that many chips apart: the product of the degrees placed inside,
        :math:`s` >= 1. [-]
    network : NetworkInputs
        Both tiers: bandwidth per chip and direction [B/s], chips of a domain [-], whether a mesh or torus.
    stack : StackConstants
        The shares of the tiers that the collective library reaches, :math:`e`. [-]
    torus_share : (...,) float
        Share of a torus's axes that the group runs along, above 0 to 1. [-]

    Returns
    -------
    Group
        Members and rates, in the broadcast shape of the arguments that each depends on.

    Notes
    -----
    With :math:`g` members in one domain, bytes cross the outer tier once per domain, over the :math:`g`
    members' ports together: :math:`B_{outer} = g\,B_{port}`. In a full mesh a group of :math:`g` chips has
    :math:`g - 1` links (measured on MI300X: 47.7 GB/s of bus bandwidth over 2 chips, 313 over 8).

    References
    ----------
    .. [1] S. Bekman, Machine Learning Engineering, network chapter: measured bus bandwidths.

    Examples
    --------
    16 chips in domains of 8: two domains, each with eight ports of 20 GB/s, of which 75 % is reached.

    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=400e9,
    ...                         pair_bytes_per_s=400e9, scale_out_bytes_per_s=20e9)
    >>> members = group(16, 1, network, StackConstants(scale_up_efficiency=0.75, scale_out_efficiency=0.75))
    >>> float(members.ranks_per_domain), float(members.domains)
    (8.0, 2.0)
    >>> float(members.inner_bytes_per_s), float(members.outer_bytes_per_s)
    (300000000000.0, 120000000000.0)
    """
    ranks = as_floats(ranks)
    per_domain = np.minimum(ranks, np.maximum(np.floor(np.divide(network.domain_chips, stride)), 1.0))
    switched = inner = np.multiply(network.scale_up_bytes_per_s, 1.0)
    is_torus, is_mesh = as_floats(network.torus_axes) > 0, as_floats(network.is_mesh) > 0
    if any_of(is_torus):
        inner = where(is_torus, switched * torus_share, inner)
    if any_of(is_mesh):
        links = np.maximum(per_domain - 1.0, 1.0)
        inner = where(is_mesh, np.minimum(np.multiply(network.pair_bytes_per_s, links), switched), inner)
    outer = np.multiply(network.scale_out_bytes_per_s, per_domain) / network.oversubscription
    return Group(
        ranks=ranks,
        ranks_per_domain=per_domain,
        inner_bytes_per_s=as_floats(inner * stack.scale_up_efficiency),
        outer_bytes_per_s=outer * stack.scale_out_efficiency,
        domains=np.ceil(ranks / per_domain),
    )


def gather_time_s(
    message_bytes: ArrayLike, members: Group, network: NetworkInputs, stack: StackConstants
) -> FloatArray:
    r"""Return the time of one all-gather or reduce-scatter. [s].

    .. math:: t = \frac{r-1}{r}\frac{S}{B} + \frac{S_{1/2}}{B_{inner}} + \alpha_{up}\log_2 g
        + \alpha_{out} + \alpha_{step} \min(D-1, n_{most})

    Inside one domain :math:`B` is :math:`B_{inner}` and the terms of :math:`\alpha_{out}` and
    :math:`\alpha_{step}` fall away; across domains it is :math:`\min(B_{inner}, B_{outer})`. The term of
    :math:`S_{1/2}` falls away where :math:`g` is 1. An all-reduce is twice this.

    Parameters
    ----------
    message_bytes : (...,) float
        What every rank holds afterwards (before, for a reduce-scatter), :math:`S` >= 0. [B]
    members : Group
        Ranks :math:`r`, those of them in one domain :math:`g`, domains :math:`D` and rates :math:`B`.
    network : NetworkInputs
        Latencies :math:`\alpha_{up}, \alpha_{out}`. [s]
    stack : StackConstants
        :math:`S_{1/2}`, at which a collective inside a domain reaches half of its bandwidth [B], and
        :math:`\alpha_{step}` [s].

    Returns
    -------
    (...,) float64
        Zero where the group has one rank. [s]

    Notes
    -----
    No more than `MOST_STEPS` further domains, :math:`n_{most}`, cost a step each.

    References
    ----------
    .. [1] Thakur et al., Optimization of Collective Communication Operations in MPICH (2005): the terms
       of latency and of bandwidth.

    Examples
    --------
    Each of 8 chips misses 7/8 of 2.4 GB at 300 GB/s, 7 ms; 4 MB more at that rate and 3 steps of 2 us are
    19.3 us.

    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=400e9,
    ...                         pair_bytes_per_s=400e9, scale_up_latency_s=2e-6)
    >>> stack = StackConstants(scale_up_efficiency=0.75, scale_up_half_bytes=4e6)
    >>> seconds = gather_time_s(2.4e9, group(8, 1, network, stack), network, stack)
    >>> round(float(seconds), 7)
    0.0070193
    """
    alone = members.ranks <= 1.0
    crosses = members.domains > 1.0
    bandwidth = where(
        crosses, np.minimum(members.inner_bytes_per_s, members.outer_bytes_per_s), members.inner_bytes_per_s
    )
    share = 1.0 - 1.0 / members.ranks
    ramp = where(members.ranks_per_domain > 1.0, stack.scale_up_half_bytes / members.inner_bytes_per_s, 0.0)
    latency = (
        ramp
        + network.scale_up_latency_s * np.log2(members.ranks_per_domain)
        + where(
            crosses,
            network.scale_out_latency_s
            + stack.collective_step_s * np.minimum(members.domains - 1.0, MOST_STEPS),
            0.0,
        )
    )
    return where(alone, 0.0, share * message_bytes / bandwidth + latency)


def all_to_all_time_s(
    inside_bytes: ArrayLike,
    across_bytes: ArrayLike,
    members: Group,
    network: NetworkInputs,
    *,
    most_bytes_per_s: ArrayLike = np.inf,
) -> FloatArray:
    r"""Return the time of one all-to-all in which every rank sends so much inside its domain and across. [s].

    .. math:: t = \max\left(\frac{S_{in}}{\min(B_{inner}, B_{kernel})}, \frac{S_{out}}{B_{port}}\right)
        + \alpha_{up} + \alpha_{out} \log_2 (D + 1)

    What leaves the domain goes over each rank's own port; both tiers work at once. Inside one domain the
    term of :math:`\alpha_{out}` falls away.

    Parameters
    ----------
    inside_bytes, across_bytes : (...,) float
        What one rank sends to all others of its domain together, and to those of others, :math:`S` >= 0. [B]
    members : Group
        Ranks, domains :math:`D` and rates; a port's is the domain's over its members.
    network : NetworkInputs
        Latencies :math:`\alpha_{up}, \alpha_{out}`. [s]
    most_bytes_per_s : (...,) float
        What the kernels of an implementation move inside a domain at most, :math:`B_{kernel}`. [B/s]

    Returns
    -------
    (...,) float64
        Zero where the group has one rank. [s]

    Notes
    -----
    The latency across domains is an assumed form, a tree over them.

    References
    ----------
    .. [1] DeepSeek-AI, DeepSeek-V3 (arXiv 2412.19437), section 3.2.2: both networks carry an exchange at
       once.

    Examples
    --------
    150 MB stay at 300 GB/s, 0.5 ms, while as much leaves over a port of 15 GB/s, 10 ms.

    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=400e9,
    ...                         pair_bytes_per_s=400e9, scale_out_bytes_per_s=20e9,
    ...                         scale_up_latency_s=0, scale_out_latency_s=0)
    >>> members = group(16, 1, network, StackConstants(scale_up_efficiency=0.75, scale_out_efficiency=0.75))
    >>> float(all_to_all_time_s(150e6, 150e6, members, network))
    0.01
    """
    port = members.outer_bytes_per_s / members.ranks_per_domain
    inside = np.divide(inside_bytes, np.minimum(members.inner_bytes_per_s, most_bytes_per_s))
    latency = network.scale_up_latency_s + where(
        members.domains > 1.0, network.scale_out_latency_s * np.log2(members.domains + 1.0), 0.0
    )
    return where(members.ranks > 1.0, np.maximum(inside, across_bytes / port) + latency, 0.0)


def point_to_point_time_s(
    message_bytes: ArrayLike, is_inside: BoolArray, network: NetworkInputs, stack: StackConstants
) -> FloatArray:
    r"""Return the time of one transfer between two chips, inside a domain or across. [s].

    .. math:: t = \frac{S}{e_{p2p} B} + \alpha

    Parameters
    ----------
    message_bytes : (...,) float
        What is sent, :math:`S` >= 0. [B]
    is_inside : (...,) bool
        Whether both chips share a domain.
    network : NetworkInputs
        Bandwidth :math:`B` [B/s] and latency :math:`\alpha` [s] of both tiers: of a mesh one link; of a
        torus one of two directions of one axis; across, a port after oversubscription, or the link inside
        where that is slower.
    stack : StackConstants
        The share of the wire that a transfer reaches, :math:`e_{p2p}`: more than a collective's (about 0.80
        against 0.70). [-]

    Returns
    -------
    (...,) float64
        Of one way. [s]

    References
    ----------
    .. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), section 4.1: what pipeline stages send.

    Examples
    --------
    80 MB over 80 % of a port of 20 GB/s.

    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=400e9,
    ...                         pair_bytes_per_s=400e9, scale_out_bytes_per_s=20e9, scale_out_latency_s=0)
    >>> stack = StackConstants(point_to_point_efficiency=0.8)
    >>> float(point_to_point_time_s(80e6, np.array(False), network, stack))
    0.005
    """
    inner = where(
        network.is_mesh > 0,
        network.pair_bytes_per_s,
        np.multiply(network.scale_up_bytes_per_s, 1.0),
    )
    inner = where(
        network.torus_axes > 0,
        inner / np.maximum(2.0 * as_floats(network.torus_axes), 1.0),
        inner,
    )
    outer = np.divide(network.scale_out_bytes_per_s, network.oversubscription)
    bandwidth = where(is_inside, inner, np.minimum(outer, inner)) * stack.point_to_point_efficiency
    latency = where(is_inside, network.scale_up_latency_s, network.scale_out_latency_s)
    return np.divide(message_bytes, bandwidth) + latency
