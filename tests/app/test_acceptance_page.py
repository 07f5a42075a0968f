"""What the cluster is accepted by opens over the plan, by its key and at both sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.conftest import MakeRealApp, OpenApp, User
from tests.app.test_palette_and_rush import run_command
from textual.widgets import Input, OptionList, Static

from planner.app.dialogs.acceptance import AcceptancePage
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.palette import Palette
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.key_bar import KeyBar


def told(user: User) -> str:
    # lines break where the window does
    return " ".join(str(user.app.screen.query_one("#page-text", Static).content).split())


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_schedule_opens_over_the_plan_and_leaves_it(
    open_app: OpenApp, make_real_app: MakeRealApp, size: tuple[int, int], tmp_path: Path
) -> None:
    async with open_app(make_real_app(), size=size) as user:
        before = user.planning.session.plan
        await user.press("f5", "a")
        page = await user.shown(AcceptancePage)
        await user.until(lambda: "percent" in told(user) and "costs" in told(user))
        assert "matmul" in told(user)
        await user.press("x")
        prompt = await user.shown(PathPrompt)
        sheet = tmp_path / f"terms-{size[0]}.md"
        prompt.query_one(Input).value = str(sheet)
        await user.press("enter")
        await user.until(sheet.exists)
        assert "matmul" in sheet.read_text(encoding="utf-8")
        await user.until(lambda: user.app.screen is page)
        await user.press("escape")
        await user.shown(PlanningScreen)
        assert user.planning.session.plan == before


async def test_the_palette_and_the_mouse_open_it_and_a_click_closes_it(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    async with open_app(make_real_app(), size=(160, 45)) as user:
        await user.until(lambda: user.planning.session.estimate is not None)
        await run_command(user, "acceptance threshold", "Acceptance")
        page = await user.shown(AcceptancePage)
        await user.until(lambda: "matmul" in told(user))
        await user.click(page.query_one("#page-text"))
        await user.shown(PlanningScreen)
        bar = user.planning.query_one("#key-bar", KeyBar)
        await user.click(bar, offset=(str(getattr(bar.render(), "plain", "")).index("commands"), 0))
        await user.shown(Palette)
        await user.press(*"burn-in")
        hits = user.app.screen.query_one(OptionList)
        await user.until(lambda: hits.option_count > 0)
        await user.click(hits, offset=(4, 1))
        await user.shown(AcceptancePage)
