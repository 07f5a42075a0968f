"""Drift: what profiles say now against what a plan pinned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.catalog.kinds import KINDS
from planner.catalog.pinning import pinned_generations, used_values, with_values
from planner.domain.plan import Pin, PinnedValue, Plan
from planner.errors import InputError

#: The field of an item about a profile that is no longer there.
WHOLE_PROFILE = "profile"
#: The field of an item about a pin that says that its profile changed, but not what was used of it.
WHOLE_CONTENT = "hash"


@dataclass(frozen=True, slots=True)
class DriftItem:
    """One used value that changed since the plan was pinned; None stands for unknown."""

    #: `<kind>/<id>`
    profile: str
    #: dotted, such as `memory.capacity_bytes`
    field: str
    old: PinnedValue | None
    new: PinnedValue | None


def drift(plan: Plan, catalog: Catalog) -> list[DriftItem]:
    """Return every value that the plan pins and whose profile says something else now.

    A profile that changed only where estimates do not look (notes, evidence, formatting) has not drifted.
    """
    generations = pinned_generations(plan.pins, catalog)
    return [
        item for key, pin in sorted(plan.pins.items()) for item in _drift_of(key, pin, catalog, generations)
    ]


def _drift_of(key: str, pin: Pin, catalog: Catalog, generations: frozenset[str]) -> Iterator[DriftItem]:
    kind, _, identifier = key.partition("/")
    entry = catalog.find(kind, identifier) if kind in KINDS else None
    if entry is None:
        yield DriftItem(key, WHOLE_PROFILE, pin.hash, None)
        return
    if entry.hash.startswith(pin.hash):
        return
    if not pin.values:
        yield DriftItem(key, WHOLE_CONTENT, pin.hash, entry.hash)
        return
    new = used_values(kind, entry.profile, generations)
    old: Mapping[str, PinnedValue] = pin.values
    try:
        # by what the values mean: "400 W" and "0.4 kW" are one
        then = with_values(kind, entry.profile, pin.values, generations, where=key)
        old = used_values(kind, then, generations)
    except InputError:
        # they fit no present profile, so they are compared as they stand
        pass
    for field in sorted(old.keys() | new.keys()):
        if old.get(field) != new.get(field):
            yield DriftItem(key, field, old.get(field), new.get(field))
