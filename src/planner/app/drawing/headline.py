"""The headline: finish date, days, MFU, power, money, and whether it fits, in tiles or in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from planner.app.drawing.details import VERDICT_STYLES
from planner.app.drawing.names import amount, peak_words, quantity, scales, short_name
from planner.app.drawing.numbers_asked import asked, clickable
from planner.app.drawing.pieces import BAD, GOOD, QUIET, STRONG, Lines, View, difference, fitted, line
from planner.report import numbers
from planner.report.words import VERDICT_SIGNS, fit_word, memory_share

if TYPE_CHECKING:
    from planner.estimate.result import TargetVerdict
    from planner.quantities.evaluation import Figures

TILE_WIDTH = 15
#: The headline; whether the plan fits stands behind it.
TILES = ("finish_date", "training_days", "mfu", "power.facility_w", "cost.total")
#: Where the label says the unit.
LABELS = {"training_days": "DAYS"}
#: Where there is no room for the table's word.
NARROW_LABELS = {"AT THE METER": "POWER"}
#: The target that each is held against.
TARGETS = {"finish_date": "finish_by", "power.facility_w": "power_mw", "cost.total": "money_usd"}
#: What differences are told in, where figures are told in another way.
DIFFERENCES = {
    "training_days": (numbers.Scale(1.0, "d"),),
    "mfu": (numbers.Scale(0.01, "points"),),
}

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
    #: what the last change did to it, while that is new
    echo: Content | None = None
    #: the last note where it is too long
    brief: Content | None = None


def tiles(view: View) -> list[Tile]:
    """Return the six tiles of an estimate."""
    figures = view.figures
    if figures is None:
        return _tiles_without(view)
    done, *others = TILES
    return [_done(view, figures, done), *(_tile(view, figures, name) for name in others), _fits(figures)]


def label_of(identifier: str) -> str:
    """Return what stands over a figure."""
    return LABELS.get(identifier) or short_name(identifier).upper()


def _tile(view: View, figures: Figures, identifier: str) -> Tile:
    value, ends = numbers.middle_and_ends(figures.band(identifier), _tile_scales(figures, identifier))
    gaps = figures.gaps(identifier)
    mark = numbers.ASSUMED_MARK if gaps else ""
    style = QUIET if value == numbers.UNKNOWN else STRONG
    band = line((ends, QUIET)) if ends else None
    verdict = _verdict(view, identifier)
    missing = figures.left_out(identifier)
    if verdict is None and missing and quantity(identifier).family == "money":
        told = f"without: {missing[0]}" if len(missing) == 1 else f"{len(missing)} unpriced"
        verdict = line((told, QUIET))
    if identifier == "mfu" and (peak := peak_words(figures)):
        verdict = line((peak, QUIET))
    notes = (band, verdict, _change(figures, identifier, view.base))
    before = None if view.before is None else view.before.figures
    echo = _change(figures, identifier, before)
    if echo is not None and echo.plain.startswith("="):
        echo = None
    brief = _brief_verdict(view) if identifier == "cost.total" and notes[-1] is None else None
    return Tile(label_of(identifier), line((value + mark, style)), notes, identifier, echo, brief)


def _tile_scales(figures: Figures, identifier: str) -> tuple[numbers.Scale, ...]:
    return numbers.ONE if identifier in LABELS else scales(figures, identifier)


def _change(figures: Figures, identifier: str, base: Figures | None) -> Content | None:
    """Return the difference from other figures: the baseline's, or those before the last change."""
    return difference(
        figures.band(identifier),
        base.band(identifier) if base else None,
        DIFFERENCES.get(identifier) or scales(figures, identifier),
        is_more_better=quantity(identifier).better == "more",
    )


def _done(view: View, figures: Figures, identifier: str) -> Tile:
    verdict = _verdict(view, identifier)
    ends = figures.band(identifier)
    if ends is None:
        return Tile(label_of(identifier), line(("no start date", QUIET)), (None, verdict))
    last = _date(ends.p90).removesuffix(f" {numbers.day(ends.p50).year}")
    band = line((f"to {last}", QUIET))
    return Tile(label_of(identifier), line((_date(ends.p50), STRONG)), (band, verdict), identifier)


def _date(day: float) -> str:
    return numbers.date(numbers.day(day))


#: What the tile says of a job that fits, that may, and that does not.
_FIT_SIGNS = {
    "yes": ("+ yes", f"bold {GOOD}"),
    "tight": ("~ tight", f"bold {GOOD}"),
    "no": ("x no", BAD),
}


def _fits(figures: Figures) -> Tile:
    need, there_is = figures.number("memory.per_chip_bytes"), figures.number("memory.usable_bytes")
    full = memory_share(figures)
    word = fit_word(full)
    value = line(_FIT_SIGNS[word])
    used, used_unit = numbers.number_and_unit(need, numbers.BYTES)
    capacity, unit = numbers.number_and_unit(there_is, numbers.BYTES)
    used += "" if used_unit == unit else f" {used_unit}"
    notes = (line((f"{used} of {capacity} {unit}", QUIET)), line((f"{numbers.percent(full)} full", QUIET)))
    return Tile("FITS", value, notes, "memory.per_chip_bytes")


def _tiles_without(view: View) -> list[Tile]:
    estimate = view.estimate
    has_pools = any(pool.figures is not None for pool in estimate.pools) and len(estimate.pools) > 1
    note = "see POOLS" if has_pools else ""
    blank = line(("-", QUIET))
    shown = [Tile(label_of(name), blank, (line((note, QUIET)),) if note else ()) for name in TILES]
    if has_pools:
        fits = Tile("FITS", line(("? not joined", STRONG)), (line(("each pool alone", QUIET)),))
    else:
        fits = Tile("FITS", line(("x no", BAD)), (line(("reasons below", QUIET)),))
    return [*shown, fits]


_VERDICTS = {"met": ("+ target ok", GOOD), "likely": ("~ likely ok", ""), "missed": ("x missed", BAD)}


#: What a budget is of, where that is not the figure above its verdict.
_BUDGETS = {"cost.capex": "buy: "}
#: The same where only the sign says how it stands.
_BRIEF_BUDGETS = {"cost.capex": "purchase"}


def _found(view: View, identifier: str) -> TargetVerdict | None:
    target = TARGETS.get(identifier)
    return next((verdict for verdict in view.estimate.targets if verdict.target == target), None)


def _brief_verdict(view: View) -> Content | None:
    """Return how the budget stands by its sign, and what it is of."""
    found = _found(view, "cost.total")
    if found is None or found.quantity not in _BRIEF_BUDGETS:
        return None
    text = f"{VERDICT_SIGNS[found.verdict]} {_BRIEF_BUDGETS[found.quantity]}"
    return line((text, VERDICT_STYLES[found.verdict]))


def _verdict(view: View, identifier: str) -> Content | None:
    """Return how the target stands that a figure is held against."""
    found = _found(view, identifier)
    if found is None:
        return None
    target = found.target
    if target == "money_usd":
        text = f"{VERDICT_SIGNS[found.verdict]} {_BUDGETS.get(found.quantity, '')}{found.verdict}"
        return line((text, VERDICT_STYLES[found.verdict]))
    return line(_VERDICTS[found.verdict]) if found.verdict in _VERDICTS else None


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


def _echoed(label: str, echo: Content, width: int) -> Content:
    """Return what stands over a figure that just changed: by how much, and its name where there is room."""
    short = _torn(echo)[0] or echo
    names = (label, NARROW_LABELS.get(label, label))
    told = [line((f"{name} ", QUIET), change) for change in (echo, short) for name in names]
    return next((one for one in (*told, echo) if one.cell_length <= width), short)


def _cell(tile: Tile, index: int, width: int, *, is_narrow: bool) -> Content:
    label = tile.label if len(tile.label) < width - 1 else NARROW_LABELS.get(tile.label, tile.label)
    head = line((label, QUIET)) if tile.echo is None else _echoed(label, tile.echo, width - 1)
    said = [note for note in tile.notes if note is not None]
    if is_narrow and tile.brief is not None and said and said[-1].cell_length > width - 1:
        said[-1] = tile.brief
    shown = _torn(said[-1]) if is_narrow and said else list(tile.notes)
    rows = [head, tile.value, *shown]
    content = (rows[index] if index < len(rows) else None) or Content("")
    content = fitted(content, width - 1)
    if tile.quantity and content:
        content = (asked if index == 1 else clickable)(content, tile.quantity)
    return content.pad_right(width - content.cell_length)


def draw_summary(view: View, width: int, _height: int = 0) -> Lines:
    """Return the headline in one line, for terminals that show one pane at a time."""
    figures = view.figures
    if figures is None:
        return [
            fitted(line(("x ", BAD), *(view.estimate.reasons[:1] or ("not estimable as a whole",))), width)
        ]
    ends = figures.band("finish_date")
    parts = {
        "finish_date": _date(ends.p50) if ends else "",
        "training_days": f"{numbers.days(figures.band('training_days'))} d",
        "mfu": f"MFU {amount(figures, 'mfu')} {peak_words(figures)}".rstrip(),
        "power.facility_w": amount(figures, "power.facility_w"),
        "cost.total": amount(figures, "cost.total"),
    }
    shown = [asked(line((part, STRONG)), name) for name, part in parts.items() if part]
    if view.estimate.splits and view.estimate.splits.chosen:
        shown.insert(0, asked(line((f"{view.estimate.splits.chosen.split}:", STRONG)), "split.name"))
    return [fitted(Content("  ").join(shown), width)]
