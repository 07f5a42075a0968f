"""Explore as a person drives it: the ranking, the curve, the front, the tornado, what becomes the plan."""

from __future__ import annotations

import datetime
import operator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input, Static

from planner.app import exploring
from planner.app.app import PlannerApp
from planner.app.dialogs.report_page import ReportPage
from planner.app.dialogs.slot_form import SlotForm
from planner.app.exploration import Answered, Exploration
from planner.app.screen_actions import EXPLORE_ACTIONS
from planner.app.screens.compare import CompareScreen
from planner.app.screens.explore import ExploreScreen, open_explore
from planner.app.screens.planning import PlanningScreen
from planner.app.session import Session
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan, Targets
from planner.exploring.sensitivity import tornadoes
from planner.exploring.sizes import SystemAnswer, ranked, sizes
from planner.exploring.targets import Asked, targets_of
from planner.plans.beginning import empty_plan

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User

#: One that meets the plan's targets, the plan's own, which draws too much, and one with dearer chips.
SYSTEMS = ("atlas-800t-a2", "gb200-nvl72", "dgx-h100")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask three systems, and move nothing by a step: seconds, not a minute."""
    begin = Exploration.of

    def begun(plan: Plan, asked: Asked, readings: int) -> Exploration:
        found = begin(plan, asked, readings)
        found.systems = SYSTEMS
        return found

    monkeypatch.setattr(Exploration, "of", begun)
    monkeypatch.setattr(exploring, "tornadoes", partial(tornadoes, step=0.0))


@pytest.fixture
def make_late_app(make_real_app: MakeRealApp) -> MakeRealApp:
    """Make the app on a plan with more time and less power than its system takes."""

    def make() -> PlannerApp:
        app = make_real_app()
        targets = Targets(finish_by=datetime.date(2027, 6, 30), power_mw=6.0)
        app.session.plan = app.session.saved_plan = app.session.plan.model_copy(update={"targets": targets})
        return app

    return make


def text_of(screen: Any, selector: str) -> str:
    return str(getattr(screen.query_one(selector, Static).content, "plain", ""))


def rows_of(screen: ExploreScreen) -> list[str]:
    return [str(getattr(option.prompt, "plain", "")) for option in screen.ranking.rows.options]


def is_within_its_room(screen: ExploreScreen) -> bool:
    """Whether neither the ranking, where it is seen, nor the bars are wider than where they stand."""
    ranked = max(map(len, rows_of(screen))) if screen.ranking.region.area > 0 else 0
    swings = max(map(len, text_of(screen, "#explore-swings").split("\n")))
    return ranked <= screen.ranking.rows.scrollable_content_region.width and swings <= max(
        20, screen.plots.tornado.scrollable_content_region.width
    )


async def whole(user: User, screen: ExploreScreen) -> None:
    """Wait until all is found out, and drawn."""
    await user.until(
        lambda: not screen.work.is_busy and screen.exploration.due() is None and screen.redraw is None
    )


async def explored(user: User) -> ExploreScreen:
    await user.shown(PlanningScreen)
    await user.press("f7")
    screen = await user.shown(ExploreScreen)
    await whole(user, screen)
    return screen


def check_pictures(screen: ExploreScreen, answers: list[SystemAnswer]) -> None:
    """The curve has the plan's own size on it and its deadline across, the front has each answer."""
    plot = screen.plots.curve.plot
    assert plot is not None
    own = next(point for point in plot.points if point.id == "atlas-800t-a2 1024")
    assert own.words.startswith("1,024 x ")
    assert "this plan" in own.words
    across = [(target.value, target.label) for target in plot.targets if target.axis == "y"]
    assert across == [(198.0, "deadline 198 days")]
    assert "power 6 MW" in text_of(screen, "#explore-curve")
    front = screen.plots.front.plot
    assert front is not None
    feasible = {f"{it.system_id} {it.count}" for it in answers if it.is_feasible}
    assert feasible <= {point.id for point in front.points}
    assert "days of training" in text_of(screen, "#explore-swings")


async def test_systems_are_ranked_as_the_command_ranks_them_and_enter_makes_one_the_plan(
    open_app: OpenApp, make_late_app: MakeRealApp, shipped: Catalog
) -> None:
    async with open_app(make_late_app(), size=(160, 45)) as user:
        session: Session = user.planning.session
        before = session.plan
        screen = await explored(user)
        targets = targets_of(before, Asked())
        found = [step for step in sizes(before, shipped, targets, SYSTEMS) if isinstance(step, SystemAnswer)]
        expected = ranked(found)
        assert [(it.system_id, it.nearest_counts) for it in screen.ranking.shown] == [
            (it.system_id, it.nearest_counts) for it in expected
        ]
        best = expected[0]
        assert best.count is not None
        assert f"{best.count:,}" in rows_of(screen)[0]
        # who cannot says by a sign and in words what binds
        assert rows_of(screen)[-1].startswith(" x")
        assert "power: " in rows_of(screen)[-1]
        assert "30 Jun 2027" in str(screen.ranking.border_title)
        check_pictures(screen, expected)
        # the proof stands under the systems, and in full behind w
        await user.press("f2", "down", "up")
        assert "proof the best of at most" in text_of(screen, "#explore-answer")
        await user.press("w")
        page = await user.shown(ReportPage)
        await user.until(lambda: "proof" in text_of(page, "#page-text"))
        await user.press("escape")
        await user.shown(ExploreScreen)
        # the curve is that of the system under the cursor
        await user.until(lambda: best.system_id in screen.exploration.curves)
        await whole(user, screen)
        assert screen.plots.curve.plot is not None
        assert all(point.id.startswith(best.system_id) for point in screen.plots.curve.plot.points)
        # beside the plan
        await user.press("home", "space", "m")
        compare = await user.shown(CompareScreen)
        assert [entry.label for entry in compare.entries][1].startswith(f"{best.count} x ")
        assert compare.entries[1].path is None
        await user.until(lambda: not compare.work.is_busy)
        await user.press("escape")
        await user.shown(ExploreScreen)
        await user.press("home", "enter")
        await user.shown(PlanningScreen)
        await user.until(lambda: session.plan != before)
        pool = session.plan.cluster.pools[0]
        assert (pool.system, pool.count) == (best.system_id, best.count)
        assert session.plan.name == f"{before.name}: {best.count:,} x {best.system_name}"
        assert session.plan.targets == before.targets
        await user.settled()
        await user.planning.action_undo()
        await user.until(lambda: session.plan == before)
        assert not session.undo_steps
        # nothing is found out twice
        await user.press("f7")
        again = await user.shown(ExploreScreen)
        assert not again.work.is_busy
        assert again.exploration is screen.exploration


async def test_measures_order_words_and_points(open_app: OpenApp, make_late_app: MakeRealApp) -> None:
    async with open_app(make_late_app(), size=(160, 45)) as user:
        screen = await explored(user)
        for key, measure, unit in (("p", "power", "MW"), ("c", "money", "M USD"), ("d", "days", "days")):
            await user.press(key)
            await whole(user, screen)
            assert screen.exploration.measure == measure
            assert screen.plots.curve.plot is not None
            assert screen.plots.curve.plot.y.title == unit
            assert measure in screen.exploration.tornados
        await user.press("x")
        assert screen.plots.front.plot is not None
        assert screen.plots.front.plot.x.title == "MW"
        await user.press("s")
        await user.until(lambda: "least money first" in str(screen.ranking.border_subtitle))
        await user.press("slash", *"gb200")
        await user.until(lambda: len(rows_of(screen)) == 1)
        await user.press("escape", "escape")
        await user.until(lambda: len(rows_of(screen)) == len(SYSTEMS))
        await user.press("Y")
        await user.until(lambda: "Smallest clusters for" in user.app.clipboard)
        # h stops what is under way, and goes on with it
        screen.exploration.curves.clear()
        screen.exploration.done.clear()
        await user.press("h")
        assert screen.exploration.is_held
        assert not screen.work.is_busy
        await user.press("h")
        await whole(user, screen)
        assert len(screen.exploration.curve_shown()) > 10
        # a click marks a row or a point, another one on it chooses it
        await user.click("#explore-rows", offset=(4, 1))
        await user.pause()
        assert screen.ranking.rows.highlighted == 1
        await whole(user, screen)
        name, (x, y) = next(
            (name, place)
            for name, place in screen.plots.curve.drawing.places.items()
            if name != screen.plots.curve.cursor
        )
        for _ in range(2):
            await user.click("#explore-curve", offset=(int(x) + 2, int(y) + 1))
            await user.pause()
        await user.shown(PlanningScreen)
        system, count = name.split()
        await user.until(lambda: user.planning.session.plan.cluster.pools[0].count == int(count))
        assert user.planning.session.plan.cluster.pools[0].system == system


async def test_without_a_deadline_one_key_asks_for_it_and_every_size_is_drawn(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    app = make_real_app()
    app.session.plan = app.session.plan.model_copy(update={"targets": Targets()})
    async with open_app(app, size=(120, 40)) as user:
        open_explore(user.planning.bench, begin="ranking")
        screen = await user.shown(ExploreScreen)
        assert screen.focused is screen.ranking.rows
        await whole(user, screen)
        assert "press g" in text_of(screen, "#explore-answer")
        assert not screen.ranking.shown
        assert screen.plots.curve.plot is not None
        # nothing to rank: the plots have the room
        assert screen.plots.region.height > 4 * screen.ranking.region.height
        await user.press("g")
        form = await user.shown(SlotForm)
        await user.press("enter")
        assert "must be filled in" in form.rows["by"].error
        await user.press(*"soon")
        await user.until(lambda: "is not a date" in form.rows["by"].error)
        form.rows["by"].query_one(Input).value = "120 days"
        form.rows["power"].query_one(Input).value = "8 MW"
        await user.until(lambda: not form.rows["by"].error)
        await user.press("ctrl+s")
        await user.shown(ExploreScreen)
        await user.until(lambda: len(screen.ranking.shown) == len(SYSTEMS))
        assert "within 120 days, within 8 MW" in str(screen.ranking.border_title)
        await whole(user, screen)
        for size in ((80, 24), (160, 45), (200, 50), (60, 18)):
            await user.pilot.resize_terminal(*size)
            for key, pane in (
                ("f2", "#explore-ranking"),
                ("f3", "#explore-curve"),
                ("f4", "#explore-front"),
                ("f5", "#explore-tornado"),
            ):
                await user.press(key)
                await user.pause()
                shown = screen.query_one(pane)
                assert shown.region.area > 0, (size, pane)
                assert shown.region.right <= size[0], (size, pane)
                assert shown.region.bottom <= size[1], (size, pane)
            await user.until(lambda: is_within_its_room(screen))
            # the names stand whole: over more lines where one is too short
            assert ".." not in text_of(screen, "#explore-swings").replace("P10..P90", "")
        # nothing that is said is read as markup
        screen.take_problem("cluster.pools[train]: [/")
        assert vars(screen.ranking)["_border_subtitle"].plain == "cluster.pools[train]: [/"


async def test_each_action_is_reached_by_key_and_by_palette(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    from tests.app.test_profiles_screen import reach_by_key, reach_by_palette

    async with open_app(make_real_app(), size=(160, 45)) as user:
        session = user.planning.session
        held = session.exploration = Exploration.of(session.plan, Asked(), user.planning.shelf.readings)
        held.is_held = True
        await user.press("f7")
        screen = await user.shown(ExploreScreen)
        reached: list[str] = []
        for action in EXPLORE_ACTIONS:
            setattr(screen, f"action_{action.id}", partial(reached.append, action.id))
        screen.ranking.rows.focus()
        for reach in (reach_by_key, reach_by_palette):
            for action in EXPLORE_ACTIONS:
                reached.clear()
                await reach(user, action)
                await user.until(partial(operator.eq, reached, [action.id]))


def test_a_plan_without_a_system_is_explored_from_its_first_answer() -> None:
    plan = empty_plan("Ours").model_copy(update={"targets": Targets(power_mw=5.0)})
    exploration = Exploration.of(plan, Asked(deadline_days=100.0), 0)
    assert exploration.due() == ("ranking", "")
    exploration.take(("ranking", "", Answered(SystemAnswer("dgx-h200", "DGX H200", None, None))))
    assert exploration.system == "dgx-h200"
    assert exploration.due() == ("curve", "dgx-h200")
    for work in ("curve", "ranking", "more"):
        exploration.take((work, "dgx-h200" if work == "curve" else "", None))
    # nothing moves in a plan that cannot be estimated
    assert exploration.due() is None
    assert exploration.targets is not None
    assert [limit.name for limit in exploration.targets.limits] == ["deadline_days"]
