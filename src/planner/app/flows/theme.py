"""The choice of a theme."""

from __future__ import annotations

from typing import Any

from planner.app.dialogs.picker import Picker
from planner.app.layer import Layer
from planner.app.themes import THEME_CHOICES


async def pick_theme(screen: Layer[Any]) -> None:
    """Ask for a theme and use it."""
    chosen = await screen.choose_from(Picker("Choose a theme", THEME_CHOICES, current=screen.app.theme))
    if chosen is not None:
        screen.app.theme = chosen
