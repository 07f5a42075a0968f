"""How a purchase is financed, and what buying earns against renting: loans, payments, rate of return."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.engine.arrays import FloatArray
from planner.quantities.leaves import Leaf, nothing, typed
from planner.quantities.money_kinds import OF_PLAN, OF_POOL
from planner.quantities.price_leaves import of_plan
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, leaf, quantity
from planner.units import HOURS_PER_YEAR

#: In place of a rate of nothing, by which nothing can be divided. [1/year]
LEAST_RATE = 1e-12
#: What is lost where no rate makes the payments equal: all of it.
_ALL_LOST = -1.0


def has_loan(setting: Setting) -> bool:
    """Return whether a part of the purchase is borrowed."""
    return bool(setting.plan.money.loan_share)


@quantity(
    "ledger.loan",
    "what is borrowed of the purchase",
    "USD",
    {"purchase": "ledger.purchase", "share": "money.loan_share"},
    short="loan",
    when=has_loan,
    form="band",
    **OF_POOL,
)
def loan(purchase: FloatArray, share: FloatArray) -> FloatArray:
    """Return the share of the purchase that somebody lends. [USD]."""
    return purchase * share


@quantity(
    "ledger.loan_a_year",
    "interest and repayment of a year",
    "USD",
    {"loan": "ledger.loan", "rate": "money.loan_rate", "years": "money.loan_years"},
    short="loan a year",
    when=has_loan,
    form="band",
    **OF_POOL,
)
def loan_a_year(loan: FloatArray, rate: FloatArray, years: FloatArray) -> FloatArray:
    """Return the equal payments at the end of each year that pay a loan off. [USD]."""
    rate = np.maximum(rate, LEAST_RATE)
    written_off: FloatArray = 0 - np.expm1(-1 * years * np.log1p(rate))
    return loan * rate / written_off


@another_reading("ledger.loan")
@another_reading("ledger.loan_a_year")
def nothing_borrowed(_: Setting) -> Leaf:
    """Return that the plan borrows nothing."""
    return nothing("the plan states no loan (money.loan_share)")


@leaf("money.loan_share", "share of the purchase that is borrowed", "share", **OF_PLAN)
def loan_share(setting: Setting) -> Leaf:
    """Return what the plan says."""
    return typed(setting.plan.money.loan_share or 0.0, "money.loan_share")


@leaf("money.loan_rate", "interest of the loan, a year", "share", **OF_PLAN)
def loan_rate(setting: Setting) -> Leaf:
    """Return what the plan says."""
    return of_plan(setting, "loan_rate", "interest of the loan")


@leaf("money.loan_years", "years until the loan is paid off", "years", **OF_PLAN)
def loan_years(setting: Setting) -> Leaf:
    """Return what the plan says, else the full years of use."""
    money = setting.plan.money
    if money.loan_years is not None:
        return typed(float(money.loan_years), "money.loan_years")
    years = float(max(1, math.floor(money.depreciation_years)))
    return typed(years, "money.depreciation_years")


_RETURN = {
    "purchase": "ledger.purchase",
    "operation": "ledger.operation",
    "years": "money.depreciation_years",
    "residual": "ledger.residual",
    "building_left": "ledger.building_left",
    "chips": "pools.chips",
    "rent": "rent.asked_usd_per_chip_hour",
    "earning": "money.earning_share",
}


@leaf(
    "rent.return_of_buying",
    "rate of return a year of buying instead of renting",
    "share",
    short="return of buying",
    method="the rate (irr) at which what is paid before the first year equals what each year saves at its "
    "end: the rent of the hours in use less operation, and in the last year what is left",
    inputs=_RETURN,
    reads_figures=True,
    scope="pool",
    family="money",
)
def return_of_buying(figures: Any) -> Leaf:
    """Return the internal rate of return of the payments that buying makes and spares."""
    found = {name: figures[identifier] for name, identifier in _RETURN.items() if name != "building_left"}
    missing = tuple(gap for figure in found.values() if not figure.is_known for gap in figure.gaps)
    if missing:
        return Leaf(None, gaps=missing)
    building = figures["ledger.building_left"]
    left = found["residual"].values + (building.values if building.is_known else 0.0)
    rent = found["chips"].values * found["rent"].values * found["earning"].values * HOURS_PER_YEAR
    saved = rent - found["operation"].values
    gaps = tuple(dict.fromkeys(gap for figure in found.values() for gap in figure.gaps))
    flows = payments(found["purchase"].values, saved, left, float(found["years"].values[0]))
    return Leaf(rates_of_return(flows), gaps=gaps)


def payments(paid: FloatArray, a_year: FloatArray, left: FloatArray, years: float) -> FloatArray:
    """Return what is paid, below zero, and received by year and draw, the purchase first; (years + 1, draws).

    Examples
    --------
    >>> payments(np.array([100.0]), np.array([40.0]), np.array([10.0]), 2.5)[:, 0].tolist()
    [-100.0, 40.0, 40.0, 30.0]
    """
    full = math.floor(years)
    shares = [1.0] * full + ([years - full] if years > full else [])
    rows = [-paid, *(a_year * share for share in shares)]
    rows[-1] = rows[-1] + left
    return np.stack(np.broadcast_arrays(*rows))


def rates_of_return(flows: Sequence[FloatArray] | FloatArray) -> FloatArray:
    """Return the internal rate of return of each draw's payments; -1 where all is lost at any rate.

    Examples
    --------
    >>> rates_of_return(np.array([[-100.0], [110.0]])).round(9).tolist()
    [0.1]
    """
    # read when asked for: nothing else needs it
    from numpy_financial import irr  # noqa: PLC0415

    columns = np.asarray(flows).T
    rates = np.array([irr(column) if column[0] < 0 < column[1:].max() else np.nan for column in columns])
    return np.where(np.isfinite(rates), rates, _ALL_LOST)
