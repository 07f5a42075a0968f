"""The command palette: the actions of the registry, saved plans to open, profiles to use, fields to go to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from textual.widgets import OptionList

from planner.app.action import Action
from planner.app.actions import ALL_ACTIONS
from planner.app.dialogs.picker import Picker
from planner.app.fields import FIELDS
from planner.app.layer import Layer
from planner.app.pools import system_path
from planner.app.screens.planning import PlanningScreen
from planner.app.shelf import PickItem
from planner.text import safe

#: What choosing an entry does.
Act = Callable[[], Awaitable[Any] | None]
#: Where in the plan a profile of a kind is named; a system's place follows the focus.
KINDS = ("systems", "models", "sites")


class Palette(Picker):
    """Offers what can be done on a screen; what is chosen is done once the palette is gone."""

    def __init__(self, over: Layer[Any]) -> None:
        offered = [action for action in ALL_ACTIONS if hasattr(over, f"action_{action.id}")]
        items = [action_item(action) for action in offered]
        super().__init__("Commands", items, note="type what to do, a plan to open, a system or model to use")
        self.over = over
        #: shown before anything is typed
        self.actions = items
        self.acts: dict[str, Act] = {
            item.id: partial(over.run_action, action.id) for item, action in zip(items, offered, strict=True)
        }

    def on_mount(self) -> None:
        """Show the actions at once; what has to be read follows."""
        super().on_mount()
        if isinstance(self.over, PlanningScreen):
            self.run_worker(self.gather(self.over), group="gather", exit_on_error=False)

    async def gather(self, planning: PlanningScreen) -> None:
        """Read which plans and profiles there are."""
        for path in await asyncio.to_thread(planning.bench.files.known_plans):
            title = f"Open {safe(path.stem)}"
            item = _item(f"plan {path}", title, safe(str(path.parent)))
            self.offer(item, partial(planning.action_open_path, str(path)))
        if planning.shelf.is_loaded:
            places = (system_path(planning.bench.focused_path()), ("model", "profile"), ("site", "profile"))
            for kind, place in zip(KINDS, places, strict=True):
                for item in await asyncio.to_thread(planning.shelf.items, kind):
                    if item.problem:
                        continue
                    act = partial(planning.bench.editing.use, place, item.id)
                    title = f"Use {item.title}"
                    self.offer(_item(f"{kind} {item.id}", title, item.aside, mark=item.mark), act)
        for key, spec in FIELDS.by_key.items():
            title = f"Go to {spec.label}"
            self.offer(_item(f"field {key}", title, spec.help), partial(planning.action_go_field, key))
        self.show_more()

    def offer(self, item: PickItem, act: Act) -> None:
        """Put an entry behind those there are."""
        self.items.append(item)
        self.acts[item.id] = act

    def show_more(self) -> None:
        """Show what matches among the new entries too; the cursor stays on what it is on."""
        marked = self.marked()
        self.refill()
        places = [place for place, item in enumerate(self.matching) if item is marked]
        if places:
            self.query_one(OptionList).highlighted = places[0]

    def matches(self, words: list[str]) -> list[PickItem]:
        """Return what matches, titles before explanations; only actions while nothing is typed."""
        if not words:
            return self.actions
        return sorted(super().matches(words), key=lambda item: not _holds(item.title.lower(), words))

    def act(self, chosen: str | None) -> None:
        """Do what was chosen, on the screen that the palette lay over."""
        if chosen is not None:
            self.over.call_later(self.acts[chosen])


def _holds(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)


def _item(identifier: str, title: str, aside: str, *, mark: str = "", more: str = "") -> PickItem:
    search = f"{title} {aside} {more}".lower()
    return PickItem(identifier, title, aside, search=search, mark=mark)


def action_item(action: Action) -> PickItem:
    """Return the entry of an action, found by its title, its help, and other words for it."""
    title = f"{action.title}  ({action.key_label})" if action.key_label else action.title
    return _item(f"action {action.id}", title, action.help, more=action.also)
