"""The layouts of the plan: the table opens from the layout line, Enter pins one, undo takes it back."""

from __future__ import annotations

import pytest
from tests.app.conftest import MakeRealApp, OpenApp
from textual.widgets import OptionList, Static

from planner.app.dialogs.layouts import LayoutsPage
from planner.app.drawing.numbers_asked import Number
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.drawn import Drawn


def head(page: LayoutsPage) -> str:
    return str(page.query_one("#layouts-head", Static).content)


def rows(page: LayoutsPage) -> list[str]:
    options = page.query_one("#picker-list", OptionList)
    return [str(options.get_option_at_index(place).prompt) for place in range(options.option_count)]


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_the_table_opens_and_one_of_it_is_pinned_and_taken_back(
    open_app: OpenApp, make_real_app: MakeRealApp, size: tuple[int, int]
) -> None:
    async with open_app(make_real_app(), size=size) as user:
        screen = user.planning
        before = screen.session.plan
        await user.press("f5", "l")
        page = await user.shown(LayoutsPage)
        await user.until(lambda: bool(rows(page)))
        assert "tensor" in head(page)
        assert "step" in head(page)
        assert max(map(len, (head(page), *rows(page)))) <= size[0]
        await user.press("down", "enter")
        await user.shown(PlanningScreen)
        await user.until(lambda: screen.session.plan.strategy.mode == "given")
        await user.press("ctrl+z")
        await user.until(lambda: screen.session.plan == before)


async def test_escape_leaves_the_plan_as_it_is(open_app: OpenApp, make_real_app: MakeRealApp) -> None:
    async with open_app(make_real_app()) as user:
        before = user.planning.session.plan
        # as a click on the layout line, or Enter on the marked degree
        user.planning.post_message(Drawn.Asked(Number("strategy.tp")))
        await user.shown(LayoutsPage)
        await user.press("escape")
        await user.shown(PlanningScreen)
        assert user.planning.session.plan == before
