"""Asks under which id, and in which folder, a profile of one's own begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from planner.app.drawing.pieces import QUIET, STRONG, fitted, line
from planner.app.layer import Dialog
from planner.app.widgets.choices import Choices
from planner.catalog.search_path import Folder
from planner.text import safe


class OwnCopy(Dialog[tuple[str, Path] | None]):
    """Returns id and folder; None where somebody would rather not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
    ]

    def __init__(
        self,
        title: str,
        identifier: str,
        folders: Sequence[Folder],
        complaint: Callable[[str, Path], str],
        note: str,
    ) -> None:
        super().__init__()
        self.copy_title = title
        self.identifier = identifier
        self.folders = tuple(folders)
        #: what is wrong with an id in a folder; empty where nothing is
        self.complaint = complaint
        self.note = note

    def compose(self) -> ComposeResult:
        """Lay out id and folders."""
        with Vertical(classes="dialog new-plan") as dialog:
            dialog.border_title = self.copy_title
            dialog.border_subtitle = "Enter write and edit   Up, Down folder   Esc cancel"
            yield Static("Id", markup=False, classes="new-plan-label")
            yield Input(self.identifier, id="new-name", compact=True, select_on_focus=False)
            yield Static("", markup=False, id="new-note")
            yield Static("In the folder", markup=False, classes="new-plan-label")
            yield Choices(id="new-starts", markup=False)
            yield Static(self.note, markup=False, id="new-left-behind")

    def on_mount(self) -> None:
        """Begin with the id."""
        self.query_one(Input).focus()
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.fill)

    def fill(self) -> None:
        """Show the folders; the cursor stays."""
        starts = self.query_one(OptionList)
        width = max(8, starts.scrollable_content_region.width - 1)
        place = starts.highlighted or 0
        rows = [
            line((safe(folder.label), STRONG), "  ", (safe(str(folder.path)), QUIET))
            for folder in self.folders
        ]
        starts.set_options([Option(fitted(row, width)) for row in rows])
        starts.highlighted = place

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take the complaint back while somebody types."""
        event.stop()
        self.query_one("#new-note", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Begin."""
        event.stop()
        self.begin()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Begin in the folder that was chosen."""
        event.stop()
        self.begin()

    def begin(self) -> None:
        """Return what was asked, where the id can be one and is free."""
        identifier = self.query_one(Input).value.strip()
        folder = self.folders[self.query_one(OptionList).highlighted or 0].path
        problem = self.complaint(identifier, folder)
        if problem:
            self.query_one("#new-note", Static).update(Content(f"x {problem}"))
            self.query_one(Input).focus()
            return
        self.dismiss((identifier, folder))

    def action_move(self, step: int) -> None:
        """Move among the folders while the id keeps the focus."""
        starts = self.query_one(OptionList)
        if step > 0:
            starts.action_cursor_down()
        else:
            starts.action_cursor_up()

    def action_cancel(self) -> None:
        """Begin nothing."""
        self.dismiss(None)
