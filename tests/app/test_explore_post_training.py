"""Explore on plans of post-training: mixes of systems for both pools, steps a day, what becomes the plan."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.app.test_explore_screen import rows_of, text_of, whole
from textual.widgets import Input

from planner.app import exploring
from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.report_page import ReportPage
from planner.app.dialogs.slot_form import SlotForm
from planner.app.estimating import EngineEstimator
from planner.app.exploration import Answer, Exploration
from planner.app.screens.compare import CompareScreen
from planner.app.screens.explore import ExploreScreen, open_explore
from planner.app.screens.planning import PlanningScreen
from planner.app.shelf import Shelf
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.exploring import curve
from planner.exploring.mixes import mix_id, systems_of_mix
from planner.exploring.post_answers import PostSize
from planner.exploring.post_systems import post_training_sizes, star_of
from planner.exploring.sensitivity import tornadoes
from planner.exploring.targets import Asked, targets_of
from planner.plans.shipped import shipped_plans_folder

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp, User

SPLIT, COLOCATED = "grpo-qwen3-32b-910c-h100", "grpo-qwen3-30b-a3b-h100"
#: One that generates better than the plan's own, one that learns better.
SYSTEMS = ("dgx-h200", "dgx-h100")
MIXES = ("atlas-800t-a3 + dgx-h100", "dgx-h200 + dgx-h100", "dgx-h100 + dgx-h100", "atlas-800t-a3 + dgx-h200")
#: What the best of both are together, once all of these are answered.
CROSSED = {"dgx-h200 + dgx-h200", "dgx-h100 + dgx-h200"}


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask few systems about few sizes, and move nothing by a step."""
    begin = Exploration.of

    def begun(plan: Plan, asked: Asked, readings: int) -> Exploration:
        found = begin(plan, asked, readings)
        found.systems = tuple(map(mix_id, star_of(plan, SYSTEMS)))
        return found

    monkeypatch.setattr(Exploration, "of", begun)
    monkeypatch.setattr(exploring, "tornadoes", partial(tornadoes, step=0.0))
    monkeypatch.setattr(curve, "_HALVINGS", 0)
    monkeypatch.setattr(curve, "_MORE", (2.0,))


def app_on(path: Path, shipped: Catalog) -> PlannerApp:
    shelf = Shelf(lambda: shipped)
    return PlannerApp(open_session(path), EngineEstimator(shelf), shelf)


async def ask_steps(user: User, screen: ExploreScreen, steps: str) -> None:
    await user.press("g")
    form = await user.shown(SlotForm)
    form.rows["steps"].query_one(Input).value = steps
    await user.press("ctrl+s")
    await user.shown(ExploreScreen)
    await whole(user, screen)


async def check_that_steps_are_asked_for(user: User, screen: ExploreScreen) -> None:
    """Without a pace nothing is ranked, both pools are drawn in step, and one key asks for it."""
    assert "steps a day" in text_of(screen, "#explore-answer")
    assert screen.exploration.measure == "days"
    plot = screen.plots.curve.plot
    assert plot is not None
    own = next(point for point in plot.points if point.id == "atlas-800t-a3 + dgx-h100 8 4")
    assert "this plan" in own.words
    assert own.x == 96.0
    assert own.words.startswith("8 x Atlas 800T A3")
    await user.press("g")
    form = await user.shown(SlotForm)
    await user.press("enter")
    assert "must be filled in" in form.rows["steps"].error
    await user.press("escape")
    await user.shown(ExploreScreen)


def check_ranking(screen: ExploreScreen, plan: Plan, catalog: Catalog) -> Answer:
    """The least power stands first, each as the command finds it; return it."""
    shown = screen.ranking.shown
    assert {answer.system_id for answer in shown} == {*MIXES, *CROSSED}
    powers = [answer.found.power_w for answer in shown if isinstance(answer, PostSize) and answer.found]
    assert len(powers) == len(shown)
    assert powers == sorted(power for power in powers if power is not None)
    best = shown[0]
    mix = systems_of_mix(best.system_id)
    (alone,) = post_training_sizes(plan, catalog, targets_of(plan, Asked(steps_per_day=40.0)), [mix])
    assert alone.counts == best.counts
    assert "6 mixes; least power first" in str(screen.ranking.border_subtitle)
    assert " + ".join(map(str, best.counts)) in rows_of(screen)[0]
    assert "P80 days" in text_of(screen, "#explore-header")
    assert "40.0 steps a day, at P80" in str(screen.ranking.border_title)
    return best


def check_pictures(screen: ExploreScreen) -> None:
    """Steps a day are drawn first, with what is asked across; the front tells mixes by their vendors."""
    assert screen.exploration.measure == "steps"
    assert screen.plots.curve.plot is not None
    assert "asked 40 steps a day" in [target.label for target in screen.plots.curve.plot.targets]
    assert "steps of a day" in text_of(screen, "#explore-swings")
    front = screen.plots.front.plot
    assert front is not None
    assert {"S", "N"} <= {point.sign.upper() for point in front.points}


async def test_mixes_are_ranked_for_steps_a_day_and_one_becomes_the_plan(
    open_app: OpenApp, shipped: Catalog
) -> None:
    async with open_app(app_on(shipped_plans_folder() / f"{SPLIT}.toml", shipped), size=(160, 45)) as user:
        session = user.planning.session
        before = session.plan
        open_explore(user.planning.bench, begin="ranking")
        screen = await user.shown(ExploreScreen)
        await whole(user, screen)
        await check_that_steps_are_asked_for(user, screen)
        await ask_steps(user, screen, "40")
        best = check_ranking(screen, before, shipped)
        check_pictures(screen)
        await user.press("f2", "down", "up")
        assert "proof not enough, " in text_of(screen, "#explore-answer")
        await user.press("w")
        page = await user.shown(ReportPage)
        await user.until(lambda: "one fewer" in text_of(page, "#page-text"))
        await user.press("escape", "Y")
        await user.until(lambda: "smallest pools" in user.app.clipboard)
        # words, and the order
        await user.press("slash", *"910c")
        await user.until(lambda: len(rows_of(screen)) == 2)
        await user.press("escape", "escape", "s")
        await user.until(lambda: "least money first" in str(screen.ranking.border_subtitle))
        await user.press("s", "s", "s", "home", "space", "m")
        compare = await user.shown(CompareScreen)
        assert [entry.label for entry in compare.entries][1].startswith(f"{best.counts[0]} x ")
        await user.until(lambda: not compare.work.is_busy)
        await user.press("escape")
        await user.shown(ExploreScreen)
        await user.press("home", "u")
        await user.shown(PlanningScreen)
        await user.until(lambda: session.plan != before)
        assert [pool.system for pool in session.plan.cluster.pools] == list(systems_of_mix(best.system_id))
        assert tuple(pool.count for pool in session.plan.cluster.pools) == best.counts
        assert session.plan.targets.steps_per_day == 40.0
        await user.settled()
        assert session.estimate is not None
        (verdict,) = session.estimate.targets
        assert verdict.target == "steps_per_day"
        assert verdict.verdict in ("met", "likely")
        await user.planning.action_undo()
        await user.until(lambda: session.plan == before)
        assert not session.undo_steps


async def test_one_pool_is_explored_as_a_training_is(
    open_app: OpenApp, shipped: Catalog, tmp_path: Path
) -> None:
    text = (shipped_plans_folder() / f"{COLOCATED}.toml").read_text(encoding="utf-8")
    path = tmp_path / "plan.toml"
    path.write_text(f"{text}\n[targets]\nsteps_per_day = 400\n", encoding="utf-8")
    async with open_app(app_on(path, shipped), size=(80, 24)) as user:
        session = user.planning.session
        await user.press("f7")
        screen = await user.shown(ExploreScreen)
        await user.press("f2")
        await whole(user, screen)
        answers = screen.exploration.answers
        assert set(answers) == set(SYSTEMS)
        assert all(isinstance(answer, PostSize) and answer.is_feasible for answer in answers.values())
        width = screen.ranking.rows.scrollable_content_region.width
        assert max(map(len, rows_of(screen))) <= width
        assert "steps/day" in text_of(screen, "#explore-header")
        # more than any count reaches says so, and how far the fastest gets
        await ask_steps(user, screen, "50000")
        assert "steps a day: the fastest tried" in rows_of(screen)[0]
        assert "x " in text_of(screen, "#explore-answer")
        # what is drawn is chosen as a row is
        await user.press("f3", "r", "right", "right")
        await whole(user, screen)
        sized = screen.sized()
        assert sized is not None
        await user.press("enter")
        await user.shown(PlanningScreen)
        await user.until(lambda: session.plan.cluster.pools[0].count == sized.count)
        assert session.plan.targets.steps_per_day == 50000.0
