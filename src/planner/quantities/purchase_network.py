"""The network of a purchase: switches, cables and NICs by their count, else a share of the purchase."""

from __future__ import annotations

from planner.engine.arrays import FloatArray
from planner.quantities.leaves import Leaf, nothing
from planner.quantities.money_kinds import POOL_LINE
from planner.quantities.price_leaves import of_plan
from planner.quantities.purchase_prices import has_network_prices
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, leaf, quantity


def _is_counted(setting: Setting) -> bool:
    return setting.pool.needs_network and has_network_prices(setting)


@quantity(
    "ledger.switches",
    "switches of the network",
    "USD",
    {"count": "network.switches", "price": "price.switch_usd"},
    short="switches",
    when=_is_counted,
    **POOL_LINE,
)
def switches(count: FloatArray, price: FloatArray) -> FloatArray:
    """Return the switches, counted as their power is. [USD]."""
    return count * price


@quantity(
    "ledger.cables",
    "optics and cables of the network",
    "USD",
    {"ends": "network.cable_ends", "price": "price.cable_end_usd"},
    short="optics, cables",
    when=_is_counted,
    **POOL_LINE,
)
def cables(ends: FloatArray, price: FloatArray) -> FloatArray:
    """Return both ends of all cables, each with its optics. [USD]."""
    return ends * price


@quantity(
    "ledger.nics",
    "NICs of the network",
    "USD",
    {"count": "network.nics", "price": "money.nic_usd"},
    short="NICs",
    when=lambda setting: setting.pool.needs_network and setting.plan.money.nic_usd is not None,
    **POOL_LINE,
)
def nics(count: FloatArray, price: FloatArray) -> FloatArray:
    """Return a NIC for each port of the hosts. [USD]."""
    return count * price


@another_reading("ledger.nics")
def nics_in_the_servers(_: Setting) -> Leaf:
    """Return that the price of the servers holds their NICs."""
    return nothing("the price of the servers holds them (money.nic_usd)")


@quantity(
    "ledger.network",
    "network as a share of the purchase",
    "USD",
    {"servers": "ledger.servers", "share": "price.network_share"},
    short="network",
    when=lambda setting: setting.pool.needs_network and not has_network_prices(setting),
    **POOL_LINE,
)
def network_by_share(servers: FloatArray, share: FloatArray) -> FloatArray:
    """Return the network as the share that it is of other clusters' purchase. [USD]."""
    return servers * share / (1 - share)


@another_reading("ledger.switches")
@another_reading("ledger.cables")
@another_reading("ledger.network")
def told_elsewhere(setting: Setting) -> Leaf:
    """Return that there is no network, or that it is told in the other way."""
    if not setting.pool.needs_network:
        return nothing("one scale-up domain joins all chips")
    return nothing("the network is told by what it is made of, where that has prices, else as a share")


_PARTS = {
    "switches": "ledger.switches",
    "cables": "ledger.cables",
    "nics": "ledger.nics",
    "by_share": "ledger.network",
}


@quantity(
    "ledger.network_all",
    "network: switches, optics, cables and NICs",
    "USD",
    _PARTS,
    scope="pool",
    family="money",
    optional=frozenset(_PARTS),
    aliases=("cost.network",),
)
def network(switches: FloatArray, cables: FloatArray, nics: FloatArray, by_share: FloatArray) -> FloatArray:
    """Return what joins the hosts. [USD]."""
    return switches + cables + nics + by_share


@leaf("money.nic_usd", "price of a NIC", "USD", scope="plan", family="money")
def nic_price(setting: Setting) -> Leaf:
    """Return what the plan says of a NIC."""
    return of_plan(setting, "nic_usd", "NICs")
