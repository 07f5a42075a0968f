"""The command palette's entries: every action of the registry, and every saved plan."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from planner.app.actions import ACTIONS, Action


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
            score = matcher.match(f"{title} {action.help}")
            if score > 0:
                yield Hit(
                    score, matcher.highlight(title), partial(self.act, action), text=title, help=action.help
                )

    def offered(self) -> list[Action]:
        """Return the actions that the screen below has."""
        return [action for action in ACTIONS if hasattr(self.screen, f"action_{action.id}")]

    def title(self, action: Action) -> str:
        """Return the action's title with its key."""
        return f"{action.title}  ({action.key_label})" if action.key_label else action.title
