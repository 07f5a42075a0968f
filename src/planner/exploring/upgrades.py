"""Ways to be done sooner without more systems: network, storage, spares, software and practice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from planner.catalog.catalog import Catalog
from planner.catalog.moved import with_figures
from planner.domain.evidence import value_of
from planner.domain.fabric import Fabric
from planner.engine.operators import OPERATORS
from planner.errors import InfeasibleError, InputError
from planner.estimate.result import Estimate, PoolEstimate
from planner.exploring.kept_layout import kept_layout
from planner.exploring.question import DAYS, Question
from planner.planning.exchange import kinds_that_fit
from planner.quantities.failures import says_spares
from planner.quantities.purchase_prices import has_network_prices
from planner.quantities.setting import Setting

#: What is bought.
Kind = Literal["systems", "fabric", "oversubscription", "storage", "spares", "stack", "team", "operator"]
#: Of the rates of ports that are faster, so many of the nearest.
_FABRICS = 2
_PRACTISED = "practised"
MILLION = 1e6
#: What changes no chip: the layout may stay as it is.
_SAME_CHIPS: frozenset[Kind] = frozenset({"fabric", "oversubscription", "stack"})


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

    @property
    def changes_nothing(self) -> bool:
        """Whether it is there already: there is nothing to buy."""
        return not self.overrides and self.catalog is None


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


def layout_of(joint: Estimate, upgrade: Upgrade) -> tuple[str, ...]:
    """Return what keeps the layout as it is, where an upgrade leaves the chips."""
    return kept_layout(joint) if upgrade.kind in _SAME_CHIPS else ()


def _whole(catalog: Catalog, kind: str) -> Iterator[Any]:
    """Yield the profiles of a kind but those whose files are broken."""
    for identifier in catalog.ids(kind):
        if (entry := catalog.find(kind, identifier)) is not None:
            yield entry.profile


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
    for fabric in _whole(catalog, "fabrics"):
        its_rate = value_of(fabric.port_bytes_per_s) or 0.0
        if fabric.kind not in kinds or its_rate <= rate:
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
    catalog = with_figures(question.catalog, "fabrics", fabric.id, {"oversubscription": 1.0})
    unpriced = "" if has_network_prices(setting) else "no price of the network's parts"
    return Upgrade("oversubscription", f"{label}{fabric.name} at 1:1, not {over:g}:1", (), unpriced, catalog)


def _stacks(question: Question, joint: Estimate, pool: PoolEstimate, label: str) -> Iterator[Upgrade]:
    """Yield the stack of the platform on which the plan is done first, where it is another."""
    catalog, setting = question.catalog, _setting(pool)
    platform, now = setting.pool.chip.platform, setting.pool.stacks[0].id
    best, least = now, float(joint.figure(DAYS).values[0])
    for stack in _whole(catalog, "stacks"):
        if stack.platform != platform or stack.id == now:
            continue
        days = _days(question, f"cluster.pools[{pool.id}].stack={stack.id}")
        if days is not None and days < least:
            best, least = stack.id, days
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
    pool, plan = joint.whole_pool, question.plan
    if pool is None or not says_spares(_setting(pool)):
        yield Upgrade("spares", "more warm spares: as no number is stated, there are enough", ())
        return
    known = {name: pool.known[name].p50 for name in ("spares.servers", "spares.of_servers", "ledger.servers")}
    now, servers, price = known.values()
    if now is None or not servers:
        return
    counts = {1}
    if price:
        counts.add(max(1, math.floor(MILLION / (price / servers))))
    share = plan.money.spares_share
    for count in sorted(counts):
        overrides = [] if share is None else [f"money.spares_share={(now + count) / servers!r}"]
        if plan.operations.warm_spares is not None or share is None:
            overrides.append(f"operations.warm_spares={math.ceil(now) + count}")
        name = f"{count:,} more warm {'spare' if count == 1 else 'spares'} beside {now:,.0f}"
        yield Upgrade("spares", name, tuple(overrides), amount=count)


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
