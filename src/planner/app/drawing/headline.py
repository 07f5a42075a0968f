"""The headline: finish date, days, MFU, power, money, and whether it fits, in tiles or in one line."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from planner.app.drawing.pieces import BAD, GOOD, QUIET, STRONG, Lines, View, difference, fitted, line
from planner.planning.result import Performance, TargetVerdict
from planner.report import numbers

TILE_WIDTH = 15


@dataclass(frozen=True)
class Tile:
    """One headline figure: its name, the figure, and what stands beneath it."""

    label: str
    value: Content
    notes: tuple[Content, ...] = ()


def _band_note(text: str) -> str:
    """Return the band of a banded text: `90 [82..102]` gives `[82..102]`."""
    return text[text.index("[") :] if "[" in text else ""


def _value_only(text: str) -> str:
    return text[: text.index("[")].strip() if "[" in text else text


def tiles(view: View) -> list[Tile]:
    """Return the six tiles of an estimate."""
    performance = view.performance
    if performance is None:
        return _tiles_without(view)
    return [
        _done(view, performance),
        _tile("DAYS", numbers.days(performance.training_days), _days_note(view, performance)),
        _tile("MFU", numbers.percent_band(performance.mfu.band), _mfu_note(view, performance)),
        _tile(
            "POWER",
            numbers.banded(performance.power.facility_w, numbers.POWER),
            _meter_note(view, performance),
            mark=numbers.ASSUMED_MARK if performance.power.unknown else "",
        ),
        _tile(
            "THIS RUN",
            numbers.banded(performance.cost.total, numbers.MONEY),
            _money_note(view, performance),
            mark=numbers.ASSUMED_MARK if performance.cost.unknown else "",
        ),
        _fits(performance),
    ]


def _tile(label: str, text: str, note: Content | None, mark: str = "") -> Tile:
    value = _value_only(text)
    style = QUIET if value == numbers.UNKNOWN else STRONG
    notes = (line((_band_note(text), QUIET)),) if _band_note(text) else ()
    return Tile(label, line((value + mark, style)), (*notes, *((note,) if note is not None else ())))


def _done(view: View, performance: Performance) -> Tile:
    verdict = _verdict(view, "finish_by")
    if performance.finish_date is None:
        return Tile("DONE", line(("no start date", QUIET)), (verdict,) if verdict else ())
    dates = performance.finish_date
    band = line((f"to {numbers.date(dates.p90)}", QUIET))
    return Tile("DONE", line((numbers.date(dates.p50), STRONG)), (band, *((verdict,) if verdict else ())))


def _days_note(view: View, performance: Performance) -> Content | None:
    base = view.base
    return difference(performance.training_days, base.training_days if base else None)


def _mfu_note(view: View, performance: Performance) -> Content | None:
    base = view.base
    percent = (numbers.Scale(0.01, "%"),)
    return difference(performance.mfu.band, base.mfu.band if base else None, percent, is_more_better=True)


def _meter_note(view: View, performance: Performance) -> Content | None:
    base = view.base
    change = difference(performance.power.facility_w, base.power.facility_w if base else None, numbers.POWER)
    return change or _verdict(view, "power_mw")


def _money_note(view: View, performance: Performance) -> Content | None:
    base = view.base
    change = difference(performance.cost.total, base.cost.total if base else None, numbers.MONEY)
    if change is not None:
        return change
    verdict = _verdict(view, "money_usd")
    if verdict is None and performance.cost.unknown:
        return line((f"without: {', '.join(performance.cost.unknown)}", QUIET))
    return verdict


def _fits(performance: Performance) -> Tile:
    memory = performance.memory
    does_fit = memory.per_chip_bytes <= memory.capacity_bytes
    value = line(("+ yes", f"bold {GOOD}")) if does_fit else line(("x no", BAD))
    used, used_unit = numbers.quantity(memory.per_chip_bytes, numbers.BYTES).rsplit(" ", 1)
    capacity = numbers.quantity(memory.capacity_bytes, numbers.BYTES)
    used += "" if capacity.endswith(f" {used_unit}") else f" {used_unit}"
    share = numbers.percent(memory.per_chip_bytes / memory.capacity_bytes)
    return Tile("FITS", value, (line((f"{used} of {capacity}", QUIET)), line((f"{share} full", QUIET))))


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
    lines: Lines = []
    for start in range(0, len(shown), per_row):
        lines += _row(shown[start : start + per_row], width // per_row)
    return lines


def _row(shown: list[Tile], width: int) -> Lines:
    height = 3 if width < TILE_WIDTH + 1 else 4
    return [Content("").join(_cell(tile, index, width) for tile in shown) for index in range(height)]


def _cell(tile: Tile, index: int, width: int) -> Content:
    label = "AT THE METER" if tile.label == "POWER" and width > 13 else tile.label
    # Where only one note fits, the last one says most: the target or the difference.
    notes = tile.notes if width > TILE_WIDTH else tile.notes[-1:]
    rows = (line((label, QUIET)), tile.value, *notes)
    content = fitted(rows[index], width - 1) if index < len(rows) else Content("")
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
        f"{numbers.date(performance.finish_date.p50)}" if performance.finish_date else "",
        f"{days} d",
        f"MFU {numbers.percent(performance.mfu.band.p50)}",
        _value_only(numbers.banded(performance.power.facility_w, numbers.POWER)),
        _value_only(numbers.banded(performance.cost.total, numbers.MONEY)),
    ]
    return [fitted(line(("  ".join(part for part in parts if part), STRONG)), width)]
