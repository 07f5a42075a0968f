"""Tables on a terminal: plain columns, and layouts for those that are wider than most terminals."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from planner.report.document import Cell, Role, Table, plain
from planner.report.page import Page, Segment, cell_width, cut, glue, pad, wrap
from planner.text import safe

_GAP = "  "
_NARROWEST_COLUMN, _NARROWEST_NAME = 8, 28
#: Narrower, columns that can be spared would leave no room for the others.
_WIDTH_WITH_SPARE = 105
_LABEL_WIDTH = 13
#: `better`, the longest
_VERDICT_WIDTH = 6
#: Wider keys stand on lines of their own.
_WIDEST_KEY = 34
_PLAN_WIDTHS = (12, 24)
_MARK_ROLES: dict[str, Role] = {"+": "good", "-": "bad"}

Row = tuple[Cell, ...]


def add_table(page: Page, table: Table) -> None:
    """Add a table in the layout that it asks for."""
    {"columns": _add_columns, "inputs": _add_inputs, "figures": _add_figures, "plans": _add_plans}[
        table.layout
    ](page, table)


def _shown(cell: Cell) -> str:
    return safe(plain(cell.text))


def _add_columns(page: Page, table: Table) -> None:
    """Add columns. The second gives way where room is short, then the others, the first last of all.

    Where not all fit, rows are called by their short names. What a column has no room for then goes on in a
    second line. Words stay whole for as long as there is room for each, and columns stand closer before one
    is torn; numbers never are.
    """
    columns = len(table.header) - (table.spare if page.width < _WIDTH_WITH_SPARE else 0)
    rows: list[list[str]] = [list(table.header[:columns])]
    rows += [[_shown(cell) for cell in row[:columns]] for row in table.rows]
    if sum(max(map(cell_width, cells)) + len(_GAP) for cells in zip(*rows, strict=True)) > page.width:
        # what a row is of by its other name, where it has one, before anything is folded
        for texts_of_row, cells in zip(rows[1:], table.rows, strict=True):
            texts_of_row[0] = safe(cells[0].short) or texts_of_row[0]
    # a number stands in one line with its sign
    texts = [
        [glue(cell) if column in table.right else cell for column, cell in enumerate(row)] for row in rows
    ]
    widths, gap = _layout(texts, table.least or (0,) * columns, table.right, page.width)
    for number, row in enumerate(texts):
        folded = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
        for place in range(max(map(len, folded))):
            shown = [
                pad(lines[place] if place < len(lines) else "", width, is_right=column in table.right)
                for column, (lines, width) in enumerate(zip(folded, widths, strict=True))
            ]
            page.line((gap.join(shown), "plain" if number else "quiet"))


def _folded(text: str, width: int) -> list[str]:
    """Return a cell in at most two lines, the second cut where that is not enough."""
    first, *others = wrap(text, width) or [""]
    # a word that was torn goes on without a space
    rest = re.sub(r"[ \t\n]+", " ", text.strip(" \t\n"))[len(first) :].strip(" ")
    return [first, cut(rest, width)] if others else [first]


def _layout(
    rows: Sequence[Sequence[str]], least: Sequence[int], numbers: Collection[int], room: int
) -> tuple[list[int], str]:
    """Return the widths of columns, and the gap between them."""
    columns = list(zip(*rows, strict=True))
    widths = [max(narrow, *map(cell_width, cells)) for narrow, cells in zip(least, columns, strict=True)]
    whole = [
        max(_NARROWEST_COLUMN, *(cell_width(word) for cell in cells for word in cell.split(" ")))
        for cells in columns
    ]
    torn = [width if column in numbers else _NARROWEST_COLUMN for column, width in enumerate(whole)]
    # what a row is of is read first
    whole[0], torn[0] = widths[0], min(widths[0], _NARROWEST_NAME)
    for narrowest, gap in ((whole, _GAP), (whole, " "), (torn, " ")):
        fitting = _fitting(widths, narrowest, room - len(gap) * (len(columns) - 1))
        if sum(fitting) + len(gap) * (len(columns) - 1) <= room:
            break
    return fitting, gap


def _fitting(widths: Sequence[int], narrowest: Sequence[int], room: int) -> list[int]:
    """Return widths that together fit into so much room, none below its narrowest."""
    fitting = list(widths)
    excess = sum(widths) - room
    for column in (1, *range(len(widths) - 1, 1, -1), 0):
        if excess <= 0 or column >= len(widths):
            break
        given = min(excess, max(0, fitting[column] - narrowest[column]))
        fitting[column] -= given
        excess -= given
    return fitting


def _add_inputs(page: Page, table: Table) -> None:
    """Add keys, then `before -> after` and how far a number moved; what is too wide has lines of its own."""
    rows = [
        (mark.sign, *map(_shown, (key, before, after, moved)))
        for mark, key, before, after, moved in table.rows
    ]
    told = [
        (sign, key, f"{before} -> {after}" if sign == "~" else before or after, moved)
        for sign, key, before, after, moved in rows
    ]
    keys = min(_WIDEST_KEY, max((cell_width(key) for _, key, _, _ in told), default=0))
    values = max((cell_width(value) for _, _, value, moved in told if moved), default=0)
    for sign, key, value, moved in told:
        text = f"{pad(value, values)}{_GAP}{moved}" if moved else value
        mark: Segment = (f"{sign} ", _MARK_ROLES.get(sign, "plain"))
        if cell_width(key) <= keys and 2 + keys + 2 + cell_width(text) <= page.width:
            page.line(mark, pad(key, keys), _GAP, text)
        else:
            page.line(mark, key)
            page.paragraph(text, indent=4, hanging=2)


def _add_figures(page: Page, table: Table) -> None:
    """Add figures, change, verdict and band in columns; the band on a second line where room is short."""
    rows = [row for row in table.rows if not row[1].parts]
    figures = max((cell_width(_shown(row[1])) for row in rows), default=0)
    start = 2 + _LABEL_WIDTH + 2 + figures + 2
    decided = [row for row in rows if row[0].sign]
    widest = max((cell_width(_shown(row[2])) + len(_end(row)) for row in decided), default=0)
    is_short = start + widest > page.width
    moves = max((cell_width(_change(row, is_short=is_short)) for row in decided), default=0)
    for row in rows:
        first = f"{pad(_shown(row[0]), _LABEL_WIDTH)}{_GAP}{pad(_shown(row[1]), figures)}{_GAP}"
        if not row[0].sign:
            page.line("  ", first, (_shown(row[3]), "quiet"))
            continue
        moved, end = pad(_change(row, is_short=is_short), moves), _end(row)
        is_one_line = start + moves + len(end) <= page.width
        shown = end if is_one_line else end[: 2 + _VERDICT_WIDTH]
        page.line(f"{row[0].sign} ", first, moved, (shown, row[3].role))
        if not is_one_line and (band := _shown(row[4])):
            page.line(" " * start, band)
    for row in table.rows:
        if row[1].parts:
            page.line(f"{row[0].sign} ", _shown(row[0]))
            for label, text in row[1].parts:
                page.entry(label, text, _LABEL_WIDTH - 2)


def _change(row: Row, *, is_short: bool) -> str:
    return safe(row[2].short) if is_short else _shown(row[2])


def _end(row: Row) -> str:
    """Return the verdict and the band behind a change."""
    return f"{_GAP}{pad(_shown(row[3]), _VERDICT_WIDTH)}{_GAP}{_shown(row[4])}".rstrip()


def _add_plans(page: Page, table: Table) -> None:
    """Add as many plans beside each other as fit, the others in blocks below."""
    labels = max(cell_width(_shown(row[0])) for row in table.rows)
    room = max(1, (page.width - labels) // (_PLAN_WIDTHS[0] + len(_GAP)))
    plans = range(1, len(table.header))
    blocks = -(-len(plans) // room)
    size = -(-len(plans) // blocks)
    for start in range(0, len(plans), size):
        page.gap()
        _add_block(page, table, plans[start : start + size], labels)
    page.gap()


def _add_block(page: Page, table: Table, plans: Sequence[int], labels: int) -> None:
    width = min(_PLAN_WIDTHS[1], (page.width - labels) // len(plans) - len(_GAP))
    header = (Cell(""), *(Cell(name, role="title") for name in table.header[1:]))
    for row in (header, *table.rows):
        columns = [_cell_lines(row[plan], width) for plan in plans]
        for number in range(max(map(len, columns))):
            shown = [column[number] if number < len(column) else ("", "plain") for column in columns]
            label = _shown(row[0]) if number == 0 else ""
            segments = [part for text, role in shown for part in (_GAP, (pad(text, width), role))]
            page.line(pad(label, labels), *segments)


def _cell_lines(cell: Cell, width: int) -> list[tuple[str, Role]]:
    first: list[tuple[str, Role]] = [(text, cell.role) for text in wrap(_shown(cell), width)]
    return [*first, *((text, "quiet") for text in wrap(safe(cell.below), width))]
