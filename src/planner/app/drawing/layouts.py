"""The best layouts of a plan as lines: a row each below a header, and why one stands where it does."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from planner.app.drawing.pieces import QUIET, STRONG, Lines, fitted, line, wrapped
from planner.exploring.layouts import LayoutRanking, RankedLayout
from planner.report.numbers import count
from planner.report.optimize_document import layout_names, layout_table, published_words, why_words
from planner.report.page import pad

_GAP = "  "
#: Columns that every row has room for: the name, degrees and the step.
_FEWEST = 8

Named = Sequence[tuple[str, RankedLayout]]


def layout_rows(named: Named, width: int) -> tuple[Content, list[Content]]:
    """Return the header and a row for each layout; the last columns are left out where room is short."""
    header, rows = layout_table([layout for _, layout in named])
    table = [("", *header), *((name, *row) for (name, _), row in zip(named, rows, strict=True))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    while len(widths) > _FEWEST and sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        widths.pop()
    texts = [
        _GAP.join(
            pad(cell, room, is_right=place > 0)
            for place, (cell, room) in enumerate(zip(row, widths, strict=False))
        )
        for row in table
    ]
    return fitted(line((texts[0], QUIET)), width), [fitted(line(text), width) for text in texts[1:]]


def layout_detail(ranking: LayoutRanking, layout: RankedLayout, width: int) -> Lines:
    """Return a layout in words, and what it loses against the first."""
    lines = wrapped(layout.choice.words, width, style=STRONG)
    first = ranking.layouts[0]
    if layout is not first:
        return [*lines, *wrapped(f"against the first: {why_words(layout)}", width)]
    lines += wrapped(f"the first of {count(ranking.candidates)} tried, {count(ranking.feasible)} fit", width)
    if ranking.best_published is not None:
        lines += wrapped(published_words(ranking.best_published, first.figures.number("mfu")), width)
    return lines


def named_layouts(ranking: LayoutRanking) -> Named:
    """Return what can be chosen of a ranking, by number, or by a word for those beside it."""
    return layout_names(ranking)
