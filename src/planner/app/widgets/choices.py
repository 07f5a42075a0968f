"""A list to choose from, for hands faster than it changes and for terminals too small to show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

#: Rows are never wrapped to less than this, padding and all.
NARROWEST = 8


class Choices(OptionList):
    """Rows of text, one of which is chosen.

    Other rows are painted, and lay nothing out but a list that is as high as they are.
    """

    virtual_size = Reactive(Size(0, 0))
    #: more rows than it has room for, before and after they are others: it stays as high as it is
    is_full = False

    def _on_click(self, event: events.Click) -> None:  # type: ignore[override] # nothing is awaited
        place = event.style.meta.get("option")
        if place is not None and place >= self.option_count:
            # the row that was clicked has gone: others are listed by now, and fewer
            event.prevent_default()

    def show_rows(self, rows: Sequence[Content], place: int | None = None) -> None:
        """Show other rows with the cursor on one of them; without a place it stays where it is.

        As many as before have the texts replaced that are others.
        """
        here = (self.highlighted or 0) if place is None else place
        if len(rows) == self.option_count:
            for number, (row, option) in enumerate(zip(rows, self.options, strict=True)):
                if option.prompt is not row and option.prompt != row:
                    self.replace_option_prompt_at_index(number, row)
            # who listens hears of the row all the same: what it says may be another
            self.highlighted = None
        else:
            self.is_full = min(len(rows), self.option_count) > self.size.height > 0
            self.set_options([Option(row) for row in rows])
            self.is_full = False
        if rows:
            self.highlighted = min(here, len(rows) - 1)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Paint again, and lay out where the list's own size may be another."""
        return super().refresh(
            *regions, repaint=repaint, layout=layout and not self.is_full, recompose=recompose
        )

    def watch_virtual_size(self) -> None:
        """Give the list the height of its rows, where that is what it has."""
        if self.styles.auto_dimensions:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height for a width; a list that has no width left is not seen, but measured."""
        return super().get_content_height(container, viewport, max(width, NARROWEST))

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self.scrollable_content_region:  # else no row has a place
            super()._move_page(direction)
