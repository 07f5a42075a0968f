"""Whether a budget holds: missed once what is known exceeds it, met only where nothing lacks a price."""

from __future__ import annotations

from planner.domain.plan import MoneyOf, Targets
from planner.estimate.result import TargetVerdict
from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.currency import in_dollars, told_in
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure
from planner.quantities.purchase_prices import is_rented
from planner.quantities.table import TABLE
from planner.units import DOLLAR

#: What a budget of each kind is held against.
MONEY_QUANTITIES: dict[MoneyOf, str] = {
    "purchase": "cost.capex",
    "year": "cost.first_year",
    "run": "cost.total",
    "life": "cost.life",
}
_PREFIXES = ((1e9, "B "), (1e6, "M "), (1e3, "k "), (1.0, ""))


def money_verdicts(targets: Targets, figures: Figures) -> tuple[TargetVerdict, ...]:
    """Return the plan's budget, where it has one, against what is known of it, and what decides."""
    if targets.money_usd is None:
        return ()
    identifier = budget_quantity(targets, figures)
    limit = in_dollars(figures.setting, targets.money_usd)
    if limit is None:
        currency = getattr(targets.money_usd, "currency", DOLLAR)
        return (TargetVerdict("money_usd", "unknown", f"no rate of {currency}, in which it is", identifier),)
    return (_against(limit, told_in(figures.setting), identifier, figures[identifier]),)


def budget_quantity(targets: Targets, figures: Figures) -> str:
    """Return the id of what the budget is of: as it says, else the purchase; this run where all is rented."""
    return MONEY_QUANTITIES[targets.money_of or ("run" if is_rented(figures.setting) else "purchase")]


def _against(limit: float, rate: ExchangeRate, identifier: str, figure: Figure) -> TargetVerdict:
    """Return whether a limit holds, both in US dollars; it is told in the plan's currency."""
    label = TABLE[identifier].short
    band = figure.band
    if band is None:
        decides = figure.gaps[0]
        no_price = "no price of " if decides.family == "money" else ""
        return TargetVerdict("money_usd", "unknown", f"{label}: {no_price}{decides.text}", identifier, limit)
    told = limit * rate.per_usd
    factor, prefix = next(((it, name) for it, name in _PREFIXES if told >= it), _PREFIXES[-1])
    scale, unit = factor / rate.per_usd, f"{prefix}{rate.currency}"
    of_limit = f"of {limit / scale:,.3g} {unit}"
    if band.p10 > limit:
        text = f"{label}: {band.p10 / scale:,.3g} {unit} at least, {of_limit}"
        return TargetVerdict("money_usd", "missed", text, identifier, limit)
    known = f"{label}: {band.p50 / scale:,.3g} {unit} {of_limit}"
    missing = next((gap.text for gap in figure.gaps if gap.kind != "assumed"), None)
    if missing is not None:
        return TargetVerdict("money_usd", "unknown", f"{known} without {missing}", identifier, limit)
    if band.p90 <= limit:
        return TargetVerdict("money_usd", "met", known, identifier, limit)
    text = f"{known}, {band.p90 / scale:,.3g} at the bad end"
    return TargetVerdict("money_usd", "unknown", text, identifier, limit)
