"""Profiles that changed since a plan was pinned, pins written by a save, and conflicts with their diff."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button, Static

from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.page import Page
from planner.app.dialogs.question import Question
from planner.app.dialogs.report_page import ReportPage
from planner.app.estimating import real_estimator
from planner.app.screens.planning import PlanningScreen
from planner.app.shelf import Shelf
from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Pin, Plan
from planner.errors import FileError
from planner.estimate.estimate import estimate_plan
from planner.planning.drift import drift
from planner.planning.pins import pinned
from planner.plans.plan_file import file_state, load_plan, save_plan

MakeApp = Callable[..., PlannerApp]
MakeRealApp = Callable[[], PlannerApp]
CHIP = "chips/ascend-910b"


async def until(pilot: Pilot[int], is_so: Callable[[], bool]) -> None:
    for _ in range(800):
        await pilot.pause(0.01)
        if is_so():
            await pilot.pause()
            return
    raise AssertionError("it did not happen")


async def settled(pilot: Pilot[int]) -> PlanningScreen:
    app = pilot.app
    await until(pilot, lambda: any(isinstance(screen, PlanningScreen) for screen in app.screen_stack))
    screen = next(screen for screen in app.screen_stack if isinstance(screen, PlanningScreen))
    await until(pilot, lambda: screen.bench.live.revision > 0 and not screen.bench.live.is_busy)
    return screen


async def shown(pilot: Pilot[int], kind: type[Screen[Any]]) -> None:
    await until(pilot, lambda: type(pilot.app.screen) is kind)


async def asked(pilot: Pilot[int]) -> str:
    """Wait for a question that takes answers and return what it says."""
    await shown(pilot, Question)
    question = pilot.app.screen
    assert isinstance(question, Question)
    await until(pilot, lambda: question.takes_answers)
    return f"{question.question_title}\n{question.query_one('.dialog-text', Static).content}"


async def edit_count(pilot: Pilot[int], screen: PlanningScreen, text: str = "512") -> None:
    screen.action_go_plan()
    await pilot.pause()
    await pilot.press("ctrl+u", *text)
    await pilot.pause()
    assert screen.session.is_dirty


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture
def drifted(plan_path: Path, plan: Plan, catalog: Catalog) -> Plan:
    """Pin a plan to profiles whose chip had less memory and power than it has now."""
    now = pinned(plan, estimate_plan(plan, catalog), catalog)
    values = {**now.pins[CHIP].values, "tdp_w": "300W"}
    then = Pin(hash="0" * len(now.pins[CHIP].hash), values=values)
    old = now.model_copy(update={"pins": {**now.pins, CHIP: then}})
    save_plan(plan_path, old, file_state(plan_path))
    assert [item.field for item in drift(old, catalog)] == ["tdp_w"]
    return old


@pytest.fixture
def make_real_app(plan_path: Path, catalog: Catalog) -> MakeRealApp:
    """Make the app with the engine, and with the very catalog that the test looks at."""

    def make() -> PlannerApp:
        shelf = Shelf(lambda: catalog)
        return PlannerApp(open_session(plan_path), real_estimator(shelf), shelf)

    return make


def facility_w(screen: PlanningScreen) -> float:
    estimate = screen.session.estimate
    assert estimate is not None
    assert estimate.performance is not None
    assert estimate.performance.power.facility_w is not None
    return estimate.performance.power.facility_w.p50


@pytest.mark.usefixtures("drifted")
async def test_pinned_values_can_be_kept(make_real_app: MakeRealApp, plan_path: Path) -> None:
    async with make_real_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        text = await asked(pilot)
        assert CHIP in text
        assert "tdp_w 300" in text
        assert "at the meter" in text
        of_now = facility_w(screen)
        await pilot.press("k")
        await until(pilot, lambda: screen.shelf.keeps_pins)
        await until(pilot, lambda: not screen.bench.live.is_busy and facility_w(screen) != of_now)
        assert "pinned values" in str(screen.bench.title_bar.content)
        assert not screen.session.is_dirty
        before = load_plan(plan_path).pins
        await edit_count(pilot, screen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen.session.is_dirty)
        after = load_plan(plan_path).pins
        assert after[CHIP] == before[CHIP]


@pytest.mark.usefixtures("drifted")
async def test_new_values_can_be_taken(make_real_app: MakeRealApp, plan_path: Path, catalog: Catalog) -> None:
    async with make_real_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await asked(pilot)
        await pilot.press("t")
        await until(pilot, lambda: screen.session.is_dirty)
        assert "pinned values" not in str(screen.bench.title_bar.content)
        assert drift(screen.session.plan, catalog) == []
        assert drift(load_plan(plan_path), catalog)
        await until(pilot, lambda: not screen.bench.live.is_busy)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen.session.is_dirty)
        assert drift(load_plan(plan_path), catalog) == []


@pytest.mark.usefixtures("drifted")
async def test_later_changes_nothing_and_can_be_asked_for_again(
    make_real_app: MakeRealApp, plan_path: Path
) -> None:
    before = plan_path.read_bytes()
    async with make_real_app().run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        await asked(pilot)
        buttons = [button for button in pilot.app.screen.query(Button) if button.region.right <= 80]
        assert len(buttons) == 3
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert not screen.session.is_dirty
        assert not screen.shelf.keeps_pins
        screen.action_review_pins()
        await asked(pilot)
        await pilot.press("k")
        await until(pilot, lambda: screen.shelf.keeps_pins)
    assert plan_path.read_bytes() == before


@pytest.mark.usefixtures("drifted")
async def test_a_question_that_nobody_asked_for_takes_no_typed_letter(
    make_real_app: MakeRealApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a slow machine must not let the pause run out before the keys arrive
    monkeypatch.setattr("planner.app.dialogs.question.PAUSE_S", 60.0)
    async with make_real_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await shown(pilot, Question)
        question = pilot.app.screen
        assert isinstance(question, Question)
        assert not question.takes_answers
        await pilot.press("k", "escape", "enter")
        assert pilot.app.screen is question
        assert not screen.shelf.keeps_pins


async def test_kept_pins_end_with_the_next_plan(
    make_real_app: MakeRealApp, drifted: Plan, home: Path, plan: Plan
) -> None:
    assert drifted.pins
    save_plan(home / "other.toml", plan.model_copy(update={"name": "other"}), None)
    async with make_real_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await asked(pilot)
        await pilot.press("k")
        await until(pilot, lambda: screen.shelf.keeps_pins)
        screen.action_open_path(str(home / "other.toml"))
        await until(pilot, lambda: screen.session.plan.name == "other")
        assert not screen.shelf.keeps_pins


async def test_a_save_pins_what_the_estimate_used(
    make_real_app: MakeRealApp, plan_path: Path, catalog: Catalog
) -> None:
    async with make_real_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        assert type(pilot.app.screen) is PlanningScreen
        # saved at once: the pins wait for the estimate of what was typed
        await edit_count(pilot, screen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen.session.is_dirty)
        saved = load_plan(plan_path)
        assert saved.cluster.pools[0].count == 512
        assert saved.pins[CHIP].values["memory.capacity_bytes"] == "64 GB"
        assert saved == pinned(saved, estimate_plan(saved, catalog), catalog)
        screen.action_review_pins()
        await until(pilot, lambda: len(pilot.app._notifications) == 1)
        assert "No profile changed" in next(iter(pilot.app._notifications)).message


async def test_a_conflict_shows_its_diff_and_asks_again(
    make_real_app: MakeRealApp, plan_path: Path, plan: Plan
) -> None:
    async with make_real_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        theirs = plan.model_copy(update={"notes": "theirs"})
        save_plan(plan_path, theirs, file_state(plan_path))
        await pilot.press("ctrl+s")
        await asked(pilot)
        await pilot.press("d")
        await shown(pilot, ReportPage)
        text = pilot.app.screen.query_one("#page-text", Static)
        await until(pilot, lambda: "working it out" not in str(text.content))
        assert "pangu.toml on disk -> yours" in str(text.content)
        assert "count" in str(text.content)
        await pilot.press("escape")
        await asked(pilot)
        await pilot.press("t")
        await until(pilot, lambda: screen.session.plan == theirs)
        assert not screen.session.is_dirty
        await until(pilot, lambda: pilot.app.screen is screen and not screen.bench.live.is_busy)
        await pilot.press("ctrl+z")
        await until(pilot, lambda: screen.session.plan.cluster.pools[0].count == 512)
        assert load_plan(plan_path) == theirs


async def test_a_conflict_of_plans_that_cannot_run_is_shown_by_line(
    make_app: MakeApp, plan_path: Path, plan: Plan
) -> None:
    async with make_app(has_profiles=False).run_test(size=(80, 24)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        await pilot.press("ctrl+s")
        await asked(pilot)
        assert all(button.region.right <= 78 for button in pilot.app.screen.query(Button))
        await pilot.press("d")
        await shown(pilot, ReportPage)
        text = pilot.app.screen.query_one("#page-text", Static)
        await until(pilot, lambda: "Only the texts" in str(text.content))
        assert "+count = 512" in str(text.content)
        assert '-notes = "theirs"' in str(text.content)


async def test_a_file_that_is_no_plan_any_more_is_one_line_in_the_diff(
    make_app: MakeApp, plan_path: Path
) -> None:
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        plan_path.write_text("name = [", encoding="utf-8")
        await pilot.press("ctrl+s")
        await asked(pilot)
        await pilot.press("d")
        await shown(pilot, ReportPage)
        text = pilot.app.screen.query_one("#page-text", Static)
        await until(pilot, lambda: str(text.content).startswith("x "))
        await pilot.press("escape")
        await asked(pilot)
        await pilot.press("escape")
        assert screen.session.is_dirty


async def test_comments_of_others_are_named_before_they_are_lost(
    make_app: MakeApp, plan_path: Path, plan: Plan
) -> None:
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        plan_path.write_text("# ask Li first\n" + plan_path.read_text(encoding="utf-8"), encoding="utf-8")
        await pilot.press("ctrl+s")
        assert "loses the comments" in await asked(pilot)


async def test_save_as_onto_the_same_file_warns_of_its_comments(make_app: MakeApp, plan_path: Path) -> None:
    plan_path.write_text("# why we chose this\n" + plan_path.read_text(encoding="utf-8"), encoding="utf-8")
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("f12")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "PathPrompt")
        await pilot.press("enter")
        assert "comments written by hand" in await asked(pilot)


@pytest.mark.parametrize("has_draft", [True, False])
async def test_a_disk_that_takes_nothing_is_one_line_and_the_work_stays(
    make_app: MakeApp, plan_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_draft: bool
) -> None:
    def full(*_: object) -> None:
        raise FileError("pangu.toml: cannot be written: no space left on device")

    before = plan_path.read_bytes()
    monkeypatch.setattr("planner.app.flows.files.save_plan", full)
    if not has_draft:
        monkeypatch.setattr("planner.app.flows.drafts.write_draft", full)
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await until(pilot, lambda: "draft" in screen.key_bar.status)
        await pilot.press("ctrl+s")
        await shown(pilot, Page)
        page = pilot.app.screen
        assert isinstance(page, Page)
        text = "\n".join(line.plain for line in page.draw_lines(200))
        assert "no space left on device" in text
        assert ("with a draft" in text) == has_draft
        assert ("no draft can be kept" in text) != has_draft
        await pilot.press("escape")
        assert screen.session.is_dirty
        assert screen.session.plan.cluster.pools[0].count == 512
    assert plan_path.read_bytes() == before
