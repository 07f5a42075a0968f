"""What purchase lines are priced by, the plan's figures first, and what they count."""

from __future__ import annotations

import numpy as np

from planner.domain.evidence import value_of
from planner.planning.prices import NETWORK_SHARE, SERVER_FACTOR
from planner.quantities.leaves import Leaf, absent, of_figure, typed
from planner.quantities.money_kinds import OF_PLAN, OF_POOL
from planner.quantities.power import network_count, network_ports
from planner.quantities.price_leaves import first_known, of_plan, quoted, stated, with_gap
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import leaf
from planner.units import WATTS_PER_KW


def is_rented(setting: Setting) -> bool:
    """Return whether the pool is rented: rent includes machines, space and electricity."""
    return setting.pool.pool.rental_usd_per_chip_hour is not None


def is_bought(setting: Setting) -> bool:
    """Return whether the pool is bought."""
    return not is_rented(setting)


def price_id(setting: Setting) -> str:
    """Return the price of the pool's system where there is one, else of its chip, else of its generation."""
    pool, prices = setting.pool, setting.resolved.prices
    names = (f"{pool.system.id}-price", f"{pool.chip.id}-price", f"{pool.chip.generation}-price")
    return next((name for name in names if name in prices), names[0])


def has_system_price(setting: Setting) -> bool:
    """Return whether the pool's systems have a price of their own, not their chips alone."""
    own = setting.pool.pool.price_usd
    if own is not None or value_of(setting.pool.system.price_usd) is not None:
        return True
    return value_of(setting.pool.chip.price_usd) is None and price_id(setting).startswith(
        f"{setting.pool.system.id}-"
    )


def price_has(setting: Setting, what: str) -> bool:
    """Return whether the quoted price that is used holds more (`has_host`, `has_racks`)."""
    price = setting.resolved.prices.get(price_id(setting))
    is_used = setting.pool.pool.price_usd is None and price is not None
    return is_used and bool(getattr(price, what))


def has_network_prices(setting: Setting) -> bool:
    """Return whether the network can be counted and priced by its switches."""
    return _switch_price(setting).figure.is_known and network_count(setting.pool) is not None


@leaf("price.system_usd", "price of a system", "USD", **OF_POOL)
def system_price(setting: Setting) -> Leaf:
    """Return a system's price: the plan's, else its profile's, else as quoted."""
    pool, system = setting.pool.pool, setting.pool.system
    stream = f"price.{system.id}"
    if pool.price_usd is not None:
        key = f"cluster.pools[{pool.id}].price_usd"
        return stated(setting, pool.price_usd, key, "price of a system", stream)
    if value_of(system.price_usd) is not None:
        return of_figure(system, "price_usd", "price of a system", stream)
    return quoted(setting, price_id(setting), f"systems of pool '{pool.id}'")


@leaf("price.chip_usd", "price of a chip", "USD", **OF_POOL)
def chip_price(setting: Setting) -> Leaf:
    """Return a chip's price: its profile's, else as quoted."""
    pool, chip = setting.pool.pool, setting.pool.chip
    if value_of(chip.price_usd) is not None:
        return of_figure(chip, "price_usd", "price of a chip", f"price.{setting.pool.system.id}")
    return quoted(setting, price_id(setting), f"systems of pool '{pool.id}'")


@leaf("price.server_factor", "servers over their chips: host, board and NICs", "", **OF_POOL)
def server_factor(setting: Setting) -> Leaf:
    """Return what a server costs over its chips; nothing more where the chip's price holds it."""
    if value_of(setting.pool.chip.price_usd) is None and price_has(setting, "has_host"):
        return Leaf(np.ones(1), method="1: the price of the chip holds its host")
    factor = quoted(setting, SERVER_FACTOR, f"hosts of pool '{setting.pool.pool.id}'")
    return with_gap(factor, f"hosts of pool '{setting.pool.pool.id}' (a factor on the chips)")


@leaf("price.network_share", "network over the purchase of machines and network", "share", **OF_POOL)
def network_share(setting: Setting) -> Leaf:
    """Return the share of other clusters where the fabric's own prices are not known."""
    name = f"network of pool '{setting.pool.pool.id}'"
    return with_gap(quoted(setting, NETWORK_SHARE, name), f"{name} (a share of the purchase)")


def _switch_price(setting: Setting) -> Leaf:
    fabric = setting.pool.fabric
    if value_of(fabric.switch_price_usd) is not None:
        return of_figure(fabric, "switch_price_usd", "price of a switch")
    return quoted(setting, f"{fabric.id}-switch", f"switches of fabric '{fabric.id}'")


@leaf("price.switch_usd", "price of a switch", "USD", **OF_POOL)
def switch_price(setting: Setting) -> Leaf:
    """Return a switch's price: its fabric's, else as quoted."""
    return _switch_price(setting)


@leaf("price.cable_end_usd", "price of a cable's end: optics and half of the cable", "USD", **OF_POOL)
def cable_end_price(setting: Setting) -> Leaf:
    """Return the price of a cable's end: its fabric's, else as quoted."""
    fabric = setting.pool.fabric
    if value_of(fabric.optic_price_usd) is not None:
        return of_figure(fabric, "optic_price_usd", "price of an optical module")
    return quoted(setting, f"{fabric.id}-port", f"optics of fabric '{fabric.id}'")


_COUNTED = "switches and cables of a folded Clos network that joins all ports, as for its power"


@leaf("network.switches", "switches of the network", "", method=_COUNTED, scope="pool")
def switches(setting: Setting) -> Leaf:
    """Return the switches that join all ports."""
    count = network_count(setting.pool)
    if count is None:
        return absent("other", f"ports of a switch of fabric '{setting.pool.fabric.id}'")
    return Leaf(np.array([float(count.switches)]))


@leaf("network.cable_ends", "ends of cables of the network", "", method=_COUNTED, scope="pool")
def cable_ends(setting: Setting) -> Leaf:
    """Return the ends of the cables that join all ports."""
    count = network_count(setting.pool)
    if count is None:
        return absent("other", f"ports of a switch of fabric '{setting.pool.fabric.id}'")
    return Leaf(np.array([float(count.optics)]))


@leaf("network.nics", "NICs of the hosts", "", method="a port of the network each", scope="pool")
def nics(setting: Setting) -> Leaf:
    """Return the ports of all hosts."""
    ports = network_ports(setting.pool)
    return Leaf(np.array([float(ports)]))


@leaf("pools.share", "the pool's share of all chips", "share", scope="pool")
def share_of_chips(setting: Setting) -> Leaf:
    """Return the part of the plan's lump sums that falls to the pool."""
    whole = sum(pool.chips for pool in setting.resolved.pools)
    return typed(setting.pool.chips / whole, "cluster.pools")


@leaf("money.spares_share", "spares as a share of the machines", "share", **OF_PLAN)
def spares_share(setting: Setting) -> Leaf:
    """Return the spares that the plan states."""
    return of_plan(setting, "spares_share", "spares")


@leaf("money.racks_usd_per_kw", "racks and liquid loop for a kW", "USD/kW", **OF_PLAN)
def racks_price(setting: Setting) -> Leaf:
    """Return what the plan says of racks."""
    return of_plan(setting, "racks_usd_per_kw", "racks and liquid loop")


@leaf("price.building_usd_per_kw", "construction for a kW of IT", "USD/kW", **OF_PLAN)
def building_price(setting: Setting) -> Leaf:
    """Return what a kW costs to build: as the plan says, else as a survey of the country does."""
    own = of_plan(setting, "building_usd_per_kw", "building")
    country = country_of(setting)
    name = f"building-{(country or 'world').lower()}"
    surveyed = quoted(setting, name, f"building in {country}" if country else "building")
    if surveyed.figure.is_known and isinstance(surveyed.value, np.ndarray):
        surveyed = Leaf(
            surveyed.value / WATTS_PER_KW,
            surveyed.grounds or Grounds("claim", f"prices/{name}"),
            f"{surveyed.name}, a thousandth of it for a kW",
        )
    return first_known(own, surveyed)


def country_of(setting: Setting) -> str | None:
    """Return the country in which the cluster stands, where the plan says."""
    site = setting.resolved.site
    return setting.plan.site.country or (None if site is None else site.country)


@leaf("price.rental_usd_per_chip_hour", "rent of a chip", "USD/h", scope="pool", family="money")
def rent(setting: Setting) -> Leaf:
    """Return the rent that the plan states."""
    pool = setting.pool.pool
    if pool.rental_usd_per_chip_hour is None:
        return absent("other", "nothing is rented")
    key = f"cluster.pools[{pool.id}].rental_usd_per_chip_hour"
    stream = f"rental.{setting.pool.system.id}"
    return stated(setting, pool.rental_usd_per_chip_hour, key, "rent of a chip", stream)
