"""Asks for a new plan's name, and for what it starts from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from planner.app.drawing.pieces import QUIET, STRONG, fitted, line
from planner.app.layer import Dialog
from planner.app.shelf import PickItem
from planner.app.widgets.choices import Choices
from planner.plans.beginning import LEFT_BEHIND
from planner.report.page import pad

_ROOM = 28


@dataclass(frozen=True)
class Beginning:
    """What somebody wants to begin."""

    name: str
    #: the id of the start that was chosen
    start: str


class NewPlan(Dialog[Beginning | None]):
    """Returns name and start; None where somebody would rather not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
    ]

    def __init__(self, starts: Sequence[PickItem], complaint: Callable[[str], str]) -> None:
        super().__init__()
        self.starts = list(starts)
        #: what is wrong with a name; empty where nothing is
        self.complaint = complaint

    def compose(self) -> ComposeResult:
        """Lay out name, starts, and what a copy does without."""
        with Vertical(classes="dialog new-plan") as dialog:
            dialog.border_title = "New plan"
            dialog.border_subtitle = "Enter begin   Up, Down start   Esc cancel"
            yield Static("Name", markup=False, classes="new-plan-label")
            yield Input(placeholder="such as Vela 90B on 92 DGX H200", id="new-name", compact=True)
            yield Static("", markup=False, id="new-note")
            yield Static("Start from", markup=False, classes="new-plan-label")
            yield Choices(id="new-starts", markup=False)
            yield Static(f"Never copied: {LEFT_BEHIND}.", markup=False, id="new-left-behind")

    def on_mount(self) -> None:
        """Begin with the name."""
        self.query_one(Input).focus()
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        """Use the new width."""
        self.call_after_refresh(self.fill)

    def fill(self) -> None:
        """Show the starts; the cursor stays."""
        starts = self.query_one(OptionList)
        width = max(8, starts.scrollable_content_region.width - 1)
        place = starts.highlighted or 0
        starts.set_options(
            [
                Option(fitted(line((pad(item.title, _ROOM), STRONG), "  ", (item.aside, QUIET)), width))
                for item in self.starts
            ]
        )
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
        """Begin with what was chosen."""
        event.stop()
        self.begin()

    def begin(self) -> None:
        """Return what was asked, where the name can be one."""
        name = self.query_one(Input).value.strip()
        problem = self.complaint(name)
        if problem:
            self.query_one("#new-note", Static).update(Content(f"x the name {problem}"))
            self.query_one(Input).focus()
            return
        place = self.query_one(OptionList).highlighted or 0
        self.dismiss(Beginning(name, self.starts[place].id))

    def action_move(self, step: int) -> None:
        """Move among the starts while the name keeps the focus."""
        starts = self.query_one(OptionList)
        if step > 0:
            starts.action_cursor_down()
        else:
            starts.action_cursor_up()

    def action_cancel(self) -> None:
        """Begin nothing."""
        self.dismiss(None)
