"""Offers side by side as JSON: amounts as decimal text, bands as numbers, unknown as null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from planner.quotes.gap import Gap
from planner.quotes.offer import Offer, OfferLine
from planner.quotes.quotes import Quote, Quotes
from planner.report.compare_rows import LETTERS
from planner.report.diff_json import band_to_dict
from planner.report.quotes_document import headline

QUOTES_SCHEMA = 1
Json = dict[str, Any]


def quotes_to_dict(quotes: Quotes) -> Json:
    """Return the comparison under the keys of `quotes --json`; every value is plain and finite."""
    return {
        "schema": QUOTES_SCHEMA,
        "months": quotes.months.count,
        "months_because": quotes.months.because,
        "currency": "USD",
        "reference": None if quotes.reference is None else LETTERS[quotes.reference],
        "best": None if quotes.best is None else LETTERS[quotes.best],
        "room": None if quotes.room is None else _text(quotes.room),
        "verdict": headline(quotes),
        "offers": [_quote(letter, quote) for letter, quote in zip(LETTERS, quotes.quotes, strict=False)],
    }


def _quote(letter: str, quote: Quote) -> Json:
    offer = quote.offer
    return {
        "letter": letter,
        "label": offer.label,
        "plan": offer.plan.name,
        "kind": offer.kind,
        "term_months": offer.term,
        "paid_months": offer.paid,
        "chips": sum(pool.chips for pool in offer.estimate.pools),
        "feasible": offer.estimate.is_feasible,
        "reasons": list(offer.reasons),
        "lines": [_line(line) for line in offer.lines],
        "money": {"amount": _text(offer.amount), **_ends(offer)} if offer.lines else None,
        "work": _work(offer),
        "priced_share": offer.priced_share,
        "missing": list(offer.missing),
        "assumed": list(offer.assumed),
        "standing": quote.standing,
        "relative": band_to_dict(quote.relative),
        "usd_per_million_tokens": band_to_dict(quote.per_million_tokens),
        "gap": None if quote.gap is None else _gap(quote.gap),
    }


def _line(line: OfferLine) -> Json:
    return {
        "id": line.id,
        "group": line.group,
        "title": line.short,
        "state": line.state,
        "amount": None if line.amount is None else _text(line.amount),
        "band": band_to_dict(line.figure.band),
        "note": line.note or None,
    }


def _work(offer: Offer) -> Json | None:
    if not offer.factors:
        return None
    told = {name: band_to_dict(factor.band) for name, factor in offer.factors.items()}
    return {
        "tokens": band_to_dict(offer.work.band),
        "tokens_per_second": told["rate"],
        "goodput": told["goodput"],
        "in_use_share": told["in_use"],
        "days_after_setup": told["setup"],
        "share_after_debugging": told["debugging"],
    }


def _gap(gap: Gap) -> Json:
    return {
        "amount": _text(gap.amount),
        "band": band_to_dict(gap.band),
        "parts": [
            {"id": part.id, "kind": part.kind, "amount": _text(part.amount), "band": band_to_dict(part.band)}
            for part in gap.parts
        ],
    }


def _ends(offer: Offer) -> Json:
    return {"band": band_to_dict(offer.money.band)}


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"
