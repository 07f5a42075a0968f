"""What a cluster costs each year beside its purchase: electricity, space, support, software and people."""

from __future__ import annotations

from planner.engine.arrays import FloatArray
from planner.planning.prices import WORLD
from planner.quantities.energy import GRAMS_PER_TONNE, LITRES_PER_CUBIC_METRE
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, constant, nothing, of_figure, typed
from planner.quantities.money_kinds import LINE, OF_PLAN
from planner.quantities.price_leaves import first_known, of_plan, quoted, stated, with_gap
from planner.quantities.purchase_prices import country_of
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, leaf, quantity
from planner.units import (
    HOURS_PER_YEAR,
    JOULES_PER_KWH,
    JOULES_PER_MWH,
    MONTHS_PER_YEAR,
    WATTS_PER_KW,
    WATTS_PER_MW,
    percent,
)

KWH_PER_MWH = JOULES_PER_MWH / JOULES_PER_KWH
#: Share of its life in which a cluster does paid work, where a plan does not say; assumed. [-]
EARNING_SHARE = 0.8


@quantity(
    "power.idle_facility_w",
    "power at the meter while nothing trains",
    "W",
    {
        "chips": "pools.chips",
        "tdp": "chip.tdp_w",
        "idle": "power.idle_share",
        "hosts": "power.parts.hosts",
        "network": "power.parts.network",
        "storage": "power.storage_share",
        "pue": "site.pue",
    },
    scope="pool",
    family="power",
    optional=frozenset({"network"}),
)
def idle_facility_w(
    chips: FloatArray,
    tdp: FloatArray,
    idle: FloatArray,
    hosts: FloatArray,
    network: FloatArray,
    storage: FloatArray,
    pue: FloatArray,
) -> FloatArray:
    """Return the power of waiting chips, their hosts and the network. [W]."""
    return ((chips * tdp * idle + hosts) * (1 + storage) + network) * pue


@quantity(
    "ledger.energy_mwh",
    "energy of a year at the meter",
    "MWh",
    {"busy": "power.facility_w", "idle": "power.idle_facility_w", "earning": "money.earning_share"},
    family="power",
)
def energy_of_a_year(busy: FloatArray, idle: FloatArray, earning: FloatArray) -> FloatArray:
    """Return the energy of a year of which a share is paid work. [MWh]."""
    return (busy * earning + idle * (1 - earning)) * HOURS_PER_YEAR / WATTS_PER_MW


@quantity(
    "ledger.electricity",
    "electricity of a year",
    "USD",
    {"energy": "ledger.energy_mwh", "price": "site.electricity_usd_per_kwh"},
    short="electricity",
    missing={"energy": Gap("unknown", "money", "energy of a year")},
    **LINE,
)
def electricity(energy: FloatArray, price: FloatArray) -> FloatArray:
    """Return the energy of a year at its price. [USD]."""
    return energy * KWH_PER_MWH * price


@quantity(
    "ledger.demand",
    "demand charge of a year",
    "USD",
    {"peak": "power.peak_facility_w", "price": "money.demand_usd_per_kw_month"},
    short="demand charge",
    scope="pool",
    **LINE,
)
def demand(peak: FloatArray, price: FloatArray) -> FloatArray:
    """Return the charge on the peak at the meter. [USD]."""
    return peak / WATTS_PER_KW * price * MONTHS_PER_YEAR


@quantity(
    "ledger.grid",
    "fixed charges of the supply, a year",
    "USD",
    {"fee": "money.power_usd_per_month", "share": "pools.share"},
    short="grid fee",
    scope="pool",
    **LINE,
)
def grid(fee: FloatArray, share: FloatArray) -> FloatArray:
    """Return the pool's share of the fixed charges. [USD]."""
    return fee * MONTHS_PER_YEAR * share


@quantity(
    "ledger.space",
    "space in colocation, a year",
    "USD",
    {"kw": "power.contracted_kw", "price": "price.space_usd_per_kw_month"},
    short="space",
    scope="pool",
    when=lambda setting: setting.plan.money.place == "colocation",
    **LINE,
)
def space(kw: FloatArray, price: FloatArray) -> FloatArray:
    """Return the rent of the IT power that is contracted. [USD]."""
    return kw * price * MONTHS_PER_YEAR


@another_reading("ledger.space")
def no_space_rented(_: Setting) -> Leaf:
    """Return that the space is built or there."""
    return nothing("the space is built or there (money.place)")


@quantity(
    "ledger.support",
    "support and repair of a year",
    "USD",
    {"equipment": "ledger.equipment", "share": "money.support_share"},
    short="support",
    scope="pool",
    **LINE,
)
def support(equipment: FloatArray, share: FloatArray) -> FloatArray:
    """Return the support by the price of what is supported. [USD]."""
    return equipment * share


@quantity(
    "ledger.software",
    "software of a year",
    "USD",
    {"chips": "pools.chips", "price": "money.software_usd_per_chip_year"},
    short="software",
    scope="pool",
    **LINE,
)
def software(chips: FloatArray, price: FloatArray) -> FloatArray:
    """Return the licences of all chips. [USD]."""
    return chips * price


@quantity(
    "ledger.staff",
    "people who run it, a year",
    "USD",
    {"price": "money.staff_usd_per_year", "share": "pools.share"},
    short="staff",
    scope="pool",
    **LINE,
)
def staff(price: FloatArray, share: FloatArray) -> FloatArray:
    """Return the pool's share of the people. [USD]."""
    return price * share


@quantity(
    "ledger.carbon",
    "price of carbon, a year",
    "USD",
    {"energy": "ledger.energy_mwh", "intensity": "site.carbon_g_per_kwh", "price": "money.carbon_usd_per_t"},
    short="carbon",
    when=lambda setting: setting.plan.money.carbon_usd_per_t is not None,
    missing={"intensity": Gap("unknown", "money", "carbon of the grid")},
    **LINE,
)
def carbon(energy: FloatArray, intensity: FloatArray, price: FloatArray) -> FloatArray:
    """Return what is paid for the carbon of a year's electricity. [USD]."""
    return energy * KWH_PER_MWH * intensity / GRAMS_PER_TONNE * price


@quantity(
    "ledger.water",
    "price of water, a year",
    "USD",
    {
        "energy": "ledger.energy_mwh",
        "pue": "site.pue",
        "use": "site.water_l_per_kwh",
        "price": "money.water_usd_per_m3",
    },
    short="water",
    when=lambda setting: setting.plan.money.water_usd_per_m3 is not None,
    missing={"use": Gap("unknown", "money", "water of the site")},
    **LINE,
)
def water(energy: FloatArray, pue: FloatArray, use: FloatArray, price: FloatArray) -> FloatArray:
    """Return what is paid for the water of a year on site. [USD]."""
    return energy / pue * KWH_PER_MWH * use / LITRES_PER_CUBIC_METRE * price


@another_reading("ledger.carbon")
@another_reading("ledger.water")
def nothing_is_paid(_: Setting) -> Leaf:
    """Return that nothing is paid for it."""
    return nothing("the plan states no price for it")


_STANDING = {
    "demand": "ledger.demand",
    "grid": "ledger.grid",
    "space": "ledger.space",
    "support": "ledger.support",
    "software": "ledger.software",
    "staff": "ledger.staff",
}


@quantity(
    "ledger.standing",
    "what a year costs whether it trains or not",
    "USD",
    _STANDING,
    short="standing",
    scope="pool",
    family="money",
    optional=frozenset(_STANDING),
)
def standing(
    demand: FloatArray,
    grid: FloatArray,
    space: FloatArray,
    support: FloatArray,
    software: FloatArray,
    staff: FloatArray,
) -> FloatArray:
    """Return what is paid by the month or year. [USD]."""
    return demand + grid + space + support + software + staff


@quantity(
    "ledger.operation",
    "operation of a year",
    "USD",
    {
        "electricity": "ledger.electricity",
        "standing": "ledger.standing",
        "carbon": "ledger.carbon",
        "water": "ledger.water",
    },
    short="operation a year",
    optional=frozenset({"electricity", "carbon", "water"}),
    **LINE,
)
def operation(
    electricity: FloatArray, standing: FloatArray, carbon: FloatArray, water: FloatArray
) -> FloatArray:
    """Return all that is paid in a year of use. [USD]."""
    return electricity + standing + carbon + water


@leaf("site.electricity_usd_per_kwh", "price of electricity", "USD/kWh", **OF_PLAN)
def electricity_price(setting: Setting) -> Leaf:
    """Return the price of electricity: the plan's, else the site's."""
    override, site = setting.plan.site.electricity_usd_per_kwh, setting.resolved.site
    name, stream = "price of electricity", "site.electricity"
    if override is not None:
        return stated(setting, override, "site.electricity_usd_per_kwh", name, stream)
    missing = Gap("unknown", "money", "electricity price of the site")
    if site is None:
        return Leaf(None, gaps=(missing,))
    return of_figure(site, "electricity_usd_per_kwh", name, stream, missing)


@leaf("price.space_usd_per_kw_month", "rent of a kW of IT for a month", "USD/kW-month", **OF_PLAN)
def space_price(setting: Setting) -> Leaf:
    """Return what space costs: as the plan says, else as asked in the country, else in the world."""
    own_price = of_plan(setting, "space_usd_per_kw_month", "space")
    country, own = country_of(setting), f"space-{(country_of(setting) or WORLD).lower()}"
    if own in setting.resolved.prices:
        return first_known(own_price, quoted(setting, own, "space"))
    where = f"space in {country}" if country else "space"
    return first_known(
        own_price, with_gap(quoted(setting, f"space-{WORLD}", "space"), f"{where} (the world's price)")
    )


@leaf("money.earning_share", "share of its life in which the cluster does paid work", "share", **OF_PLAN)
def earning_share(setting: Setting) -> Leaf:
    """Return how much of the time earns what all of it costs."""
    said = setting.plan.money.earning_share
    if said is not None:
        return typed(said, "money.earning_share")
    text = f"time in paid work ({percent(EARNING_SHARE)} assumed)"
    return with_gap(constant(EARNING_SHARE, "engine: EARNING_SHARE"), text)


def _stated(name: str, title: str, unit: str, missing: str) -> None:
    @leaf(f"money.{name}", title, unit, **OF_PLAN)  # type: ignore[arg-type]
    def read(setting: Setting) -> Leaf:
        return of_plan(setting, name, missing)


_stated("demand_usd_per_kw_month", "demand charge for a kW", "USD/kW-month", "demand charge")
_stated("power_usd_per_month", "fixed charges of the supply", "USD/month", "fixed charge of the supply")
_stated("support_share", "support of a year as a share of the equipment", "share", "support")
_stated("software_usd_per_chip_year", "software for a chip and year", "USD/year", "software")
_stated("staff_usd_per_year", "people for a year", "USD/year", "staff")
_stated("carbon_usd_per_t", "price of a tonne of CO2", "USD/t", "price of carbon")
_stated("water_usd_per_m3", "price of a cubic metre of water", "USD/m3", "price of water")
_stated("rent_support_share", "support beside the rent, as a share of it", "share", "support beside the rent")
_stated("egress_usd", "data that leave a cloud, over the run", "USD", "data out of the cloud")
_stated("discount_rate", "cost of capital a year", "share", "cost of capital")
