"""The tiers of the network in an explanation: their rates, and the shares of them that traffic reaches."""

from __future__ import annotations

from planner.domain.evidence import value_of
from planner.estimate.explanation.node import Node
from planner.estimate.explanation.scene import Scene, fact, field, fitted


def bandwidths(scene: Scene) -> tuple[Node, ...]:
    """Return the rates of the tiers with the shares of them that collectives reach."""
    return (
        scale_up(scene),
        fitted("scale_up_efficiency", "share of it that collectives reach", "scale_up_efficiency", scene),
        scale_out(scene),
        fitted("scale_out_efficiency", "share of it that collectives reach", "scale_out_efficiency", scene),
    )


def scale_up(scene: Scene) -> Node:
    """Return the bandwidth inside a domain: the system's own figure, or the chip's."""
    system, chip = scene.pool.system, scene.pool.chip
    name, path = "scale-up bandwidth of a chip, one direction", "scale_up.bandwidth_bytes_per_s"
    has_own = value_of(system.scale_up.bandwidth_bytes_per_s) is not None
    return field("scale_up", name, system if has_own else chip, path, "B/s")


def scale_out(scene: Scene) -> Node:
    """Return a chip's share of its host's ports: ports x port rate / chips, or the chip's own figure."""
    system, chip, fabric = scene.pool.system, scene.pool.chip, scene.pool.fabric
    value = float(scene.machine.network.scale_out_bytes_per_s)
    name = "a chip's share of the network, one direction"
    if value_of(system.ports_per_host):
        children = (
            field("ports", "ports of a host", system, "ports_per_host", ""),
            field("port", "rate of a port, one direction", fabric, "port_bytes_per_s", "B/s"),
            fact("chips_per_host", "chips of a host", system, "chips_per_host", system.chips_per_host),
        )
        return Node("scale_out", name, value, "B/s", "ports x port / chips_per_host", None, children)
    if value_of(chip.scale_out_bytes_per_s):
        return field("scale_out", name, chip, "scale_out_bytes_per_s", "B/s")
    return Node("scale_out", name, value, "B/s", method="never used: all chips share one scale-up domain")
