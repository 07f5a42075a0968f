"""A tornado in the room of a pane: what each input does to a quantity, by signs and not by colours."""

from __future__ import annotations

from planner.app.drawing.pieces import HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.exploring.sensitivity import Tornado
from planner.report.page import cell_width, pad, wrap
from planner.report.sensitivity_document import moved_by, swing_row, tornado_scale
from planner.report.tornado import MARKS, Pull, tornado_bars
from planner.text import safe

#: Cells of an input's name at most, and of its bar at least.
_MOST_NAME, _LEAST_BAR = 34, 11
_GAP = "  "


def tornado_lines(tornado: Tornado, width: int, *, is_growing: bool) -> Lines:
    """Return the widest swings, as bars between what both ends of an input do."""
    scale, unit = tornado_scale(tornado)
    made = tornado.quantity
    aside = f", {unit}" if unit else ""
    state = "more come" if is_growing else f"{len(tornado.still)} move nothing"
    lines = [fitted(line((safe(made.title), HEADING), (f"{aside}; {state}", QUIET)), width)]
    rows = [swing_row(swing, tornado, scale) for swing in tornado.swings]
    if not rows:
        return [*lines, *wrapped("nothing that was tried moves it", width)]
    ends = [max(map(cell_width, column)) for column in ([r.lower for r in rows], [r.upper for r in rows])]
    room = width - sum(ends) - 3 * len(_GAP)
    names = min(
        _MOST_NAME, max(8, room - max(_LEAST_BAR, room // 3)), max(cell_width(row.label) for row in rows)
    )
    bars = tornado_bars([Pull(row.low, row.high) for row in rows], max(3, room - names))
    for swing, row, bar in zip(tornado.swings, rows, bars, strict=True):
        name, *rest = wrap(safe(row.label), names)
        # whoever gives no spread is moved by a step: an answer of another kind
        style = STRONG if swing.moved_by == "spread" else ""
        told = (
            (pad(name, names), style),
            _GAP,
            pad(row.lower, ends[0], is_right=True),
            _GAP,
            (pad(bar, max(3, room - names)), "$part-1"),
            _GAP,
            pad(row.upper, ends[1], is_right=True),
        )
        lines.append(fitted(line(*told), width))
        # the pane scrolls: a name stands whole
        lines.extend(line((more, style)) for more in rest)
    low, high, middle = MARKS
    steps = {moved_by(swing, tornado.step) for swing in tornado.swings if swing.moved_by == "step"}
    told_steps = f"; others by {', '.join(sorted(steps))}" if steps else ""
    legend = f"{low} its lower end, {high} its upper, {middle} as it is; bold: to P10 and P90{told_steps}"
    return [*lines, *wrapped(legend, width, style=QUIET)]
