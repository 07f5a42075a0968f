"""What an entry of the registry of actions says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """Something a person can do. `id` is the name of the screen's `action_<id>` method."""

    id: str
    #: Textual key names, comma-separated; empty: palette only
    keys: str
    #: how the key is written for people
    key_label: str
    title: str
    help: str
    #: its title in the bar at the bottom, where room is scarce; empty: the title
    short: str = ""
    #: other words by which people look for it
    also: str = ""
