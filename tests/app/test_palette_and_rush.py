"""The command palette, and somebody who presses keys without looking."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList

from planner.app.palette import Palette

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp, User

KEYS = "tab shift+tab enter escape 1 8 k x b B y f1 f2 f4 f5 f6 f7 f8 ctrl+z ctrl+y ctrl+r ctrl+down up down"
KEYS += " backspace delete question_mark ctrl+p home end space pagedown left right"


async def run_command(user: User, typed: str, title: str) -> None:
    """Type into the palette, wait until a title stands first, and take it."""
    await user.press("ctrl+p")
    await user.shown(Palette)
    await user.press(*["space" if character == " " else character for character in typed])
    hits = user.app.screen.query_one(OptionList)

    def is_first() -> bool:
        shown = hits.get_option_at_index(0).prompt if hits.option_count else ""
        return title in str(getattr(shown, "plain", shown))

    await user.until(is_first)
    await user.press("enter")
    if isinstance(user.app.screen, Palette):
        await user.press("enter")
    await user.until(lambda: not isinstance(user.app.screen, Palette))


async def test_the_palette_runs_actions_and_uses_profiles(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = user.planning
        await run_command(user, "pin as base", "Pin as baseline")
        await user.until(lambda: screen.session.baseline is not None)
        await run_command(user, "use dgx h200", "Use DGX H200")
        await user.until(lambda: screen.session.plan.cluster.pools[0].system == "dgx-h200")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.exhaustive)])
@pytest.mark.paints
async def test_keys_pressed_at_random_break_nothing(open_app: OpenApp, seed: int) -> None:
    rush = random.Random(seed)
    async with open_app(size=(100, 30)) as user:
        app = user.app
        await user.settled()
        for _ in range(30 if seed == 1 else 500):
            await user.press(rush.choice(KEYS.split()))
        assert app.is_running
        assert app.return_code is None
