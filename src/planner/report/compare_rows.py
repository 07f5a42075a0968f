"""The cells of a comparison of plans, the same for documents and the app."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from planner.differences.compare import Comparison, Row, Standing
from planner.differences.diff import Side
from planner.planning.exchange_rates import ExchangeRate
from planner.quantities.figure import Band
from planner.quantities.joined import members_of
from planner.quantities.table import TABLE
from planner.quotes.promises import PromisedWork
from planner.report import numbers
from planner.report.currency_words import rate_of_sides
from planner.report.diff_rows import HEADLINE, Precision, least_digits
from planner.report.document import Number
from planner.report.figures import numbers_of, scales_of
from planner.report.layout_blocks import short_layout
from planner.report.numbers import ASSUMED_MARK, UNKNOWN, Scale
from planner.report.promise_words import REMEDIES_TITLE, promised_text, promised_title, remedies_text
from planner.report.words import SEVERITIES, VERDICT_WORDS, words

LETTERS = "ABCDEF"
NOTHING = "-"
#: They follow from the other figures, or have a row of their own.
_NOT_ASIDE = frozenset(
    {
        "tokens_per_second",
        "tokens_per_second_per_chip",
        "memory.per_chip_bytes",
        "power.peak_facility_w",
        "water_m3",
    }
)
_MOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class ShownCell:
    """What stands in a cell: a value, its band, and how the plan stands."""

    value: str
    band: str = ""
    standing: Standing = ""
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A label and a cell for each plan."""

    label: str
    cells: tuple[ShownCell, ...]


def shown_rows(comparison: Comparison, promised: Sequence[PromisedWork | None] = ()) -> list[ShownRow]:
    """Return the rows of a comparison: what the plans are, what they come to, and their notes.

    `promised` is what each plan's seller promises, in the order of the plans.
    """
    sides = comparison.sides
    rate = rate_of_sides(sides)
    rows = [
        _texts("chips", [f"{sum(pool.chips for pool in side.estimate.pools):,}" for side in sides]),
        _texts("", [", ".join(dict.fromkeys(it.chip_name for it in side.estimate.pools)) for side in sides]),
    ]
    rows += [
        *(_figures(row, rate) for row in figure_rows(comparison)),
        _texts("chip memory", [_memory(side) for side in sides]),
        _texts("layout", [_layout(side) for side in sides]),
    ]
    if any(side.estimate.splits for side in sides):
        rows.append(_texts("split", [_split(side) for side in sides]))
    if any(side.estimate.targets for side in sides):
        rows.append(_texts("targets", [_targets(side) for side in sides]))
    if any(promised):
        rows.append(
            ShownRow(promised_title(promised), tuple(ShownCell(*promised_text(one)) for one in promised))
        )
        rows.append(_texts(REMEDIES_TITLE, [remedies_text(one) for one in promised]))
    rows.append(_texts("notes", [_notes(side) for side in sides]))
    rows.append(_texts("rules ask for", [_asked(side) for side in sides]))
    if any(side.estimate.warnings for side in sides):
        rows.append(_texts("warnings", [str(len(side.estimate.warnings) or "none") for side in sides]))
    return rows


def figure_rows(comparison: Comparison) -> list[Row]:
    """Return the figures that are shown side by side, in order."""
    rows = {row.id: row for row in comparison.rows if row.id not in _NOT_ASIDE}
    return [rows[identifier] for identifier in HEADLINE if identifier in rows]


def _texts(label: str, texts: list[str]) -> ShownRow:
    return ShownRow(label, tuple(ShownCell(text or NOTHING) for text in texts))


def _figures(row: Row, rate: ExchangeRate) -> ShownRow:
    made = TABLE[row.id]
    apart = "" if row.is_comparable else " (!)"
    if made.unit == "date":
        return ShownRow(made.short + apart, tuple(_date(cell.band, cell.standing) for cell in row.cells))
    known = [abs(cell.band.p50) for cell in row.cells if cell.band is not None]
    precision = _precision(known, scales_of(made.unit, rate), least_digits(made.unit))
    unit = precision.scale.name
    cells = []
    for cell, is_assumed in zip(row.cells, row.is_assumed, strict=True):
        if cell.band is None:
            cells.append(ShownCell(UNKNOWN))
            continue
        mark = ASSUMED_MARK if is_assumed else ""
        band = cell.band
        ends = f"[{precision.number(band.p10)}..{precision.number(band.p90)}]" if band.p10 != band.p90 else ""
        shown = precision.number(band.p50) + mark
        cells.append(ShownCell(shown, ends, cell.standing, numbers_of((band,), scales_of(made.unit, rate))))
    return ShownRow(f"{made.short}{f', {unit}' if unit else ''}{apart}", tuple(cells))


def _precision(known: list[float], scales: tuple[Scale, ...], digits: int) -> Precision:
    """Return the unit of the largest figure, and decimals that leave the smallest two digits.

    Figures that differ look different, unless that takes more digits than anybody reads.
    """
    largest, smallest = max(known), min(known)
    scale = numbers.pick_scale(largest, scales)
    if smallest <= 0:
        return Precision(scale, 1)
    place = math.floor(math.log10(smallest / scale.factor))
    most = math.floor(math.log10(largest / scale.factor))
    last = max(0, _MOST_DIGITS - 1 - most)
    precision = Precision(scale, max(0, min(digits - 1 - place, last)))
    while precision.decimals < last and len(set(map(precision.rounded, known))) < len(set(known)):
        precision = Precision(scale, precision.decimals + 1)
    return precision


def _date(band: Band | None, standing: Standing) -> ShownCell:
    if band is None:
        return ShownCell(NOTHING)
    first, middle, last = (numbers.day(end) for end in (band.p10, band.p50, band.p90))
    return ShownCell(numbers.date(middle), f"[{numbers.date_span(first, last, middle)}]", standing)


def _memory(side: Side) -> str:
    figures = side.estimate.figures
    if figures is None:
        return "does not fit" if any("memory" in reason for reason in side.estimate.reasons) else "cannot run"
    used, capacity = (figures.number(f"memory.{name}_bytes") for name in ("per_chip", "capacity"))
    scale = numbers.pick_scale(capacity, numbers.BYTES, 2)
    shown = (numbers.decimal(value / scale.factor) for value in (used, capacity))
    return f"{' of '.join(shown)} {scale.name}"


def _split(side: Side) -> str:
    splits = side.estimate.splits
    return splits.chosen.split if splits and splits.chosen else ""


def _layout(side: Side) -> str:
    figures = side.estimate.figures
    if figures is None:
        return NOTHING
    if not side.estimate.is_joint:
        return short_layout(figures)
    return "; ".join(f"{own.setting.pool.pool.id} {short_layout(own)}" for own in members_of(figures))


def _targets(side: Side) -> str:
    counts = Counter(verdict.verdict for verdict in side.estimate.targets)
    return ", ".join(f"{number} {words(verdict, VERDICT_WORDS)}" for verdict, number in counts.items())


def _notes(side: Side) -> str:
    counts = Counter(note.severity for note in side.estimate.compliance.notes)
    found = [f"{counts[key]} {word.lower()}" for key, word in SEVERITIES.items() if counts[key]]
    return ", ".join(found) or "none"


def _asked(side: Side) -> str:
    number = len(side.estimate.compliance.needs_input)
    return f"{number} input{'' if number == 1 else 's'}"
