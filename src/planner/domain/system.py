"""A system: the server, rack or supernode that is bought, and how its chips are joined."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from planner.domain.amounts import BytesPerSecond, Count, KilogramsOfCarbon, Seconds, UsdSpan, Watts
from planner.domain.base import Identifier, Model
from planner.domain.evidence import Remark, Sourced
from planner.domain.maturity import Part
from planner.domain.ranges import Range

#: switched: any pair gets the full rate; mesh: one link per pair; torus: neighbours only
ScaleUpTopology = Literal["switched", "mesh", "torus", "none"]


Ports = Annotated[Count, Range(1, 10_000, "a host that has none leaves the key out")]


class ScaleUp(Model):
    """The network inside a scale-up domain; what is absent is the chip's own figure."""

    topology: ScaleUpTopology
    #: all links of one chip together, one direction
    bandwidth_bytes_per_s: Sourced[BytesPerSecond] | None = None
    pair_bandwidth_bytes_per_s: Sourced[BytesPerSecond] | None = None
    latency_s: Sourced[Seconds] | None = None
    #: axes of a torus
    torus_axes: Annotated[int, Range(1, 6, "a torus has an axis")] | None = None
    #: largest all-reduce bus bandwidth that somebody measured over the whole domain; acceptance tests will
    #: be held against it, and what is costed comes from the fitted constants
    measured_bus_bandwidth_bytes_per_s: Sourced[BytesPerSecond] | None = None


PowerScope = Literal["server", "rack", "all-in"]


class System(Part):
    """`profiles/systems/<id>.toml`."""

    chip: Identifier
    #: share a CPU host and its network ports
    chips_per_host: Annotated[int, Range(1, 100_000, "a host has a chip")]
    #: share the scale-up network
    chips_per_domain: Annotated[int, Range(1, 100_000, "a domain has a chip")]
    #: what is bought as one
    chips_per_system: Annotated[int, Range(1, 100_000, "a system has a chip")]
    scale_up: ScaleUp
    #: scale-out ports of one host
    ports_per_host: Sourced[Ports] | None = None
    #: rate of one of these ports, one direction
    port_bytes_per_s: Sourced[BytesPerSecond] | None = None
    #: the fabric that a plan gets when it names none
    default_fabric: Identifier | None = None
    host: Remark | None = None
    #: in words what `ports_per_host` and `port_bytes_per_s` count
    network_ports: Remark | None = None
    #: the whole system, chips included
    max_power_w: Sourced[Watts] | None = None
    #: what that rating holds: a server, a rack with its scale-up switches, or its part of the cluster's
    #: network too (`all-in`), which is then not counted again
    max_power_scope: PowerScope = "server"
    #: what making and delivering one emitted
    embodied_carbon_kg: Sourced[KilogramsOfCarbon] | None = None
    measured_training_power_w: Sourced[Watts] | None = None
    price_usd: Sourced[UsdSpan] | None = None
    #: the ledger's lines of racks and liquid loop will go by these two
    cooling: Remark | None = None
    rack_units: Remark | None = None
    optics: Remark | None = None

    @model_validator(mode="after")
    def _counts_nest(self) -> Self:
        if self.chips_per_system % self.chips_per_host:
            raise ValueError(
                f"chips_per_system {self.chips_per_system} is not a multiple of "
                f"chips_per_host {self.chips_per_host}"
            )
        return self
