"""The headline: finish date, days, MFU, power, money, and whether it fits, in tiles or in one line."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from planner.app.drawing.numbers_asked import asked, clickable
from planner.app.drawing.pieces import BAD, GOOD, QUIET, STRONG, Lines, View, difference, fitted, line
from planner.planning.result import Performance, TargetVerdict
from planner.report import numbers

TILE_WIDTH = 15
DAYS = (numbers.Scale(1.0, "d"),)
POINTS = (numbers.Scale(0.01, "points"),)


Notes = tuple[Content | None, ...]


@dataclass(frozen=True)
class Tile:
    """One headline figure: its name, the figure, and what stands beneath it."""

    label: str
    value: Content
    #: the band, the target, and the difference from the baseline, each where there is one
    notes: Notes = ()
    #: what can be explained of it; empty: nothing
    quantity: str = ""


def tiles(view: View) -> list[Tile]:
    """Return the six tiles of an estimate."""
    performance = view.performance
    if performance is None:
        return _tiles_without(view)
    return [
        _done(view, performance),
        _tile(
            "DAYS",
            "training_days",
            numbers.middle_and_ends(performance.training_days),
            _days_notes(view, performance),
        ),
        _tile("MFU", "mfu", numbers.percent_and_ends(performance.mfu.band), _mfu_notes(view, performance)),
        _tile(
            "POWER",
            "power",
            numbers.middle_and_ends(performance.power.facility_w, numbers.POWER),
            _meter_notes(view, performance),
            mark=numbers.ASSUMED_MARK if performance.power.unknown else "",
        ),
        _tile(
            "THIS RUN",
            "cost",
            numbers.middle_and_ends(performance.cost.total, numbers.MONEY),
            _money_notes(view, performance),
            mark=numbers.ASSUMED_MARK if performance.cost.unknown else "",
        ),
        _fits(performance),
    ]


def _tile(label: str, quantity: str, shown: tuple[str, str], notes: Notes, mark: str = "") -> Tile:
    value, ends = shown
    style = QUIET if value == numbers.UNKNOWN else STRONG
    band = line((ends, QUIET)) if ends else None
    return Tile(label, line((value + mark, style)), (band, *notes), quantity)


def _done(view: View, performance: Performance) -> Tile:
    verdict = _verdict(view, "finish_by")
    if performance.finish_date is None:
        return Tile("DONE", line(("no start date", QUIET)), (None, verdict))
    dates = performance.finish_date
    band = line((f"to {numbers.date(dates.p90)}", QUIET))
    return Tile("DONE", line((numbers.date(dates.p50), STRONG)), (band, verdict), "training_days")


def _days_notes(view: View, performance: Performance) -> Notes:
    base = view.base
    return (None, difference(performance.training_days, base.training_days if base else None, DAYS))


def _mfu_notes(view: View, performance: Performance) -> Notes:
    base = view.base
    change = difference(performance.mfu.band, base.mfu.band if base else None, POINTS, is_more_better=True)
    return (None, change)


def _meter_notes(view: View, performance: Performance) -> Notes:
    base = view.base
    change = difference(performance.power.facility_w, base.power.facility_w if base else None, numbers.POWER)
    return (_verdict(view, "power_mw"), change)


def _money_notes(view: View, performance: Performance) -> Notes:
    base = view.base
    change = difference(performance.cost.total, base.cost.total if base else None, numbers.MONEY)
    verdict = _verdict(view, "money_usd")
    if verdict is None and performance.cost.unknown:
        verdict = line((f"without: {', '.join(performance.cost.unknown)}", QUIET))
    return (verdict, change)


def _fits(performance: Performance) -> Tile:
    memory = performance.memory
    does_fit = memory.per_chip_bytes <= memory.capacity_bytes
    value = line(("+ yes", f"bold {GOOD}")) if does_fit else line(("x no", BAD))
    used, used_unit = numbers.number_and_unit(memory.per_chip_bytes, numbers.BYTES)
    capacity, unit = numbers.number_and_unit(memory.capacity_bytes, numbers.BYTES)
    used += "" if used_unit == unit else f" {used_unit}"
    share = numbers.percent(memory.per_chip_bytes / memory.capacity_bytes)
    notes = (line((f"{used} of {capacity} {unit}", QUIET)), line((f"{share} full", QUIET)))
    return Tile("FITS", value, notes, "memory")


def _tiles_without(view: View) -> list[Tile]:
    estimate = view.estimate
    has_pools = any(pool.performance is not None for pool in estimate.pools) and len(estimate.pools) > 1
    note = "see POOLS" if has_pools else ""
    blank = line(("-", QUIET))
    names = ("DONE", "DAYS", "MFU", "POWER", "THIS RUN")
    shown = [Tile(name, blank, (line((note, QUIET)),) if note else ()) for name in names]
    if has_pools:
        fits = Tile("FITS", line(("? not joined", STRONG)), (line(("each pool alone", QUIET)),))
    else:
        fits = Tile("FITS", line(("x no", BAD)), (line(("reasons below", QUIET)),))
    return [*shown, fits]


def find_verdict(view: View, target: str) -> TargetVerdict | None:
    """Return the verdict on one target of the plan."""
    return next((verdict for verdict in view.estimate.targets if verdict.target == target), None)


_SHORT = {"met": ("+ target ok", GOOD), "likely": ("~ likely ok", ""), "missed": ("x missed", BAD)}


def _verdict(view: View, target: str) -> Content | None:
    verdict = find_verdict(view, target)
    return line(_SHORT[verdict.verdict]) if verdict is not None and verdict.verdict in _SHORT else None


def draw_tiles(view: View, width: int, _height: int = 0) -> Lines:
    """Return the tiles in as many rows as the width asks for."""
    shown = tiles(view)
    per_row = 6 if width >= 6 * TILE_WIDTH else 3
    # Where only one note fits, it is the one that says most: the last.
    is_narrow = width // per_row <= TILE_WIDTH
    notes = (1 if is_narrow else 2) + (1 if view.baseline is not None else 0)
    lines: Lines = []
    for start in range(0, len(shown), per_row):
        row = shown[start : start + per_row]
        for index in range(2 + notes):
            lines.append(
                Content("").join(_cell(tile, index, width // per_row, is_narrow=is_narrow) for tile in row)
            )
    return lines


def _torn(note: Content) -> list[Content | None]:
    """Put the last word of a difference, `better` or `worse`, on a line of its own."""
    head, _, word = note.plain.rpartition(" ")
    return [note[: len(head)], note[len(head) + 1 :]] if word in ("better", "worse") else [note]


def _cell(tile: Tile, index: int, width: int, *, is_narrow: bool) -> Content:
    label = "AT THE METER" if tile.label == "POWER" and width > 13 else tile.label
    said = [note for note in tile.notes if note is not None]
    shown = _torn(said[-1]) if is_narrow and said else list(tile.notes)
    rows = [line((label, QUIET)), tile.value, *shown]
    content = (rows[index] if index < len(rows) else None) or Content("")
    content = fitted(content, width - 1)
    if tile.quantity and content:
        content = (asked if index == 1 else clickable)(content, tile.quantity)
    return content.pad_right(width - content.cell_length)


def draw_summary(view: View, width: int, _height: int = 0) -> Lines:
    """Return the headline in one line, for terminals that show one pane at a time."""
    performance = view.performance
    if performance is None:
        return [
            fitted(line(("x ", BAD), *(view.estimate.reasons[:1] or ("not estimable as a whole",))), width)
        ]
    days = numbers.days(performance.training_days)
    parts = [
        ("training_days", f"{numbers.date(performance.finish_date.p50)}" if performance.finish_date else ""),
        ("training_days", f"{days} d"),
        ("mfu", f"MFU {numbers.percent(performance.mfu.band.p50)}"),
        ("power", numbers.middle_and_ends(performance.power.facility_w, numbers.POWER)[0]),
        ("cost", numbers.middle_and_ends(performance.cost.total, numbers.MONEY)[0]),
    ]
    shown = [asked(line((part, STRONG)), quantity) for quantity, part in parts if part]
    return [fitted(Content("  ").join(shown), width)]
