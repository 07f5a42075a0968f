"""Asks for a file to save to."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from planner.app.layer import Dialog
from planner.errors import InputError
from planner.files.replacing import check_file_name
from planner.text import first_unsafe


class PathPrompt(Dialog[Path | None]):
    """Returns the path that was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, title: str, suggestion: str) -> None:
        super().__init__()
        self.prompt_title = title
        self.suggestion = suggestion

    def compose(self) -> ComposeResult:
        """Lay out the input and what is wrong with it."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self.prompt_title
            dialog.border_subtitle = "Enter save   Esc cancel"
            yield Input(self.suggestion, id="path", compact=True, select_on_focus=False)
            yield Static("A path; .toml is added where it is missing.", markup=False, id="path-note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the path where it can be one."""
        event.stop()
        try:
            path = _path(event.value.strip())
        except InputError as error:
            self.query_one("#path-note", Static).update(Content(f"x {error}"))
        else:
            self.dismiss(path)

    def action_cancel(self) -> None:
        """Save nowhere."""
        self.dismiss(None)


def _path(typed: str) -> Path:
    """Return the file that was typed; raise InputError where there can be none."""
    try:
        path = Path(typed).expanduser()
    except RuntimeError:
        raise InputError("nobody here has that name; expected a path such as plans/my-plan.toml") from None
    if first_unsafe(typed) is not None or path.name in ("", ".."):
        raise InputError("expected a path such as plans/my-plan.toml")
    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")
    check_file_name(path)
    return path
