"""A page to read: help on a field, all keys, a compliance note, a file that cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from planner.app.drawing.pieces import Lines
from planner.app.layer import Dialog


class Page(Dialog[None]):
    """Shows lines made for its width; Esc closes it, `c` or `y` copies it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,f1", "close", "Close", show=False),
        Binding("c,y", "copy", "Copy", show=False),
    ]

    def __init__(self, title: str, draw: Callable[[int], Lines]) -> None:
        super().__init__()
        self.page_title = title
        self.draw_lines = draw

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical(classes="dialog page") as dialog:
            dialog.border_title = Content(self.page_title)
            dialog.border_subtitle = "Esc close   y copy"
            with VerticalScroll(id="page-scroll"):
                yield Static("", markup=False, id="page-text")

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#page-scroll").focus()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw for the width there is."""
        text = self.query_one("#page-text", Static)
        width = max(20, text.content_size.width)
        text.update(Content("\n").join(self.draw_lines(width)))

    def on_click(self) -> None:
        """Close on a click, wherever."""
        self.dismiss()

    def action_close(self) -> None:
        """Close."""
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the page as plain text."""
        self.app.copy_to_clipboard("\n".join(line.plain.rstrip() for line in self.draw_lines(80)))
        self.notify("Copied", markup=False)
