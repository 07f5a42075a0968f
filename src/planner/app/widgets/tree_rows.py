"""The rows of a tree: right opens one, left closes it or goes to what it is a part of."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from planner.app.widgets.choices import Choices


class TreeRows(Choices):
    """One term a row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "screen.open_row", "Open", show=False),
        Binding("left", "screen.close_row", "Close", show=False),
    ]
