"""The list of profiles: left and right turn to another kind."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from planner.app.widgets.choices import Choices


class ProfileRows(Choices):
    """One profile a row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.previous_kind", "Previous kind", show=False),
        Binding("right", "screen.next_kind", "Next kind", show=False),
        # what the list would take as Enter
        Binding("space", "screen.mark_profile", "Mark", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="profile-list", markup=False)
