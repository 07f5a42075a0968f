"""Asks for a new plan's name, and for what it starts from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.widgets import Input

from planner.app.dialogs.named_start import NamedStart, Words
from planner.app.drawing.pieces import QUIET, STRONG, line
from planner.app.shelf import PickItem
from planner.plans.beginning import LEFT_BEHIND
from planner.report.page import pad

_ROOM = 28
_KEYS = "Enter begin   Up, Down start   Esc cancel"


@dataclass(frozen=True)
class Beginning:
    """What somebody wants to begin."""

    name: str
    #: the id of the start that was chosen
    start: str


class NewPlan(NamedStart[Beginning]):
    """Returns name and start; None where somebody would rather not."""

    def __init__(self, starts: Sequence[PickItem], complaint: Callable[[str], str]) -> None:
        super().__init__(
            Words("New plan", _KEYS, "Name", "Start from", f"Never copied: {LEFT_BEHIND}."),
            Input(placeholder="such as Vela 90B on 92 DGX H200", id="new-name", compact=True),
            [line((pad(it.title, _ROOM), STRONG), "  ", (it.aside, QUIET)) for it in starts],
        )
        self.starts = tuple(starts)
        #: what is wrong with a name; empty where nothing is
        self.complaint = complaint

    def problem(self, answer: Beginning) -> str:
        """Return why the name cannot be one."""
        found = self.complaint(answer.name)
        return found and f"the name {found}"

    def answer(self, name: str, place: int) -> Beginning:
        """Return name and start."""
        return Beginning(name, self.starts[place].id)
