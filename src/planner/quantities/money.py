"""Money: what is bought, what the run uses up of it, what the life costs, and what has no price."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, absent, typed
from planner.quantities.money_kinds import PART, RUN
from planner.quantities.operation import KWH_PER_MWH
from planner.quantities.purchase_prices import is_bought, is_rented
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, another_way, leaf, quantity
from planner.units import DAYS_PER_YEAR

TOKENS_PER_PRICE = 1e6


@leaf(
    "cost.currency",
    "currency of all money",
    "words",
    method="prices in others being converted at the plan's rates, else at dated ones",
    scope="plan",
    form="words",
)
def currency(_: Setting) -> Leaf:
    """Return the currency."""
    return Leaf("USD")


_BOUGHT = {
    "equipment": "ledger.equipment",
    "building": "ledger.building",
    "installation": "ledger.installation",
    "freight": "ledger.freight",
    "duty": "ledger.duty",
    "tax": "ledger.tax",
}


@quantity(
    "ledger.purchase",
    "all that buying costs before training starts",
    "USD",
    _BOUGHT,
    scope="pool",
    family="money",
    optional=frozenset(_BOUGHT) - {"equipment"},
)
def purchase(
    equipment: FloatArray,
    building: FloatArray,
    installation: FloatArray,
    freight: FloatArray,
    duty: FloatArray,
    tax: FloatArray,
) -> FloatArray:
    """Return what a purchase costs, whether or not the plan buys. [USD]."""
    return equipment + building + installation + freight + duty + tax


@quantity(
    "cost.capex",
    "purchase: all that is paid before training starts",
    "USD",
    {"purchase": "ledger.purchase"},
    short="purchase",
    scope="pool",
    form="band",
    better="less",
    family="money",
    when=is_bought,
    aliases=("cost_capex", "capex", "purchase"),
    over_pools="added",
)
def capex(purchase: FloatArray) -> FloatArray:
    """Return what is bought. [USD]."""
    return purchase


@another_reading("cost.capex")
def nothing_bought(_: Setting) -> Leaf:
    """Return that a rented pool is not bought."""
    return absent("other", "rented: nothing is bought")


@quantity(
    "cost.electricity",
    "electricity of the run",
    "USD",
    {"energy": "energy_mwh", "price": "site.electricity_usd_per_kwh"},
    short="electricity",
    when=is_bought,
    missing={"energy": Gap("unknown", "money", "energy of the run")},
    **RUN,
)
def electricity(energy: FloatArray, price: FloatArray) -> FloatArray:
    """Return the run's electricity. [USD]."""
    return energy * KWH_PER_MWH * price


@quantity(
    "cost.opex",
    "operation of the run",
    "USD",
    {
        "electricity": "cost.electricity",
        "standing": "ledger.standing",
        "carbon": "ledger.carbon",
        "water": "ledger.water",
        "days": "fleet_days",
    },
    short="operation",
    when=is_bought,
    optional=frozenset({"electricity", "standing", "carbon", "water"}),
    aliases=("opex",),
    **RUN,
)
def opex(
    electricity: FloatArray, standing: FloatArray, carbon: FloatArray, water: FloatArray, days: FloatArray
) -> FloatArray:
    """Return what is paid while the run lasts. [USD]."""
    return electricity + (standing + carbon + water) * days / DAYS_PER_YEAR


@another_reading("cost.electricity")
@another_reading("cost.opex")
def in_the_rent(_: Setting) -> Leaf:
    """Return that rent includes the electricity."""
    return absent("other", "in the rent")


@quantity(
    "cost.total",
    "money of this run",
    "USD",
    {
        "rental": "cost.parts.rental",
        "support": "money.rent_support_share",
        "storage": "ledger.storage",
        "storage_rate": "ledger.storage_rate",
        "egress": "ledger.egress",
    },
    short="this run",
    better="less",
    when=is_rented,
    optional=frozenset({"support", "storage", "storage_rate", "egress"}),
    aliases=("cost", "total", "cost_total"),
    over_pools="run",
    **RUN,
)
def rented_total(
    rental: FloatArray,
    support: FloatArray,
    storage: FloatArray,
    storage_rate: FloatArray,
    egress: FloatArray,
) -> FloatArray:
    """Return the rent and what is paid beside it. [USD]."""
    return rental * (1 + support) + storage + storage_rate + egress


@another_way(
    "cost.total",
    {
        "depreciation": "cost.parts.depreciation",
        "operation": "cost.opex",
        "capital": "cost.parts.capital",
        "earning": "money.earning_share",
    },
    optional=frozenset({"operation", "capital"}),
)
def bought_total(
    depreciation: FloatArray, operation: FloatArray, capital: FloatArray, earning: FloatArray
) -> FloatArray:
    """Return what the run uses up and takes, and its share of the time in which nothing is done. [USD]."""
    return (depreciation + operation + capital) / earning


@quantity(
    "cost.per_million_tokens",
    "money per 1M tokens",
    "USD",
    {"total": "cost.total", "tokens": "facts.tokens"},
    short="per 1M tokens",
    better="less",
    aliases=("cost_per_million_tokens",),
    **RUN,
)
def per_million_tokens(total: FloatArray, tokens: FloatArray) -> FloatArray:
    """Return the run's money for each million of its tokens. [USD]."""
    return total * TOKENS_PER_PRICE / tokens


@quantity(
    "cost.parts.rental",
    "rent of the run",
    "USD",
    {"chip_hours": "chip_hours", "rent": "price.rental_usd_per_chip_hour"},
    short="rental",
    when=lambda setting: is_rented(setting) and not is_committed(setting),
    **PART,
)
def rental(chip_hours: FloatArray, rent: FloatArray) -> FloatArray:
    """Return the rent of all chips over the whole time. [USD]."""
    return chip_hours * rent


@another_way(
    "cost.parts.rental",
    {
        "chip_hours": "chip_hours",
        "rent": "price.rental_usd_per_chip_hour",
        "earning": "money.earning_share",
    },
    when=is_rented,
)
def committed_rental(chip_hours: FloatArray, rent: FloatArray, earning: FloatArray) -> FloatArray:
    """Return the rent with the run's share of the hours that are paid and not used. [USD]."""
    return chip_hours * rent / earning


@another_reading("cost.parts.rental")
def not_rented(_: Setting) -> Leaf:
    """Return that nothing is rented."""
    return absent("other", "nothing is rented")


def is_committed(setting: Setting) -> bool:
    """Return whether each hour of a term is paid, used or not."""
    return setting.pool.pool.rental_months is not None


@quantity(
    "cost.parts.purchase",
    "purchase at known prices, at the medians",
    "USD",
    {"capex": "cost.capex"},
    short="purchase",
    scope="pool",
    form="part",
    family="money",
)
def purchase_part(capex: FloatArray) -> FloatArray:
    """Return the purchase as a part. [USD]."""
    return capex


@quantity(
    "ledger.building_a_year",
    "what a building loses a year beyond the machines' straight line",
    "USD",
    {
        "building": "ledger.building",
        "years": "money.depreciation_years",
        "building_years": "money.building_years",
    },
    scope="pool",
    family="money",
)
def building_a_year(building: FloatArray, years: FloatArray, building_years: FloatArray) -> FloatArray:
    """Return the building's own straight line less that of what stands in it; mostly below zero. [USD]."""
    return building / building_years - building / years


@quantity(
    "cost.parts.depreciation",
    "what the run uses up of the purchase, in a straight line",
    "USD",
    {
        "capex": "cost.capex",
        "residual": "ledger.residual",
        "building": "ledger.building_a_year",
        "days": "fleet_days",
        "years": "money.depreciation_years",
    },
    short="depreciation",
    optional=frozenset({"building"}),
    **PART,
)
def depreciation(
    capex: FloatArray, residual: FloatArray, building: FloatArray, days: FloatArray, years: FloatArray
) -> FloatArray:
    """Return the value at the start of the run less that at its end. [USD]."""
    return ((capex - residual) / years + building) * days / DAYS_PER_YEAR


@quantity(
    "cost.parts.electricity",
    "electricity of the run, at the medians",
    "USD",
    {"electricity": "cost.electricity"},
    short="electricity",
    **PART,
)
def electricity_part(electricity: FloatArray) -> FloatArray:
    """Return the electricity as a part. [USD]."""
    return electricity


@quantity(
    "cost.parts.standing",
    "space, support, software and people of the run",
    "USD",
    {"operation": "cost.opex", "electricity": "cost.electricity"},
    short="standing",
    optional=frozenset({"electricity"}),
    **PART,
)
def standing_part(operation: FloatArray, electricity: FloatArray) -> FloatArray:
    """Return what else is paid while the run lasts. [USD]."""
    return operation - electricity


@quantity(
    "cost.parts.capital",
    "cost of the capital that the run binds, on what is not written off",
    "USD",
    {
        "capex": "cost.capex",
        "depreciation": "cost.parts.depreciation",
        "rate": "money.discount_rate",
        "days": "fleet_days",
    },
    short="capital",
    **PART,
)
def capital(capex: FloatArray, depreciation: FloatArray, rate: FloatArray, days: FloatArray) -> FloatArray:
    """Return the cost of capital on the value in the middle of a run that begins with the purchase. [USD]."""
    return np.maximum(capex - depreciation / 2, capex / 2) * rate * days / DAYS_PER_YEAR


@quantity(
    "cost.parts.idle",
    "the run's share of the time without paid work",
    "USD",
    {"total": "cost.total", "earning": "money.earning_share"},
    short="idle time",
    when=is_bought,
    **PART,
)
def idle_part(total: FloatArray, earning: FloatArray) -> FloatArray:
    """Return what the run pays for time in which nothing is done. [USD]."""
    return total * (1 - earning)


@another_reading("cost.parts.idle")
def not_idle(_: Setting) -> Leaf:
    """Return that rent is paid for the hours of the run."""
    return absent("other", "in the rent")


@leaf("money.depreciation_years", "years that the purchase is used", "years", scope="plan")
def depreciation_years(setting: Setting) -> Leaf:
    """Return over how many years the purchase is written off."""
    return typed(setting.plan.money.depreciation_years, "money.depreciation_years")


@leaf("money.building_years", "years that the building is used", "years", scope="plan")
def building_years(setting: Setting) -> Leaf:
    """Return over how many years the building is written off."""
    return typed(setting.plan.money.building_years, "money.building_years")
