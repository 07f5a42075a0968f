"""What there is to begin with, as the rows of a list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual.content import Content

from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.report.page import cell_width, pad

if TYPE_CHECKING:
    from planner.app.starts import Start, StartGroup

#: Of a row's width, what its title takes at most.
_TITLE_CELLS = 46
#: Right of a title, so many lines at most.
_MOST_LINES = 9
#: What ends a text that has no room.
_CUT = "\u2026"
#: How a row is drawn, for a width.
DrawnStart = Callable[["Start", int], Content]
#: Each with what it opens; nothing for a heading.
Rows = list[tuple[Content, "Start | None"]]


def starts_rows(groups: tuple[StartGroup, ...], width: int, height: int) -> Rows:
    """Return the rows of the list, and what each opens: in full where there is room, else a line each."""
    besides = (partial(beside, most=most) for most in (3, 2))
    ways: tuple[DrawnStart, ...] = (in_full, in_fewest, *besides, in_brief, on_one_line)
    spare = 0
    whole: Rows = []
    for drawn in ways:
        whole = [row for group in groups for row in group_rows(group, width, drawn)]
        spare = height - sum(map(_height, whole))
        if spare >= 0:
            break
    return _told_further(whole, width, spare)


def _height(row: tuple[Content, Start | None]) -> int:
    return row[0].plain.count("\n") + 1


def _told_further(rows: Rows, width: int, spare: int) -> Rows:
    """Return the rows with what is cut told in full, the first first, as far as there are lines for it."""
    told: Rows = []
    for text, start in rows:
        shown = text
        if start is not None and text.plain.endswith(_CUT):
            whole = in_fewest(start, width)
            more = _height((whole, start)) - _height((text, start))
            if more <= spare:
                spare, shown = spare - more, whole
        told.append((shown, start))
    return told


def group_rows(group: StartGroup, width: int, drawn: DrawnStart) -> Rows:
    """Return the rows of a group: its heading, and what each of its rows opens."""
    rows: Rows = [(line((group.title, HEADING)), None)]
    rows += [(drawn(start, width), start) for start in group.starts]
    if not group.starts:
        rows += [(row, None) for row in wrapped(group.empty, width, first="  ", style=QUIET)]
    return rows


def beside(start: Start, width: int, *, most: int) -> Content:
    """Return a row in so many lines: what it is stands right of the title; below it, where that is long."""
    room = _title_room(width)
    if cell_width(start.title) >= room:
        return in_full(start, width)
    rest = wrapped(start.aside, width - room - 4, style=QUIET) or [line("")]
    if len(rest) > most:
        last = " ".join(told.plain for told in rest[most - 1 :])
        rest = [*rest[: most - 1], fitted(line((last, QUIET)), width - room - 4)]
    leads = [(pad(start.title, room), STRONG), *[(" " * room, "")] * (len(rest) - 1)]
    signs = [_sign(start), *[("  ", "")] * (len(rest) - 1)]
    return Content("\n").join(
        line(sign, lead, "  ", told) for sign, lead, told in zip(signs, leads, rest, strict=True)
    )


def _title_room(width: int) -> int:
    return min(_TITLE_CELLS, max(10, width // 2))


def on_one_line(start: Start, width: int) -> Content:
    """Return a row: title, and as much of the rest as has room."""
    room = _title_room(width)
    title = pad(start.title, room) if len(start.title) < room else start.title
    return fitted(line(_sign(start), (title, STRONG), "  ", (start.aside, QUIET)), width)


def in_full(start: Start, width: int) -> Content:
    """Return a row in all its lines: the title, and what it is below it."""
    return _below_title(start, width, wrapped(start.aside, width, first="    ", style=QUIET))


def in_fewest(start: Start, width: int) -> Content:
    """Return a row in all its lines, below its title or right of it: whichever takes fewer."""
    right, below = beside(start, width, most=_MOST_LINES), in_full(start, width)
    is_below = right.plain.endswith(_CUT) or below.plain.count("\n") < right.plain.count("\n")
    return below if is_below else right


def in_brief(start: Start, width: int) -> Content:
    """Return a row with its title in full, and on a line below it as much of what it is as has room."""
    return _below_title(start, width, [fitted(line(("    ", ""), (start.aside, QUIET)), width)])


def _below_title(start: Start, width: int, told: Lines) -> Content:
    return Content("\n").join([*wrapped(start.title, width, first=_sign(start), style=STRONG), *told])


def _sign(start: Start) -> tuple[str, str]:
    return ("x ", BAD) if start.is_broken else ("  ", QUIET)
