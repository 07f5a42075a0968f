"""Another system in a pool: what no longer goes with it follows, and is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.fabric import Fabric, FabricKind
from planner.domain.keys import find_key
from planner.domain.plan import Plan, Pool
from planner.domain.system import System
from planner.engine.precisions import HALF_DATATYPES
from planner.errors import ProfileError
from planner.planning.chip import lacking

#: Kinds of fabric that run on the ports of another kind too: InfiniBand adapters speak Ethernet.
_ALSO_TAKES: Mapping[FabricKind, tuple[FabricKind, ...]] = {"infiniband": ("roce",)}
#: What a pool says of its system's price.
PRICES = ("price_usd", "rental_usd_per_chip_hour", "rental_months")


@dataclass(frozen=True, slots=True)
class ChangedAlong:
    """A value of the plan that had to follow the system."""

    #: the field, in the pool or of the whole plan: `stack`, `fabric`, `precision`, `price_usd`
    name: str
    key: str
    #: what people call it
    title: str
    before: str
    #: what holds now; empty: it was dropped, and nothing of the plan holds
    after: str
    because: str

    @property
    def line(self) -> str:
        """All of it in one line."""
        became = f"became '{self.after}'" if self.after else "was dropped"
        return f"{self.key} = '{self.before}' {became}: {self.because}"

    @property
    def words(self) -> str:
        """What happened, in a few words."""
        return f"{self.title} {self.before} {f'-> {self.after}' if self.after else 'dropped'}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A plan with another system in one of its pools."""

    plan: Plan
    changes: tuple[ChangedAlong, ...] = ()


def followed(plan: Plan, changed: Plan, overrides: Sequence[str], catalog: Catalog) -> Exchange:
    """Return a plan that was changed by `KEY=VALUE`, with what had to follow another system of its pools.

    Parameters
    ----------
    plan, changed, overrides
        The plan as it was, as it is with what was set in it, and what that was: it stays as it was set.
    catalog
        Where profiles are found.
    """
    olds = {pool.id: pool for pool in plan.cluster.pools}
    said = {override.partition("=")[0].strip() for override in overrides}
    changes: list[ChangedAlong] = []
    for index, pool in enumerate(changed.cluster.pools):
        old = olds.get(pool.id)
        if old is None or pool.system is None or old.system == pool.system:
            continue
        where = {f"cluster.pools{place}" for place in ("", f"[{index}]", f"[{pool.id}]")}
        kept = {
            name
            for name in ("stack", "fabric", *PRICES)
            if getattr(pool, name) != getattr(old, name) or said & {f"{place}.{name}" for place in where}
        }
        if changed.workload.precision != plan.workload.precision or "workload.precision" in said:
            kept.add("precision")
        before = with_pool(changed, index, pool.model_copy(update={"system": old.system}))
        exchange = exchanged(before, catalog, index, pool.system, kept=kept)
        changes += exchange.changes
        changed = exchange.plan
    return Exchange(changed, tuple(changes))


def exchanged(
    plan: Plan, catalog: Catalog, pool_index: int, system_id: str, *, kept: Collection[str] = ()
) -> Exchange:
    """Return the plan with another system in a pool, and what changed along.

    The stack follows the chip's platform, the fabric the system's ports, the precision what the chip has a
    rate for. A price or a rent that was typed is that of the system before, and goes with it. What still goes
    with the system stays as it is; so does everything where the system or its chip is not to be found, which
    the estimate then says.

    Parameters
    ----------
    plan, catalog
        The plan as it was before, and where its profiles are found.
    pool_index, system_id
        Which pool, and its new system.
    kept
        Names (`stack`, `fabric`, `precision`, ...) that somebody chose together with the system: they stay.
    """
    before = plan.cluster.pools[pool_index]
    pool = before.model_copy(update={"system": system_id})
    plan = with_pool(plan, pool_index, pool)
    try:
        system: System = catalog.get("systems", system_id).profile
        chip: Chip = catalog.get("chips", system.chip).profile
    except ProfileError:
        return Exchange(plan)
    follows = (*_in_the_pool(pool, system, chip, catalog), *_prices(before, system_id, catalog))
    # a term without its rent is nothing
    kept = {name for name in kept if name != "rental_months" or "rental_usd_per_chip_hour" in kept}
    changes = [change for change in follows if change.name not in kept]
    pool = pool.model_copy(update={change.name: None for change in changes})
    plan = with_pool(plan, pool_index, pool)
    if "precision" not in kept and (change := _precision(plan, chip, catalog)):
        changes.append(change)
        workload = plan.workload.model_copy(update={"precision": change.after})
        plan = plan.model_copy(update={"workload": workload})
    return Exchange(plan, tuple(changes))


def with_pool(plan: Plan, index: int, pool: Pool) -> Plan:
    """Return the plan with another pool in place of one."""
    pools = plan.cluster.pools
    cluster = plan.cluster.model_copy(update={"pools": (*pools[:index], pool, *pools[index + 1 :])})
    return plan.model_copy(update={"cluster": cluster})


def _in_the_pool(pool: Pool, system: System, chip: Chip, catalog: Catalog) -> Iterator[ChangedAlong]:
    """Yield which keys of the pool are dropped, so that the platform's and the system's defaults hold."""
    where = f"cluster.pools[{pool.id}]"
    if pool.stack and (because := _other_platform(pool.stack, chip, catalog)):
        yield ChangedAlong("stack", f"{where}.stack", "stack", pool.stack, chip.platform, because)
    default = system.default_fabric
    if pool.fabric and default and (because := _other_ports(pool.fabric, system, default, catalog)):
        yield ChangedAlong("fabric", f"{where}.fabric", "fabric", pool.fabric, default, because)


def unfit_stack(stack_id: str, pool: Pool, catalog: Catalog) -> str:
    """Return why a stack does not go with the chip of a pool; empty where it does, or nobody knows.

    Raises
    ------
    ProfileError
        Where the pool's system or its chip is not to be found.
    """
    if not pool.system:
        return ""
    system: System = catalog.get("systems", pool.system).profile
    return _other_platform(stack_id, catalog.get("chips", system.chip).profile, catalog)


def unfit_fabric(fabric_id: str, pool: Pool, catalog: Catalog) -> str:
    """Return why a fabric does not go with the ports of a pool's system; raises as `unfit_stack`."""
    if not pool.system:
        return ""
    system: System = catalog.get("systems", pool.system).profile
    default = system.default_fabric
    return _other_ports(fabric_id, system, default, catalog) if default and fabric_id else ""


def _other_platform(stack_id: str, chip: Chip, catalog: Catalog) -> str:
    stack = catalog.stacks.get(stack_id)
    if stack is None or stack.profile.platform == chip.platform:
        return ""
    return f"it is for {stack.profile.platform}, and {chip.name} is a {chip.platform} chip"


def _other_ports(fabric_id: str, system: System, default_id: str, catalog: Catalog) -> str:
    is_fit = _fits(fabric_id, system, default_id, catalog)
    return "" if is_fit else f"it does not go with the ports of {system.name}"


def _prices(before: Pool, system_id: str, catalog: Catalog) -> Iterator[ChangedAlong]:
    """Yield what was typed as the price of the system before: nobody quoted it for another one."""
    if before.system in (None, system_id):
        return
    entry = catalog.systems.get(before.system)
    because = f"it was for {entry.profile.name if entry is not None else before.system}"
    for name in PRICES:
        if getattr(before, name) is not None:
            key = find_key(Pool, name).key
            written = str(before.model_dump(include={name})[name])
            yield ChangedAlong(name, f"cluster.pools[{before.id}].{name}", key.title, written, "", because)


def _fits(fabric_id: str, system: System, default_id: str, catalog: Catalog) -> bool:
    """Return whether a fabric has the rate and the kind of a system's ports; true where nobody knows."""
    if fabric_id == default_id:
        return True
    fabrics = catalog.of_kind("fabrics")
    if fabric_id not in fabrics or default_id not in fabrics:
        return True
    fabric: Fabric = fabrics[fabric_id].profile
    default: Fabric = fabrics[default_id].profile
    rate = value_of(system.port_bytes_per_s) or value_of(default.port_bytes_per_s)
    return fabric.kind in kinds_that_fit(default.kind) and rate in (None, value_of(fabric.port_bytes_per_s))


def kinds_that_fit(kind: FabricKind) -> tuple[FabricKind, ...]:
    """Return the kinds of fabrics that run on ports of a kind: itself first."""
    return (kind, *_ALSO_TAKES.get(kind, ()))


def _precision(plan: Plan, chip: Chip, catalog: Catalog) -> ChangedAlong | None:
    """Return the 16-bit precision that all chips have, where the new chip lacks the plan's."""
    precision = plan.workload.precision
    lacks = lacking(chip, precision)
    if lacks is None:
        return None
    chips = [chip, *_chips_of(plan, catalog)]
    after = next((name for name in HALF_DATATYPES if all(lacking(one, name) is None for one in chips)), None)
    if after is None:
        return None
    because = f"{chip.name} has no {lacks}"
    return ChangedAlong("precision", "workload.precision", "precision", precision, after, because)


def _chips_of(plan: Plan, catalog: Catalog) -> Iterator[Chip]:
    for pool in plan.cluster.pools:
        system = catalog.systems.get(pool.system) if pool.system else None
        chip = catalog.chips.get(system.profile.chip) if system is not None else None
        if chip is not None:
            yield chip.profile
