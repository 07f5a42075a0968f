"""A panel that a pure function draws for the width it has; laid out anew only where its height changes."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from planner.app.drawing.pieces import Lines, View

Draw = Callable[[View, int], Lines]


class Drawn(Static):
    """Lines of text made from the current view."""

    def __init__(self, draw: Draw, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self.add_class("-empty")
        self.draw_lines = draw
        self.view: View | None = None
        self.drawn_width = 0
        self.drawn_lines: Lines = []

    def show(self, view: View) -> None:
        """Show another view."""
        self.view = view
        self.draw()

    def on_resize(self) -> None:
        """Draw again where the width changed."""
        if self.content_size.width != self.drawn_width:
            self.draw()

    def parent_width(self) -> int:
        """Return the width that the panel will have."""
        parent = self.parent
        return parent.scrollable_content_region.width if isinstance(parent, Widget) else 0

    def draw(self) -> None:
        """Draw the view; nothing is painted where nothing changed."""
        width = self.content_size.width
        if self.view is None:
            return
        if width <= 0 and self.parent is not None:
            # A panel that is not shown while it is empty has no size of its own.
            width = self.parent_width()
        if width <= 0:
            return
        self.drawn_width = width
        lines = self.draw_lines(self.view, width)
        is_new_height = len(lines) != len(self.drawn_lines)
        is_same = not is_new_height and all(
            new.is_same(old) for new, old in zip(lines, self.drawn_lines, strict=True)
        )
        if is_same:
            return
        self.drawn_lines = lines
        self.update(Content("\n").join(lines), layout=is_new_height)
        if is_new_height:
            self.set_class(not lines, "-empty")
