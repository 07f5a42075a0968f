"""What an evaluation keeps of one quantity: its value, how it came about, and what it rests on."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from planner.domain.base import Profile
from planner.domain.evidence import Evidence, EvidenceKind
from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.units import Unit

#: `plan`: typed into the plan; `layout`: chosen by the layout search; else as evidence of a profile is.
GroundsKind = EvidenceKind | Literal["plan", "layout"]

#: Before the id of what is told of all pools of a cluster, as `estimate --json` tells it.
CLUSTER_PREFIX = "cluster."
_KIND_FOLDERS = {
    "Chip": "chips",
    "System": "systems",
    "Fabric": "fabrics",
    "Stack": "stacks",
    "LanguageModel": "models",
    "Site": "sites",
    "Price": "prices",
}


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price in the currency in which it was read, and what made US dollars of it."""

    currency: str
    low: float
    middle: float
    high: float
    rate: ExchangeRate
    #: of the quotes, the oldest first; none where no quote is dated, or the plan says it
    dates: tuple[datetime.date, ...]

    @property
    def words(self) -> str:
        """The price as it was read."""
        ends = (self.low, self.high) if self.low < self.high else (self.middle,)
        return f"{' to '.join(f'{end:,.12g}' for end in ends)} {self.currency}"


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
    #: of a price
    own_price: OwnPrice | None = None

    @property
    def is_assumed(self) -> bool:
        """Whether nobody who was read says so."""
        return self.kind in ("assumed", "memory")


@dataclass(frozen=True, slots=True)
class Record:
    """A number, its equation in the symbols of its children, and those.

    `equation` is arithmetic (`x` multiplies, `^` raises; sqrt, log2, ln, ceil, min and max) that gives the
    value from the children's; where the engine does more than that, `method` says what in words and the
    children are what goes in.
    """

    symbol: str
    name: str
    value: float | str | None
    unit: Unit
    equation: str | None = None
    method: str | None = None
    children: tuple[Record, ...] = ()
    grounds: Grounds | None = None
    #: by which it can be asked for; empty: a part of another's grounds alone
    id: str = ""

    @property
    def is_assumed(self) -> bool:
        """Whether it, itself, is an assumption."""
        return self.grounds is not None and self.grounds.is_assumed


def of_profile(profile: Profile, path: str, evidence: Evidence | None) -> Grounds:
    """Return the grounds of a profile's field; a plain fact of the profile is as good as a datasheet's."""
    where = f"{_KIND_FOLDERS.get(type(profile).__name__, 'profiles')}/{profile.id}: {path}"
    if evidence is None:
        return Grounds("datasheet", where)
    return Grounds(evidence.kind, where, evidence.sources, evidence.note)


def each_record(root: Record) -> Iterator[Record]:
    """Yield every record of a tree once, each before what it rests on; branches share records."""
    walked: set[int] = set()
    waiting = [root]
    while waiting:
        record = waiting.pop()
        if id(record) not in walked:
            walked.add(id(record))
            yield record
            waiting += reversed(record.children)
