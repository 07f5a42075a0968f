"""Which plans use a profile: named by them, or by what they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from planner.catalog.catalog import Catalog
from planner.domain.keys import profile_keys
from planner.domain.plan import Plan
from planner.domain.site import Site
from planner.domain.system import System
from planner.errors import InputError
from planner.planning.named_profiles import values_at
from planner.plans.plan_file import load_plan

#: Kind and id of a profile.
Named = tuple[str, str]
#: What the ids of prices end in behind the id of what they are of; those of places begin so.
_PRICE_ENDS = ("price", "rent", "switch", "port")
_PRICE_STARTS = ("space", "building")


def uses_of_plans(
    paths: Iterable[Path], catalog: Catalog, is_cancelled: Callable[[], bool] = lambda: False
) -> dict[Named, list[str]]:
    """Return, by the profile that they use, the names of plan files; a file that is no plan uses none."""
    uses: dict[Named, list[str]] = {}
    for path in paths:
        if is_cancelled():
            break
        try:
            plan = load_plan(path)
        except InputError:
            continue
        for named in dict.fromkeys(profiles_used(plan, catalog)):
            uses.setdefault(named, []).append(path.stem)
    return uses


def plans_using(named: Named, uses: dict[Named, list[str]]) -> list[str]:
    """Return the plans that use a profile; a price is used where what it is of is."""
    return uses.get(_priced(named), [])


def _priced(named: Named) -> Named:
    kind, identifier = named
    if kind != "prices":
        return named
    subject, _, end = identifier.rpartition("-")
    start, _, country = identifier.partition("-")
    if end in _PRICE_ENDS:
        return "priced", subject
    return ("country", country.upper()) if start in _PRICE_STARTS else named


def profiles_used(plan: Plan, catalog: Catalog) -> Iterator[Named]:
    """Yield every profile that a plan names, and those that its systems name for it."""
    for dotted, kind in profile_keys(Plan):
        for name in values_at(plan, dotted):
            if isinstance(name, str) and name:
                yield from _with_inner(kind, name, catalog)
    for pool in plan.cluster.pools:
        entry = catalog.find("systems", pool.system) if pool.system and pool.fabric is None else None
        usual = entry.profile.default_fabric if entry and isinstance(entry.profile, System) else None
        if usual is not None:
            yield from _with_inner("fabrics", usual, catalog)


def _with_inner(kind: str, name: str, catalog: Catalog) -> Iterator[Named]:
    yield kind, name
    yield "priced", name
    entry = catalog.find(kind, name)
    if entry is not None and isinstance(entry.profile, System):
        yield "chips", entry.profile.chip
        yield "priced", entry.profile.chip
    if entry is not None and isinstance(entry.profile, Site):
        yield "country", entry.profile.country
