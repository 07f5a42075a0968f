"""What there is to open on the start screen: recent plans, unsaved work, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from planner.app.drawing.pieces import QUIET, line
from planner.app.drawing.starts import starts_rows
from planner.app.widgets.choices import Choices

if TYPE_CHECKING:
    from planner.app.starts import Start, StartGroup


class StartsList(Choices):
    """Groups of plans under their headings, one of which is opened."""

    class Chosen(Message):
        """Somebody wants one opened."""

        def __init__(self, start: Start) -> None:
            super().__init__()
            self.start = start

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.groups: tuple[StartGroup, ...] = ()
        #: what each row opens; None: a heading
        self.starts: list[Start | None] = []

    def show_groups(self, groups: tuple[StartGroup, ...]) -> None:
        """Show what there is to open."""
        if groups != self.groups:
            self.groups = groups
            self.draw()

    def draw(self) -> None:
        """Draw the rows for the room there is; the cursor stays on what it is on."""
        width, height = max(20, self.scrollable_content_region.width - 1), self.size.height
        here = self.marked()
        rows = starts_rows(self.groups, width, height)
        self.starts = [start for _, start in rows]
        options = [Option(text, disabled=start is None) for text, start in rows]
        self.set_options(options or [Option(line(("reading the plans", QUIET)), disabled=True)])
        ids = [None if start is None else start.id for start in self.starts]
        first = next((place for place, start in enumerate(self.starts) if start is not None), None)
        self.highlighted = ids.index(here.id) if here is not None and here.id in ids else first

    def marked(self) -> Start | None:
        """Return what the cursor is on."""
        place = self.highlighted
        return self.starts[place] if place is not None and place < len(self.starts) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Say which one is to be opened."""
        event.stop()
        start = self.starts[event.option_index] if event.option_index < len(self.starts) else None
        if start is not None:
            self.post_message(self.Chosen(start))
