"""From an estimate to its ledger: each line from the quantity that is its amount, and the sums of lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from planner.errors import InfeasibleError
from planner.estimate.result import Estimate, PoolEstimate
from planner.ledger.cash import cash_by_year
from planner.ledger.lines import BOUGHT, RENTED, Line, LineKind, State, UnitPrice
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure
from planner.quantities.joined import members_of
from planner.quantities.purchase_prices import is_rented
from planner.quantities.record import Record
from planner.quantities.table import TABLE

CENT = Decimal("0.01")
#: More digits than any amount has.
_EXACT = Context(prec=340)
#: What a unit price is called in the table of quantities.
_PRICE_PREFIXES = ("price.", "money.", "site.")


@dataclass(frozen=True, slots=True)
class Ledger:
    """The lines of a plan, and what they add up to; every sum is that of the lines that are known."""

    plan_name: str
    currency: str
    lines: tuple[Line, ...]
    #: years over which it is paid
    years: float
    #: year 0 is before training starts
    cash: tuple[Decimal, ...]

    def total(self, paid: str) -> Decimal:
        """Return the sum of the known lines that are paid once, yearly or in the end."""
        return sum((line.amount for line in self.lines if line.paid == paid and line.amount), Decimal(0))

    @property
    def life(self) -> Decimal:
        """All that is paid over the years, less what is left in the end."""
        return sum(self.cash, Decimal(0))

    @property
    def missing(self) -> tuple[Line, ...]:
        """The lines that apply and have no price, the likely heaviest first."""
        unknown = (line for line in self.lines if line.state == "unknown")
        return tuple(sorted(unknown, key=lambda line: -line.weight))

    def priced_share(self, paid: str = "once") -> float | None:
        """Return the known part over that and the others' usual weight; None where no machine is priced."""
        known = float(self.total(paid))
        pools = {line.pool: float(line.amount) for line in self.lines if line.weight == 1.0 and line.amount}
        if not pools:
            return None
        likely = sum(line.weight * pools.get(line.pool, 0.0) for line in self.missing if line.paid == paid)
        return known / (known + likely) if known + likely > 0 else None


def ledger_of(estimate: Estimate) -> Ledger:
    """Return the ledger of an estimate; of a pool that cannot run the plan, what needs no training."""
    lines = tuple(line for pool in estimate.pools for line in _lines(pool.id, _figures_of(estimate, pool)))
    term = estimate.known.p50("ledger.term_years") or 0.0
    return Ledger(
        estimate.plan_name,
        estimate.known.words("cost.currency") or "",
        lines,
        term,
        cash_by_year(
            _sum(lines, "once"), _sum(lines, "yearly"), _sum(lines, "in the end"), Decimal(str(term))
        ),
    )


def _sum(lines: tuple[Line, ...], paid: str) -> Decimal:
    return sum((line.amount for line in lines if line.paid == paid and line.amount), Decimal(0))


def _figures_of(estimate: Estimate, pool: PoolEstimate) -> Figures:
    """Return the figures that a pool's lines are made of: of its part, where several train together."""
    if estimate.is_joint and estimate.figures is not None:
        parts = {one.setting.pool.pool.id: one for one in members_of(estimate.figures)}
        if pool.id in parts:
            return parts[pool.id]
    return pool.figures or pool.known


def _lines(pool_id: str, figures: Figures) -> Iterator[Line]:
    for kind in RENTED if is_rented(figures.setting) else BOUGHT:
        line = _line(kind, pool_id, figures)
        if line is not None and (line.state == "unknown" or line.amount):
            yield line


def _line(kind: LineKind, pool: str, figures: Figures) -> Line | None:
    made = TABLE[kind.quantity]
    try:
        figure, record = figures[kind.quantity], figures.record(kind.quantity)
    except InfeasibleError:
        # nothing is said of what needs training where there is none
        return None
    sign = -1 if kind.paid == "in the end" else 1
    value = figure.p50
    amount = None if value is None else cents(sign * value)
    price = _unit_price(record, figures)
    count = None
    if price is not None and value is not None and price.band.p50 and price.unit != "share":
        count = value / price.band.p50
    return Line(
        id=kind.id,
        pool=pool,
        group=kind.group,
        title=made.title,
        short=made.short,
        paid=kind.paid,
        state=_state(figure),
        amount=amount,
        band=figure.band,
        basis=record.equation or "",
        quantity=count,
        price=price,
        note=", ".join(gap.text for gap in figure.gaps if gap.family == "money"),
        weight=kind.weight,
    )


def cents(value: float) -> Decimal:
    """Return an amount to the cent, half to even.

    Examples
    --------
    >>> cents(1.005), cents(2.5)
    (Decimal('1.00'), Decimal('2.50'))
    """
    return Decimal(repr(value)).quantize(CENT, ROUND_HALF_EVEN, _EXACT)


def _state(figure: Figure) -> State:
    if not figure.is_known:
        return "unknown"
    is_assumed = any(gap.family == "money" and gap.kind == "assumed" for gap in figure.gaps)
    return "assumed" if is_assumed else "known"


def _unit_price(record: Record, figures: Figures) -> UnitPrice | None:
    """Return the price among what a line is made of."""
    child = next((child for child in record.children if child.id.startswith(_PRICE_PREFIXES)), None)
    band = None if child is None else figures[child.id].band
    if child is None or band is None:
        return None
    grounds = child.grounds
    where = "" if grounds is None else grounds.where
    note = "" if grounds is None or not grounds.note else f": {grounds.note}"
    documents = () if grounds is None else grounds.sources
    return UnitPrice(TABLE[child.id].unit, band, where + note, documents)
