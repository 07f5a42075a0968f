"""Profiles that changed since a plan was saved: its pinned hashes against the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.catalog.catalog import Catalog
from planner.catalog.kinds import KINDS
from planner.domain.plan import Plan


@dataclass(frozen=True, slots=True)
class DriftedProfile:
    """A pinned profile that is not what it was."""

    kind: str
    id: str
    state: Literal["changed", "missing"]
    #: where the profile is found now; empty where it is missing
    origin: str = ""


def drifted_profiles(plan: Plan, catalog: Catalog) -> tuple[DriftedProfile, ...]:
    """Return the plan's pinned profiles whose content is another by now, or that are gone."""
    drifted = []
    for key, pin in plan.pins.items():
        kind, _, identifier = key.partition("/")
        entry = catalog.find(kind, identifier) if kind in KINDS else None
        if entry is None:
            drifted.append(DriftedProfile(kind, identifier, "missing"))
        elif not entry.hash.startswith(pin.hash):
            drifted.append(DriftedProfile(kind, identifier, "changed", entry.origin))
    return tuple(drifted)
