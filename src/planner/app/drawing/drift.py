"""What changed in a plan's profiles since it was pinned, and what that does to its estimate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from planner.app.drawing.names import short_name
from planner.app.drawing.pieces import HEADING, QUIET, STRONG, Lines, line, wrapped
from planner.planning.drift import DriftItem
from planner.report.page import glue
from planner.text import safe

if TYPE_CHECKING:
    from planner.differences.drift_effects import DriftEffect

_LABEL_WIDTH = 14


@dataclass(frozen=True)
class DriftFound:
    """What changed, and what that does; or why that cannot be told."""

    items: tuple[DriftItem, ...]
    effects: tuple[DriftEffect, ...]
    problem: str = ""


def drift_lines(found: DriftFound, width: int) -> Lines:
    """Return the effect first, then every change by profile."""
    from planner.report.drift_document import drift_line  # noqa: PLC0415 - whoever found it has the engine

    profiles = list(dict.fromkeys(item.profile for item in found.items))
    many = "A profile" if len(profiles) == 1 else f"{len(profiles)} profiles"
    lines = wrapped(
        f"{many} of this plan changed since it was saved; the estimate behind uses the values of now.", width
    )
    lines += [Content(""), line(("EFFECT", HEADING), "  ", ("as pinned -> as of now", QUIET))]
    moved = list(_moved(found.effects))
    for label, text in moved:
        lines += wrapped(text, width, first=(f"  {label:<{_LABEL_WIDTH}}", STRONG))
    if found.problem:
        lines += wrapped(f"not known: {found.problem}", width, first="  ")
    elif not moved:
        lines += wrapped("none on the headline figures", width, first="  ")
    lines += [Content(""), line(("CHANGED", HEADING), "  ", ("as pinned -> as of now", QUIET))]
    for profile in profiles:
        lines.append(line("  ", (safe(profile), STRONG)))
        for item in found.items:
            if item.profile == profile:
                lines += wrapped(drift_line(item), width, first="    ")
    return lines


def _moved(effects: Sequence[DriftEffect]) -> Iterator[tuple[str, str]]:
    """Return label and text of what differs as far as it is shown; the rest is noise."""
    from planner.report.drift_document import effect_bands, headline_effects  # noqa: PLC0415 - as above

    for effect in headline_effects(effects):
        old, new = effect_bands(effect)
        if old != new:
            yield short_name(effect.quantity), f"{glue(old)} -> {glue(new)}"
