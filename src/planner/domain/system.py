"""A system: the server, rack or supernode that is bought, and how its chips are joined."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from planner.domain.amounts import BytesPerSecond, Count, KilogramsOfCarbon, Seconds, UsdSpan, Watts
from planner.domain.base import Identifier, Model
from planner.domain.evidence import Remark, Sourced
from planner.domain.keys import Key
from planner.domain.maturity import Part
from planner.domain.ranges import Range

#: switched: any pair gets the full rate; mesh: one link per pair; torus: neighbours only
ScaleUpTopology = Literal["switched", "mesh", "torus", "none"]


Ports = Annotated[Count, Range(1, 10_000, "a host that has none leaves the key out")]


class ScaleUp(Model):
    """The network inside a scale-up domain; what is absent is the chip's own figure."""

    topology: Annotated[
        ScaleUpTopology,
        Key(
            "topology",
            "How the chips of a domain are joined.",
            answers={
                "switched": "any pair gets the full rate",
                "mesh": "one link per pair",
                "torus": "neighbours only",
                "none": "by their hosts alone",
            },
        ),
    ]
    bandwidth_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key(
            "scale-up bandwidth",
            "All links of one chip together, in one direction; absent: the chip's own figure.",
            example="450 GB/s",
        ),
    ] = None
    pair_bandwidth_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key(
            "pair bandwidth",
            "Between one pair of chips, in one direction; absent: the chip's own figure.",
            example="28 GB/s",
        ),
    ] = None
    latency_s: Annotated[
        Sourced[Seconds] | None, Key("latency", "Memory to memory, of a small message.", example="1 us")
    ] = None
    torus_axes: Annotated[
        Annotated[int, Range(1, 6, "a torus has an axis")] | None, Key("axes", "Of a torus.", example="3")
    ] = None
    #: largest all-reduce bus bandwidth that somebody measured over the whole domain; acceptance tests will
    #: be held against it, and what is costed comes from the fitted constants
    measured_bus_bandwidth_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key(
            "measured all-reduce",
            "Largest bus bandwidth of an all-reduce that somebody measured over the whole domain.",
            example="480 GB/s",
            find="nccl-tests or hccl_test",
        ),
    ] = None


PowerScope = Literal["server", "rack", "all-in"]


class System(Part):
    """`profiles/systems/<id>.toml`."""

    chip: Annotated[Identifier, Key("chip", "The chip that it holds.", profile_kind="chips")]
    chips_per_host: Annotated[
        int,
        Range(1, 100_000, "a host has a chip"),
        Key("chips a host", "How many share a CPU host and its network ports.", example="8"),
    ]
    chips_per_domain: Annotated[
        int,
        Range(1, 100_000, "a domain has a chip"),
        Key("chips a domain", "How many share the scale-up network.", example="8"),
    ]
    chips_per_system: Annotated[
        int,
        Range(1, 100_000, "a system has a chip"),
        Key("chips a system", "How many are bought as one.", example="8"),
    ]
    scale_up: ScaleUp
    ports_per_host: Annotated[
        Sourced[Ports] | None, Key("ports a host", "Scale-out ports of one host.", example="8")
    ] = None
    port_bytes_per_s: Annotated[
        Sourced[BytesPerSecond] | None,
        Key("port rate", "Of one of these ports, in one direction.", example="50 GB/s"),
    ] = None
    default_fabric: Annotated[
        Identifier | None, Key("usual fabric", "What a plan gets that names none.", profile_kind="fabrics")
    ] = None
    host: Annotated[Remark | None, Key("host", "In words: processors and memory.")] = None
    #: in words what `ports_per_host` and `port_bytes_per_s` count
    network_ports: Annotated[Remark | None, Key("ports, in words", "What the ports are.")] = None
    max_power_w: Annotated[
        Sourced[Watts] | None,
        Key(
            "power",
            "The whole system at the most, chips included.",
            example="10.2 kW",
            find="datasheet: maximum power",
        ),
    ] = None
    #: what that rating holds: a server, a rack with its scale-up switches, or its part of the cluster's
    #: network too (`all-in`), which is then not counted again
    max_power_scope: Annotated[
        PowerScope,
        Key(
            "power holds",
            "What that rating holds; its part of the cluster's network is then not counted again.",
            answers={
                "server": "a server",
                "rack": "a rack with its scale-up switches",
                "all-in": "its part of the cluster's network, too",
            },
        ),
    ] = "server"
    embodied_carbon_kg: Annotated[
        Sourced[KilogramsOfCarbon] | None,
        Key("embodied carbon", "What making and delivering one emitted, in kg.", example="1,400"),
    ] = None
    measured_training_power_w: Annotated[
        Sourced[Watts] | None, Key("measured power", "What one drew while it trained.", example="8.4 kW")
    ] = None
    price_usd: Annotated[
        Sourced[UsdSpan] | None,
        Key("price", "Of one system; dated quotes of a price profile say more.", example="300k USD"),
    ] = None
    #: the ledger's lines of racks and liquid loop will go by these two
    cooling: Annotated[Remark | None, Key("cooling", "In words: air or liquid.")] = None
    rack_units: Annotated[Remark | None, Key("rack units", "In words: its height.")] = None
    optics: Annotated[Remark | None, Key("optics", "In words: the modules that it takes.")] = None

    @model_validator(mode="after")
    def _counts_nest(self) -> Self:
        if self.chips_per_system % self.chips_per_host:
            raise ValueError(
                f"chips_per_system {self.chips_per_system} is not a multiple of "
                f"chips_per_host {self.chips_per_host}"
            )
        return self
