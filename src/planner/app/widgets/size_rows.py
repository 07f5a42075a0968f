"""The ranking of systems: a click marks a row with the cursor, one on that row chooses it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from planner.app.widgets.choices import Choices


class SizeRows(Choices):
    """One system a row; choosing one changes the plan, so that no single click does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # what the list would take as Enter
        Binding("space", "screen.mark_size", "Mark", show=False),
    ]

    def _on_click(self, event: events.Click) -> None:  # type: ignore[override] # nothing is awaited
        super()._on_click(event)
        place = event.style.meta.get("option")
        if place is not None and place < self.option_count and place != self.highlighted:
            self.highlighted = place
            event.prevent_default()
