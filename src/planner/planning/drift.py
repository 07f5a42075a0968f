"""Drift: what profiles say now against what a plan pinned, and what that does to its estimate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.catalog.kinds import KINDS
from planner.catalog.pinning import pinned_generations, used_values, with_values
from planner.domain.plan import Pin, PinnedValue, Plan
from planner.errors import InputError
from planner.planning.result import Band, Estimate, Performance

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


@dataclass(frozen=True, slots=True)
class DriftEffect:
    """One quantity of the estimate with the pinned values and with those of now; None stands for unknown."""

    #: as the keys of `estimate --json`, such as `power.facility_w`
    quantity: str
    old: Band | None
    new: Band | None


def drift_effects(pinned: Estimate, present: Estimate) -> tuple[DriftEffect, ...]:
    """Return the headline quantities that differ between two estimates of one plan.

    Parameters
    ----------
    pinned, present
        The estimate from the pinned values (`pinned_catalog`), and the one from the profiles of now.
    """
    old, new = _headline(pinned.performance), _headline(present.performance)
    return tuple(DriftEffect(name, old[name], new[name]) for name in old if old[name] != new[name])


def _headline(figures: Performance | None) -> dict[str, Band | None]:
    return {
        "training_days": figures.training_days if figures else None,
        "tokens_per_second": figures.tokens_per_second if figures else None,
        "mfu": figures.mfu.band if figures else None,
        "power.facility_w": figures.power.facility_w if figures else None,
        "energy_mwh": figures.energy_mwh if figures else None,
        "cost.total": figures.cost.total if figures else None,
    }
