"""A ledger as charges in the columns of FOCUS, the FinOps specification of cost and usage data."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from planner.ledger.cash import CENT
from planner.ledger.ledger import Ledger
from planner.ledger.lines import MACHINES, Line
from planner.units import DAYS_PER_YEAR

#: Columns of FOCUS 1.2 that a plan can fill, and what only a plan has (`x_`).
COLUMNS = (
    "BillingCurrency",
    "ChargeCategory",
    "ChargeFrequency",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeDescription",
    "ServiceCategory",
    "SubAccountId",
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "PricingQuantity",
    "PricingUnit",
    "PricingCurrency",
    "x_LineId",
    "x_Source",
)
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Charge:
    """One row: what is billed in a period, and what is used up in it."""

    line: Line
    category: str
    frequency: str
    start: datetime.date
    end: datetime.date
    billed: Decimal
    effective: Decimal


def charges(ledger: Ledger, start: datetime.date) -> Iterator[Charge]:
    """Yield what is billed and what is used up by line and year; what has no price has no row.

    A purchase is billed before the first year with no effective cost, and is used up over the years in which
    nothing is billed for it, down to what is left of it: effective cost and what is left are what is billed.

    Parameters
    ----------
    ledger
        The lines.
    start
        The first day of the first year.
    """
    periods = list(_periods(start, ledger.years))
    for line in ledger.lines:
        if line.amount is None or line.paid == "in the end":
            continue
        if line.paid == "yearly":
            shares = _spread(line.amount * Decimal(str(ledger.years)), periods)
            for (first, last, _), paid in zip(periods, shares, strict=True):
                yield Charge(line, "Usage", "Recurring", first, last, paid, paid)
            continue
        yield Charge(line, "Purchase", "One-Time", start, start, line.amount, _NOTHING)
        used = line.amount + _left(ledger, line)
        for (first, last, _), part in zip(periods, _spread(used, periods), strict=True):
            yield Charge(line, "Usage", "Recurring", first, last, _NOTHING, part)


def _left(ledger: Ledger, line: Line) -> Decimal:
    """Return what is left of a line in the end, below zero: its share of what is sold together."""
    is_building = line.id == "building"
    left = "building_left" if is_building else "residual"
    if not is_building and line.group != MACHINES:
        return _NOTHING
    of_pool = [one for one in ledger.lines if one.pool == line.pool and one.amount]
    sold = (one for one in of_pool if (one.id == line.id if is_building else one.group == MACHINES))
    whole = sum((one.amount for one in sold if one.amount), Decimal(0))
    amount = sum((one.amount for one in of_pool if one.id == left and one.amount), Decimal(0))
    return (
        (amount * (line.amount or Decimal(0)) / whole).quantize(CENT, ROUND_HALF_EVEN) if whole else _NOTHING
    )


def _periods(start: datetime.date, years: float) -> Iterator[tuple[datetime.date, datetime.date, Decimal]]:
    """Yield each year of use from its first day to the day after its last, with its part of a year."""
    left, first = Decimal(str(years)), start
    while left > 0:
        part = min(left, Decimal(1))
        last = first + datetime.timedelta(days=round(DAYS_PER_YEAR * float(part)))
        yield first, last, part
        first, left = last, left - part


def _spread(
    amount: Decimal, periods: list[tuple[datetime.date, datetime.date, Decimal]]
) -> Iterator[Decimal]:
    """Yield an amount over the periods by their parts of a year; the last has what cents leave over."""
    whole = sum((part for _, _, part in periods), Decimal(0))
    amount = amount.quantize(CENT, ROUND_HALF_EVEN)
    spent = Decimal(0)
    for _, _, part in periods[:-1]:
        share = (amount * part / whole).quantize(CENT, ROUND_HALF_EVEN)
        spent += share
        yield share
    if periods:
        yield amount - spent


def focus_rows(ledger: Ledger, start: datetime.date) -> Iterator[dict[str, str]]:
    """Yield the charges under the columns' names; an empty text is a null."""
    for charge in charges(ledger, start):
        line = charge.line
        price = line.price
        is_priced = price is not None and line.quantity is not None and charge.billed != 0
        yield {
            "BillingCurrency": ledger.currency,
            "ChargeCategory": charge.category,
            "ChargeFrequency": charge.frequency,
            "ChargePeriodStart": f"{charge.start.isoformat()}T00:00:00Z",
            "ChargePeriodEnd": f"{charge.end.isoformat()}T00:00:00Z",
            "ChargeDescription": line.title,
            "ServiceCategory": "AI and Machine Learning",
            "SubAccountId": line.pool,
            "BilledCost": str(charge.billed),
            "EffectiveCost": str(charge.effective),
            "ListCost": str(charge.billed),
            "ContractedCost": str(charge.billed),
            "PricingQuantity": f"{line.quantity:.10g}" if is_priced else "",
            "PricingUnit": price.unit.partition("/")[2] if is_priced and price else "",
            "PricingCurrency": price.own.currency if is_priced and price and price.own else ledger.currency,
            "x_LineId": line.id,
            "x_Source": "" if price is None else price.source,
        }
