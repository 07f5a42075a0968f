"""The lines that a ledger may have: what each is of, when it is paid, and how much it usually weighs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from planner.quantities.figure import Band
from planner.quantities.record import OwnPrice

#: Once, before training starts; each year of use; in the end, where it is a receipt.
Paid = Literal["once", "yearly", "in the end"]
#: unknown: it applies, and nobody priced it; assumed: something stands in for its price.
State = Literal["known", "assumed", "unknown"]


@dataclass(frozen=True, slots=True)
class LineKind:
    """A line by the quantity that is its amount."""

    quantity: str
    group: str
    paid: Paid
    #: its usual share of the price of the machines, of what is paid yearly that of a year; assumed, but for
    #: network, building and space, which are between published ones
    weight: float

    @property
    def id(self) -> str:
        """What it is called where the ledger is meant."""
        return self.quantity.removeprefix("ledger.")


MACHINES = "machines"
BOUGHT: tuple[LineKind, ...] = (
    LineKind("ledger.servers", MACHINES, "once", 1.0),
    LineKind("ledger.spares", MACHINES, "once", 0.02),
    LineKind("ledger.switches", MACHINES, "once", 0.06),
    LineKind("ledger.cables", MACHINES, "once", 0.09),
    LineKind("ledger.nics", MACHINES, "once", 0.03),
    LineKind("ledger.network", MACHINES, "once", 0.15),
    LineKind("ledger.storage", MACHINES, "once", 0.05),
    LineKind("ledger.storage_rate", MACHINES, "once", 0.02),
    LineKind("ledger.racks", MACHINES, "once", 0.02),
    LineKind("ledger.building", "place", "once", 0.35),
    LineKind("ledger.installation", "delivery", "once", 0.03),
    LineKind("ledger.freight", "delivery", "once", 0.01),
    LineKind("ledger.duty", "delivery", "once", 0.02),
    LineKind("ledger.tax", "delivery", "once", 0.02),
    LineKind("ledger.electricity", "power", "yearly", 0.02),
    LineKind("ledger.demand", "power", "yearly", 0.005),
    LineKind("ledger.grid", "power", "yearly", 0.001),
    LineKind("ledger.carbon", "power", "yearly", 0.001),
    LineKind("ledger.water", "power", "yearly", 0.0005),
    LineKind("ledger.space", "place", "yearly", 0.07),
    LineKind("ledger.support", "operation", "yearly", 0.05),
    LineKind("ledger.software", "operation", "yearly", 0.04),
    LineKind("ledger.staff", "operation", "yearly", 0.02),
    LineKind("ledger.residual", "in the end", "in the end", 0.0),
    LineKind("ledger.building_left", "in the end", "in the end", 0.0),
)
RENTED: tuple[LineKind, ...] = (
    LineKind("ledger.rent_a_year", "rent", "yearly", 1.0),
    LineKind("ledger.rent_support", "rent", "yearly", 0.05),
    LineKind("ledger.storage", "rent", "once", 0.05),
    LineKind("ledger.storage_rate", "rent", "once", 0.02),
    LineKind("ledger.egress", "rent", "once", 0.02),
)


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """What one of a line costs."""

    unit: str
    #: P10, middle and P90, in the ledger's currency
    band: Band
    #: in words where it is from: the plan's key, or the profile with its quotes
    source: str
    #: keys into the catalog's sources
    documents: tuple[str, ...]
    #: as it was read, in its own currency with its dates; None: it is no price, or of a profile's figure
    own: OwnPrice | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one pool, rounded to cents; a receipt is below zero."""

    id: str
    pool: str
    group: str
    title: str
    #: where there is little room
    short: str
    paid: Paid
    state: State
    #: None: unknown
    amount: Decimal | None
    band: Band | None
    #: the arithmetic that makes it: `systems x price`; empty: it is read
    basis: str
    #: how many are paid, where it is a number of something at a price
    quantity: float | None
    price: UnitPrice | None
    #: in words what is missing, or what stands in
    note: str
    weight: float
    #: what stands in for something that is not known, by name
    assumed: tuple[str, ...] = ()
