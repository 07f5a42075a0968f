"""What a cluster costs over its life, bought or rented."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray
from planner.quantities.financing import LEAST_RATE
from planner.quantities.leaves import Leaf, typed
from planner.quantities.money import is_committed
from planner.quantities.money_kinds import LINE
from planner.quantities.purchase_prices import is_bought
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, another_way, leaf, quantity
from planner.units import HOURS_PER_YEAR, MONTHS_PER_YEAR


@quantity(
    "ledger.residual",
    "what a buyer pays for the equipment in the end",
    "USD",
    {"equipment": "ledger.equipment", "share": "money.residual_share"},
    short="residual",
    scope="pool",
    **LINE,
)
def residual(equipment: FloatArray, share: FloatArray) -> FloatArray:
    """Return what is left of the equipment. [USD]."""
    return equipment * share


@leaf(
    "money.residual_share", "share of the equipment's price that it brings in the end", "share", scope="plan"
)
def residual_share(setting: Setting) -> Leaf:
    """Return what the plan says is left; nothing where it says nothing."""
    return typed(setting.plan.money.residual_share or 0.0, "money.residual_share")


@quantity(
    "ledger.building_left",
    "what the building is worth when the machines are written off",
    "USD",
    {
        "building": "ledger.building",
        "years": "money.depreciation_years",
        "building_years": "money.building_years",
    },
    short="building left",
    scope="pool",
    family="money",
)
def building_left(building: FloatArray, years: FloatArray, building_years: FloatArray) -> FloatArray:
    """Return the part of a straight line that is not written off yet. [USD]."""
    return building * np.maximum(1 - years / building_years, 0)


_LIFE = {
    "purchase": "ledger.purchase",
    "operation": "ledger.operation",
    "years": "money.depreciation_years",
    "residual": "ledger.residual",
    "building_left": "ledger.building_left",
}


@quantity(
    "ledger.life",
    "owning over the life: purchase and operation less what is left",
    "USD",
    _LIFE,
    family="money",
    optional=frozenset({"building_left"}),
)
def life(
    purchase: FloatArray,
    operation: FloatArray,
    years: FloatArray,
    residual: FloatArray,
    building_left: FloatArray,
) -> FloatArray:
    """Return what owning costs over the years of use. [USD]."""
    return purchase + operation * years - residual - building_left


@quantity(
    "ledger.rent_a_year",
    "rent of a year",
    "USD",
    {
        "chips": "pools.chips",
        "rent": "price.rental_usd_per_chip_hour",
        "earning": "money.earning_share",
    },
    short="rent",
    scope="pool",
    form="band",
    family="money",
    when=lambda setting: not is_committed(setting),
)
def rent_a_year(chips: FloatArray, rent: FloatArray, earning: FloatArray) -> FloatArray:
    """Return the rent of the hours in which work is done. [USD]."""
    return chips * rent * earning * HOURS_PER_YEAR


@another_way("ledger.rent_a_year", {"chips": "pools.chips", "rent": "price.rental_usd_per_chip_hour"})
def committed_rent_a_year(chips: FloatArray, rent: FloatArray) -> FloatArray:
    """Return the rent of every hour of a year. [USD]."""
    return chips * rent * HOURS_PER_YEAR


@quantity(
    "ledger.rent_support",
    "support beside the rent, a year",
    "USD",
    {"rent": "ledger.rent_a_year", "share": "money.rent_support_share"},
    short="support",
    scope="pool",
    **LINE,
)
def rent_support(rent: FloatArray, share: FloatArray) -> FloatArray:
    """Return what a cloud asks beside the rent. [USD]."""
    return rent * share


@quantity(
    "ledger.term_years",
    "years over which the cluster is paid",
    "years",
    {"years": "money.depreciation_years"},
    scope="pool",
    when=lambda setting: not is_committed(setting),
)
def term_years(years: FloatArray) -> FloatArray:
    """Return the years of use. [years]."""
    return years


@another_reading("ledger.term_years")
def committed_years(setting: Setting) -> Leaf:
    """Return the term of the commitment."""
    pool = setting.pool.pool
    return typed((pool.rental_months or 0.0) / MONTHS_PER_YEAR, f"cluster.pools[{pool.id}].rental_months")


_RENTED = {
    "rent": "ledger.rent_a_year",
    "support": "ledger.rent_support",
    "years": "ledger.term_years",
    "storage": "ledger.storage",
    "storage_rate": "ledger.storage_rate",
    "egress": "ledger.egress",
}
_BESIDE_THE_RENT = frozenset({"support", "storage", "storage_rate", "egress"})


@quantity(
    "cost.life",
    "money of the whole life",
    "USD",
    {"owning": "ledger.life"},
    short="life",
    better="less",
    when=is_bought,
    over_pools="added",
    **LINE,
)
def cost_of_life(owning: FloatArray) -> FloatArray:
    """Return what is paid over the life, less what is left. [USD]."""
    return owning


@another_way(
    "cost.life",
    _RENTED,
    optional=_BESIDE_THE_RENT,
)
def rented_life(
    rent: FloatArray,
    support: FloatArray,
    years: FloatArray,
    storage: FloatArray,
    storage_rate: FloatArray,
    egress: FloatArray,
) -> FloatArray:
    """Return the rent over the years of use or of the term, and what is paid beside it. [USD]."""
    return (rent + support) * years + storage + storage_rate + egress


@quantity(
    "cost.first_year",
    "cash of the first year, the purchase included",
    "USD",
    {"purchase": "ledger.purchase", "operation": "ledger.operation", "years": "money.depreciation_years"},
    short="first year",
    better="less",
    when=is_bought,
    over_pools="added",
    **LINE,
)
def first_year(purchase: FloatArray, operation: FloatArray, years: FloatArray) -> FloatArray:
    """Return what is paid before training starts and in the year after. [USD]."""
    return purchase + operation * np.minimum(years, 1)


@another_way(
    "cost.first_year",
    _RENTED,
    optional=_BESIDE_THE_RENT,
)
def rented_first_year(
    rent: FloatArray,
    support: FloatArray,
    years: FloatArray,
    storage: FloatArray,
    storage_rate: FloatArray,
    egress: FloatArray,
) -> FloatArray:
    """Return the rent of a year, or of the term where that is shorter, and what is paid beside it. [USD]."""
    return (rent + support) * np.minimum(years, 1) + storage + storage_rate + egress


@quantity(
    "cost.present_value",
    "net present value of all that is paid, less what is left",
    "USD",
    {**_LIFE, "rate": "money.discount_rate"},
    short="present value",
    better="less",
    when=is_bought,
    optional=frozenset({"building_left"}),
    aliases=("npv",),
    **LINE,
)
def present_value(
    purchase: FloatArray,
    operation: FloatArray,
    years: FloatArray,
    residual: FloatArray,
    building_left: FloatArray,
    rate: FloatArray,
) -> FloatArray:
    """Return the purchase, an annuity of the operation, and what is left discounted. [USD]."""
    rate = np.maximum(rate, LEAST_RATE)
    # exp and log of small numbers keep the digits that 1 + rate would lose
    shrunk: FloatArray = np.expm1(-1 * years * np.log1p(rate))
    return purchase - operation * shrunk / rate - (residual + building_left) * (1 + shrunk)


@another_way(
    "cost.present_value",
    {**_RENTED, "rate": "money.discount_rate"},
    optional=_BESIDE_THE_RENT,
)
def rented_present_value(
    rent: FloatArray,
    support: FloatArray,
    years: FloatArray,
    storage: FloatArray,
    storage_rate: FloatArray,
    egress: FloatArray,
    rate: FloatArray,
) -> FloatArray:
    """Return an annuity of the rent and of what is paid with it, and what is paid once. [USD]."""
    rate = np.maximum(rate, LEAST_RATE)
    shrunk: FloatArray = np.expm1(-1 * years * np.log1p(rate))
    return storage + storage_rate + egress - (rent + support) * shrunk / rate


@quantity(
    "cost.per_chip_hour",
    "money of an hour of a chip in which training goes on",
    "USD/h",
    {
        "life": "cost.life",
        "chips": "pools.chips",
        "years": "ledger.term_years",
        "earning": "money.earning_share",
        "goodput": "goodput",
    },
    short="per chip-hour",
    better="less",
    **LINE,
)
def per_chip_hour(
    life: FloatArray, chips: FloatArray, years: FloatArray, earning: FloatArray, goodput: FloatArray
) -> FloatArray:
    """Return the life's money over the hours that are delivered. [USD/h]."""
    return life / (chips * years * HOURS_PER_YEAR * earning * goodput)
