"""The comparison's drawings: the list of plans, the table side by side, and what it cannot say."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from planner.app.drawing.pieces import BAD, GOOD, HEADING, QUIET, STRONG, Lines, Part, fitted, line, wrapped
from planner.differences.compare import Comparison
from planner.quotes.promises import PromisedWork
from planner.report.compare_rows import LETTERS, ShownCell, ShownRow, shown_rows
from planner.report.compare_words import findings, legend
from planner.report.page import cell_width, cut, pad, wrap
from planner.text import safe

GAP = 2
NARROWEST = 12
#: A column that holds value and band on one line, at most.
WIDEST = 34
#: A sign beside each word: the best of a row is never told by colour alone.
SIGNS = {"best": "\u25c6 best", "even": "= even"}
PAIR_WIDTH = 4


def plan_row(
    letter: str, pair: str, label: str, aside: str, problem: str, label_width: int, width: int
) -> Content:
    """Return one row of the list of plans; `pair` says which end of the diff it is."""
    room = min(label_width, max(16, min(40, width // 2)))
    told: Part = (f"x {safe(problem)}", BAD) if problem else (safe(aside), QUIET)
    return fitted(
        line(
            (f"{letter:<2}", HEADING if letter in LETTERS else BAD),
            (f"{pair:<{PAIR_WIDTH}} ", STRONG),
            (pad(cut(safe(label), room), room), STRONG),
            "  ",
            told,
        ),
        max(20, width),
    )


def table_lines(comparison: Comparison, width: int, promised: Sequence[PromisedWork | None] = ()) -> Lines:
    """Return the plans side by side, in as many blocks as the width needs."""
    rows = shown_rows(comparison, promised)
    labels = max(cell_width(row.label) for row in rows)
    plans = range(len(comparison.sides))
    room = max(1, (width - labels) // (NARROWEST + GAP))
    blocks = -(-len(plans) // room)
    size = -(-len(plans) // blocks)
    lines: Lines = []
    for start in range(0, len(plans), size):
        lines += [*_block(comparison, rows, plans[start : start + size], labels, width), Content("")]
    for text in (*legend(comparison), *findings(comparison)):
        lines += wrapped(text, width, style=BAD if text.startswith(("x ", "! ")) else QUIET)
    return lines


def _block(
    comparison: Comparison, rows: Sequence[ShownRow], plans: Sequence[int], labels: int, width: int
) -> Lines:
    cells = [row.cells[plan] for row in rows for plan in plans]
    column = min((width - labels) // len(plans) - GAP, WIDEST)
    is_one_line = all(_one_line_width(cell) <= column for cell in cells if cell.band)
    column = min(column, max(NARROWEST, *(_wanted_width(cell, is_one_line=is_one_line) for cell in cells)))
    heads = [
        (" " * GAP + pad(cut(f"{LETTERS[plan]} {safe(comparison.sides[plan].label)}", column), column))
        for plan in plans
    ]
    lines = [line(" " * labels, ("".join(heads), HEADING))]
    for row in rows:
        columns = [_cell_lines(row.cells[plan], column, is_one_line=is_one_line) for plan in plans]
        for number in range(max(map(len, columns))):
            parts: list[Part] = [(pad(safe(row.label) if number == 0 else "", labels), QUIET)]
            for shown in columns:
                cell = shown[number] if number < len(shown) else Content("")
                parts += [" " * GAP, cell.pad_right(max(0, column - cell.cell_length))]
            lines.append(line(*parts))
    return lines


def _first(cell: ShownCell) -> str:
    return f"{cell.value} {SIGNS.get(cell.standing, '')}".rstrip()


def _one_line_width(cell: ShownCell) -> int:
    return cell_width(_first(cell)) + 1 + cell_width(cell.band)


def _wanted_width(cell: ShownCell, *, is_one_line: bool) -> int:
    return _one_line_width(cell) if is_one_line else max(cell_width(_first(cell)), cell_width(cell.band))


def _cell_lines(cell: ShownCell, width: int, *, is_one_line: bool) -> Lines:
    """Return a cell's lines: its value with its standing, then its band, beside or below."""
    style = f"bold {GOOD}" if cell.standing == "best" else ""
    first = [line((text, style)) for text in wrap(safe(_first(cell)), width)] or [Content("")]
    if not cell.band:
        return first
    if is_one_line:
        return [first[0] + " " + line((cell.band, QUIET))]
    return [*first, *(line((text, QUIET)) for text in wrap(cell.band, width))]
