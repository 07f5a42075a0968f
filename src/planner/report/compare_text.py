"""A comparison of plans as text: columns side by side, in as many blocks as the terminal needs."""

from __future__ import annotations

from collections.abc import Sequence

from planner.differences.compare import Comparison
from planner.report.compare_rows import LETTERS, ShownCell, ShownRow, shown_rows
from planner.report.compare_words import legend, remarks
from planner.report.diff_rows import side_words
from planner.report.page import Page, Role, cell_width, pad, wrap
from planner.text import safe

_GAP = 2
_NARROWEST = 12
_WIDEST = 24
_ROLES: dict[str, Role] = {"best": "good"}


def comparison_to_text(comparison: Comparison, *, width: int = 80, is_coloured: bool = False) -> str:
    """Return plans side by side as text for a terminal of that width.

    Parameters
    ----------
    comparison : Comparison
        What to show; texts from files are made safe on the way.
    width : int
        Columns; kept between 40 and 120. Plans that do not fit beside each other follow in blocks.
    is_coloured : bool
        Whether a few escapes for colour may be written; the best of a row is called so in words.
    """
    page = Page(width, is_coloured=is_coloured)
    page.heading("Plans side by side")
    for letter, side in zip(LETTERS, comparison.sides, strict=False):
        page.entry(letter, f"{side.label}: {side.plan.name}", 1, role="title")
        for text in side_words(side):
            page.entry("", text, 1)
    for text in legend(comparison):
        page.paragraph(text, indent=0, role="quiet", hanging=2)
    rows = shown_rows(comparison)
    labels = max(cell_width(row.label) for row in rows)
    room = max(1, (page.width - labels) // (_NARROWEST + _GAP))
    plans = range(len(comparison.sides))
    blocks = -(-len(plans) // room)
    size = -(-len(plans) // blocks)
    for start in range(0, len(plans), size):
        page.gap()
        _add_block(page, rows, plans[start : start + size], labels)
    page.gap()
    for text in remarks(comparison):
        page.paragraph(text, indent=0, hanging=2)
    return page.text


def _add_block(page: Page, rows: Sequence[ShownRow], plans: Sequence[int], labels: int) -> None:
    width = min(_WIDEST, (page.width - labels) // len(plans) - _GAP)
    gap = " " * _GAP
    header = gap.join(pad(LETTERS[plan], width) for plan in plans)
    page.line(pad("", labels), gap, (header, "title"))
    for row in rows:
        columns = [_cell_lines(row.cells[plan], width) for plan in plans]
        for number in range(max(len(column) for column in columns)):
            shown = [column[number] if number < len(column) else ("", "plain") for column in columns]
            label = row.label if number == 0 else ""
            segments = [part for text, role in shown for part in (gap, (pad(text, width), role))]
            page.line(pad(safe(label), labels), *segments)


def _cell_lines(cell: ShownCell, width: int) -> list[tuple[str, Role]]:
    """Return a cell's lines: its value with its standing, and its band below."""
    role = _ROLES.get(cell.standing, "plain")
    first = f"{cell.value} {cell.standing}".rstrip()
    lines: list[tuple[str, Role]] = [(text, role) for text in wrap(safe(first), width)]
    return [*lines, *((text, "quiet") for text in wrap(cell.band, width))]
