"""A panel that a pure function draws for the room it has; laid out anew only where its height changes."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from planner.app.drawing.numbers_asked import Number, Spot, number_of, spots, with_mark
from planner.app.drawing.pieces import Lines, View

#: From the view, the width, and the height that can be seen at once.
Draw = Callable[[View, int, int], Lines]


class Drawn(Static):
    """Lines of text made from the current view, with one of their numbers marked where that is asked."""

    class Asked(Message):
        """Somebody wants a number explained."""

        def __init__(self, number: Number) -> None:
            super().__init__()
            self.number = number

    def __init__(self, draw: Draw, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self.draw_lines = draw
        self.view: View | None = None
        self.drawn_room = (0, 0)
        self.drawn_lines: Lines = []
        self.marked: Spot | None = None

    def show(self, view: View) -> None:
        """Show another view."""
        self.view = view
        self.draw()

    def clear(self) -> None:
        """Show nothing."""
        self.view = None
        self.drawn_lines = []
        self.update("")

    def mark(self, spot: Spot | None) -> None:
        """Mark a number, or none; the mark stays with the number when the view changes."""
        if spot != self.marked:
            self.marked = spot
            self.draw()

    def spots(self) -> list[Spot]:
        """Return where the numbers that can be asked about stand; none where nothing shows."""
        nodes = (node for node in self.ancestors_with_self if isinstance(node, Widget))
        return spots(self.drawn_lines) if all(node.display for node in nodes) else []

    def on_click(self, event: events.Click) -> None:
        """Ask about the number that was clicked."""
        number = number_of(event.style.meta)
        if number is not None:
            event.stop()
            self.post_message(self.Asked(number))

    def on_resize(self) -> None:
        """Draw again where the room changed."""
        if self.room() != self.drawn_room:
            self.draw()

    def room(self) -> tuple[int, int]:
        """Return the width and the height that can be seen at once."""
        parent = self.parent
        height = parent.scrollable_content_region.height if isinstance(parent, Widget) else 0
        return self.content_size.width, height

    def draw(self) -> None:
        """Draw the view; nothing is painted where nothing changed."""
        width, height = self.room()
        if self.view is None or width <= 0:
            return
        self.drawn_room = (width, height)
        lines = self.draw_lines(self.view, width, height)
        if self.marked is not None:
            lines = with_mark(lines, self.marked.number, self.marked.nth)
        is_new_height = len(lines) != len(self.drawn_lines)
        is_same = not is_new_height and all(
            new.is_same(old) for new, old in zip(lines, self.drawn_lines, strict=True)
        )
        if is_same:
            return
        self.drawn_lines = lines
        self.update(Content("\n").join(lines), layout=is_new_height)
