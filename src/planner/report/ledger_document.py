"""The ledger as a document: its lines by group, what they add up to, and what has no price."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from planner.estimate.result import Estimate
from planner.ledger.ledger import RENT, TOTALS, Ledger
from planner.ledger.lines import Line
from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.evaluation import Figures
from planner.quantities.rental_terms import TERMS
from planner.report import numbers
from planner.report.currency_words import currency_entries
from planner.report.document import Block, Entries, Entry, Heading, Paragraph, Table, cells, document
from planner.report.figures import scales_of, told
from planner.report.numbers import ASSUMED_MARK, UNKNOWN
from planner.report.page import cell_width, pad
from planner.report.pictures import cash_columns

_LABEL_WIDTH = 16
_COLUMNS = ("line", "paid", "", "P10 to P90", "quantity", "unit price")
#: Of them, those of numbers.
_RIGHT = frozenset({2, 4})
#: By so much the run's money at market value differs from that in a straight line where both are told.
_TOLD_DIFFERENCE = 0.2
_WHEN = {"once": "once", "yearly": "a year", "in the end": "in the end"}


@document
def ledger_document(estimate: Estimate, ledger: Ledger) -> Iterator[Block]:
    """Yield the ledger: lines, cash by year, totals with their bands, and what is missing."""
    yield Paragraph(f"{estimate.plan_name}: ledger", indent=0, role="title")
    has_pools = len({line.pool for line in ledger.lines}) > 1
    columns = (*_COLUMNS[:2], ledger.currency, *_COLUMNS[3:])
    groups = [
        (group, [_row(line, ledger.currency) for line in lines])
        for group, lines in groupby(ledger.lines, key=lambda line: (line.pool, line.group))
    ]
    every = [columns, *(row for _, rows in groups for row in rows)]
    least = tuple(max(map(cell_width, column)) for column in zip(*every, strict=True))
    for (pool, name), rows in groups:
        yield Heading(name, f"pool {pool}" if has_pools else "")
        yield Table(columns, cells(rows), right=_RIGHT, least=least)
    yield from _cash(ledger)
    if estimate.figures is not None:
        yield from _totals(estimate.figures)
    yield from _missing(ledger)
    yield from _prices(ledger)


def _row(line: Line, currency: str) -> tuple[str, ...]:
    mark = ASSUMED_MARK if line.state == "assumed" else ""
    amount = UNKNOWN if line.amount is None else f"{line.amount:,.0f}{mark}"
    price, quantity = line.price, line.quantity
    unit = "" if price is None else f"{_number(price.band.p50)} {price.unit}"
    count = "" if quantity is None else _number(quantity)
    return line.short, _WHEN[line.paid], amount, _ends(line, currency), count, unit


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.4g}"


def _ends(line: Line, currency: str) -> str:
    band = line.band
    if band is None or band.p10 == band.p90:
        return ""
    scale = numbers.pick_scale(band.p90, scales_of("USD", ExchangeRate(currency, 1.0)), 3)
    low, high = (numbers.decimal(end / scale.factor, 3) for end in (band.p10, band.p90))
    return f"{low}..{high} {scale.name.removesuffix(currency).rstrip()}"


def _cash(ledger: Ledger) -> Iterator[Block]:
    yield Heading("Cash by year", "of the lines that are priced; year 0 is before training")
    yield cash_columns(ledger)
    yield Entries(
        (*_years(ledger.cash, ledger), Entry("all years", f"{ledger.life:,.2f} {ledger.currency}", "title")),
        _LABEL_WIDTH,
    )
    if (loan := ledger.loan) is not None:
        lent = f"{loan.amount:,.2f} {ledger.currency} at {numbers.percent(loan.rate)}"
        yield Heading("Cash with the loan", f"{lent}, paid off in {loan.years} years")
        rows = _years(loan.with_it(ledger.cash), ledger)
        of_it = (("a year", loan.payment), ("interest", loan.interest))
        told_of_it = (Entry(label, f"{paid:,.2f} {ledger.currency} of the loan") for label, paid in of_it)
        yield Entries((*rows, *told_of_it), _LABEL_WIDTH)


def _years(cash: tuple[Decimal, ...], ledger: Ledger) -> tuple[Entry, ...]:
    amounts = [f"{paid:,.2f}" for paid in cash]
    widest = max(map(len, amounts), default=0)
    return tuple(
        Entry(f"year {year}", f"{pad(amount, widest, is_right=True)} {ledger.currency}")
        for year, amount in enumerate(amounts)
    )


def _totals(figures: Figures) -> Iterator[Block]:
    yield Heading("Totals")
    known = [name for name in TOTALS if figures[name].is_known]
    rows = [told(figures, name, behind=_mark(figures, name)) for name in known]
    straight, market = figures.p50("cost.total"), figures.p50("cost.at_market_value")
    if straight and market and abs(market / straight - 1) > _TOLD_DIFFERENCE:
        rows.append(told(figures, "cost.at_market_value", behind=" of the run, as the market's prices fall"))
    yield Entries((*rows, *currency_entries(figures.setting)), _LABEL_WIDTH)
    yield from _rents(figures)


def _rents(figures: Figures) -> Iterator[Block]:
    """Yield what renting the same chips costs, where clouds were read, and when buying pays."""
    asked, *break_even = RENT
    terms = {f"rent.in_use.{name}": f"rent.asked.{name}_usd_per_chip_hour" for name in TERMS}
    rows = [
        told(figures, name, behind=_read_of(figures, source))
        for name, source in {asked: asked, **terms}.items()
        if figures[name].is_known
    ]
    rows += [told(figures, name) for name in break_even if figures[name].is_known]
    if rows:
        yield Heading("Buy or rent", "of an hour in use; a commitment is paid for every hour")
        yield Entries(tuple(rows), _LABEL_WIDTH)


def _read_of(figures: Figures, identifier: str) -> str:
    """Return by how many quotes of when a rent is known: those of terms may be of other clouds."""
    grounds = figures.record(identifier).grounds
    return "" if grounds is None or not grounds.note else f", {grounds.note}"


def _mark(figures: Figures, name: str) -> str:
    return ASSUMED_MARK if figures.gaps(name) else ""


def _missing(ledger: Ledger) -> Iterator[Block]:
    shares = {"purchase": ledger.priced_share("once"), "a year": ledger.priced_share("yearly")}
    rows = [
        Entry(f"of {label}", f"{numbers.percent(share)}{ASSUMED_MARK} by what the others usually weigh")
        for label, share in shares.items()
        if share is not None
    ]
    if ledger.missing:
        rows.append(Entry("no price", ", ".join(dict.fromkeys(line.short for line in ledger.missing))))
    assumed = dict.fromkeys(text for line in ledger.lines for text in line.assumed)
    rows += [Entry(f"{ASSUMED_MARK} assumed", text) for text in assumed]
    if rows:
        yield Heading("Priced", "what has no price is in no sum; the heaviest first")
        yield Entries(tuple(rows), _LABEL_WIDTH)


def _prices(ledger: Ledger) -> Iterator[Block]:
    """Yield where each price is from."""
    priced = {line.short: line.price.source for line in ledger.lines if line.price and line.price.source}
    if priced:
        yield Heading("Prices", "planner profiles show prices ID tells each quote")
        yield Entries(tuple(Entry(name, source) for name, source in priced.items()), _LABEL_WIDTH)
