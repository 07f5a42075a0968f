"""A field whose value is chosen from a list: Enter, a click or typing opens the picker."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from planner.app.messages import FieldTyped, PickAsked

if TYPE_CHECKING:
    from planner.app.edits import FieldPath


class PickField(Widget, can_focus=True):
    """Shows the chosen value; opens its list on demand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,down", "pick", "Choose", show=False),
        Binding("delete,backspace", "clear", "Clear", show=False),
    ]
    shown: reactive[str] = reactive("")
    placeholder: reactive[str] = reactive("")

    def __init__(self, path: FieldPath, *, is_required: bool) -> None:
        super().__init__()
        self.path = path
        self.is_required = is_required

    def render(self) -> Content:
        """Return the value with the mark of a list at its right end."""
        width = self.content_size.width
        text = Content(self.shown) if self.shown else Content.assemble((self.placeholder, "$quiet"))
        if text.cell_length > width - 2:
            text = text.truncate(max(1, width - 2), ellipsis=True)
        return text.pad_right(max(0, width - 2 - text.cell_length)) + Content.assemble((" \u25be", "$quiet"))

    def action_pick(self) -> None:
        """Open the list."""
        self.post_message(PickAsked(self.path))

    def action_clear(self) -> None:
        """Empty the field, where it may be empty."""
        if self.is_required:
            self.app.bell()
        else:
            self.post_message(FieldTyped(self.path, ""))

    def on_click(self) -> None:
        """Open the list."""
        self.action_pick()

    def on_key(self, event: events.Key) -> None:
        """Open the list with what is typed as the beginning of its filter."""
        if event.character and event.character.isalnum():
            event.stop()
            self.post_message(PickAsked(self.path, event.character))
