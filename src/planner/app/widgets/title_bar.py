"""The top line: the plan's name and file, whether it is saved, its pins, the baseline, the keys to know."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from planner.text import safe


class TitleBar(Static):
    """One line at the top."""

    def __init__(self) -> None:
        super().__init__("", markup=False, id="title-bar")
        self.parts = ("", "", False, "", False, 0)

    def show(
        self, name: str, *, file: str, is_dirty: bool, baseline: str, keeps_pins: bool, left_out: int
    ) -> None:
        """Show what is being worked on, and how many profiles cannot be used."""
        parts = (safe(name), safe(file), is_dirty, safe(baseline), keeps_pins, left_out)
        if parts != self.parts:
            self.parts = parts
            self.draw()

    def on_resize(self) -> None:
        """Use the new width."""
        self.draw()

    def draw(self) -> None:
        """Lay the parts out over the width."""
        name, file, is_dirty, baseline, keeps_pins, left_out = self.parts
        width = self.content_size.width
        help_key = Content("F1 help").stylize(Style.from_meta({"@click": "screen.field_help"}))
        palette = Content("^P commands").stylize(Style.from_meta({"@click": "app.command_palette"}))
        right = help_key + "  " + palette
        if baseline and width >= 90:
            right = Content.assemble((f"baseline: {baseline}   ", "$quiet")) + right
        left = Content.assemble((" planner  ", "bold $heading"))
        mark = Content.assemble((" * unsaved", "bold $override")) if is_dirty else Content("")
        if keeps_pins:
            mark = mark + Content.assemble(("  pinned values", "bold $override"))
        if left_out:
            words = Content.assemble((f"  {left_out} left out", "bold $override"))
            mark = mark + words.stylize(Style.from_meta({"@click": "screen.review_left_out"}))
        room = max(4, width - left.cell_length - right.cell_length - mark.cell_length - 3)
        title = Content(name)
        title = title.truncate(room, ellipsis=True) if title.cell_length > room else title
        left = left + title + mark
        where = Content.assemble((f"  {file}", "$quiet"))
        if file and title.cell_length + where.cell_length <= room:
            left = left + where
        self.update(
            left.pad_right(max(1, width - left.cell_length - right.cell_length - 1)) + right, layout=False
        )
