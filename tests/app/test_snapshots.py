"""How the planning screen looks, held still: no profiles (whose texts change), no cursor, fixed dates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.app.conftest import estimate_by_hand
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.picker import Picker
from planner.app.draft_keeper import DraftKeeper
from planner.app.drawing.plot import Band, Curve, Plot, Point, Target
from planner.app.drawing.plot_axis import Axis
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.app.shelf import Shelf
from planner.app.themes import PLANNER_DARK, PLANNER_LIGHT, meaning_colours
from planner.app.widgets.plot_view import PlotView
from planner.catalog.catalog import Catalog
from planner.catalog.listing import list_folder
from planner.catalog.search_path import Folder

MakeApp = Callable[..., PlannerApp]


async def hold_still(pilot: Pilot[int], *keys: str) -> None:
    """Wait for the estimate, stop the cursors and press keys."""
    screen = next(screen for screen in pilot.app.screen_stack if isinstance(screen, PlanningScreen))
    await screen.bench.live.settled(60)
    for field in screen.query(Input):
        field.cursor_blink = False
    await pilot.press("f5", *keys)
    await pilot.pause()
    await screen.bench.live.settled(60)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_planning_screen(snap_compare: Any, make_app: MakeApp, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(has_profiles=False), terminal_size=size, run_before=hold_still)


def test_two_pools(snap_compare: Any, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    # whether a draft comes in time is the machine's affair
    monkeypatch.setattr(DraftKeeper, "be_late", lambda *_: None)

    async def add_pool(pilot: Pilot[int]) -> None:
        planning = next(screen for screen in pilot.app.screen_stack if isinstance(screen, PlanningScreen))
        planning.action_add_pool()
        await pilot.app.workers.wait_for_complete()
        await hold_still(pilot)

    assert snap_compare(make_app(has_profiles=False), terminal_size=(120, 40), run_before=add_pool)


def test_a_note(snap_compare: Any, make_app: MakeApp) -> None:
    async def open_note(pilot: Pilot[int]) -> None:
        await hold_still(pilot, "f6", "home", "enter")
        await pilot.pause()

    assert snap_compare(make_app(has_profiles=False), terminal_size=(80, 24), run_before=open_note)


#: Two chips of a team, so that the picture changes with the screen alone.
CHIP = """
id = "{id}"
name = "{name}"
vendor = "{vendor}"
platform = "cuda"
generation = "{id}"
notes = ["As quoted; not opened."]
[tdp_w]
value = "{power}"
kind = "memory"
[memory.capacity_bytes]
value = "{memory}"
kind = "derived"
note = "eight stacks"
chosen_because = "what software sees"
[[memory.capacity_bytes.rivals]]
value = "144 GB"
kind = "memory"
wrong_because = "that is what the stacks hold"
"""


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_profiles(snap_compare: Any, home: Path, plan_path: Path, size: tuple[int, int]) -> None:
    folder = home / "team" / "chips"
    folder.mkdir(parents=True)
    for chip in (("one", "One 96 GB", "A", "700 W", "96 GB"), ("two", "Two 141 GB", "B", "1 kW", "141 GB")):
        told = dict(zip(("id", "name", "vendor", "power", "memory"), chip, strict=True))
        (folder / f"{chip[0]}.toml").write_text(CHIP.format(**told))
    # a path from here: that of the test's own folder is another one each time
    catalog = Catalog([list_folder(Folder(Path("team"), "team"))])
    app = PlannerApp(open_session(plan_path), estimate_by_hand, Shelf(lambda: catalog))

    async def open_profiles(pilot: Pilot[int]) -> None:
        await hold_still(pilot, "f11")
        screen = pilot.app.screen
        assert isinstance(screen, ProfilesScreen)
        await screen.reading.settled(60)
        await screen.counting.settled(60)
        await pilot.press("space", "s")
        while not isinstance(pilot.app.screen, Picker):
            # its list is made in a thread
            await pilot.pause(0.01)
        await pilot.pause()
        await pilot.press(*"power", "enter")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=open_profiles)


class PlotApp(App[None]):
    """Shows a plot like that of days against size."""

    CSS = "PlotView { height: 1fr; border: round $secondary; }"

    def __init__(self) -> None:
        super().__init__()
        for theme in (PLANNER_DARK, PLANNER_LIGHT):
            self.register_theme(theme)
        self.theme = PLANNER_DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return meaning_colours(self.current_theme)

    def compose(self) -> ComposeResult:
        yield PlotView(id="plot")

    def on_mount(self) -> None:
        sizes = [32.0, 64.0, 92.0, 128.0, 256.0]
        days = [250.0, 130.0, 91.0, 70.0, 40.0]
        plot = Plot(
            Axis("systems", is_log=True),
            Axis("days"),
            curves=[Curve("median", sizes, days)],
            bands=[Band("P10..P90", sizes, [0.9 * day for day in days], [1.15 * day for day in days])],
            points=[
                Point(f"{size:.0f}", size, day, words=f"{size:.0f} systems: {day:.0f} days")
                for size, day in zip(sizes, days, strict=True)
            ],
            targets=[Target(107.0, "107 d"), Target(200.0, "power", axis="x")],
        )
        view = self.query_one(PlotView)
        view.show(plot)
        view.move_to("92")


@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_plot(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(PlotApp(), terminal_size=size)
