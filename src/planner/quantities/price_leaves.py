"""Prices as leaves of the tree: what a plan says, or dated quotes with the spread of their kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.domain.price import Term
from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import uniform_draws
from planner.planning.exchange_rates import ExchangeRate, rate_of
from planner.planning.prices import UsdPrice, usd_price
from planner.quantities.currency import told_in
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, drawn, typed
from planner.quantities.record import Grounds, OwnPrice
from planner.quantities.setting import Setting
from planner.units import ForeignSpan, Span, middle_of


def drawn_between(low: float, middle: float, high: float, stream: str) -> FloatArray:
    """Return the middle, then draws of which half lie evenly on either side of it; (1 + draws,)."""
    where = uniform_draws(stream)
    below = low + (middle - low) * 2 * where
    above = middle + (high - middle) * (2 * where - 1)
    return np.concatenate([[middle], np.where(where < 0.5, below, above)])


def quoted(setting: Setting, price_id: str, missing: str, term: Term | None = None) -> Leaf:
    """Return what quotes say on the plan's day; `missing` says what is not known where there are none.

    Quotes of one source are drawn together: who asks too much for one thing does for others.
    """
    found = usd_price(setting.plan, setting.resolved.prices, price_id, term)
    if isinstance(found, str):
        text = f"{missing} ({found})" if found else missing
        return Leaf(None, name=text, gaps=(Gap("unknown", "money", text),))
    values = drawn_between(*found.ends, f"price.{found.known.source}")
    rate = told_in(setting) if found.is_money else None
    return Leaf(values, _grounds(found), _name(found.price.name, found.ends, rate))


def of_plan(setting: Setting, name: str, missing: str) -> Leaf:
    """Return what the plan's `[money]` says under a key; else that nobody knows `missing`."""
    value: float | Span | None = getattr(setting.plan.money, name)
    if value is None:
        return Leaf(None, name=missing, gaps=(Gap("unknown", "money", missing),))
    return stated(setting, value, f"money.{name}", missing)


def stated(setting: Setting, value: float | Span, key: str, name: str, stream: str = "") -> Leaf:
    """Return what the plan says under a key, in US dollars; unknown where its currency has no rate."""
    if not isinstance(value, ForeignSpan):
        return typed(value, key, name, stream)
    rate = rate_of(setting.plan, setting.resolved.prices, value.currency)
    if rate is None:
        text = f"{name} (no rate of {value.currency})"
        return Leaf(None, Grounds("plan", f"plan: {key}"), text, (Gap("unknown", "money", text),))
    low, high = (end / rate.per_usd for end in (value.low, value.high))
    own = OwnPrice(value.currency, value.low, value.middle, value.high, rate, ())
    dollars = Span(low, high) if low < high else low
    said = f"{own.words}; {rate.words}"
    return Leaf(
        drawn(dollars, stream or key),
        Grounds("plan", f"plan: {key}", rate.sources, said, own_price=own),
        _name(name, (low, middle_of(dollars), high), told_in(setting)) if low < high else "",
    )


def first_known(*leaves: Leaf) -> Leaf:
    """Return the first leaf that is known; else the last."""
    return next((leaf for leaf in leaves if leaf.figure.is_known), leaves[-1])


def with_gap(leaf: Leaf, text: str) -> Leaf:
    """Return a leaf that is known, and stands in for something that is not."""
    if not leaf.figure.is_known:
        return leaf
    return replace(leaf, gaps=(*leaf.gaps, Gap("assumed", "money", text)))


def _grounds(found: UsdPrice) -> Grounds:
    count = len(found.known.quotes)
    days = sorted(quote.date for quote in found.known.quotes if quote.date)
    dates = "" if not days else f" of {days[0]}" if len(set(days)) == 1 else f" of {days[0]} to {days[-1]}"
    note = f"{count} quote{'s' if count > 1 else ''}{dates}"
    note += f"; {found.rate.words}" if found.rate.words else ""
    known, currency = found.known, found.price.currency
    own = OwnPrice(currency, known.low, known.middle, known.high, found.rate, tuple(dict.fromkeys(days)))
    return Grounds(found.kind, f"prices/{found.price.id}", found.sources, note, own_price=own)


def _name(name: str, ends: tuple[float, float, float], rate: ExchangeRate | None) -> str:
    """Return a price's name with its ends as the plan tells its money; None: it is no money."""
    per_usd, unit = (1.0, "") if rate is None else (rate.per_usd, f" {rate.currency}")
    low, middle, high = (f"{float(f'{end * per_usd:.4g}'):,.12g}" for end in ends)
    return f"{name} ({low} to {high}{unit}, {middle} in the middle)"
