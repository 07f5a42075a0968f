"""Take the screenshots of the README: ``python docs/take_screenshots.py``, from real estimates."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.screen import Screen

from planner.app.app import PlannerApp, open_session
from planner.app.browsing import Browsing
from planner.app.estimating import EngineEstimator
from planner.app.screens.evidence import EvidenceScreen
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.app.shelf import Shelf
from planner.catalog.catalog import Catalog
from planner.catalog.listing import list_folder
from planner.catalog.search_path import BUILT_IN, Folder

FOLDER = Path(__file__).parent
PLAN = FOLDER.parent / "saved_plans" / "pangu-ultra-135b-910b.toml"
SIZES = ((160, 45), (80, 24))
#: The fonts that the drawing would fetch from the net; the reader's own do as well.
FETCHED_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


async def take(name: str, columns: int, rows: int) -> Path:
    """Open a screen at a size, wait until it is all there and keep the picture."""
    keys, is_ready = SCREENS[name]
    # by a path from here: a detail shows where a profile lies, and that of this machine is nobody's business
    folder = Folder(Path("profiles"), BUILT_IN, is_built_in=True)
    shelf = Shelf(lambda: Catalog([list_folder(folder)]))
    app = PlannerApp(open_session(PLAN), EngineEstimator(shelf), shelf)
    app.session.browsing = Browsing(here={"chips": "ascend-910b"})
    async with app.run_test(size=(columns, rows)) as pilot:
        while not is_planned(app.screen):
            await pilot.pause(0.05)
        await pilot.press(*keys)
        while not is_ready(app.screen):
            await pilot.pause(0.05)
        await pilot.pause(0.2)
        picture = FETCHED_FONT.sub("", app.export_screenshot(title="planner"))
    path = FOLDER / f"{name}-{columns}x{rows}.svg"
    path.write_text(picture.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas"), "utf-8")
    return path


def is_planned(screen: Screen[Any]) -> bool:
    """Whether the plan's estimate is there."""
    return isinstance(screen, PlanningScreen) and screen.session.estimate is not None


def is_listed(screen: Screen[Any]) -> bool:
    """Whether the profiles and the plans that use them are there."""
    return isinstance(screen, ProfilesScreen) and screen.uses is not None and bool(screen.shown)


def is_predicted(screen: Screen[Any]) -> bool:
    """Whether all published runs are predicted."""
    return isinstance(screen, EvidenceScreen) and screen.evidence.is_whole and not screen.work.is_busy


#: By name: what is pressed on the plan, and what all of it is there by.
SCREENS: dict[str, tuple[tuple[str, ...], Callable[[Screen[Any]], bool]]] = {
    "planning": ((), is_planned),
    "profiles": (("f11",), is_listed),
    "evidence": (("f5", "v"), is_predicted),
}


def main() -> None:
    """Take all of them; no draft of the person who runs this is touched."""
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        os.chdir(FOLDER.parent)
        for name in SCREENS:
            for columns, rows in SIZES:
                print(asyncio.run(take(name, columns, rows)))


if __name__ == "__main__":
    main()
