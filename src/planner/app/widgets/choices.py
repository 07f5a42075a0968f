"""A list to choose from, for hands faster than it changes and for terminals too small to show it."""

from __future__ import annotations

from typing import Literal

from textual import events
from textual.geometry import Size
from textual.widgets import OptionList

#: Rows are never wrapped to less than this, padding and all.
NARROWEST = 8


class Choices(OptionList):
    """Rows of text, one of which is chosen."""

    def _on_click(self, event: events.Click) -> None:  # type: ignore[override] # nothing is awaited
        place = event.style.meta.get("option")
        if place is not None and place >= self.option_count:
            # the row that was clicked has gone: others are listed by now, and fewer
            event.prevent_default()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height for a width; a list that has no width left is not seen, but measured."""
        return super().get_content_height(container, viewport, max(width, NARROWEST))

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self.scrollable_content_region:  # else no row has a place
            super()._move_page(direction)
