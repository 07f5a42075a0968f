"""What it costs that a whole cluster waits."""

from __future__ import annotations

from planner.engine.arrays import FloatArray
from planner.quantities.leaves import Leaf, absent
from planner.quantities.money import is_committed
from planner.quantities.purchase_prices import is_bought
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, another_way, quantity
from planner.units import HOURS_PER_YEAR, MONTHS_PER_YEAR, WATTS_PER_KW


@quantity(
    "ledger.idle_electricity",
    "electricity of a year in which nothing trains",
    "USD",
    {"idle": "power.idle_facility_w", "price": "site.electricity_usd_per_kwh"},
    scope="pool",
    family="money",
)
def idle_electricity(idle: FloatArray, price: FloatArray) -> FloatArray:
    """Return what waiting chips and their hosts draw, in money. [USD]."""
    return idle / WATTS_PER_KW * HOURS_PER_YEAR * price


@quantity(
    "ledger.capital_a_year",
    "cost of the capital of all that is bought, a year",
    "USD",
    {"purchase": "ledger.purchase", "rate": "money.discount_rate"},
    scope="pool",
    family="money",
)
def capital_a_year(purchase: FloatArray, rate: FloatArray) -> FloatArray:
    """Return the cost of capital before anything is written off. [USD]."""
    return purchase * rate


@quantity(
    "cost.idle_month",
    "money of a month in which the whole cluster waits, as where training begins late",
    "USD",
    {
        "purchase": "ledger.purchase",
        "residual": "ledger.residual",
        "years": "money.depreciation_years",
        "building": "ledger.building_a_year",
        "standing": "ledger.standing",
        "electricity": "ledger.idle_electricity",
        "capital": "ledger.capital_a_year",
    },
    short="idle month",
    when=is_bought,
    optional=frozenset({"building", "standing", "electricity", "capital"}),
    over_pools="added",
    form="band",
    family="money",
)
def idle_month(
    purchase: FloatArray,
    residual: FloatArray,
    years: FloatArray,
    building: FloatArray,
    standing: FloatArray,
    electricity: FloatArray,
    capital: FloatArray,
) -> FloatArray:
    """Return the value that is lost, what is paid whatever runs, and the cost of the capital. [USD]."""
    return ((purchase - residual) / years + building + standing + electricity + capital) / MONTHS_PER_YEAR


@another_way(
    "cost.idle_month",
    {"rent": "ledger.rent_a_year", "support": "ledger.rent_support"},
    optional=frozenset({"support"}),
    when=is_committed,
)
def rented_idle_month(rent: FloatArray, support: FloatArray) -> FloatArray:
    """Return what a commitment asks for a month, used or not. [USD]."""
    return (rent + support) / MONTHS_PER_YEAR


@another_reading("cost.idle_month")
def no_idle_month(_: Setting) -> Leaf:
    """Return that rent by the hour is paid for hours in use alone."""
    return absent("other", "rented by the hour")
