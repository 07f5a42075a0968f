"""A text over several lines, to read and to change: the notes of a plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from planner.app.layer import Dialog


class TextPage(Dialog[str | None]):
    """Returns the text as it was left; None where it can't be taken and somebody leaves all the same.

    Esc keeps what was typed: whoever writes for minutes must not lose it, and undo brings the old text back.
    """

    is_for_typing = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "done", "Done", show=False),
        Binding("ctrl+r", "restore", "As it was", show=False, priority=True),
    ]

    def __init__(self, title: str, text: str, complaint: Callable[[str], str]) -> None:
        super().__init__()
        self.page_title = title
        self.text = text
        #: what is wrong with a text; empty where nothing is
        self.complaint = complaint

    def compose(self) -> ComposeResult:
        """Lay out the text and what is wrong with it."""
        with Vertical(classes="dialog text-page") as dialog:
            dialog.border_title = Content(self.page_title)
            dialog.border_subtitle = "Esc done   ^Z undo typing   ^R as it was"
            yield TextArea(self.text, soft_wrap=True, show_line_numbers=False, compact=True, id="long-text")
            yield Static("", markup=False, id="long-text-note")

    def on_mount(self) -> None:
        """Begin behind what is written."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def on_text_area_changed(self) -> None:
        """Say at once what cannot stay."""
        problem = self.complaint(self.query_one(TextArea).text)
        self.query_one("#long-text-note", Static).update(Content(f"x {problem}" if problem else ""))

    def action_done(self) -> None:
        """Return the text, where it can be taken."""
        text = self.query_one(TextArea).text
        if self.complaint(text):
            self.app.bell()
        else:
            self.dismiss(text)

    def action_restore(self) -> None:
        """Bring back what was written before."""
        self.query_one(TextArea).text = self.text

    def withdraw(self) -> AwaitComplete:
        """Leave with what was typed, where it can be taken."""
        text = self.query_one(TextArea).text
        return self.dismiss(None if self.complaint(text) else text)
