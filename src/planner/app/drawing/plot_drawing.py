"""Draws a plot for the room there is, and says where on it its points stand."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from planner.app.drawing.pieces import HEADING, QUIET, STRONG, Lines, fitted, flowed, line
from planner.app.drawing.plot import Band, Plot, Point, Target
from planner.app.drawing.plot_axis import Axis, Scale
from planner.app.drawing.plot_cells import Cells
from planner.report.page import cell_width, cut, pad
from planner.text import safe

#: Below this room there is no plot, only its table.
NARROWEST, LOWEST = 30, 8
#: Rows below that are not the plot's own: the axis and its labels.
_AXIS_ROWS = 2
#: So high, what stands for what may take a second row.
_HIGH = 16
_CURSOR = "bold reverse"
_CURVE_SIGN = "\u2500"


@dataclass(frozen=True)
class Drawing:
    """The lines of a plot, and where on them its points stand: column and row, in fractions of a cell."""

    lines: Lines
    places: dict[str, tuple[float, float]] = field(default_factory=dict)

    def near(self, column: int, row: int) -> str | None:
        """Return the point at a cell, or in one beside it; None where there is none."""
        found = [
            ((math.floor(x) - column) ** 2 + (math.floor(y) - row) ** 2, identifier)
            for identifier, (x, y) in self.places.items()
            if abs(math.floor(x) - column) <= 1 and abs(math.floor(y) - row) <= 1
        ]
        return min(found)[1] if found else None

    def next(self, here: str | None, dx: int, dy: int) -> str | None:
        """Return the nearest point in a direction, one of (1, 0), (-1, 0), (0, 1), (0, -1); else the same.

        Points at one place follow each other in their order, so that each can be reached.
        """
        if here not in self.places:
            return min(self.places, key=lambda name: self.places[name]) if self.places else None
        names = list(self.places)
        x0, y0 = self.places[here]
        forward = dx + dy
        best: tuple[float, int] | None = None
        for number, name in enumerate(names):
            x, y = self.places[name]
            along = (x - x0) * dx + 2.0 * (y - y0) * dy
            aside = abs(x - x0) if dy else 2.0 * abs(y - y0)
            order = (number - names.index(here)) * forward
            if name == here or along < 0 or (along == 0 and (aside > 0 or order < 0)):
                continue
            cost = (along + 2.0 * aside, order if along == 0 else number)
            best = min(best, cost) if best is not None else cost
            if best == cost:
                found = name
        return here if best is None else found


def has_room(width: int, height: int) -> bool:
    """Return whether a plot can be read in so much room; else its table is shown."""
    return width >= NARROWEST and height >= LOWEST


def draw_plot(plot: Plot, width: int, height: int, cursor: str | None = None) -> Drawing:
    """Return a plot for so many cells, the point under the cursor marked."""
    title = _title(plot, width, 2 if height >= _HIGH else 1)
    sheet = _Sheet.of(plot, width, height - len(title) - _AXIS_ROWS)
    for band in plot.bands:
        sheet.band(band)
    for target in plot.targets:
        sheet.target(target)
    for curve in plot.curves:
        sheet.cells.curve((sheet.place(x, y) for x, y in zip(curve.xs, curve.ys, strict=True)), curve.style)
    places = sheet.places(plot.points)
    for target in plot.targets:
        # over the curves, which would leave nothing to read of it where there is little room
        sheet.label(target, places.values())
    sheet.points(plot.points, places, cursor)
    leads = zip(sheet.leads(), sheet.cells.rows(), strict=True)
    rows = [*title, *(line((lead, QUIET), row) for lead, row in leads)]
    rows += sheet.axis_rows(plot.x, width)
    left = sheet.left
    return Drawing(
        [fitted(row, width) for row in rows],
        {name: (column + left, row + len(title)) for name, (column, row) in places.items()},
    )


def _title(plot: Plot, width: int, most: int) -> Lines:
    """Return the axis that goes up, and what stands for what, in as many rows as it may take."""
    named = [(band.fill, band.name, band.style) for band in plot.bands]
    named += [(_CURVE_SIGN, curve.name, curve.style) for curve in plot.curves]
    items = [line((safe(plot.y.title), HEADING))]
    items += [line((sign, style), f" {safe(name)}") for sign, name, style in (*named, *plot.legend) if name]
    rows = flowed(items, width, gap="  ")
    # what has no room stands in the table
    return [fitted(row, width) for row in rows[:most]]


@dataclass(frozen=True)
class _Sheet:
    """The cells between the axes, with the scales that give each value its place."""

    cells: Cells
    x: Scale
    y: Scale
    #: cells left of the plot: labels and the axis
    left: int
    #: row and label of each tick of the axis that goes up
    ticks: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, plot: Plot, width: int, height: int) -> _Sheet:
        rows = max(1, height)
        x, y = plot.x.scale(_values(plot, 0)), plot.y.scale(_values(plot, 1))
        found: dict[int, str] = {}
        for tick in y.ticks(max(2, rows // 2)):
            row = _cell(1.0 - y.share(tick), rows)
            if row not in found:
                found[row] = safe(plot.y.write(tick))
        label = max((cell_width(text) for text in found.values()), default=0)
        left = label + 1
        return cls(Cells(max(1, width - left), rows), x, y, left, tuple(found.items()))

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return column and row of a value, in fractions of a cell."""
        return self.x.share(x) * (self.cells.width - 1) + 0.5, (1.0 - self.y.share(y)) * (
            self.cells.height - 1
        ) + 0.5

    def band(self, band: Band) -> None:
        """Fill what lies in a band, cell by cell; each column has one cell at least."""
        for column in range(self.cells.width):
            at = (column) / max(1, self.cells.width - 1)
            ends = _between(band, self.x, self.y, at)
            if ends is None:
                continue
            low, high = ends
            last = self.cells.height - 1
            top, bottom = (round((1.0 - share) * last) for share in (high, low))
            for row in range(max(0, top), min(last, bottom) + 1):
                self.cells.put(column, row, band.fill, band.style)

    def target(self, target: Target) -> None:
        """Draw a line across."""
        at = self.at(target)
        if at is None:
            return
        is_level = target.axis == "y"
        for cell in range(self.cells.width if is_level else self.cells.height):
            column, row = (cell, at) if is_level else (at, cell)
            self.cells.put(column, row, "\u254c" if is_level else "\u254e", target.style)

    def at(self, target: Target) -> int | None:
        """Return the row, or the column, of a target's line; None where it has none."""
        column, _ = self.place(target.value, self.y.low)
        _, row = self.place(self.x.low, target.value)
        place = column if target.axis == "x" else row
        return math.floor(place) if math.isfinite(place) else None

    def label(self, target: Target, points: Collection[tuple[float, float]]) -> None:
        """Write what a line across is called: at its right end, at its left where a point stands there."""
        at = self.at(target)
        if at is None:
            return
        label = f" {safe(target.label)} "
        room = self.cells.width - cell_width(label)
        if target.axis == "x":
            self.cells.write(min(at + 1, room), 0, label, target.style)
            return
        on_line = [math.floor(column) for column, row in points if math.floor(row) == at]
        starts = [room - 1, 1]
        free = [one for one in starts if not any(0 <= place - one < cell_width(label) for place in on_line)]
        self.cells.write((free or starts)[0], at, label, target.style)

    def places(self, points: Sequence[Point]) -> dict[str, tuple[float, float]]:
        """Return where each point stands: column and row, in fractions of a cell."""
        places: dict[str, tuple[float, float]] = {}
        for point in points:
            column, row = self.place(point.x, point.y)
            if 0 <= column < self.cells.width and 0 <= row < self.cells.height:
                places[point.id] = (column, row)
        return places

    def points(
        self, points: Sequence[Point], places: Mapping[str, tuple[float, float]], cursor: str | None
    ) -> None:
        """Draw the points, those that matter last."""
        drawn = [point for point in points if point.id in places]
        for point in sorted(drawn, key=lambda point: (point.id == cursor, point.is_strong)):
            column, row = (math.floor(part) for part in places[point.id])
            style = (
                _CURSOR
                if point.id == cursor
                else f"{STRONG} {point.style}"
                if point.is_strong
                else point.style
            )
            self.cells.put(column, row, point.sign, style)

    def leads(self) -> Iterator[str]:
        """Yield what stands left of each row: the tick's label, and the axis."""
        labels = dict(self.ticks)
        for row in range(self.cells.height):
            label = labels.get(row, "")
            yield pad(label, self.left - 1, is_right=True) + ("\u2524" if label else "\u2502")

    def axis_rows(self, axis: Axis, width: int) -> Lines:
        """Return the axis below with its ticks and, at its end, what it shows; under it the ticks' labels."""
        rule, labels = ["\u2500"] * self.cells.width, ""
        for tick in self.x.ticks(max(2, self.cells.width // 9)):
            column = _cell(self.x.share(tick), self.cells.width)
            text = safe(axis.write(tick))
            start = max(0, min(width - cell_width(text), self.left + column - cell_width(text) // 2))
            rule[column] = "\u252c"
            if start > cell_width(labels) or not labels:
                labels = pad(labels, start) + text
        title = cut(safe(axis.title), self.cells.width - 2)
        kept = "".join(rule)[: self.cells.width - cell_width(title) - 1]
        corner = " " * (self.left - 1) + "\u2514"
        return [line((f"{corner}{kept} ", QUIET), (title, HEADING)), line((labels, QUIET))]


def _cell(share: float, cells: int) -> int:
    return min(cells - 1, max(0, math.floor(share * (cells - 1) + 0.5)))


def _values(plot: Plot, which: int) -> Iterator[float]:
    """Yield all values along one axis, 0 across and 1 up."""
    for curve in plot.curves:
        yield from (curve.xs, curve.ys)[which]
    for band in plot.bands:
        yield from band.xs if which == 0 else (*band.lows, *band.highs)
    yield from ((point.x, point.y)[which] for point in plot.points)
    yield from (target.value for target in plot.targets if target.axis == "xy"[which])


def _between(band: Band, x: Scale, y: Scale, at: float) -> tuple[float, float] | None:
    """Return the shares between which a band lies at a share of the axis across; None where it has none."""
    shares = [x.share(value) for value in band.xs]
    for number in range(len(shares) - 1):
        first, last = shares[number], shares[number + 1]
        if not first <= at <= last:
            continue
        part = 0.0 if last == first else (at - first) / (last - first)
        ends = tuple(
            y.share(side[number]) + part * (y.share(side[number + 1]) - y.share(side[number]))
            for side in (band.lows, band.highs)
        )
        if all(math.isfinite(end) for end in ends) and ends[1] >= 0.0 and ends[0] <= 1.0:
            return ends[0], ends[1]
    return None
