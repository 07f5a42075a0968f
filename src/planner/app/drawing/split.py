"""How several pools train together: every way with its days and loss, the one that is taken marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from planner.app.drawing.numbers_asked import asked
from planner.app.drawing.pieces import GOOD, HEADING, QUIET, STRONG, Lines, View, column, line, wrapped
from planner.report import numbers

if TYPE_CHECKING:
    from planner.estimate.splits import SplitView


def draw_split(view: View, width: int) -> Lines:
    """Return the ways of a plan of several pools; nothing of a single one."""
    splits = view.estimate.splits
    if splits is None:
        return []
    # the engine comes with it; whoever draws an estimate has it already
    from planner.report.split_section import link_words  # noqa: PLC0415

    how = "as the plan says" if splits.is_stated else "the first done"
    lines: Lines = [line(("SPLIT ", HEADING), (f"over {len(view.estimate.pools)} pools; {how}", QUIET))]
    for way in splits.views:
        lines += _way(way, width)
    rows = wrapped(link_words(splits), width, first=("  link      ", QUIET))
    return [*lines, asked(rows[0], "split.link_bytes_per_s") if view.figures else rows[0], *rows[1:]]


def _way(way: SplitView, width: int) -> Lines:
    from planner.report.split_section import share_words  # noqa: PLC0415 - as above

    mark = ("> ", f"bold {GOOD}") if way.is_chosen else ("  ", QUIET)
    head = line(mark, column(way.split, 10, STRONG if way.is_chosen else QUIET))
    if way.figures is None:
        rows = wrapped(f"cannot be: {way.reason}", max(width - head.cell_length, 1), style=QUIET)
    else:
        days = numbers.days(way.figures.band("training_days"))
        lost = "" if way.loss is None else f", {numbers.percent(max(way.loss, 0.0))} of the sum of rates lost"
        text = f"{days} days{lost}; {share_words(way)}"
        rows = wrapped(text, max(width - head.cell_length, 1), style="" if way.is_chosen else QUIET)
    first, *rest = rows
    indent = Content(" " * head.cell_length)
    shown = [head + first, *(indent + row for row in rest)]
    if way.is_chosen:
        shown[0] = asked(shown[0], "split.loss")
    return shown
