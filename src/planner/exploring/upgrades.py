"""Ways to be done sooner without more systems: network, storage, spares, software and practice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from planner.catalog.catalog import Catalog
from planner.catalog.pinning import PinnedCatalog, used_values
from planner.domain.evidence import value_of
from planner.domain.fabric import Fabric
from planner.domain.plan import Pin
from planner.domain.stack import Stack
from planner.engine.operators import OPERATORS
from planner.errors import InfeasibleError, InputError
from planner.estimate.result import Estimate, PoolEstimate
from planner.exploring.question import DAYS, Question
from planner.planning.exchange import kinds_that_fit
from planner.quantities.purchase_prices import has_network_prices
from planner.quantities.setting import Setting

#: What is bought.
Kind = Literal["systems", "fabric", "oversubscription", "storage", "spares", "stack", "team", "operator"]
#: Of the rates of ports that are faster, so many of the nearest.
_FABRICS = 2
_PRACTISED = "practised"
#: A pin of no profile: that of the catalog is never taken for it.
_NO_HASH = "0" * 8


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A change of a plan that may save days."""

    kind: Kind
    #: in words
    name: str
    #: of the plan's keys, as `--set` takes them
    overrides: tuple[str, ...]
    #: why nobody knows its price; empty: what the plan costs with it and without says it
    unpriced: str = ""
    #: with figures of profiles changed too
    catalog: Catalog | None = None
    #: how many of it
    amount: int = 1


def upgrades_of(question: Question, joint: Estimate) -> Iterator[Upgrade]:
    """Yield what may be changed of a plan but its systems, what is changed already left out of the way."""
    several = len(joint.pools) > 1
    for pool in joint.pools:
        label = f"pool {pool.id}: " if several else ""
        yield from _fabrics(question, pool, label)
        yield _oversubscription(question, pool, label)
        yield from _stacks(question, joint, pool, label)
    yield _storage(question)
    yield from _spares(question, joint)
    yield from _hands(question)


def _setting(pool: PoolEstimate) -> Setting:
    return pool.known.setting


def _fabrics(question: Question, pool: PoolEstimate, label: str) -> Iterator[Upgrade]:
    """Yield the nearest fabrics of the system's kind whose ports are faster."""
    catalog, setting = question.catalog, _setting(pool)
    if not setting.pool.needs_network:
        return
    now: Fabric = setting.pool.fabric
    rate = value_of(now.port_bytes_per_s) or 0.0
    kinds = kinds_that_fit(now.kind)
    faster: dict[float, Fabric] = {}
    for identifier in catalog.ids("fabrics"):
        entry = catalog.find("fabrics", identifier)
        fabric: Fabric | None = None if entry is None else entry.profile
        its_rate = (value_of(fabric.port_bytes_per_s) if fabric else None) or 0.0
        if fabric is None or fabric.kind not in kinds or its_rate <= rate:
            continue
        # of two as fast, the one of the same kind
        if its_rate not in faster or fabric.kind == now.kind:
            faster[its_rate] = fabric
    adapters = "what the servers' faster adapters cost is in no price"
    for _, fabric in sorted(faster.items())[:_FABRICS]:
        yield Upgrade(
            "fabric",
            f"{label}{fabric.name} in place of {now.name}",
            (f"cluster.pools[{pool.id}].fabric={fabric.id}",),
            adapters if has_network_prices(setting) else f"no price of the network's parts; {adapters}",
        )


def _oversubscription(question: Question, pool: PoolEstimate, label: str) -> Upgrade:
    """Return the fabric without oversubscription; where it has none, the plan as it is."""
    setting = _setting(pool)
    fabric = setting.pool.fabric
    over = fabric.oversubscription
    if over <= 1.0 or not setting.pool.needs_network:
        why = "blocks nothing" if setting.pool.needs_network else "is not needed inside one domain"
        return Upgrade("oversubscription", f"{label}less oversubscription: the network {why} already", ())
    values = {**used_values("fabrics", fabric), "oversubscription": 1.0}
    catalog = PinnedCatalog(question.catalog, {f"fabrics/{fabric.id}": Pin(hash=_NO_HASH, values=values)})
    unpriced = "" if has_network_prices(setting) else "no price of the network's parts"
    return Upgrade("oversubscription", f"{label}{fabric.name} at 1:1, not {over:g}:1", (), unpriced, catalog)


def _stacks(question: Question, joint: Estimate, pool: PoolEstimate, label: str) -> Iterator[Upgrade]:
    """Yield the stack of the platform on which the plan is done first, where it is another."""
    catalog, setting = question.catalog, _setting(pool)
    platform, now = setting.pool.chip.platform, setting.pool.stacks[0].id
    best, least = now, float(joint.figure(DAYS).values[0])
    for identifier in catalog.ids("stacks"):
        entry = catalog.find("stacks", identifier)
        stack: Stack | None = None if entry is None else entry.profile
        if stack is None or stack.platform != platform or identifier == now:
            continue
        days = _days(question, f"cluster.pools[{pool.id}].stack={identifier}")
        if days is not None and days < least:
            best, least = identifier, days
    if best == now:
        yield Upgrade("stack", f"{label}another stack: none of {platform} is faster than {now}", ())
        return
    overrides = (f"cluster.pools[{pool.id}].stack={best}",)
    yield Upgrade("stack", f"{label}stack {best} in place of {now}", overrides, "no price of moving to it")


def _days(question: Question, override: str) -> float | None:
    try:
        return float(question.with_set(override).estimate().figure(DAYS).values[0])
    except (InfeasibleError, InputError):
        return None


def _storage(question: Question) -> Upgrade:
    rate = question.plan.operations.storage_bytes_per_s
    if rate is None:
        return Upgrade("storage", "faster storage: as no rate is stated, it is taken to keep up", ())
    why = "no price of storage by its rate"
    return Upgrade("storage", "storage twice as fast", (f"operations.storage_bytes_per_s={2 * rate!r}",), why)


def _spares(question: Question, joint: Estimate) -> Iterator[Upgrade]:
    """Yield more warm spares: one, and as many as a million buys, of the pool whose days are told."""
    pool = joint.whole_pool
    if pool is None:
        return
    now = pool.known["spares.servers"].p50
    price, servers = pool.known["ledger.servers"].p50, pool.known["spares.of_servers"].p50
    if now is None:
        return
    whole = math.ceil(now)
    counts = {1}
    if price and servers:
        counts.add(max(1, math.floor(1e6 / (price / servers))))
    # money.spares_share prices spares where the plan states it; their number is then no price
    is_by_share = question.plan.money.spares_share is not None
    for count in sorted(counts):
        yield Upgrade(
            "spares",
            f"{count:,} more warm {'spare' if count == 1 else 'spares'} beside {whole:,}",
            (f"operations.warm_spares={whole + count}",),
            "the plan prices spares by a share" if is_by_share else "",
            amount=count,
        )


def _hands(question: Question) -> Iterator[Upgrade]:
    """Yield the training in more practised hands: another class of teams, another operator."""
    operations = question.plan.operations
    teams: dict[str, Callable[[], bool]] = {
        "reference": lambda: operations.running_team == "single",
        "vendor": lambda: operations.running_team != "vendor",
    }
    words = {
        "reference": "a stack that its maintainers run, or a lab's own",
        "vendor": "the chip's vendor runs it",
    }
    for team, is_open in teams.items():
        if is_open():
            why = "nobody says what such hands cost"
            yield Upgrade("team", words[team], (f"operations.team={team}",), why)
    if operations.running_team == "vendor":
        yield Upgrade("team", "more practised hands: the chip's vendor runs it already", ())
    if operations.running_operator == _PRACTISED:
        yield Upgrade("operator", "a practised operator: it is one already", ())
    elif _PRACTISED in OPERATORS:
        why = "nobody says what practice costs"
        yield Upgrade("operator", "a practised operator", (f"operations.operator={_PRACTISED}",), why)
