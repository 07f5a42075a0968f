"""In which currency money is told, and by which rate: said wherever it is not the US dollar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.currency import all_told_in, told_in
from planner.quantities.setting import Setting
from planner.report.document import Entry

if TYPE_CHECKING:
    # whoever estimates one plan needs nothing of what compares two
    from planner.differences.diff import Side


def currency_entries(setting: Setting) -> tuple[Entry, ...]:
    """Return in which currency a plan's money is told; nothing of a plan in US dollars."""
    stated, rate = setting.plan.money.currency, told_in(setting)
    if stated != rate.currency:
        return (Entry("currency", f"{rate.currency}, as there is no rate of {stated} (money.rates)", "bad"),)
    return (Entry("currency", f"{rate.currency}: {rate.words}"),) if rate.words else ()


def rate_of_sides(sides: Sequence[Side]) -> ExchangeRate:
    """Return the rate by which plans side by side are told."""
    return all_told_in([side.estimate.known.setting for side in sides])


def sides_words(sides: Sequence[Side]) -> list[str]:
    """Return in which currency plans side by side are told, where one of them is not in US dollars."""
    return settings_words([side.estimate.known.setting for side in sides])


def settings_words(settings: Sequence[Setting]) -> list[str]:
    """Return in which currency plans with these settings are told, where one is not in US dollars."""
    rate = all_told_in(settings)
    if rate.words:
        return [f"money in {rate.currency}: {rate.words}"]
    stated = dict.fromkeys(setting.plan.money.currency for setting in settings)
    if list(stated) == [rate.currency]:
        return []
    return [
        f"money in {rate.currency}, as the plans do not share a currency with a rate: {', '.join(stated)}"
    ]


def sides_to_dict(sides: Sequence[Side]) -> dict[str, Any]:
    """Return the currency in which plans side by side are told as text; JSON keeps US dollars."""
    rate = rate_of_sides(sides)
    return currency_to_dict(rate, rate.currency)


def currency_to_dict(rate: ExchangeRate, stated: str) -> dict[str, Any]:
    """Return a plan's currency with its rate; no rate is null, and amounts are in US dollars then."""
    is_known = rate.currency == stated
    return {
        "code": stated,
        "per_usd": rate.per_usd if is_known else None,
        "date": None if rate.date is None else rate.date.isoformat(),
        "from": (rate.words or None) if is_known else None,
        "documents": list(rate.sources),
    }
