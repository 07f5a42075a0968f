"""Rates that somebody measured or demanded: collectives over size and nodes, matmuls, memory, links."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.amounts import Bytes, BytesPerSecond, FlopsPerSecond, Seconds
from planner.domain.base import Identifier, Model, Profile, SafeText
from planner.domain.evidence import Evidence
from planner.domain.keys import Key
from planner.domain.ranges import Range
from planner.engine.collective_words import Collective, bus_factor
from planner.engine.precisions import Datatype
from planner.units import BYTES, TIME, canonical_text

#: How a printed rate counts bytes: over the wire as in a ring (bus), size over time (algorithm), the former
#: of both directions together (doubled), of an exchange only what leaves a domain (across); or a time.
Convention = Literal["bus", "algorithm", "doubled", "across", "time"]
#: What is measured beside collectives.
Component = Literal["matmul", "memory", "port", "pair_copy", "host_copy"]

Ranks = Annotated[int, Range(2, 10_000_000, "a collective has two ranks")]
Nodes = Annotated[int, Range(1, 10_000_000, "what is measured runs on a node")]
Domains = Annotated[int, Range(1, 10_000_000, "what is measured runs in a domain")]
RanksPerChip = Annotated[int, Range(1, 64, "a chip is a rank at least")]
PointSeconds = Annotated[Seconds, Range(1e-9, 1e5, "what is sent takes some time")]
MessageBytes = Annotated[Bytes, Range(1, 1e15, "a message has a byte")]


class CurvePoint(Model):
    """One row of a printed table."""

    #: of the whole message, as the tools' `size`; absent: a plateau
    size_bytes: MessageBytes | None = None
    #: as printed, in the curve's convention
    bytes_per_s: BytesPerSecond | None = None
    time_s: PointSeconds | None = None

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.bytes_per_s is None) == (self.time_s is None):
            raise ValueError("expected what was printed: bytes_per_s = ... or time_s = ..., not both")
        return self


class CollectiveTest(Evidence):
    """What is held in common by a collective that was measured and one that is demanded."""

    collective: Annotated[Collective, Key("collective", "Which collective was timed.")]
    ranks: Annotated[Ranks, Key("ranks", "How many ranks took part.", example="16")]
    nodes: Annotated[Nodes, Key("nodes", "On how many nodes.", example="2")]
    domains: Annotated[
        Domains, Key("domains", "How many scale-up domains they span: of racks, not of nodes.", example="2")
    ]
    #: what the ports of one domain carry together in one direction; absent inside one domain
    domain_port_bytes_per_s: Annotated[
        BytesPerSecond | None,
        Key("ports", "What the ports of one domain carry together in one direction.", example="3.2 Tb/s"),
    ] = None
    ranks_per_chip: RanksPerChip = 1
    convention: Annotated[Convention, Key("convention", "How the printed rate counts bytes.")] = "bus"
    #: the fabric and the tool with its version, in words
    fabric: SafeText | None = None
    tool: SafeText | None = None
    version: SafeText | None = None

    @model_validator(mode="after")
    def _has_ports_across(self) -> Self:
        if self.domains > 1 and self.domain_port_bytes_per_s is None:
            raise ValueError("domains: expected domain_port_bytes_per_s too, as the ranks span several")
        if self.domains > self.nodes or self.nodes > self.ranks:
            raise ValueError("ranks: expected as many as nodes at least, and nodes as domains")
        return self

    @property
    def collective_words(self) -> str:
        """The collective, as people write it."""
        return self.collective.replace("_", "-")

    @property
    def in_words(self) -> str:
        """What was timed, on what, and by which tool, in a line."""
        domains = f" in {self.domains} domains" if self.domains > 1 else ""
        by = " ".join(filter(None, (self.tool, self.version)))
        return ", ".join(
            filter(
                None,
                (
                    f"{self.collective_words} of {self.ranks} ranks on {self.nodes} nodes{domains}",
                    self.fabric,
                    by,
                    self.values_in_words,
                ),
            )
        )

    @property
    def values_in_words(self) -> str:
        """The rates, as printed."""
        return ""

    def bus_bytes_per_s(self, bytes_per_s: float) -> float:
        """Return the bus bandwidth that a rate in this convention stands for. [B/s]."""
        factor = bus_factor(self.collective, self.ranks)
        if self.convention == "doubled":
            return bytes_per_s / 2.0
        if self.convention == "algorithm":
            return bytes_per_s * factor
        if self.convention == "across":
            return bytes_per_s * factor * self.domains / max(self.domains - 1, 1)
        return bytes_per_s

    def bus_bytes_per_s_of_time(self, size_bytes: float, seconds: float) -> float:
        """Return the bus bandwidth of a message that took so long. [B/s]."""
        return size_bytes * bus_factor(self.collective, self.ranks) / seconds


class Curve(CollectiveTest):
    """One collective over message sizes, as one run of a tool printed it."""

    #: of a fabric that was failing: shown, and in no expectation
    is_sound: bool = True
    points: tuple[CurvePoint, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _says_times_where_it_is_of_times(self) -> Self:
        for point in self.points:
            if (point.time_s is not None) != (self.convention == "time"):
                raise ValueError("points: expected time_s where convention = 'time', and bytes_per_s else")
            if point.time_s is not None and point.size_bytes is None:
                raise ValueError("points: expected size_bytes beside time_s, which alone is no rate")
        return self

    @property
    def values_in_words(self) -> str:
        """The rates, as printed, each with its message."""
        told = (
            f"{canonical_text(point.size_bytes, BYTES) if point.size_bytes else 'plateau'}: "
            + (
                canonical_text(point.time_s, TIME)
                if point.time_s is not None
                else f"{(point.bytes_per_s or 0.0) / 1e9:g} GB/s"
            )
            for point in self.points
        )
        count = {"bus": "bus bandwidth", "time": "time"}.get(self.convention, f"{self.convention} bandwidth")
        return f"{count} {'; '.join(told)}{'' if self.is_sound else '; of a failing fabric'}"

    def bus_rates(self) -> tuple[tuple[float, float], ...]:
        """Return size [B] and bus bandwidth [B/s] of each point; a plateau has an infinite size."""
        return tuple(
            (
                math.inf if point.size_bytes is None else point.size_bytes,
                self.bus_bytes_per_s(point.bytes_per_s)
                if point.bytes_per_s is not None
                else self.bus_bytes_per_s_of_time(point.size_bytes or 0.0, point.time_s or 1.0),
            )
            for point in self.points
        )


class DemandedCollective(CollectiveTest):
    """What a gate or contract asks of a collective."""

    size_bytes: MessageBytes | None = None
    bytes_per_s: BytesPerSecond
    #: who asks, in words, and what follows
    asked_by: SafeText
    rule: SafeText | None = None

    @property
    def values_in_words(self) -> str:
        """What is asked, and by whom."""
        size = f" at {canonical_text(self.size_bytes, BYTES)}" if self.size_bytes else ""
        return f"{self.asked_by} asks {self.bytes_per_s / 1e9:g} GB/s{size}"


class ComponentRate(Evidence):
    """One rate of a chip or a link; of matmuls in FLOP/s, of anything else in bytes."""

    component: Component
    #: what the operands are, of a matmul
    datatype: Datatype | None = None
    flops_per_s: FlopsPerSecond | None = None
    bytes_per_s: BytesPerSecond | None = None
    #: the rate on paper of what was measured, where it is not the chip's: a port's
    rated_bytes_per_s: BytesPerSecond | None = None
    #: sustained over thousands of repetitions, or the best that a search over shapes found
    is_best_of_search: bool = False
    #: shape and tool, in words
    shape: SafeText | None = None
    tool: SafeText | None = None
    version: SafeText | None = None

    @property
    def in_words(self) -> str:
        """What was measured, in a line."""
        rate = (
            f"{self.flops_per_s / 1e12:g} TFLOP/s"
            if self.flops_per_s
            else f"{(self.bytes_per_s or 0) / 1e9:g} GB/s"
        )
        return ", ".join(
            filter(None, (self.component.replace("_", " "), self.datatype, rate, self.shape, self.tool))
        )

    @model_validator(mode="after")
    def _is_in_its_unit(self) -> Self:
        is_matmul = self.component == "matmul"
        if (self.flops_per_s is None) == is_matmul or (self.bytes_per_s is None) != is_matmul:
            raise ValueError("expected flops_per_s of a matmul, and bytes_per_s of anything else")
        if is_matmul != (self.datatype is not None):
            raise ValueError("expected datatype of a matmul, and of a matmul alone")
        return self


class DemandedRate(ComponentRate):
    """What a gate or contract asks of a chip or a link."""

    asked_by: SafeText
    rule: SafeText | None = None


class MeasuredRates(Profile):
    """`profiles/collectives/<id>.toml`: what one source measured or demands of systems of one chip."""

    chip: Annotated[Identifier, Key("chip", "The chip that was measured.", profile_kind="chips")]
    #: as the source calls it
    system: Annotated[SafeText, Key("system", "The system, as the source calls it.")] = ""
    curves: tuple[Curve, ...] = Field(default=(), max_length=200)
    rates: tuple[ComponentRate, ...] = Field(default=(), max_length=200)
    demanded_collectives: tuple[DemandedCollective, ...] = Field(default=(), max_length=200)
    demanded_rates: tuple[DemandedRate, ...] = Field(default=(), max_length=200)
