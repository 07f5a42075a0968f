"""Lists to choose from that narrow the list of profiles: a vendor, a state, a figure to sort by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from planner.app.browsing import Browsing
from planner.app.dialogs.picker import Picker
from planner.app.layer import Layer
from planner.app.shelf import PickItem
from planner.planning.uses import Named
from planner.report.profile_listing import Listed, sort_keys, title_of
from planner.text import safe

_ALL = "all"


class Narrowing:
    """Asks on a screen for what somebody wants to see, and shows it."""

    def __init__(self, screen: Layer[Named], browsing: Browsing, show: Callable[[], None]) -> None:
        self.screen = screen
        self.browsing = browsing
        #: shows what is wanted now
        self.show = show

    async def pick(self, what: str, title: str, names: Callable[[list[Listed]], list[str]]) -> None:
        """Ask for a maker or a state, and show only what has it."""
        found = self.browsing.found.get(self.browsing.kind, [])
        known = names(found)
        if not known:
            text = f"{self.browsing.kind.capitalize()} are told apart by nothing of the kind."
            self.screen.notify(text, markup=False)
            return
        items = [PickItem("", _ALL, f"{len(found)}", search=_ALL)]
        for name in known:
            count = sum(getattr(one, what) == name for one in found)
            items.append(PickItem(name, safe(name), f"{count}", search=name.lower()))
        chosen = await self.screen.choose_from(
            Picker(title, items, current=str(getattr(self.browsing.wish, what)))
        )
        if chosen is not None:
            self.browsing.want(**{what: chosen})
            self.show()

    async def pick_sort(self) -> None:
        """Ask for a figure, and sort by it."""
        found = self.browsing.found.get(self.browsing.kind, [])
        labels = await asyncio.to_thread(sort_keys, found)
        items = [PickItem("", "id", "as files are called", search="id name")]
        for key, label in labels.items():
            known = sum(one.figure_value(key) is not None for one in found)
            title = title_of(self.browsing.kind, key)
            aside = f"{known} of {len(found)} have it{f'; {title}' if title not in ('', label) else ''}"
            items.append(PickItem(key, safe(label), aside, search=f"{label} {title.lower()} {key}"))
        chosen = await self.screen.choose_from(Picker("Sort by", items, current=self.browsing.wish.sort))
        if chosen is not None:
            self.browsing.want(sort=chosen)
            self.show()
