"""The command palette's entries: the actions of the registry, saved plans, and profiles to use."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from textual.command import DiscoveryHit, Hit, Hits, Provider

from planner.app.actions import ALL_ACTIONS, Action
from planner.app.pools import system_path
from planner.app.screens.planning import PlanningScreen
from planner.app.shelf import PickItem
from planner.text import safe


class ActionProvider(Provider):
    """Offers the actions of the screen below the palette."""

    def act(self, action: Action) -> None:
        """Run an action on the screen that the palette lies over."""
        self.screen.call_later(partial(self.screen.run_action, action.id))

    async def discover(self) -> Hits:
        """Offer everything while nothing is typed."""
        for action in self.offered():
            yield DiscoveryHit(self.title(action), partial(self.act, action), help=action.help)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for action in self.offered():
            title = self.title(action)
            # Few letters are found scattered in any long text: in the help they must stand together.
            score = matcher.match(title) or (0.1 if query.lower() in action.help.lower() else 0.0)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(title), partial(self.act, action), text=title, help=action.help
                )

    def offered(self) -> list[Action]:
        """Return the actions that the screen below has."""
        return [action for action in ALL_ACTIONS if hasattr(self.screen, f"action_{action.id}")]

    def title(self, action: Action) -> str:
        """Return the action's title with its key."""
        return f"{action.title}  ({action.key_label})" if action.key_label else action.title


class PlanProvider(Provider):
    """Offers the saved plans that match."""

    async def startup(self) -> None:
        """List them once for each time that the palette opens."""
        self.paths: list[Path] = []
        if isinstance(self.screen, PlanningScreen):
            self.paths = await asyncio.to_thread(self.screen.bench.files.known_plans)

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        for path in self.paths:
            title = f"Open {safe(path.stem)}"
            score = matcher.match(title)
            if score > 0 and isinstance(self.screen, PlanningScreen):
                act = partial(self.screen.action_open_path, str(path))
                yield Hit(score, matcher.highlight(title), act, text=title, help=safe(str(path.parent)))


class ProfileProvider(Provider):
    """Offers systems, models and sites to use in the plan."""

    async def startup(self) -> None:
        """Read their names once for each time that the palette opens."""
        self.items: list[tuple[str, PickItem]] = []
        if isinstance(self.screen, PlanningScreen) and self.screen.shelf.is_loaded:
            for kind in ("systems", "models", "sites"):
                found = await asyncio.to_thread(self.screen.shelf.items, kind)
                self.items += [(kind, item) for item in found]

    async def search(self, query: str) -> Hits:
        """Offer what matches."""
        matcher = self.matcher(query)
        screen = self.screen
        if not isinstance(screen, PlanningScreen):
            return
        paths = {
            "systems": system_path(screen.bench.focused_path()),
            "models": ("model", "profile"),
            "sites": ("site", "profile"),
        }
        for kind, item in self.items:
            title = f"Use {item.title}"
            score = matcher.match(title)
            if score > 0:
                act = partial(screen.bench.editing.use, paths[kind], item.id)
                aside = f"{item.aside}{', roadmap' if item.is_roadmap else ''}"
                yield Hit(score, matcher.highlight(title), act, text=title, help=aside)
