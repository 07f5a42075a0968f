"""Taking a text out of the app: onto the clipboard, through the terminal."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from planner.app.widgets.key_bar import KeyBar


def copy(screen: Screen[Any], key_bar: KeyBar, what: str, text: str | None) -> None:
    """Copy a text and say so at the bottom; without a text, say that there is none yet."""
    if text is None:
        screen.notify(f"There is no {what} to copy yet.", severity="warning", markup=False)
        return
    screen.app.copy_to_clipboard(text)
    key_bar.show_status(f"{what} copied")
