"""A plot on the screen: arrows move over its points, Enter or a click chooses, `t` makes it a table."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from planner.app.drawing.pieces import QUIET, Lines, fitted, line, wrapped
from planner.app.drawing.plot import Plot, Point
from planner.app.drawing.plot_drawing import Drawing, draw_plot, has_room
from planner.app.drawing.plot_table import table_lines
from planner.text import safe

#: Rows below a plot that is so high.
_CAPTION_ROWS, _HIGH = 2, 14


class PlotView(Static, can_focus=True):
    """Shows a plot (`drawing/plot.py`) in the room it has; its last line says what the cursor stands on.

    Give it a height (`1fr` or so many cells): it fills what it gets, and shows its table where that is too
    little. `show(plot)` shows another; the cursor stays on the point of the same id. `move_to(id)` marks one.
    The screen hears `Marked` when the cursor moves and `Chosen` on Enter, or on a click where the cursor is.

    >>> view = PlotView(id="days-plot")  # in compose(): yield it; then: view.show(Plot(...))
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1, 0)", "Left", show=False),
        Binding("right", "step(1, 0)", "Right", show=False),
        Binding("up", "step(0, -1)", "Up", show=False),
        Binding("down", "step(0, 1)", "Down", show=False),
        Binding("enter", "choose", "Choose", show=False),
        Binding("t", "turn", "Plot or table", show=False),
    ]

    class Marked(Message):
        """The cursor stands on another point."""

        def __init__(self, view: PlotView, point: str) -> None:
            super().__init__()
            self.view = view
            self.point = point

        @property
        def control(self) -> PlotView:
            """The plot, so that a screen with several tells them apart."""
            return self.view

    class Chosen(Marked):
        """Somebody wants to see what is behind a point, or to take it."""

    def __init__(
        self,
        *,
        id: str | None = None,
        empty: str = "",
        hint: str = "arrows move over the points, Enter opens one",
    ) -> None:
        super().__init__("", markup=False, id=id)
        self.plot: Plot | None = None
        self.drawing = Drawing([])
        self.cursor: str | None = None
        self.is_table = False
        #: what the keys do, while the cursor is on no point
        self.hint = hint
        #: what stands there while there is no plot
        self.empty = empty

    def show(self, plot: Plot | None) -> None:
        """Show another plot, or none."""
        self.plot = plot
        self.draw()

    def move_to(self, point: str | None) -> None:
        """Put the cursor on a point, or on none; nothing is told."""
        if point != self.cursor:
            self.cursor = point
            self.draw()

    def on_resize(self) -> None:
        """Use the new room."""
        self.draw()

    def draw(self) -> None:
        """Draw for the room there is."""
        width, height = self.content_size
        if width > 0 and height > 0:
            # the size is the layout's to give, never the text's
            self.update(Content("\n").join(self.lines(width, height)), layout=False)

    def lines(self, width: int, height: int) -> Lines:
        """Return what is shown in so much room."""
        if self.plot is None:
            self.drawing = Drawing([])
            return wrapped(self.empty, width, style=QUIET)[:height]
        if self.is_table or not has_room(width, height):
            self.drawing = Drawing([])
            return table_lines(self.plot, width)[:height]
        marked = next((point for point in self.plot.points if point.id == self.cursor), None)
        below = self.caption(marked, width, height)
        self.drawing = draw_plot(self.plot, width, height - len(below), None if marked is None else marked.id)
        return [*self.drawing.lines, *below]

    def caption(self, marked: Point | None, width: int, height: int) -> Lines:
        """Return what the cursor stands on: always as many rows, so that nothing jumps."""
        assert self.plot is not None
        if not any(point.words for point in self.plot.points):
            return []
        rows = _CAPTION_ROWS if height >= _HIGH else 1
        text, style = (self.hint, QUIET) if marked is None else (marked.words, "")
        told = wrapped(text, width, style=style)
        if len(told) > rows:
            # what is cut says so
            rest = safe(" ".join(text.split())).removeprefix(" ".join(row.plain for row in told[: rows - 1]))
            told[rows - 1 :] = [fitted(line((rest.strip(), style)), width)]
        shown = told[:rows]
        return [*shown, *([line("")] * (rows - len(shown)))]

    def action_step(self, dx: int, dy: int) -> None:
        """Move the cursor to the nearest point in a direction."""
        self.take(self.drawing.next(self.cursor, dx, dy))

    def action_choose(self) -> None:
        """Choose what the cursor stands on."""
        if self.cursor is not None and self.plot is not None:
            self.post_message(self.Chosen(self, self.cursor))

    def action_turn(self) -> None:
        """Show the plot as a table, or the table as a plot."""
        self.is_table = not self.is_table
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """Mark what was clicked; what is marked already is chosen."""
        event.stop()
        offset = event.get_content_offset(self)
        point = None if offset is None else self.drawing.near(offset.x, offset.y)
        if point is None:
            return
        if point == self.cursor:
            self.action_choose()
        else:
            self.take(point)

    def take(self, point: str | None) -> None:
        """Move the cursor and say so."""
        if point is not None and point != self.cursor:
            self.move_to(point)
            self.post_message(self.Marked(self, point))
