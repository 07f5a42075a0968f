"""A field that is typed into, on one line without a border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

if TYPE_CHECKING:
    from planner.app.edits import FieldPath


MAXIMUM_LENGTH = 120


class TextField(Input):
    """An input that knows where its value stands in the plan."""

    #: how long its text is; it is as wide as its row, while Textual would lay out the screen with each key
    virtual_size = Reactive(Size(0, 0))

    def __init__(self, path: FieldPath, *, placeholder: str = "") -> None:
        super().__init__(
            placeholder=placeholder,
            compact=True,
            max_length=MAXIMUM_LENGTH,
            select_on_focus=True,
            # what Textual gives it later, styling it anew with each of them
            classes="-textual-compact -valid",
        )
        self.path = path

    def show_value(self, text: str) -> None:
        """Show a value that came from the plan, without telling anybody that it was typed."""
        if text == self.value:
            return
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text) if self.has_focus else 0

    def on_blur(self) -> None:
        """Show the beginning of a text that is longer than the field."""
        self.cursor_position = 0
