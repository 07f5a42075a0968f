"""The bottom line: at most six keys that matter where the focus is, the palette, and the last word."""

from __future__ import annotations

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from planner.app.actions import BY_ID

PALETTE = Content("^P commands").stylize(Style.from_meta({"@click": "app.command_palette"}))
MAXIMUM_KEYS = 6


class KeyBar(Static):
    """One line at the bottom; every key can be clicked."""

    def __init__(self) -> None:
        super().__init__("", markup=False, id="key-bar")
        self.hints: tuple[tuple[str, str, str], ...] = ()
        self.status = ""

    def show_actions(self, *action_ids: str, extra: tuple[tuple[str, str, str], ...] = ()) -> None:
        """Show the keys of these actions; `extra` are key, title and action of the focused widget."""
        hints = [
            (BY_ID[name].key_label, BY_ID[name].short or BY_ID[name].title, f"screen.{name}")
            for name in action_ids
        ]
        shown = (*extra, *hints)[:MAXIMUM_KEYS]
        if shown != self.hints:
            self.hints = shown
            self.draw()

    def show_status(self, status: str) -> None:
        """Show one word on what happened last, at the right end."""
        if status != self.status:
            self.status = status
            self.draw()

    def on_resize(self) -> None:
        """Use the new width."""
        self.draw()

    def draw(self) -> None:
        """Lay out as many keys as fit; the palette is always among them."""
        width = self.content_size.width
        right = Content.assemble((self.status, "$quiet"), "  " if self.status else "") + PALETTE + " "
        left = Content(" ")
        for key, title, action in self.hints:
            item = Content.assemble((key, "bold $heading"), f" {title}")
            if action:
                item = item.stylize(Style.from_meta({"@click": action}))
            if left.cell_length + item.cell_length + 2 + right.cell_length > width:
                break
            left = left + item + "  "
        gap = max(0, width - left.cell_length - right.cell_length)
        self.update(left + " " * gap + right, layout=False)
