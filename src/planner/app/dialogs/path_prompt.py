"""Asks for a file to write."""

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

PLAN_SUFFIX = ".toml"
PLAN_NOTE = "A path; .toml is added where it is missing."


class PathPrompt(Dialog[Path | None]):
    """Returns the path that was typed, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(
        self, title: str, suggestion: str, suffixes: tuple[str, ...] = (PLAN_SUFFIX,), note: str = PLAN_NOTE
    ) -> None:
        super().__init__()
        self.prompt_title = title
        self.suggestion = suggestion
        #: how a name may end, the first where it says nothing
        self.suffixes = suffixes
        self.note = note

    def compose(self) -> ComposeResult:
        """Lay out the input and what is wrong with it."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self.prompt_title
            dialog.border_subtitle = "Enter save   Esc cancel"
            yield Input(self.suggestion, id="path", compact=True, select_on_focus=False)
            yield Static(self.note, markup=False, id="path-note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the path where it can be one."""
        event.stop()
        try:
            path = _path(event.value.strip(), self.suffixes)
        except InputError as error:
            self.query_one("#path-note", Static).update(Content(f"x {error}"))
        else:
            self.dismiss(path)

    def action_cancel(self) -> None:
        """Save nowhere."""
        self.dismiss(None)


def _path(typed: str, suffixes: tuple[str, ...]) -> Path:
    """Return the file that was typed; raise InputError where there can be none."""
    try:
        path = Path(typed).expanduser()
    except RuntimeError:
        raise InputError(
            f"nobody here has that name; expected a path such as plans/my-plan{suffixes[0]}"
        ) from None
    if first_unsafe(typed) is not None or path.name in ("", ".."):
        raise InputError(f"expected a path such as plans/my-plan{suffixes[0]}")
    if path.suffix.lower() not in suffixes:
        path = path.with_name(f"{path.name}{suffixes[0]}")
    check_file_name(path)
    return path
