"""What the cluster is accepted by opens over the plan, by its key and at both sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.app.conftest import MakeRealApp, OpenApp, User
from textual.widgets import Input, Static

from planner.app.dialogs.acceptance import AcceptancePage
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.screens.planning import PlanningScreen


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
