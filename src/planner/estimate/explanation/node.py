"""One number of an explanation: what it is, how it comes about, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.domain.evidence import EvidenceKind

#: `plan`: typed into the plan; `layout`: chosen by the layout search; else as evidence of a profile is.
GroundsKind = EvidenceKind | Literal["plan", "layout"]
Unit = Literal[
    "",
    "share",
    "words",
    "days",
    "h",
    "s",
    "tokens",
    "tokens/s",
    "chips",
    "parameters",
    "FLOP",
    "FLOP/s",
    "B",
    "B/s",
    "W",
    "MWh",
    "t CO2",
    "g/kWh",
    "m3",
    "L/kWh",
    "J/token",
    "USD",
    "USD/kWh",
    "USD/h",
    "years",
    "mm2",
    "TPP",
    "TPP/mm2",
]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an input rests on."""

    kind: GroundsKind
    #: the profile and its field, the plan's key, or the constant's place
    where: str
    #: keys into the catalog's sources
    sources: tuple[str, ...] = ()
    note: str | None = None
    #: published runs behind a fitted constant
    runs: int | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether nobody who was read says so."""
        return self.kind in ("assumed", "memory")


@dataclass(frozen=True, slots=True)
class Node:
    """A number, its equation in the symbols of its children, and those.

    `equation` is arithmetic (`x` multiplies, `^` raises; sqrt, log2, min and max) that gives the value from
    the children's; where the engine does more than that, `method` says what in words and the children are
    what goes in.
    """

    symbol: str
    name: str
    value: float | str | None
    unit: Unit
    equation: str | None = None
    method: str | None = None
    children: tuple[Node, ...] = ()
    grounds: Grounds | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether it, itself, is an assumption."""
        return self.grounds is not None and self.grounds.is_assumed
