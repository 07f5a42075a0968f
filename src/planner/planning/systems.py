"""Which system stands for a chip where a claim or a published run names none."""

from __future__ import annotations

from planner.catalog.catalog import Catalog
from planner.domain.system import System


def systems_by_chip(catalog: Catalog) -> dict[str, System]:
    """Return the system that stands for each chip: the smallest that names a fabric, else the smallest."""
    found: dict[str, System] = {}
    for entry in catalog.systems.values():
        system: System = entry.profile
        if system.chip not in found or _order(system) < _order(found[system.chip]):
            found[system.chip] = system
    return found


def _order(system: System) -> tuple[bool, int, str]:
    return system.default_fabric is None, system.chips_per_system, system.id
