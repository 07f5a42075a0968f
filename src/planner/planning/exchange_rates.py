"""What a dollar is in other currencies on a plan's day: the plan's own rates, else dated ones of profiles."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planner.domain.plan import Plan
from planner.domain.price import Price
from planner.units import DOLLAR, ForeignSpan, Span, middle_of


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What a US dollar is in a currency, and who says so."""

    currency: str
    per_usd: float
    #: of the rate; None: it is the plan's, or none is needed
    date: datetime.date | None = None
    #: in words where it is from; empty: none is needed
    words: str = ""
    #: keys into the catalog's sources
    sources: tuple[str, ...] = ()
    #: nobody who was read says so
    is_assumed: bool = False


NO_EXCHANGE = ExchangeRate(DOLLAR, 1.0)


def rate_of(plan: Plan, prices: Mapping[str, Price], currency: str) -> ExchangeRate | None:
    """Return the rate of a currency on the plan's day; None where nobody says one.

    Parameters
    ----------
    plan
        Its own rates come first; its `as_of` says the day.
    prices
        By id; a currency's is its code in small letters.
    currency
        ISO 4217.
    """
    if currency == DOLLAR:
        return NO_EXCHANGE
    if currency in plan.money.rates:
        return ExchangeRate(currency, plan.money.rates[currency], None, f"the plan's rate of {currency}")
    rate = prices.get(currency.lower())
    of_day = None if rate is None else rate.at(plan.as_of)
    if of_day is None:
        return None
    # a rate is that of its day: what it was before says nothing
    latest = max(of_day.quotes, key=lambda quote: quote.date or datetime.date.min)
    amount = middle_of(latest.amount)
    is_assumed = latest.kind in ("memory", "assumed")
    words = f"{amount:g} {currency} for a dollar on {latest.date}{', from memory' if is_assumed else ''}"
    return ExchangeRate(currency, amount, latest.date, words, latest.sources, is_assumed)


def in_dollars(plan: Plan, prices: Mapping[str, Price], amount: float | Span) -> float | None:
    """Return an amount that a plan states, in US dollars; None where its currency has no rate."""
    if not isinstance(amount, ForeignSpan):
        return middle_of(amount)
    rate = rate_of(plan, prices, amount.currency)
    return None if rate is None else amount.middle / rate.per_usd


def currencies_of(plan: Plan) -> tuple[str, ...]:
    """Return the currencies that a plan tells its money in or states amounts in."""
    stated = (value.currency for value in _stated(plan) if isinstance(value, ForeignSpan))
    return tuple(dict.fromkeys((plan.money.currency, *stated)))


def _stated(plan: Plan) -> Iterator[object]:
    """Yield what a plan's tables with money say."""
    for table in (plan.money, plan.site, plan.targets, *plan.cluster.pools):
        yield from vars(table).values()
