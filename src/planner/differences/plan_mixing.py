"""Plans between two plans: the changes by which one becomes the other, each to be made alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from planner.differences.plan_inputs import pool_pairs
from planner.domain.base import Model
from planner.domain.plan import Plan, Pool

Edit = Callable[[Plan], Plan]

#: What a site does to figures; its country, caps and dates do nothing to them.
_SITE_FIELDS = ("profile", "pue", "electricity_usd_per_kwh", "carbon_g_per_kwh")
#: A system, and what is chosen for it.
_SYSTEM_FIELDS = ("system", "fabric", "stack", "price_usd", "rental_usd_per_chip_hour")


@dataclass(frozen=True, slots=True)
class Change:
    """One step from a plan to another: inputs that change together."""

    name: str
    #: what it is made of, in words
    meaning: str
    make: Edit


def changes_between(
    before: Plan, after: Plan, chips_before: Mapping[str, int], chips_after: Mapping[str, int]
) -> list[Change]:
    """Return the changes of inputs that move days, power or money, in the order of a plan file.

    A system brings its fabric, its stack and its price where they change with it, and leaves the number of
    chips; the number of chips is a change of its own, whether it comes from the count or from the system.
    """
    changes: list[Change] = []
    whole = _whole(before, after, "model", "the model that is trained")
    if before.cluster != after.cluster and (before.calendar.deliveries or after.calendar.deliveries):
        changes.append(_with_its_deliveries(after))
    else:
        changes += _cluster_changes(before, after, chips_before, chips_after)
        if not (before.calendar.is_plain and after.calendar.is_plain):
            changes += _whole(before, after, "calendar", "deliveries, stops and other runs of the fleet")
    changes += whole
    changes += _workload_changes(before, after)
    changes += _whole(before, after, "strategy", "the parallel layout that the plan fixes", name="layout")
    changes += _parts(before, after, "site", _SITE_FIELDS, "the site: its cooling, electricity and carbon")
    changes += _whole(before, after, "operations", "failures, restarts and checkpoints")
    changes += _whole(before, after, "pilot", "the steps that were measured", name="pilots")
    changes += _whole(before, after, "acceptance", "what the cluster was accepted by")
    changes += _whole(before, after, "money", "how the purchase is written off", name="depreciation")
    return changes


def _cluster_changes(
    before: Plan, after: Plan, chips_before: Mapping[str, int], chips_after: Mapping[str, int]
) -> list[Change]:
    changes: list[Change] = []
    pairs = pool_pairs(before, after)
    several = len(pairs) > 1
    for old, new in pairs:
        if old is not None and new is not None:
            sizes = (chips_before[old.id], chips_after[new.id])
            prefix = f"{old.id} " if several else ""
            changes += _pool_changes(old, new, sizes, prefix)
    return [*changes, *_pools_come_and_go(pairs)]


def _with_its_deliveries(after: Plan) -> Change:
    """Return the change of a cluster that comes in parts: deliveries are of its systems, and of no others."""
    values = {"cluster": after.cluster, "calendar": after.calendar}
    return Change(
        "cluster", "the cluster and when it is delivered", lambda plan: plan.model_copy(update=values)
    )


def starting_plan(before: Plan, after: Plan, chips_before: Mapping[str, int]) -> Plan:
    """Return the first plan with its pools counted in chips, so that systems can be exchanged alone."""
    plan = before
    for old, new in pool_pairs(before, after):
        if old is not None and new is not None:
            plan = _with_pool(plan, old.id, {"count": None, "chips": chips_before[old.id]})
    return plan


def _pool_changes(old: Pool, new: Pool, sizes: tuple[int, int], prefix: str) -> list[Change]:
    changed = [name for name in _SYSTEM_FIELDS if getattr(old, name) != getattr(new, name)]

    def change(name: str, meaning: str, fields: Sequence[str]) -> Change:
        values = {field: getattr(new, field) for field in fields}
        return Change(prefix + name, meaning, partial(_with_pool, pool_id=old.id, values=values))

    found = []
    if "system" in changed:
        with_it = [name for name in ("fabric", "stack") if name in changed]
        beside = f" with its {' and '.join(with_it)}" if with_it else ""
        found.append(change("system", f"another system{beside}, at the same number of chips", changed))
    else:
        found += [change(name, f"another {name}", [name]) for name in ("fabric", "stack") if name in changed]
        prices = [name for name in ("price_usd", "rental_usd_per_chip_hour") if name in changed]
        found += [change("price", "the price of a system or of its hours", prices)] if prices else []
    if sizes[0] != sizes[1]:
        make = partial(_with_pool, pool_id=old.id, values={"count": None, "chips": sizes[1]})
        words = "more" if sizes[1] > sizes[0] else "fewer"
        found.append(Change(f"{prefix}chip count", f"{words} chips: {sizes[0]:,} -> {sizes[1]:,}", make))
    return found


def _with_pool(plan: Plan, pool_id: str, values: Mapping[str, Any]) -> Plan:
    pools = tuple(
        pool.model_copy(update=dict(values)) if pool.id == pool_id else pool for pool in plan.cluster.pools
    )
    return plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": pools})})


def _pools_come_and_go(pairs: list[tuple[Pool | None, Pool | None]]) -> list[Change]:
    gone = frozenset(old.id for old, new in pairs if old is not None and new is None)
    come = tuple(new for old, new in pairs if old is None and new is not None)
    if not gone and not come:
        return []

    def make(plan: Plan) -> Plan:
        pools = (*(pool for pool in plan.cluster.pools if pool.id not in gone), *come)
        return plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": pools})})

    words = [f"without {', '.join(sorted(gone))}"] if gone else []
    words += [f"with {', '.join(pool.id for pool in come)}"] if come else []
    return [Change("pools", f"pools that come and go: {'; '.join(words)}", make)]


#: A sequence, and what it is packed of.
_SEQUENCE = ("sequence_length", "document_tokens")


def _workload_changes(before: Plan, after: Plan) -> list[Change]:
    if before.workload.phases or after.workload.phases:
        fields = ("tokens", "phases", *_SEQUENCE, "global_batch_sequences", "batch_flex")
        tokens = _parts(before, after, "workload", fields, "tokens by phase", name="phases")
    else:
        tokens = [
            *_parts(before, after, "workload", ("tokens",), "the tokens that are trained on", name="tokens"),
            *_parts(
                before,
                after,
                "workload",
                ("global_batch_sequences", "batch_flex"),
                "sequences of one step, and how far they may move",
                name="batch",
            ),
            *_parts(before, after, "workload", _SEQUENCE, "tokens of one sequence", name="sequence"),
        ]
    precision = _parts(
        before, after, "workload", ("precision",), "the number format of matmuls", name="precision"
    )
    words = "the share of the tokens that an encoder makes"
    encoded = _parts(before, after, "workload", ("encoded_share",), words, name="encoded tokens")
    return [*tokens, *precision, *encoded]


def _whole(before: Plan, after: Plan, section: str, meaning: str, *, name: str = "") -> list[Change]:
    if getattr(before, section) == getattr(after, section):
        return []
    value = getattr(after, section)
    return [Change(name or section, meaning, lambda plan: plan.model_copy(update={section: value}))]


def _parts(
    before: Plan, after: Plan, section: str, fields: tuple[str, ...], meaning: str, *, name: str = ""
) -> list[Change]:
    old, new = getattr(before, section), getattr(after, section)
    values = {field: getattr(new, field) for field in fields if getattr(old, field) != getattr(new, field)}
    if not values:
        return []

    def make(plan: Plan) -> Plan:
        part: Model = getattr(plan, section)
        return plan.model_copy(update={section: part.model_copy(update=values)})

    return [Change(name or section, meaning, make)]
