"""What is bought before training starts, line by line: machines, network, and what goes with them."""

from __future__ import annotations

from planner.engine.arrays import FloatArray
from planner.quantities.leaves import Leaf, nothing
from planner.quantities.money_kinds import OF_PLAN, OF_POOL, POOL_LINE
from planner.quantities.price_leaves import of_plan
from planner.quantities.purchase_prices import has_system_price, price_has
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, another_way, leaf, quantity
from planner.units import WATTS_PER_KW


@quantity(
    "ledger.servers",
    "chips and servers",
    "USD",
    {"systems": "pools.systems", "price": "price.system_usd"},
    when=has_system_price,
    better="less",
    aliases=("cost.machines", "servers"),
    over_pools="added",
    **POOL_LINE,
)
def servers(systems: FloatArray, price: FloatArray) -> FloatArray:
    """Return the systems at their price. [USD]."""
    return systems * price


@another_way(
    "ledger.servers", {"chips": "pools.chips", "price": "price.chip_usd", "factor": "price.server_factor"}
)
def servers_by_chips(chips: FloatArray, price: FloatArray, factor: FloatArray) -> FloatArray:
    """Return the chips at their price, times what servers cost over their chips. [USD]."""
    return chips * price * factor


@quantity(
    "ledger.spares",
    "spare servers: as many as repairs ask for",
    "USD",
    {"servers": "ledger.servers", "spares": "spares.servers", "of_servers": "spares.of_servers"},
    short="spares",
    when=lambda setting: setting.plan.money.spares_share is None,
    **POOL_LINE,
)
def spares(servers: FloatArray, spares: FloatArray, of_servers: FloatArray) -> FloatArray:
    """Return the price of the spares, each that of a server. [USD]."""
    return servers * spares / of_servers


@another_way("ledger.spares", {"servers": "ledger.servers", "share": "money.spares_share"})
def spares_stated(servers: FloatArray, share: FloatArray) -> FloatArray:
    """Return the spares that the plan states. [USD]."""
    return servers * share


@quantity(
    "ledger.egress",
    "data that leave a cloud",
    "USD",
    {"price": "money.egress_usd", "share": "pools.share"},
    short="data out of the cloud",
    **POOL_LINE,
)
def egress(price: FloatArray, share: FloatArray) -> FloatArray:
    """Return the pool's share of what it costs to take the plan's data out of a cloud. [USD]."""
    return price * share


@quantity(
    "ledger.racks",
    "racks and liquid loop",
    "USD",
    {"kw": "power.contracted_kw", "price": "money.racks_usd_per_kw"},
    short="racks",
    when=lambda setting: not price_has(setting, "has_racks"),
    **POOL_LINE,
)
def racks(kw: FloatArray, price: FloatArray) -> FloatArray:
    """Return the racks by the power that they hold. [USD]."""
    return kw * price


@another_reading("ledger.racks")
def racks_in_the_system(_: Setting) -> Leaf:
    """Return that the system's price holds its racks."""
    return nothing("it is in the price of the system")


_EQUIPMENT = {
    "servers": "ledger.servers",
    "spares": "ledger.spares",
    "switches": "ledger.switches",
    "cables": "ledger.cables",
    "nics": "ledger.nics",
    "network": "ledger.network",
    "storage": "ledger.storage",
    "storage_rate": "ledger.storage_rate",
    "racks": "ledger.racks",
}


@quantity(
    "ledger.equipment",
    "equipment: machines, spares, network, storage and racks",
    "USD",
    _EQUIPMENT,
    short="equipment",
    optional=frozenset(_EQUIPMENT) - {"servers"},
    **OF_POOL,
)
def equipment(
    servers: FloatArray,
    spares: FloatArray,
    switches: FloatArray,
    cables: FloatArray,
    nics: FloatArray,
    network: FloatArray,
    storage: FloatArray,
    storage_rate: FloatArray,
    racks: FloatArray,
) -> FloatArray:
    """Return what wears out and is sold in the end. [USD]."""
    joined = switches + cables + nics + network
    return servers + spares + joined + storage + storage_rate + racks


@quantity(
    "ledger.building",
    "building with its power and cooling",
    "USD",
    {"kw": "power.contracted_kw", "price": "price.building_usd_per_kw"},
    short="building",
    when=lambda setting: setting.plan.money.place == "building",
    **POOL_LINE,
)
def building(kw: FloatArray, price: FloatArray) -> FloatArray:
    """Return what is built, by the IT power that it holds. [USD]."""
    return kw * price


@another_reading("ledger.building")
def nothing_built(_: Setting) -> Leaf:
    """Return that the space is rented or there."""
    return nothing("the space is rented or there (money.place)")


def _share_line(name: str, title: str, verb: str) -> None:
    @quantity(
        f"ledger.{name}",
        title,
        "USD",
        {"equipment": "ledger.equipment", "share": f"money.{name}_share"},
        short=name,
        **POOL_LINE,
    )
    def line(equipment: FloatArray, share: FloatArray) -> FloatArray:
        return equipment * share

    @leaf(f"money.{name}_share", f"{verb}, as a share of the equipment", "share", **OF_PLAN)
    def read(setting: Setting) -> Leaf:
        return of_plan(setting, f"{name}_share", name)


@quantity(
    "power.contracted_kw",
    "IT power that space and racks are sized by: every rating in full",
    "",
    {"peak": "power.peak_facility_w", "pue": "site.pue"},
    scope="pool",
    family="power",
)
def contracted_kw(peak: FloatArray, pue: FloatArray) -> FloatArray:
    """Return the peak before the facility's overhead. [kW]."""
    return peak / pue / WATTS_PER_KW


_share_line("installation", "installation: racking, cabling, burn-in", "installation")
_share_line("freight", "freight and insurance", "freight")
_share_line("duty", "customs duty", "duty")
_share_line("tax", "tax that is not recovered", "tax")
