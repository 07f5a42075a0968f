"""Money: what is bought at known prices, what the run uses of it, and what nobody has priced."""

from __future__ import annotations

import numpy as np

from planner.domain.evidence import value_of
from planner.engine.arrays import FloatArray
from planner.quantities.figure import Gap
from planner.quantities.leaves import Leaf, absent, of_figure, typed
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, another_way, leaf, quantity
from planner.units import JOULES_PER_KWH, JOULES_PER_MWH

DAYS_PER_YEAR = 365.25
TOKENS_PER_PRICE = 1e6
_KWH_PER_MWH = JOULES_PER_MWH / JOULES_PER_KWH


def is_rented(setting: Setting) -> bool:
    """Return whether the pool is rented: rent includes machines and electricity."""
    return setting.pool.pool.rental_usd_per_chip_hour is not None


def is_bought(setting: Setting) -> bool:
    """Return whether the pool is bought."""
    return not is_rented(setting)


def _has_system_price(setting: Setting) -> bool:
    own = setting.pool.pool.price_usd
    return own is not None or value_of(setting.pool.system.price_usd) is not None


@leaf(
    "cost.currency",
    "currency of all money",
    "words",
    method="the prices of profiles and plans being in it",
    scope="plan",
    form="words",
)
def currency(_: Setting) -> Leaf:
    """Return the currency."""
    return Leaf("USD")


@quantity(
    "cost.capex",
    "purchase at known prices",
    "USD",
    {"machines": "cost.machines", "network": "cost.network"},
    short="purchase",
    scope="pool",
    form="band",
    better="less",
    family="money",
    when=is_bought,
    optional=frozenset({"network"}),
    aliases=("cost_capex", "capex"),
    over_pools="added",
)
def capex(machines: FloatArray, network: FloatArray) -> FloatArray:
    """Return what is bought. [USD]."""
    return machines + network


@another_reading("cost.capex")
def nothing_bought(_: Setting) -> Leaf:
    """Return that a rented pool is not bought."""
    return absent("other", "rented: nothing is bought")


@quantity(
    "cost.opex",
    "electricity of the run",
    "USD",
    {"energy": "energy_mwh", "price": "site.electricity_usd_per_kwh"},
    short="electricity",
    form="band",
    is_of_job=True,
    family="money",
    when=is_bought,
    missing={"energy": Gap("unknown", "money", "energy of the run")},
    aliases=("opex",),
)
def opex(energy: FloatArray, price: FloatArray) -> FloatArray:
    """Return the run's electricity. [USD]."""
    return energy * _KWH_PER_MWH * price


@another_reading("cost.opex")
def in_the_rent(_: Setting) -> Leaf:
    """Return that rent includes the electricity."""
    return absent("other", "in the rent")


@quantity(
    "cost.total",
    "money of this run",
    "USD",
    {"rental": "cost.parts.rental"},
    short="this run",
    form="band",
    better="less",
    is_of_job=True,
    family="money",
    when=is_rented,
    aliases=("cost", "total", "cost_total"),
)
def rented_total(rental: FloatArray) -> FloatArray:
    """Return the rent. [USD]."""
    return rental


@another_way(
    "cost.total",
    {"depreciation": "cost.parts.depreciation", "electricity": "cost.opex"},
    optional=frozenset({"electricity"}),
)
def bought_total(depreciation: FloatArray, electricity: FloatArray) -> FloatArray:
    """Return the run's share of the purchase, and its electricity. [USD]."""
    return depreciation + electricity


@quantity(
    "cost.per_million_tokens",
    "money per 1M tokens",
    "USD",
    {"total": "cost.total", "tokens": "facts.tokens"},
    short="per 1M tokens",
    form="band",
    better="less",
    is_of_job=True,
    family="money",
    aliases=("cost_per_million_tokens",),
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
    form="part",
    is_of_job=True,
    family="money",
    when=is_rented,
)
def rental(chip_hours: FloatArray, rent: FloatArray) -> FloatArray:
    """Return the rent of all chips over the whole time. [USD]."""
    return chip_hours * rent


@another_reading("cost.parts.rental")
def not_rented(_: Setting) -> Leaf:
    """Return that nothing is rented."""
    return absent("other", "nothing is rented")


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
    "cost.parts.depreciation",
    "the run's share of the purchase",
    "USD",
    {"capex": "cost.capex", "days": "training_days", "years": "money.depreciation_years"},
    short="depreciation",
    form="part",
    is_of_job=True,
    family="money",
)
def depreciation(capex: FloatArray, days: FloatArray, years: FloatArray) -> FloatArray:
    """Return what the run uses of the purchase, in a straight line. [USD]."""
    return capex * days / (DAYS_PER_YEAR * years)


@quantity(
    "cost.parts.electricity",
    "electricity of the run, at the medians",
    "USD",
    {"opex": "cost.opex"},
    short="electricity",
    form="part",
    is_of_job=True,
    family="money",
)
def electricity_part(opex: FloatArray) -> FloatArray:
    """Return the electricity as a part. [USD]."""
    return opex


@quantity(
    "cost.machines",
    "purchase of the machines",
    "USD",
    {"systems": "pools.systems", "price": "price.system_usd"},
    scope="pool",
    family="money",
    when=_has_system_price,
)
def systems_bought(systems: FloatArray, price: FloatArray) -> FloatArray:
    """Return the systems at their price. [USD]."""
    return systems * price


@another_way("cost.machines", {"chips": "pools.chips", "price": "price.chip_usd"})
def chips_bought(chips: FloatArray, price: FloatArray) -> FloatArray:
    """Return the chips alone, where no system has a price. [USD]."""
    return chips * price


@leaf("cost.network", "purchase of the network", "USD", scope="pool", family="money")
def network(setting: Setting) -> Leaf:
    """Return the network's price, which nobody has; a cluster inside one scale-up domain needs none."""
    if not setting.pool.needs_network:
        return Leaf(np.zeros(1), name="no network is needed inside one scale-up domain")
    return absent("money", f"network of pool '{setting.pool.pool.id}'")


@leaf("price.system_usd", "price of a system", "USD", scope="pool", family="money")
def system_price(setting: Setting) -> Leaf:
    """Return a system's price: the plan's, else its profile's."""
    pool, system = setting.pool.pool, setting.pool.system
    stream = f"price.{system.id}"
    if pool.price_usd is not None:
        return typed(pool.price_usd, f"cluster.pools[{pool.id}].price_usd", "price of a system", stream)
    return of_figure(system, "price_usd", "price of a system", stream)


@leaf("price.chip_usd", "price of a chip", "USD", scope="pool", family="money")
def chip_price(setting: Setting) -> Leaf:
    """Return a chip's price, which stands in for its system's and says so."""
    pool, chip = setting.pool.pool, setting.pool.chip
    if value_of(chip.price_usd) is None:
        missing = Gap("unknown", "money", f"systems of pool '{pool.id}'")
        return of_figure(chip, "price_usd", missing=missing)
    found = of_figure(chip, "price_usd", "price of a chip", f"price.{setting.pool.system.id}")
    hosts = Gap("left out", "money", f"hosts of pool '{pool.id}' (chips only)")
    return Leaf(found.value, found.grounds, found.name, (hosts,))


@leaf("price.rental_usd_per_chip_hour", "rent of a chip", "USD/h", scope="pool", family="money")
def rent(setting: Setting) -> Leaf:
    """Return the rent that the plan states."""
    pool = setting.pool.pool
    if pool.rental_usd_per_chip_hour is None:
        return absent("other", "nothing is rented")
    key = f"cluster.pools[{pool.id}].rental_usd_per_chip_hour"
    return typed(pool.rental_usd_per_chip_hour, key, "rent of a chip", f"rental.{setting.pool.system.id}")


@leaf("site.electricity_usd_per_kwh", "price of electricity", "USD/kWh", scope="plan", family="money")
def electricity_price(setting: Setting) -> Leaf:
    """Return the price of electricity: the plan's, else the site's."""
    override, site = setting.plan.site.electricity_usd_per_kwh, setting.resolved.site
    name, stream = "price of electricity", "site.electricity"
    if override is not None:
        return typed(override, "site.electricity_usd_per_kwh", name, stream)
    missing = Gap("unknown", "money", "electricity price of the site")
    if site is None:
        return Leaf(None, gaps=(missing,))
    return of_figure(site, "electricity_usd_per_kwh", name, stream, missing)


@leaf("money.depreciation_years", "years that the purchase is used", "years", scope="plan")
def depreciation_years(setting: Setting) -> Leaf:
    """Return over how many years the purchase is written off."""
    return typed(setting.plan.money.depreciation_years, "money.depreciation_years")
