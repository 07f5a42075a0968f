"""A line of text that does something when it is clicked or Enter is pressed on it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static


class LineButton(Static, can_focus=True):
    """A button on one line."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "press", "Press", show=False)]

    class Pressed(Message):
        """The line was clicked, or Enter was pressed on it."""

        def __init__(self, button: LineButton) -> None:
            super().__init__()
            self.button = button

        @property
        def control(self) -> LineButton:
            """The button."""
            return self.button

    def __init__(self, text: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, markup=False, id=id, classes=classes)

    def action_press(self) -> None:
        """Tell the parent."""
        self.post_message(self.Pressed(self))

    def on_click(self) -> None:
        """Tell the parent."""
        self.action_press()
