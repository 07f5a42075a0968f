"""How the planning screen looks, held still: no profiles (whose texts change), no cursor, fixed dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from planner.app.app import PlannerApp
from planner.app.screens.planning import PlanningScreen

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


def test_two_pools(snap_compare: Any, make_app: MakeApp) -> None:
    async def add_pool(pilot: Pilot[int]) -> None:
        await hold_still(pilot, "f7")
        await hold_still(pilot)

    assert snap_compare(make_app(has_profiles=False), terminal_size=(120, 40), run_before=add_pool)


def test_a_note(snap_compare: Any, make_app: MakeApp) -> None:
    async def open_note(pilot: Pilot[int]) -> None:
        await hold_still(pilot, "f6", "home", "enter")
        await pilot.pause()

    assert snap_compare(make_app(has_profiles=False), terminal_size=(80, 24), run_before=open_note)
