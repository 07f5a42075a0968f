"""The command palette, and somebody who presses keys without looking."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import OptionList

from planner.app.app import PlannerApp
from planner.app.screens.planning import PlanningScreen

MakeApp = Callable[..., PlannerApp]
KEYS = "tab shift+tab enter escape 1 8 k x b B y f1 f2 f4 f5 f6 f7 f8 ctrl+z ctrl+y ctrl+r ctrl+down up down"
KEYS += " backspace delete question_mark ctrl+p home end space pagedown left right"


async def until(pilot: Pilot[int], is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        await pilot.pause(0.01)
        if is_so():
            await pilot.pause()
            return
    raise AssertionError("it did not happen")


async def planning(pilot: Pilot[int]) -> PlanningScreen:
    app = pilot.app
    await until(pilot, lambda: any(isinstance(screen, PlanningScreen) for screen in app.screen_stack))
    screen = next(screen for screen in app.screen_stack if isinstance(screen, PlanningScreen))
    await until(pilot, lambda: screen.bench.live.revision > 0 and not screen.bench.live.is_busy)
    return screen


async def run_command(pilot: Pilot[int], typed: str, title: str) -> None:
    """Type into the palette, wait until a title stands first, and take it."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    await pilot.press(*["space" if character == " " else character for character in typed])
    hits = pilot.app.screen.query_one(OptionList)

    def is_first() -> bool:
        shown = hits.get_option_at_index(0).prompt if hits.option_count else ""
        return title in str(getattr(shown, "plain", shown))

    await until(pilot, is_first)
    await pilot.press("enter")
    if isinstance(pilot.app.screen, CommandPalette):
        await pilot.press("enter")
    await until(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))


async def test_the_palette_runs_actions_and_uses_profiles(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await planning(pilot)
        await run_command(pilot, "pin as base", "Pin as baseline")
        await until(pilot, lambda: screen.session.baseline is not None)
        await run_command(pilot, "use dgx h200", "Use DGX H200")
        await until(pilot, lambda: screen.session.plan.cluster.pools[0].system == "dgx-h200")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.exhaustive)])
async def test_keys_pressed_at_random_break_nothing(make_app: MakeApp, seed: int) -> None:
    rush = random.Random(seed)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await planning(pilot)
        for _ in range(60 if seed == 1 else 500):
            await pilot.press(rush.choice(KEYS.split()))
        assert app.is_running
        assert app.return_code is None
