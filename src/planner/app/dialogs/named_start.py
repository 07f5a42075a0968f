"""Asks for a name and one of a list: what a new plan, and a copy of a profile, begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from planner.app.drawing.pieces import fitted
from planner.app.layer import Dialog
from planner.app.widgets.choices import Choices

Answer = TypeVar("Answer")


class Words(NamedTuple):
    """What such a dialog says."""

    title: str
    keys: str
    name: str
    choices: str
    #: below the list
    note: str


class NamedStart(Dialog[Answer | None]):
    """Returns what a name and a choice come to; None where somebody would rather not."""

    is_for_typing = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
    ]

    def __init__(self, words: Words, field: Input, rows: Sequence[Content]) -> None:
        super().__init__()
        self.words = words
        self.field = field
        self.rows = tuple(rows)

    def problem(self, answer: Answer) -> str:
        """Return what is wrong with an answer; empty where nothing is."""
        raise NotImplementedError

    def answer(self, name: str, place: int) -> Answer:
        """Return what a name and the choice at a place come to."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Lay out the name, its complaint, the list and the note."""
        with Vertical(classes="dialog new-plan") as dialog:
            dialog.border_title = Content(self.words.title)
            dialog.border_subtitle = Content(self.words.keys)
            yield Static(self.words.name, markup=False, classes="new-plan-label")
            yield self.field
            yield Static("", markup=False, id="new-note")
            yield Static(self.words.choices, markup=False, classes="new-plan-label")
            yield Choices(id="new-starts", markup=False)
            yield Static(self.words.note, markup=False, id="new-left-behind")

    def on_mount(self) -> None:
        """Begin with the name."""
        self.field.focus()
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.fill)

    def fill(self) -> None:
        """Show the list; the cursor stays."""
        starts = self.query_one(Choices)
        width = max(8, starts.scrollable_content_region.width - 1)
        starts.show_rows([fitted(row, width) for row in self.rows])

    @property
    def place(self) -> int:
        """Where the cursor of the list stands."""
        return self.query_one(OptionList).highlighted or 0

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take the complaint back while somebody types."""
        event.stop()
        self.query_one("#new-note", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Begin."""
        event.stop()
        self.begin()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Begin with what was chosen."""
        event.stop()
        self.begin()

    def begin(self) -> None:
        """Return what was asked, where the name can be one."""
        answer = self.answer(self.field.value.strip(), self.place)
        problem = self.problem(answer)
        if problem:
            self.query_one("#new-note", Static).update(Content(f"x {problem}"))
            self.field.focus()
            return
        self.dismiss(answer)

    def action_move(self, step: int) -> None:
        """Move in the list while the name keeps the focus."""
        starts = self.query_one(OptionList)
        if step > 0:
            starts.action_cursor_down()
        else:
            starts.action_cursor_up()

    def action_cancel(self) -> None:
        """Begin nothing."""
        self.dismiss(None)
