"""What the cluster is accepted by opens over the plan, by its key and at both sizes."""

from __future__ import annotations

import pytest
from tests.app.conftest import MakeRealApp, OpenApp, User
from textual.widgets import Static

from planner.app.dialogs.report_page import ReportPage
from planner.app.screens.planning import PlanningScreen


def told(user: User) -> str:
    # lines break where the window does
    return " ".join(str(user.app.screen.query_one("#page-text", Static).content).split())


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_schedule_opens_over_the_plan_and_leaves_it(
    open_app: OpenApp, make_real_app: MakeRealApp, size: tuple[int, int]
) -> None:
    async with open_app(make_real_app(), size=size) as user:
        before = user.planning.session.plan
        await user.press("f5", "a")
        await user.shown(ReportPage)
        await user.until(lambda: "percent" in told(user) and "costs" in told(user))
        assert "matmul" in told(user)
        await user.press("escape")
        await user.shown(PlanningScreen)
        assert user.planning.session.plan == before
