"""What changed in a plan's profiles since it was pinned, and what that does to its estimate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from planner.differences.drift_effects import DriftEffect
from planner.domain.plan import PinnedValue
from planner.planning.drift import WHOLE_CONTENT, WHOLE_PROFILE, DriftItem
from planner.quantities.figure import Band
from planner.quantities.table import TABLE
from planner.quantities.units import Unit
from planner.report import numbers
from planner.report.diff_rows import HEADLINE
from planner.report.document import (
    GAP,
    Block,
    Heading,
    Item,
    Items,
    Paragraph,
    document,
    entries,
)
from planner.report.figures import scales_of
from planner.report.numbers import UNKNOWN

_LABEL_WIDTH = 14
_DIGITS = 3


def drift_line(item: DriftItem) -> str:
    """Return one change: `tdp_w 400W -> 350W`."""
    if item.field == WHOLE_PROFILE:
        return "is in no profile folder any more"
    if item.field == WHOLE_CONTENT:
        return "changed; the plan pins its hash alone, so what changed is not known"
    return f"{item.field} {_shown(item.old)} -> {_shown(item.new)}"


def drift_summary(items: Sequence[DriftItem]) -> str:
    """Return all changes in one line, the first few by name."""
    profiles = list(dict.fromkeys(item.profile for item in items))
    many = "1 profile" if len(profiles) == 1 else f"{len(profiles)} profiles"
    shown = "; ".join(f"{item.profile} {drift_line(item)}" for item in items[:3])
    more = f"; and {len(items) - 3} more" if len(items) > 3 else ""
    return f"{many} changed since the plan was pinned: {shown}{more}"


@document
def drift_document(items: Sequence[DriftItem], effects: Sequence[DriftEffect], plan: str) -> Iterator[Block]:
    """Yield the changes by profile, their effect, and how to keep the pinned values or take the new ones."""
    yield Heading("Drift", "profiles that changed since this plan was pinned")
    for profile, changed in groupby(items, key=lambda item: item.profile):
        yield Paragraph(profile, role="title")
        yield Items(tuple(Item(drift_line(item)) for item in changed), indent=4)
    yield Heading("Effect", "with the pinned values -> with the new ones")
    if told := headline_effects(effects):
        yield entries(map(effect_words, told), _LABEL_WIDTH)
    else:
        yield Paragraph("none on this estimate")
    yield GAP
    ways = (
        ("keep", f"planner estimate {plan} --pinned: the figures as they were"),
        ("take", f"planner check {plan} --pin: write the new values into the plan"),
    )
    yield entries(ways, _LABEL_WIDTH)


def headline_effects(effects: Sequence[DriftEffect]) -> list[DriftEffect]:
    """Return the effects that text tells, in its order; the others follow from them."""
    return sorted(
        (effect for effect in effects if effect.quantity in HEADLINE),
        key=lambda effect: HEADLINE.index(effect.quantity),
    )


def effect_words(effect: DriftEffect) -> tuple[str, str]:
    """Return a quantity's label, and its bands with the pinned values and with the new ones."""
    return TABLE[effect.quantity].short, " -> ".join(effect_bands(effect))


def effect_bands(effect: DriftEffect) -> tuple[str, str]:
    """Return a quantity's band with the pinned values, and with the new ones."""
    unit = TABLE[effect.quantity].unit
    return _band_words(effect.old, unit), _band_words(effect.new, unit)


def _band_words(band: Band | None, unit: Unit) -> str:
    if band is None:
        return UNKNOWN
    if unit == "date":
        first, middle, last = (numbers.day(end) for end in (band.p10, band.p50, band.p90))
        return f"{numbers.date(middle)} [{numbers.date_span(first, last)}]"
    if unit == "share":
        return numbers.percent_band(band)
    if band.p10 == band.p90:
        return numbers.quantity(band.p50, scales_of(unit), _DIGITS)
    return numbers.banded(band, scales_of(unit), _DIGITS)


def _shown(value: PinnedValue | None) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
