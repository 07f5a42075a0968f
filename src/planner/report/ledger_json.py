"""The ledger as JSON and as CSV: amounts as decimal text, so that no reader rounds them."""

from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal
from typing import Any

from planner.ledger.focus import COLUMNS, focus_rows
from planner.ledger.ledger import Ledger
from planner.ledger.lines import Line
from planner.ledger.loan import Loan
from planner.quantities.figure import Band
from planner.quantities.record import OwnPrice
from planner.report.currency_words import currency_to_dict

LEDGER_SCHEMA = 1
Json = dict[str, Any]


def ledger_to_dict(ledger: Ledger) -> Json:
    """Return the lines and their sums; money is text with cents, unknown is null."""
    return {
        "schema": LEDGER_SCHEMA,
        "plan": ledger.plan_name,
        "currency": ledger.currency,
        "rate": currency_to_dict(ledger.rate, ledger.stated_currency),
        "years": ledger.years,
        "lines": [_line(line) for line in ledger.lines],
        "totals": {
            "once": _text(ledger.total("once")),
            "yearly": _text(ledger.total("yearly")),
            "in_the_end": _text(ledger.total("in the end")),
            "life": _text(ledger.life),
        },
        "cash_by_year": [_text(paid) for paid in ledger.cash],
        "loan": None if ledger.loan is None else _loan(ledger.loan, ledger),
        "figures": {name: _ends(band) for name, band in ledger.figures.items()},
        "priced_share": {paid: ledger.priced_share(paid) for paid in ("once", "yearly")},
        "missing": [{"pool": line.pool, "id": line.id} for line in ledger.missing],
    }


def _line(line: Line) -> Json:
    price = line.price
    return {
        "id": line.id,
        "pool": line.pool,
        "group": line.group,
        "title": line.title,
        "paid": line.paid,
        "state": line.state,
        "amount": None if line.amount is None else _text(line.amount),
        "band": None if line.band is None else _ends(line.band),
        "basis": line.basis or None,
        "quantity": line.quantity,
        "unit_price": None if price is None else {"unit": price.unit, **_ends(price.band)},
        "price_as_read": None if price is None or price.own is None else _own(price.own),
        "source": None if price is None else price.source or None,
        "documents": [] if price is None else list(price.documents),
        "note": line.note or None,
    }


def _loan(loan: Loan, ledger: Ledger) -> Json:
    return {
        "amount": _text(loan.amount),
        "rate": loan.rate,
        "years": loan.years,
        "payment_a_year": _text(loan.payment),
        "interest": _text(loan.interest),
        "cash_by_year": [_text(paid) for paid in loan.with_it(ledger.cash)],
    }


def _own(own: OwnPrice) -> Json:
    """Return a price in its own currency, with the first and last of its dates."""
    dates = [day.isoformat() for day in own.dates]
    return {
        "currency": own.currency,
        "low": own.low,
        "middle": own.middle,
        "high": own.high,
        "dates": dates[:: max(1, len(dates) - 1)],
        "per_usd": own.rate.per_usd,
        "rate_date": None if own.rate.date is None else own.rate.date.isoformat(),
    }


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _ends(band: Band) -> dict[str, float]:
    return {"p10": float(band.p10), "p50": float(band.p50), "p90": float(band.p90)}


def ledger_csv(ledger: Ledger, start: datetime.date) -> str:
    """Return the charges as CSV with the column names of FOCUS."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(focus_rows(ledger, start))
    return text.getvalue()
