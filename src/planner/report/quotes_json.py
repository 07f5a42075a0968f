"""Offers side by side as JSON and as CSV: amounts as decimal text, bands as numbers, unknown as null."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.figure import Band, scaled
from planner.quotes.gap import Gap
from planner.quotes.offer import Offer, OfferLine
from planner.quotes.quotes import Quote, Quotes
from planner.report.compare_rows import LETTERS
from planner.report.currency_words import currency_to_dict
from planner.report.diff_json import band_to_dict
from planner.report.promise_words import promised_to_dict
from planner.report.quotes_document import headline
from planner.text import safe

QUOTES_SCHEMA = 1
#: Of a row: an amount of an offer's money, or of what separates it from the reference.
COLUMNS = (
    *("offer", "label", "table", "line", "amount_usd", "p10_usd", "p90_usd", "state"),
    *("currency", "amount", "p10", "p90"),
)
Json = dict[str, Any]


def quotes_to_dict(quotes: Quotes) -> Json:
    """Return the comparison under the keys of `quotes --json`; every value is plain and finite."""
    return {
        "schema": QUOTES_SCHEMA,
        "months": quotes.months.count,
        "months_because": quotes.months.because,
        "currency": quotes.rate.currency,
        "rate": currency_to_dict(quotes.rate, quotes.rate.currency),
        "reference": None if quotes.reference is None else LETTERS[quotes.reference],
        "best": None if quotes.best is None else LETTERS[quotes.best],
        "room": None if quotes.room is None else _text(quotes.room),
        "verdict": headline(quotes),
        "offers": [
            _quote(letter, quote, quotes) for letter, quote in zip(LETTERS, quotes.quotes, strict=False)
        ],
    }


def _quote(letter: str, quote: Quote, quotes: Quotes) -> Json:
    offer, same_work = quote.offer, quotes.same_work(quote)
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
        "money": _money(offer) if offer.lines else None,
        "paid_at_start": band_to_dict(offer.at_start.band) if offer.lines else None,
        "committed": band_to_dict(offer.committed.band) if offer.lines else None,
        "paid_for_lost_time": {name: band_to_dict(figure.band) for name, figure in offer.lost.items()},
        "work": _work(offer),
        **promised_to_dict(quote.promised),
        "money_for_same_work": None if same_work is None else _text(same_work),
        "priced_share": offer.priced_share,
        "missing": list(offer.missing),
        "assumed": list(offer.assumed),
        "standing": quote.standing,
        "relative": band_to_dict(quote.relative),
        "usd_per_million_tokens": band_to_dict(_in_dollars(quote.per_million_tokens, quotes.rate)),
        "per_million_tokens": band_to_dict(quote.per_million_tokens),
        **_per_million_samples(quote),
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


def _per_million_samples(quote: Quote) -> Json:
    """Return the price of samples of post-training; nothing of other plans."""
    tokens = quote.offer.sample_tokens
    return {"per_million_samples": band_to_dict(scaled(quote.per_million_tokens, tokens))} if tokens else {}


def _work(offer: Offer) -> Json | None:
    if not offer.factors:
        return None
    told = {name: band_to_dict(factor.band) for name, factor in offer.factors.items()}
    steps: Json = {}
    if offer.step_tokens:
        steps = {
            "steps": band_to_dict(scaled(offer.work.band, 1.0 / offer.step_tokens)),
            "samples": band_to_dict(scaled(offer.work.band, 1.0 / (offer.sample_tokens or 1.0))),
        }
    return {
        **steps,
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


def _money(offer: Offer) -> Json:
    return {"amount": _text(offer.amount), "band": band_to_dict(offer.money.band)}


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def quotes_csv(quotes: Quotes) -> str:
    """Return each amount as a row: lines of money, then parts of gaps; what is unknown has no amount."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for letter, quote in zip(LETTERS, quotes.quotes, strict=False):
        for row in _rows(quote, quotes.rate):
            writer.writerow((letter, safe(quote.offer.label), *row))
    return text.getvalue()


def _rows(quote: Quote, rate: ExchangeRate) -> Iterator[tuple[object, ...]]:
    for line in quote.offer.lines:
        in_dollars, own = _amounts(line.amount, line.figure.band, rate)
        yield "money", line.id, *in_dollars, line.state, rate.currency, *own
    for part in quote.gap.parts if quote.gap else ():
        in_dollars, own = _amounts(part.amount, part.band, rate)
        yield f"gap: {part.kind}", part.id, *in_dollars, "", rate.currency, *own


def _amounts(
    amount: Decimal | None, band: Band | None, rate: ExchangeRate
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return an amount and its ends in US dollars, and in the currency in which they are."""
    if amount is None or band is None:
        return ("", "", ""), ("", "", "")
    own = (_text(amount), f"{band.p10:.2f}", f"{band.p90:.2f}")
    if rate.per_usd == 1:
        return own, own
    ends = _in_dollars(band, rate) or band
    return (f"{float(amount) / rate.per_usd:.2f}", f"{ends.p10:.2f}", f"{ends.p90:.2f}"), own


def _in_dollars(band: Band | None, rate: ExchangeRate) -> Band | None:
    return band and Band(*(end / rate.per_usd for end in (band.p10, band.p50, band.p90)))
