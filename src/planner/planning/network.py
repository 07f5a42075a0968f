"""The tiers between chips: what the engine is told of a system, its fabric and a run's own figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.fabric import Fabric
from planner.domain.system import ScaleUpTopology, System
from planner.engine.inputs import NetworkInputs
from planner.errors import PlanError
from planner.planning.required import required

#: One step inside a scale-up domain where the system does not say; assumed.
DEFAULT_SCALE_UP_LATENCY_S = 2e-6
#: One step between domains where no fabric is named; assumed.
DEFAULT_SCALE_OUT_LATENCY_S = 5e-6
#: Axes of a torus where the system does not say; assumed.
DEFAULT_TORUS_AXES = 2
#: Chips of a host and of a domain where no profile holds the chip; assumed.
DEFAULT_DOMAIN_CHIPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedNetwork:
    """What the source of a published run states of its network; None is the profile's figure."""

    chips_per_host: int | None = None
    chips_per_domain: int | None = None
    scale_out_bytes_per_s: float | None = None
    #: chips that the run's part of a torus can hold at most
    slice_chips: float = math.inf


@dataclass(frozen=True, slots=True)
class ScaleUpFigures:
    """The network inside a domain: the system's figures over the chip's own; None where unknown."""

    topology: ScaleUpTopology
    bandwidth_bytes_per_s: float | None
    pair_bytes_per_s: float | None
    latency_s: float
    torus_axes: float

    @classmethod
    def of(cls, chip: Chip, system: System | None) -> ScaleUpFigures:
        """Return the figures of a chip in a system; a chip without one counts as switched."""
        link = chip.scale_up
        scale_up = system.scale_up if system else None
        bandwidth = value_of(scale_up.bandwidth_bytes_per_s) if scale_up else None
        pair = value_of(scale_up.pair_bandwidth_bytes_per_s) if scale_up else None
        latency = value_of(scale_up.latency_s) if scale_up else None
        topology = scale_up.topology if scale_up else "switched"
        axes = (scale_up.torus_axes if scale_up else None) or DEFAULT_TORUS_AXES
        return cls(
            topology,
            bandwidth or (value_of(link.bandwidth_bytes_per_s) if link else None),
            pair or (value_of(link.pair_bandwidth_bytes_per_s) if link else None),
            latency or DEFAULT_SCALE_UP_LATENCY_S,
            float(axes) if topology == "torus" else 0.0,
        )


def network_inputs(
    chip: Chip,
    system: System | None,
    fabric: Fabric | None,
    *,
    chips: float,
    ran: StatedNetwork | None = None,
) -> NetworkInputs:
    """Return the tiers between the chips of one job.

    Parameters
    ----------
    chip, system, fabric
        Their profiles; a published run may name no system, and names no fabric.
    chips
        Chips of the job. [-]
    ran
        What a published run states, before the profiles. Since the run did run, an unknown bandwidth is
        taken from the other tier; None is a plan, which is refused there.

    Raises
    ------
    PlanError
        Where a bandwidth that the estimate needs is unknown.
    """
    stated = ran or StatedNetwork()
    inside = ScaleUpFigures.of(chip, system)
    domain = _domain_chips(system, inside.topology, chips, stated)
    bandwidth = inside.bandwidth_bytes_per_s
    if bandwidth is None and ran is None and domain > 1:
        raise PlanError(
            f"chip '{chip.id}' has no known scale_up.bandwidth_bytes_per_s: this estimate needs it"
        )
    share = stated.scale_out_bytes_per_s or _scale_out_share(chip, system, fabric)
    if share is None and ran is None and chips > domain:
        owner = f" and system '{system.id}' no known ports_per_host" if system else ""
        raise PlanError(
            f"chip '{chip.id}' has no known scale_out_bytes_per_s{owner}: this estimate needs one of them"
        )
    share = share or bandwidth or 1.0
    bandwidth = bandwidth or share
    return NetworkInputs(
        domain_chips=domain,
        host_chips=float(
            stated.chips_per_host or (system.chips_per_host if system else DEFAULT_DOMAIN_CHIPS)
        ),
        scale_up_bytes_per_s=bandwidth,
        pair_bytes_per_s=inside.pair_bytes_per_s or bandwidth,
        is_mesh=float(inside.topology == "mesh"),
        torus_axes=inside.torus_axes,
        scale_up_latency_s=inside.latency_s,
        scale_out_bytes_per_s=share,
        scale_out_latency_s=(
            required(fabric.latency_s, fabric, "latency_s") if fabric else DEFAULT_SCALE_OUT_LATENCY_S
        ),
        oversubscription=fabric.oversubscription if fabric else 1.0,
    )


def _scale_out_share(chip: Chip, system: System | None, fabric: Fabric | None) -> float | None:
    """Return a chip's share of its host's ports into the fabric, else the chip's own figure. [B/s]."""
    ports = value_of(system.ports_per_host) if system else None
    if ports is None or system is None or fabric is None:
        return value_of(chip.scale_out_bytes_per_s)
    return ports * required(fabric.port_bytes_per_s, fabric, "port_bytes_per_s") / system.chips_per_host


def _domain_chips(
    system: System | None, topology: ScaleUpTopology, chips: float, stated: StatedNetwork
) -> float:
    """Return the chips that share the scale-up network of a job.

    A torus reaches as far as the run's slice; a host that is said to hold fewer chips than the profile's
    bounds the domain, but for racks and pods.
    """
    if stated.chips_per_domain is not None:
        return float(stated.chips_per_domain)
    if topology == "none":
        return 1.0
    profile = system.chips_per_domain if system else DEFAULT_DOMAIN_CHIPS
    if topology == "torus":
        return min(float(profile), chips, stated.slice_chips)
    if stated.chips_per_host is not None and profile <= 2 * DEFAULT_DOMAIN_CHIPS:
        return float(min(profile, stated.chips_per_host))
    return float(profile)
