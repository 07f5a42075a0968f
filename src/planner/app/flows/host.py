"""What a flow may ask of the screen that it runs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from textual.screen import Screen

from planner.app.edits import FieldPath

Answer = TypeVar("Answer")


class Host(Protocol):
    """A screen that shows a session's plan; whoever can do this can run flows."""

    async def ask(self, dialog: Screen[Answer]) -> Answer:
        """Put a dialog over the screen and return what it is answered."""
        ...

    async def choose_from(self, picker: Screen[Answer]) -> Answer | None:
        """Put a list over the screen, unless somebody went on meanwhile, and return what is chosen."""
        ...

    def tell(self, text: str, *, is_warning: bool = False, seconds: float | None = None) -> None:
        """Say something in passing, for so long."""
        ...

    def show_status(self, status: str) -> None:
        """Say in a word or two what happened last."""
        ...

    async def show_session(self) -> None:
        """Show another plan, or the same one after an undo."""
        ...

    def plan_changed(self) -> None:
        """Show that the plan changed, and ask for its estimate and its draft."""
        ...

    def show_title(self) -> None:
        """Show the plan's name and whether it is saved."""
        ...

    def show_state(self) -> None:
        """Say how far the results may be trusted."""
        ...

    def focused_path(self) -> FieldPath | None:
        """Return the path of the field that has the focus."""
        ...

    async def settled(self) -> None:
        """Wait, for a while, until the estimate is of the plan."""
        ...

    async def finish_drafts(self) -> None:
        """Write no further draft of what was just saved, and wait for one that is being written."""
        ...

    def hear_from_thread(self, hear: Callable[[str], None], text: str) -> None:
        """Call something in the screen's own thread."""
        ...

    def leave(self) -> None:
        """Leave the app."""
        ...
