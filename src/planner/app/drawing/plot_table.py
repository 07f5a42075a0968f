"""A plot as a table: for terminals too small for one, for readers of the screen, and to copy."""

from __future__ import annotations

import math

from planner.app.drawing.pieces import HEADING, Lines, fitted, line
from planner.app.drawing.plot import Plot
from planner.app.drawing.plot_axis import Axis
from planner.report.numbers import UNKNOWN
from planner.report.page import cell_width, cut, pad
from planner.text import safe


def table_lines(plot: Plot, width: int) -> Lines:
    """Return curves and bands over their xs, then the points, then the targets."""
    rows: list[tuple[str, str, str]] = []
    for curve in plot.curves:
        rows += [
            (curve.name, _told(plot.x, x), _told(plot.y, y)) for x, y in zip(curve.xs, curve.ys, strict=True)
        ]
    for band in plot.bands:
        ends = zip(band.xs, band.lows, band.highs, strict=True)
        rows += [
            (band.name, _told(plot.x, x), f"{_told(plot.y, low)}..{_told(plot.y, high)}")
            for x, low, high in ends
        ]
    rows += [
        (point.words or point.id, _told(plot.x, point.x), _told(plot.y, point.y)) for point in plot.points
    ]
    for target in plot.targets:
        value = _told(plot.x if target.axis == "x" else plot.y, target.value)
        rows.append((f"target {target.label}", *((value, "") if target.axis == "x" else ("", value))))
    titles = ("", safe(plot.x.title), safe(plot.y.title))
    rooms = [max((cell_width(safe(row[place])) for row in [titles, *rows]), default=0) for place in (1, 2)]
    first = max(8, min(width - sum(rooms) - 4, max((cell_width(safe(row[0])) for row in rows), default=8)))
    shown = [
        pad(cut(safe(name), first), first)
        + "".join(f"  {pad(safe(text), room, is_right=True)}" for text, room in zip(rest, rooms, strict=True))
        for name, *rest in [titles, *rows]
    ]
    return [fitted(line((text, HEADING if number == 0 else "")), width) for number, text in enumerate(shown)]


def _told(axis: Axis, value: float) -> str:
    return axis.write(value) if math.isfinite(value) else UNKNOWN
