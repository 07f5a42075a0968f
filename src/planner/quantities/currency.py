"""The currency in which a plan's money is told, and what a US dollar is in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.domain.evidence import EvidenceKind
from planner.planning import exchange_rates
from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate, rate_of
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import leaf
from planner.units import Span


def told_in(setting: Setting) -> ExchangeRate:
    """Return the rate by which a plan's money is told; in US dollars where its currency has no rate."""
    plan = setting.plan
    return rate_of(plan, setting.resolved.prices, plan.money.currency) or NO_EXCHANGE


def all_told_in(settings: Sequence[Setting]) -> ExchangeRate:
    """Return the rate by which plans side by side are told: their own where all have the same, else none."""
    rates = {(rate.currency, rate.per_usd): rate for rate in map(told_in, settings)}
    return next(iter(rates.values())) if len(rates) == 1 else NO_EXCHANGE


def in_dollars(setting: Setting, amount: float | Span) -> float | None:
    """Return an amount that a plan states, in US dollars; None where its currency has no rate."""
    return exchange_rates.in_dollars(setting.plan, setting.resolved.prices, amount)


@leaf("money.per_usd", "what a US dollar is in the plan's currency", "", scope="plan", family="money")
def per_usd(setting: Setting) -> Leaf:
    """Return the plan's rate, else that of its day."""
    currency = setting.plan.money.currency
    rate = rate_of(setting.plan, setting.resolved.prices, currency)
    if rate is None:
        text = f"rate of {currency}"
        return Leaf(None, name=text, gaps=(Gap("unknown", "money", text),))
    if rate is NO_EXCHANGE:
        return Leaf(np.ones(1), method="1: money is told in US dollars")
    if rate.date is None:
        grounds = Grounds("plan", f"plan: money.rates.{currency}")
    else:
        kind: EvidenceKind = "memory" if rate.is_assumed else "derived"
        grounds = Grounds(kind, f"prices/{currency.lower()}", rate.sources, rate.words)
    return Leaf(np.array([rate.per_usd]), grounds)
