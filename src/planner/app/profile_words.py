"""What tells a profile apart from others of its kind, in a few words."""

from __future__ import annotations

from planner.domain.architecture import LanguageModel
from planner.domain.base import Profile
from planner.domain.chip import Chip
from planner.domain.evidence import value_of
from planner.domain.fabric import Fabric
from planner.domain.maturity import MARKS, Part, least_mature
from planner.domain.site import Site
from planner.domain.stack import Stack
from planner.domain.system import System
from planner.report import numbers
from planner.text import safe


def apart(profile: Profile, chip: Profile | None) -> tuple[str, str]:
    """Return what tells a profile apart, and how little is known of it: nothing where it is proven.

    `chip` is that of a system, where there is a sound one.
    """
    if not isinstance(profile, System):
        return plain_words(profile), MARKS[profile.maturity] if isinstance(profile, Part) else ""
    name = safe(chip.name) if chip is not None else profile.chip
    maturity = least_mature(profile.maturity, chip.maturity if isinstance(chip, Part) else "proven")
    return f"{numbers.count(profile.chips_per_system)} x {name}", MARKS[maturity]


def plain_words(profile: Profile) -> str:
    """Return in a few words what a profile that names no other one is."""
    match profile:
        case Chip():
            capacity = value_of(profile.memory.capacity_bytes)
            memory = f", {numbers.quantity(capacity, numbers.BYTES)}" if capacity else ""
            return f"{safe(profile.vendor)}{memory}"
        case LanguageModel():
            parameters = value_of(profile.published_parameters)
            active = value_of(profile.published_active_parameters)
            text = f"{numbers.count(parameters)} parameters" if parameters else safe(profile.developer)
            return text + (f", {numbers.count(active)} active" if active else "")
        case Fabric():
            rate = value_of(profile.port_bytes_per_s)
            shown = f"{numbers.decimal(rate * 8 / 1e9, 3)} Gb/s a port" if rate else "rate unknown"
            return f"{profile.kind}, {shown}, {numbers.decimal(profile.oversubscription)}:1"
        case Stack():
            return f"{profile.platform}, {safe(profile.framework)} {profile.year}"
        case Site():
            pue = value_of(profile.pue)
            return f"{profile.country}" + (f", PUE {numbers.decimal(pue, 3)}" if pue else "")
    return ""
