"""From an estimate to its ledger: each line from the quantity that is its amount, and the sums of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal

from planner.errors import InfeasibleError
from planner.estimate.result import Estimate, PoolEstimate
from planner.ledger.cash import CENT, cash_by_year
from planner.ledger.lines import BOUGHT, RENTED, Line, LineKind, State, UnitPrice
from planner.ledger.loan import Loan, loan_terms
from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.currency import told_in
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band, Figure
from planner.quantities.joined import members_of
from planner.quantities.purchase_prices import is_rented
from planner.quantities.record import Record
from planner.quantities.table import TABLE
from planner.units import DOLLAR

#: More digits than any amount has.
_EXACT = Context(prec=340)
#: What a unit price is called in the table of quantities.
_PRICE_PREFIXES = ("price.", "money.", "site.")


#: What is told below the lines: what they come to, and what buying is held against.
TOTALS = (
    "cost.capex",
    "cost.first_year",
    "cost.life",
    "cost.present_value",
    "cost.total",
    "cost.per_million_tokens",
    "cost.per_chip_hour",
    "cost.idle_month",
)
RENT = (
    "rent.asked_usd_per_chip_hour",
    "rent.of_run_usd",
    "rent.break_even_usd_per_chip_hour",
    "rent.break_even_months",
    "rent.return_of_buying",
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The lines of a plan, and what they add up to; every sum is that of the lines that are known."""

    plan_name: str
    #: in which all its amounts are; one for which there is a rate
    rate: ExchangeRate
    #: the currency that the plan asks for
    stated_currency: str
    lines: tuple[Line, ...]
    #: years over which it is paid
    years: float
    #: year 0 is before training starts
    cash: tuple[Decimal, ...]
    #: None: nothing is borrowed, or nobody says at which interest
    loan: Loan | None = None
    #: what follows from the lines, by quantity; of several pools that of the plan's figures
    figures: Mapping[str, Band] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return self.rate.currency

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
    setting = estimate.known.setting
    rate = told_in(setting)
    lines = tuple(
        line for pool in estimate.pools for line in _lines(pool.id, figures_of_pool(estimate, pool), rate)
    )
    term = estimate.known.p50("ledger.term_years") or 0.0
    return Ledger(
        estimate.plan_name,
        rate,
        setting.plan.money.currency,
        lines,
        term,
        cash_by_year(
            _sum(lines, "once"), _sum(lines, "yearly"), _sum(lines, "in the end"), Decimal(str(term))
        ),
        _loan(estimate, rate),
        _figures(estimate.figures, rate),
    )


def _figures(figures: Figures | None, rate: ExchangeRate) -> dict[str, Band]:
    """Return the known totals and what is held against renting, money in the ledger's currency."""
    found = {}
    for identifier in (*TOTALS, *RENT) if figures is not None else ():
        band = figures.band(identifier) if figures is not None else None
        if band is not None:
            is_money = DOLLAR in TABLE[identifier].unit
            found[identifier] = (in_currency(band, rate) if is_money else None) or band
    return found


def _loan(estimate: Estimate, rate: ExchangeRate) -> Loan | None:
    """Return the loan on what is bought of all pools; None without one, or where its terms are unknown."""
    bought = [pool.known for pool in estimate.pools if not is_rented(pool.known.setting)]
    terms = loan_terms(estimate.known)
    if terms is None or not bought:
        return None
    lent, payment = (
        [figures[f"ledger.{name}"].p50 for figures in bought] for name in ("loan", "loan_a_year")
    )
    if None in (*lent, *payment):
        return None
    amounts = (cents(sum(one or 0.0 for one in each) * rate.per_usd) for each in (lent, payment))
    amount, a_year = amounts
    return Loan(amount, *terms, a_year)


def _sum(lines: tuple[Line, ...], paid: str) -> Decimal:
    return sum((line.amount for line in lines if line.paid == paid and line.amount), Decimal(0))


def figures_of_pool(estimate: Estimate, pool: PoolEstimate) -> Figures:
    """Return the figures that a pool's lines are made of: of its part, where several train together."""
    if estimate.is_joint and estimate.figures is not None:
        parts = {one.setting.pool.pool.id: one for one in members_of(estimate.figures)}
        if pool.id in parts:
            return parts[pool.id]
    return pool.figures or pool.known


def _lines(pool_id: str, figures: Figures, rate: ExchangeRate) -> Iterator[Line]:
    for kind in RENTED if is_rented(figures.setting) else BOUGHT:
        line = _line(kind, pool_id, figures, rate)
        if line is not None and (line.state == "unknown" or line.amount):
            yield line


def _line(kind: LineKind, pool: str, figures: Figures, rate: ExchangeRate) -> Line | None:
    made = TABLE[kind.quantity]
    try:
        figure, record = figures[kind.quantity], figures.record(kind.quantity)
    except InfeasibleError:
        # nothing is said of what needs training where there is none
        return None
    sign = -1 if kind.paid == "in the end" else 1
    value = None if figure.p50 is None else figure.p50 * rate.per_usd
    amount = None if value is None else cents(sign * value)
    price = _unit_price(record, figures, rate)
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
        band=in_currency(figure.band, rate),
        basis=record.equation or "",
        quantity=count,
        price=price,
        note=", ".join(gap.text for gap in figure.gaps if gap.family == "money"),
        weight=kind.weight,
        assumed=tuple(gap.text for gap in figure.gaps if gap.family == "money" and gap.kind == "assumed"),
    )


def in_currency(band: Band | None, rate: ExchangeRate) -> Band | None:
    """Return a band of US dollars in another currency."""
    return band and Band(*(end * rate.per_usd for end in (band.p10, band.p50, band.p90)))


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


def _unit_price(record: Record, figures: Figures, rate: ExchangeRate) -> UnitPrice | None:
    """Return the price among what a line is made of."""
    child = next((child for child in record.children if child.id.startswith(_PRICE_PREFIXES)), None)
    band = None if child is None else figures[child.id].band
    if child is None or band is None:
        return None
    grounds = child.grounds
    where = "" if grounds is None else grounds.where
    note = "" if grounds is None or not grounds.note else f": {grounds.note}"
    documents = () if grounds is None else grounds.sources
    unit: str = TABLE[child.id].unit
    if DOLLAR in unit:
        unit, band = unit.replace(DOLLAR, rate.currency), in_currency(band, rate) or band
    own = None if grounds is None else grounds.own_price
    return UnitPrice(unit, band, where + note, documents, own)
