"""Pins a plan to the values that its estimate used."""

from __future__ import annotations

from collections.abc import Iterable

from planner.catalog.catalog import Catalog
from planner.catalog.pinning import PinnedCatalog, used_values
from planner.domain.plan import Pin, Plan
from planner.planning.resolve import ProfileUse


def pinned(plan: Plan, uses: Iterable[ProfileUse], catalog: Catalog) -> Plan:
    """Return the plan with a pin for each profile that the estimate used, in place of all earlier pins.

    Parameters
    ----------
    plan, uses
        A plan and the profiles that its estimate used.
    catalog
        Where the estimate found its profiles. A pinned one (`pinned_catalog`) keeps pins as they were.

    Raises
    ------
    ProfileError
        Where a profile has gone since the estimate was made.
    """
    entries = {(use.kind, use.id): catalog.get(use.kind, use.id) for use in uses}
    generations = {entry.profile.generation for (kind, _), entry in entries.items() if kind == "chips"}
    pins = {
        f"{kind}/{identifier}": Pin(hash=entry.hash, values=used_values(kind, entry.profile, generations))
        for (kind, identifier), entry in sorted(entries.items())
    }
    return plan.model_copy(update={"pins": pins})


def pinned_catalog(plan: Plan, catalog: Catalog) -> Catalog:
    """Return a catalog in which the plan's profiles have the values that it pins."""
    return PinnedCatalog(catalog, plan.pins)
