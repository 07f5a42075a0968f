"""Explains money: the purchase, what the run uses of it, its electricity."""

from __future__ import annotations

from planner.domain.evidence import value_of
from planner.estimate.explanation.node import Node
from planner.estimate.explanation.resources import energy, middle
from planner.estimate.explanation.scene import Scene, field, typed
from planner.estimate.money import DAYS_PER_YEAR, HOURS_PER_DAY, KWH_PER_MWH


def capex(scene: Scene) -> Node:
    """Return the tree of the purchase at known prices."""
    pool, system, chip = scene.pool.pool, scene.pool.system, scene.pool.chip
    value = middle(scene.performance.cost.capex)
    name = "purchase at known prices"
    if pool.rental_usd_per_chip_hour is not None:
        return Node("capex", name, None, "USD", method="rented: nothing is bought")
    systems = typed("systems", "systems of the pool", scene.pool.systems, "", "cluster.pools")
    if pool.price_usd is not None:
        price = typed(
            "price", "price of a system", pool.price_usd, "USD", f"cluster.pools[{pool.id}].price_usd"
        )
        return Node("capex", name, value, "USD", "systems x price", None, (systems, price))
    if value_of(system.price_usd) is not None:
        price = field("price", "price of a system", system, "price_usd", "USD")
        return Node("capex", name, value, "USD", "systems x price", None, (systems, price))
    price = field("price", "price of a chip", chip, "price_usd", "USD")
    if value is None:
        return Node(
            "capex",
            name,
            None,
            "USD",
            method="unknown: neither system nor chip has a price",
            children=(price,),
        )
    chips = typed("chips", "chips of the pool", scene.pool.chips, "chips", "cluster.pools")
    return Node("capex", f"{name}: chips only", value, "USD", "chips x price", None, (chips, price))


def opex(scene: Scene) -> Node:
    """Return the tree of the run's electricity."""
    value = middle(scene.performance.cost.opex)
    override, site = scene.resolved.plan.site, scene.resolved.site
    label = "price of electricity"
    if override.electricity_usd_per_kwh is not None:
        key = "site.electricity_usd_per_kwh"
        price = typed("price", label, override.electricity_usd_per_kwh, "USD/kWh", key)
    elif site is not None:
        price = field("price", label, site, "electricity_usd_per_kwh", "USD/kWh")
    else:
        price = Node("price", label, None, "USD/kWh", method="unknown: the plan names no site")
    equation = None if value is None else f"energy x {KWH_PER_MWH:g} x price"
    method = None
    if value is None:
        is_rented = scene.pool.pool.rental_usd_per_chip_hour is not None
        method = "in the rent" if is_rented else "unknown: a price or the energy is missing"
    return Node("opex", "electricity of the run", value, "USD", equation, method, (energy(scene), price))


def total(scene: Scene) -> Node:
    """Return the tree of the run's money: depreciation or rent, and electricity."""
    cost = scene.performance.cost
    value = middle(cost.total)
    days = Node("days", "days of training; see training_days", scene.performance.training_days.p50, "days")
    name = "money of this run"
    if cost.unknown:
        name += f"; without: {', '.join(cost.unknown)}"
    rental = scene.pool.pool.rental_usd_per_chip_hour
    if rental is not None:
        key = f"cluster.pools[{scene.pool.pool.id}].rental_usd_per_chip_hour"
        children: tuple[Node, ...] = (
            typed("chips", "chips of the pool", scene.pool.chips, "chips", "cluster.pools"),
            days,
            typed("rent", "rent of a chip", rental, "USD/h", key),
        )
        return Node("total", name, value, "USD", f"chips x days x {HOURS_PER_DAY:g} x rent", None, children)
    if value is None:
        return Node("total", name, None, "USD", method="unknown: no price is known", children=(capex(scene),))
    life = scene.resolved.plan.money.depreciation_years
    years = typed("years", "years that the purchase is used", life, "years", "money.depreciation_years")
    terms, children = [], ()
    if cost.capex is not None:
        depreciation = Node(
            "depreciation",
            "the run's share of the purchase",
            cost.parts["depreciation"],
            "USD",
            f"capex x days / ({DAYS_PER_YEAR:g} x years)",
            None,
            (capex(scene), days, years),
        )
        terms, children = ["depreciation"], (depreciation,)
    if cost.opex is not None:
        terms, children = [*terms, "opex"], (*children, opex(scene))
    return Node("total", name, value, "USD", " + ".join(terms), None, children)


def per_million_tokens(scene: Scene) -> Node:
    """Return the tree of the money of a million tokens."""
    value = middle(scene.performance.cost.per_million_tokens)
    tokens = typed("tokens", "training tokens", scene.training.tokens, "tokens", "workload")
    equation = None if value is None else "total / tokens x 1000000"
    return Node(
        "per_million_tokens",
        "money of a million tokens",
        value,
        "USD",
        equation,
        None,
        (total(scene), tokens),
    )
