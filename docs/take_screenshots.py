"""Take the screenshots of the README: ``python docs/take_screenshots.py``, from real estimates."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from textual.screen import Screen

from planner.app.app import PlannerApp, open_session
from planner.app.browsing import Browsing
from planner.app.estimating import EngineEstimator
from planner.app.screens.compare import CompareScreen
from planner.app.screens.evidence import EvidenceScreen
from planner.app.screens.explore import ExploreScreen
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.app.screens.start import StartScreen
from planner.app.shelf import Shelf
from planner.catalog.catalog import Catalog
from planner.catalog.listing import list_folder
from planner.catalog.search_path import BUILT_IN, Folder

FOLDER = Path(__file__).parent
PLAN = FOLDER.parent / "saved_plans" / "pangu-ultra-135b-910b.toml"
#: Two ways to train one model.
COMPARED = PLAN.with_name("pangu-ultra-moe-718b-910b.toml")
RIVAL = PLAN.with_name("pangu-ultra-moe-718b-cloudmatrix.toml")
SIZES = ((160, 45), (80, 24))
#: The fonts that the drawing would fetch from the net; the reader's own do as well.
FETCHED_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


async def take(name: str, columns: int, rows: int) -> Path:
    """Open a screen at a size, wait until it is all there and keep the picture."""
    shot = SCREENS[name]
    # by a path from here: a detail shows where a profile lies, and that of this machine is nobody's business
    folder = Folder(Path("profiles"), BUILT_IN, is_built_in=True)
    shelf = Shelf(lambda: Catalog([list_folder(folder)]))
    app = PlannerApp(open_session(shot.plan), EngineEstimator(shelf), shelf)
    app.session.browsing = Browsing(here={"chips": "ascend-910b"})
    app.session.compared_paths = [RIVAL]
    async with app.run_test(size=(columns, rows)) as pilot:
        while shot.plan is not None and not is_planned(app.screen):
            await pilot.pause(0.05)
        await pilot.press(*shot.keys)
        while not shot.is_ready(app.screen):
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


def is_begun(screen: Screen[Any]) -> bool:
    """Whether the start screen lists what there is to open."""
    return isinstance(screen, StartScreen) and bool(screen.groups)


def is_whole(screen: Screen[Any]) -> bool:
    """Whether the plan's estimate and, where there is room, its sizes are there."""
    if not isinstance(screen, PlanningScreen) or screen.session.estimate is None:
        return False
    curve = screen.bench.curve
    return not curve.view.display or (curve.exploration is not None and bool(curve.exploration.done))


def is_compared(screen: Screen[Any]) -> bool:
    """Whether the plans are estimated and the diff is attributed."""
    return isinstance(screen, CompareScreen) and screen.diff is not None and not screen.work.is_busy


def is_explored(screen: Screen[Any]) -> bool:
    """Whether every system is answered, and what moves the days is told."""
    if not isinstance(screen, ExploreScreen):
        return False
    found = screen.exploration
    return ("ranking", "") in found.done and bool(found.tornados)


class Shot(NamedTuple):
    """What is pressed on which plan, and what all of it is there by."""

    keys: tuple[str, ...]
    is_ready: Callable[[Screen[Any]], bool]
    plan: Path | None = PLAN


SCREENS = {
    "start": Shot((), is_begun, None),
    "planning": Shot((), is_whole),
    "profiles": Shot(("f11",), is_listed),
    "evidence": Shot(("f5", "v"), is_predicted),
    "compare": Shot(("f3",), is_compared, COMPARED),
    "explore": Shot(("f7",), is_explored),
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
