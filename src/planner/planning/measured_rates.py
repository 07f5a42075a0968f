"""What was measured of collectives and chips, of all profiles, as the engine takes it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.measured_rates import CollectiveTest, Component, ComponentRate, Curve, MeasuredRates
from planner.engine.collective_tests import RING_SHARE, TimedGroup
from planner.engine.collective_words import Collective
from planner.engine.inputs import NetworkInputs
from planner.engine.precisions import DATATYPE_BITS, Datatype
from planner.planning.chip import known_rate

#: Generations whose switches add: NVLink SHARP, from the third generation of NVSwitch on.
ADDING_GENERATIONS = frozenset({"hopper", "blackwell", "blackwell-ultra", "rubin"})
#: Collectives in which each rank sends over its own port: no ring serves them.
EXCHANGES = frozenset({"alltoall", "sendrecv"})
#: Ranks of a domain from which libraries let the switches add: four chips of one host ran a ring.
LEAST_ADDING_RANKS = 8


@dataclass(frozen=True, slots=True)
class TimedCollective:
    """One timed collective of a system, whoever timed it."""

    collective: Collective
    ranks: float
    nodes: float
    domains: float
    #: of one rank inside the domain, and of one pair of ranks where that is all that two have
    inner_bytes_per_s: float
    pair_bytes_per_s: float
    #: of the ports of one domain together
    outer_bytes_per_s: float
    can_add: bool

    @property
    def ranks_per_domain(self) -> float:
        """Ranks that share a scale-up domain."""
        return math.ceil(self.ranks / self.domains)

    @property
    def adds(self) -> bool:
        """Whether switches add in place of the chips."""
        return self.can_add and self.ranks_per_domain >= LEAST_ADDING_RANKS and self.domains <= 2

    @property
    def wire_bytes_per_s(self) -> float:
        """One rank's rate inside its domain; of a mesh, over the links that it has to the others. [B/s]."""
        return min(self.inner_bytes_per_s, self.pair_bytes_per_s * max(self.ranks_per_domain - 1.0, 1.0))

    @property
    def group(self) -> TimedGroup:
        """The ranks as the engine takes them."""
        return TimedGroup(
            ranks=self.ranks,
            ranks_per_domain=self.ranks_per_domain,
            domains=self.domains,
            inner_bytes_per_s=self.wire_bytes_per_s,
            outer_bytes_per_s=self.outer_bytes_per_s,
            adds_in_switch=float(self.adds),
            is_reduced=float(self.collective == "all_reduce"),
            leaving_share=self._leaving_share,
        )

    @property
    def _leaving_share(self) -> float:
        """Of what one rank sends, the part that leaves its domain over its own port."""
        if self.domains <= 1 or self.collective not in EXCHANGES:
            return 0.0
        return 1.0 if self.collective == "sendrecv" else 1.0 - 1.0 / self.domains

    @property
    def kind(self) -> tuple[float, bool, bool]:
        """What networks of one kind share: the wire that binds, whether switches add, whether a ring serves.

        Where the ports bind, it is one rank's share of them, as a number below nothing.
        """
        port = self.outer_bytes_per_s / self.ranks_per_domain
        is_port_bound = self.domains > 2 and self.outer_bytes_per_s < RING_SHARE * self.wire_bytes_per_s
        wire = -round(port / 1e8) if is_port_bound else round(self.wire_bytes_per_s / 1e9)
        return wire, self.adds, self.collective in EXCHANGES

    @property
    def most_bytes_per_s(self) -> float:
        """What no bus bandwidth exceeds: a ring over more than two domains passes all over its ports."""
        is_ring = self.domains > 2 and self.collective not in EXCHANGES
        return self.outer_bytes_per_s if is_ring else math.inf


@dataclass(frozen=True, slots=True)
class TimedPoint:
    """One measured bus bandwidth."""

    timed: TimedCollective
    size_bytes: float
    bus_bytes_per_s: float
    source: str
    file: str
    is_sound: bool


@dataclass(frozen=True, slots=True)
class ChipRate:
    """One measured rate of a chip over what the chip has on paper."""

    chip: str
    maker: str
    generation: str
    component: Component
    datatype: Datatype | None
    #: [FLOP/s] of matmuls, else [B/s]
    rate: float
    rated: float
    is_best: bool
    source: str
    file: str
    shape: str


def can_add_in_switch(chip: Chip) -> bool:
    """Return whether the switches between such chips add what they carry."""
    return chip.generation in ADDING_GENERATIONS


def timed_of(test: CollectiveTest, chip: Chip) -> TimedCollective | None:
    """Return a published collective on its chip; None where nobody knows the chip's wires."""
    link = chip.scale_up
    wire = value_of(link.bandwidth_bytes_per_s) if link else None
    if wire is None or link is None:
        return None
    topology = link.topology or ""
    pair = value_of(link.pair_bandwidth_bytes_per_s) if "mesh" in topology or "torus" in topology else None
    return TimedCollective(
        test.collective,
        float(test.ranks),
        float(test.nodes),
        float(test.domains),
        wire / test.ranks_per_chip,
        (pair or wire) / test.ranks_per_chip,
        test.domain_port_bytes_per_s or math.inf,
        can_add_in_switch(chip),
    )


def planned_collective(
    collective: Collective, chip: Chip, network: NetworkInputs, *, ranks: float, stride: float = 1.0
) -> TimedCollective:
    """Return a collective of a plan's cluster: so many ranks, `stride` chips apart."""
    per_domain = min(ranks, max(float(network.domain_chips) // stride, 1.0))
    domains = math.ceil(ranks / per_domain)
    is_mesh = float(network.is_mesh) > 0 or float(network.torus_axes) > 0
    wire = float(network.scale_up_bytes_per_s)
    ports = float(network.scale_out_bytes_per_s) * per_domain / float(network.oversubscription)
    nodes = max(math.ceil(ranks * stride / float(network.host_chips)), domains)
    return TimedCollective(
        collective,
        ranks,
        float(min(nodes, ranks)),
        float(domains),
        wire,
        float(network.pair_bytes_per_s) if is_mesh else wire,
        ports if domains > 1 else math.inf,
        can_add_in_switch(chip),
    )


#: Kinds of profiles that measured rates are made of.
_MADE_OF = ("collectives", "chips")


def measured_files(catalog: Catalog) -> list[tuple[MeasuredRates, Chip]]:
    """Return every file of measured rates with its chip; one whose chip nobody has is left out."""
    found = []
    for entry in catalog.of_kind("collectives").values():
        chip = catalog.find("chips", entry.profile.chip)
        if chip is not None and isinstance(chip.profile, Chip):
            found.append((entry.profile, chip.profile))
    return found


def timed_points(catalog: Catalog) -> tuple[TimedPoint, ...]:
    """Return every measured point of every curve, of failing fabrics too; read once a catalog."""
    return catalog.kept(("timed points",), _MADE_OF, lambda keeping: tuple(_timed_points(keeping)))


def _timed_points(catalog: Catalog) -> Iterator[TimedPoint]:
    for file, chip in measured_files(catalog):
        for curve in file.curves:
            yield from _points_of(curve, chip, file.id)


def _points_of(curve: Curve, chip: Chip, file: str) -> Iterator[TimedPoint]:
    timed = timed_of(curve, chip)
    if timed is not None:
        for size, rate in curve.bus_rates():
            yield TimedPoint(timed, size, rate, curve.sources[0], file, curve.is_sound)


def chip_rates(catalog: Catalog) -> tuple[ChipRate, ...]:
    """Return every measured rate of chips whose rated one is known; read once a catalog."""
    return catalog.kept(
        ("chip rates",),
        _MADE_OF,
        lambda keeping: tuple(
            rate
            for file, chip in measured_files(keeping)
            for one in file.rates
            if (rate := chip_rate(one, chip, file.id)) is not None
        ),
    )


def chip_rate(one: ComponentRate, chip: Chip, file: str) -> ChipRate | None:
    """Return a published rate beside what its chip has on paper; None where nobody knows that."""
    rated = one.rated_bytes_per_s or rated_of(chip, one.component, one.datatype)
    rate = one.flops_per_s or one.bytes_per_s
    if rated is None or rate is None:
        return None
    return ChipRate(
        chip.id,
        chip.vendor,
        chip.generation,
        one.component,
        one.datatype,
        rate,
        rated,
        one.is_best_of_search,
        one.sources[0],
        file,
        one.shape or "",
    )


def rated_of(chip: Chip, component: Component, datatype: Datatype | None) -> float | None:
    """Return what a chip has on paper of a component; None where unknown. [FLOP/s or B/s]."""
    if component == "matmul":
        return known_rate(chip, datatype) if datatype else None
    if component == "memory":
        return value_of(chip.memory.bandwidth_bytes_per_s)
    if component == "pair_copy":
        link = chip.scale_up
        pair = value_of(link.pair_bandwidth_bytes_per_s) if link else None
        return pair or (value_of(link.bandwidth_bytes_per_s) if link else None)
    if component == "host_copy":
        return value_of(chip.host_link_bytes_per_s)
    return value_of(chip.scale_out_bytes_per_s)


def bits_of(datatype: Datatype | None) -> int:
    """Return the bits of a datatype's operands; 0 of what is no matmul."""
    return DATATYPE_BITS[datatype] if datatype else 0
