"""Whether a budget holds: missed once what is known exceeds it, met only where nothing lacks a price."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.plan import MoneyOf, Targets
from planner.estimate.result import PoolEstimate, TargetVerdict, over_pools
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure
from planner.quantities.purchase_prices import is_rented
from planner.quantities.table import TABLE

#: What is said of a target that a pool is not judged by alone.
NOT_A_WHOLE = "several pools are not estimated as a whole yet"
#: What a budget of each kind is held against.
MONEY_QUANTITIES: dict[MoneyOf, str] = {
    "purchase": "cost.capex",
    "year": "cost.first_year",
    "run": "cost.total",
    "life": "cost.life",
}
_SCALES = ((1e9, "B USD"), (1e6, "M USD"), (1e3, "k USD"), (1.0, "USD"))


def money_verdicts(
    targets: Targets, figures: Figures, pools: Sequence[PoolEstimate]
) -> tuple[TargetVerdict, ...]:
    """Return the plan's budget, where it has one, against what is known of it, and what decides.

    Of several pools what adds up is judged, and of the rest nothing: a part is never judged as the whole.
    """
    limit = targets.money_usd
    if limit is None:
        return ()
    identifier = MONEY_QUANTITIES[_budget(targets, figures)]
    if len(pools) == 1:
        return (_against(limit, identifier, figures[identifier]),)
    if TABLE[identifier].over_pools is None:
        return (TargetVerdict("money_usd", "unknown", NOT_A_WHOLE, identifier, limit),)
    return (_against(limit, identifier, over_pools(pools, identifier)),)


def _budget(targets: Targets, figures: Figures) -> MoneyOf:
    """Return what the budget is of: as the plan says, else the purchase; where nothing is bought, the run."""
    return targets.money_of or ("run" if is_rented(figures.setting) else "purchase")


def _against(limit: float, identifier: str, figure: Figure) -> TargetVerdict:
    label = TABLE[identifier].short
    band = figure.band
    if band is None:
        decides = figure.gaps[0]
        no_price = "no price of " if decides.family == "money" else ""
        return TargetVerdict("money_usd", "unknown", f"{label}: {no_price}{decides.text}", identifier, limit)
    scale, unit = next(((it, name) for it, name in _SCALES if limit >= it), _SCALES[-1])
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
