"""Rows of the list of profiles: as many columns as the width has room for, the name the widest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.style import Style

from planner.app.browsing import KINDS
from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, fitted, line
from planner.report.numbers import UNKNOWN
from planner.report.page import cell_width, cut, pad
from planner.report.profile_columns import columns_of
from planner.report.profile_listing import Listed
from planner.report.profile_rows import label_of
from planner.text import safe

_GAP = 2
_MARK = 2
#: So much of a name is shown before a column gives way, of a wide list and of any.
_WIDE, _ENOUGH_NAME, _LEAST_NAME = 60, 28, 18
#: A long unit tells nothing that a column is sorted by.
_MOST_CELL = 20


@dataclass(frozen=True)
class Layout:
    """How wide the name is, and the columns that have room: where they are among the cells, title, width."""

    name: int
    columns: tuple[tuple[int, str, int, bool], ...]


def layout_of(kind: str, found: Sequence[Listed], sort: str, width: int) -> Layout:
    """Return the columns that fit into a width; what they are sorted by stands first."""
    columns = columns_of(kind)
    titles = [*((label_of(sort),) if sort else ()), *columns.names, "from"]
    numeric = columns.numeric + bool(sort)
    rows = [_cells(one, sort) for one in found if not one.problem]
    longest = max((cell_width(safe(one.name)) for one in found), default=_LEAST_NAME)
    sized: list[tuple[int, str, int, bool]] = []
    for place, title in enumerate(titles):
        texts = [row[place] for row in rows]
        if title or any(texts):
            cells = min(_MOST_CELL, max([cell_width(title), *(cell_width(safe(text)) for text in texts)]))
            sized.append((place, title, cells, place < numeric))
    if sized and not any(row[-1] for row in rows):
        sized.pop()  # all of them come with the program
    least = min(longest, _ENOUGH_NAME if width >= _WIDE else _LEAST_NAME)
    while sized and width - _MARK - sum(cells + _GAP for _, _, cells, _ in sized) < least:
        sized.pop()
    room = width - _MARK - sum(cells + _GAP for _, _, cells, _ in sized)
    return Layout(max(1, min(longest, room)), tuple(sized))


def _cells(one: Listed, sort: str) -> list[str]:
    origin = "" if one.origin == "built-in" else one.origin
    return [*((one.figure_text(sort),) if sort else ()), *one.cells, origin]


def header_row(layout: Layout, width: int) -> Content:
    """Return the titles of the columns."""
    cells = [pad("name", layout.name)]
    cells += [pad(cut(title, room), room, is_right=is_right) for _, title, room, is_right in layout.columns]
    return fitted(line(("  " + (" " * _GAP).join(cells), QUIET)), max(8, width))


def profile_row(one: Listed, layout: Layout, sort: str, *, is_marked: bool, width: int) -> Content:
    """Return one row; a file that cannot be used says so."""
    if one.problem:
        row = line(
            ("x ", BAD),
            (pad(safe(one.id), layout.name), STRONG),
            "  ",
            ("left out: ", BAD),
            safe(one.problem),
        )
        return fitted(row, max(8, width))
    texts = _cells(one, sort)
    parts: list[str | tuple[str, str]] = [("* " if is_marked else "  ", HEADING)]
    parts.append((pad(cut(safe(one.name), layout.name), layout.name), STRONG))
    for place, _, room, is_right in layout.columns:
        text = safe(texts[place])
        parts += [
            " " * _GAP,
            (pad(cut(text, room), room, is_right=is_right), QUIET if text == UNKNOWN else ""),
        ]
    return fitted(line(*parts), max(8, width))


def kinds_row(kind: str, counts: dict[str, int], width: int) -> Content:
    """Return the kinds, that which is shown in brackets; a click chooses one."""
    row = Content(" ")
    for name in KINDS:
        count = f" {counts[name]}" if name in counts and width >= 110 else ""
        is_here = name == kind
        part = line((f"[{name}{count}]", HEADING)) if is_here else line((f" {name}{count} ", QUIET))
        row = row + part.stylize(Style.from_meta({"@click": f"screen.show_kind('{name}')"}))
    help_key = line("F1 help ").stylize(Style.from_meta({"@click": "screen.profiles_help"}))
    return fitted(
        row.pad_right(max(1, width - row.cell_length - help_key.cell_length)) + help_key, max(8, width)
    )
