"""Take the screenshots of the README: ``python docs/take_screenshots.py``, from real estimates."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from planner.app.app import PlannerApp, open_session
from planner.app.estimating import real_estimator
from planner.app.screens.planning import PlanningScreen
from planner.app.shelf import Shelf
from planner.catalog.catalog import load_catalog

FOLDER = Path(__file__).parent
PLAN = FOLDER.parent / "saved_plans" / "pangu-ultra-135b-910b.toml"
SIZES = ((160, 45), (80, 24))
#: The fonts that the drawing would fetch from the net; the reader's own do as well.
FETCHED_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


async def take(columns: int, rows: int) -> Path:
    """Open the app at a size, wait for the estimate and keep the picture."""
    shelf = Shelf(lambda: load_catalog(include_user=False))
    app = PlannerApp(open_session(PLAN), real_estimator(shelf), shelf)
    async with app.run_test(size=(columns, rows)) as pilot:
        screen = app.screen
        while not isinstance(screen, PlanningScreen) or screen.session.estimate is None:
            await pilot.pause(0.05)
            screen = app.screen
        await pilot.pause(0.2)
        picture = FETCHED_FONT.sub("", app.export_screenshot(title="planner"))
    path = FOLDER / f"planning-{columns}x{rows}.svg"
    path.write_text(picture.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas"), "utf-8")
    return path


def main() -> None:
    """Take all of them; no draft of the person who runs this is touched."""
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        for columns, rows in SIZES:
            print(asyncio.run(take(columns, rows)))


if __name__ == "__main__":
    main()
