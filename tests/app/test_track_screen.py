"""A run against its plan on a screen: by key, by mouse and from the palette, at both sizes."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.app.test_palette_and_rush import run_command
from textual.widgets import Input, Static

from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.picker import Picker
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.track import TrackScreen

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User


@pytest.fixture
def log(home: Path) -> Path:
    """Forty days of a run with a line every six hours, beside the plan."""
    start = datetime.datetime(2026, 12, 14)
    rows = [
        f"{100 * number},{start + datetime.timedelta(hours=6 * number):%Y-%m-%d %H:%M:%S},200,419430400"
        for number in range(1, 160)
    ]
    path = home / "run.csv"
    path.write_text("step,time,seconds,tokens\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def told(screen: TrackScreen) -> str:
    return " ".join(str(screen.query_one("#track-text", Static).content).split())


async def tracked(user: User) -> TrackScreen:
    screen = await user.shown(TrackScreen)
    await user.until(lambda: screen.track is not None or bool(screen.problem))
    return screen


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_run_is_held_against_the_plan(
    open_app: OpenApp, make_real_app: MakeRealApp, log: Path, size: tuple[int, int]
) -> None:
    async with open_app(make_real_app(), size=size) as user:
        before = user.planning.session.plan
        await user.press("f5", "t")
        await user.shown(Picker)
        await user.press("enter")
        screen = await tracked(user)
        await user.until(lambda: "where it stands" in told(screen).lower())
        assert "than planned" in told(screen)
        drawn = "\n".join(line.plain for line in screen.plot.lines(*screen.plot.content_size))
        assert "now" in drawn
        assert "days since the first step" in drawn
        assert "\u25cf the run" in drawn, "told apart from the plan by a sign"
        room = screen.sheet.scrollable_content_region.width
        rows = [line.cell_length for line in screen.lines(room)]
        assert max(rows) <= room == screen.query_one("#track-text").content_size.width
        # a point by the arrows, and one by the mouse
        await user.press("right")
        await user.until(lambda: screen.plot.cursor is not None)
        first = screen.plot.cursor
        name, (column, row) = next(one for one in screen.plot.drawing.places.items() if one[0] != first)
        content = screen.plot.content_region.offset - screen.plot.region.offset
        await user.click(screen.plot, offset=(content.x + int(column), content.y + int(row)))
        await user.until(lambda: screen.plot.cursor == name)
        await user.press("f5")
        assert screen.focused is screen.sheet
        await user.press("x")
        prompt = await user.shown(PathPrompt)
        prompt.query_one(Input).value = str(log.with_name("so-far.md"))
        await user.press("enter")
        await user.until(log.with_name("so-far.md").exists)
        assert "tokens by week" in log.with_name("so-far.md").read_text(encoding="utf-8").lower()
        await user.until(lambda: user.app.screen is screen)
        await user.press("escape")
        await user.shown(PlanningScreen)
        assert user.planning.session.plan == before


async def test_the_palette_opens_it_and_a_folder_or_a_log_that_is_none_says_so(
    open_app: OpenApp, make_real_app: MakeRealApp, log: Path
) -> None:
    folder = log.with_name("logs")
    folder.mkdir()
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "1.csv").write_text("".join(lines[:80]), encoding="utf-8")
    (folder / "2.csv").write_text("".join(lines[:1] + lines[80:]), encoding="utf-8")
    (log.with_name("none.log")).write_text("nothing that a trainer prints\n", encoding="utf-8")
    async with open_app(make_real_app(), size=(120, 40)) as user:
        screen = user.planning
        await user.until(lambda: screen.session.estimate is not None)
        await run_command(user, "track the run", "Track the run")
        picker = await user.shown(Picker)
        picker.query_one(Input).value = str(folder)
        await user.press("enter")
        run = await tracked(user)
        assert run.track is not None
        assert run.track.progress.last_step == 15_900
        await user.press("o")
        picker = await user.shown(Picker)
        picker.query_one(Input).value = str(log.with_name("none.log"))
        await user.press("enter")
        await user.until(lambda: "no tool prints such lines" in told(run))
        assert "o opens other logs" in "\n".join(
            line.plain for line in run.plot.lines(*run.plot.content_size)
        )
        await user.press("escape")
        await user.shown(PlanningScreen)
