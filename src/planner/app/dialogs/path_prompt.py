"""Asks for a file to write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from planner.app.drawing.pieces import QUIET, STRONG, line
from planner.app.layer import Dialog
from planner.app.widgets.choices import Choices
from planner.errors import InputError
from planner.files.replacing import check_file_name
from planner.text import first_unsafe

PLAN_KIND = {".toml": "a plan"}
PLAN_NOTE = "A path; .toml is added where it is missing."
_SUFFIX_CELLS = 8


class PathPrompt(Dialog[Path | None]):
    """Returns the path that was typed, or None; of several kinds of files, Up and Down choose one."""

    is_for_typing = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "choose(-1)", "Up", show=False),
        Binding("down", "choose(1)", "Down", show=False),
    ]

    def __init__(
        self,
        title: str,
        suggestion: str,
        kinds: Mapping[str, str] = PLAN_KIND,
        note: str = PLAN_NOTE,
        verb: str = "save",
    ) -> None:
        super().__init__()
        self.prompt_title = title
        self.suggestion = suggestion
        self.kinds = kinds
        #: how a name may end, the first where it says nothing
        self.suffixes = tuple(kinds)
        self.note = note
        #: what Enter does
        self.verb = verb

    def compose(self) -> ComposeResult:
        """Lay out the input and what is wrong with it."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self.prompt_title)
            choose = "Up, Down kind   " if len(self.kinds) > 1 else ""
            dialog.border_subtitle = Content(f"{choose}Enter {self.verb}   Esc cancel")
            if len(self.kinds) > 1:
                yield Choices(
                    *(
                        Option(line((f"{suffix:<{_SUFFIX_CELLS}}", STRONG), (meaning, QUIET)))
                        for suffix, meaning in self.kinds.items()
                    ),
                    id="path-kinds",
                    markup=False,
                )
            yield Input(self.suggestion, id="path", compact=True, select_on_focus=False)
            yield Static(self.note, markup=False, id="path-note")

    def on_mount(self) -> None:
        """Begin with the name."""
        self.query_one("#path", Input).focus()
        self.show_kind(self.suggestion)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follow the end of the name."""
        event.stop()
        self.show_kind(event.value)

    def show_kind(self, typed: str) -> None:
        """Mark the kind of file that a name asks for."""
        for kinds in self.query("#path-kinds").results(Choices):
            kinds.highlighted = self.suffixes.index(_suffix_of(typed, self.suffixes))

    def action_choose(self, step: int) -> None:
        """Take the next kind, or the one before."""
        name = self.query_one("#path", Input)
        suffix = _suffix_of(name.value, self.suffixes)
        place = (self.suffixes.index(suffix) + step) % len(self.suffixes)
        stem = name.value.removesuffix(suffix) if name.value.lower().endswith(suffix) else name.value
        name.value = f"{stem}{self.suffixes[place]}"
        name.cursor_position = len(name.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the kind that was clicked."""
        event.stop()
        self.action_choose(event.option_index - self.suffixes.index(self.chosen_suffix()))
        self.query_one("#path", Input).focus()

    def chosen_suffix(self) -> str:
        """Return the kind that the name asks for now."""
        return _suffix_of(self.query_one("#path", Input).value, self.suffixes)

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


def _suffix_of(typed: str, suffixes: tuple[str, ...]) -> str:
    """Return the end of a name, the first where it has none of them."""
    return next((suffix for suffix in suffixes if typed.lower().endswith(suffix)), suffixes[0])


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
