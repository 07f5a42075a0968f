"""Profiles that changed since a plan was pinned, pins written by a save, and conflicts with their diff."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Static

from planner.app.dialogs.page import Page
from planner.app.dialogs.question import Question
from planner.app.dialogs.report_page import ReportPage
from planner.app.screens.planning import PlanningScreen
from planner.catalog.catalog import Catalog
from planner.domain.plan import Pin, Plan
from planner.errors import FileError
from planner.estimate.estimate import estimate_plan
from planner.planning.drift import drift
from planner.planning.pins import pinned
from planner.plans.plan_file import file_state, load_plan, save_plan

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp

CHIP = "chips/ascend-910b"


@pytest.fixture
def catalog(shipped: Catalog) -> Catalog:
    return shipped


@pytest.fixture
def drifted(plan_path: Path, plan: Plan, catalog: Catalog) -> Plan:
    """Pin a plan to profiles whose chip had less memory and power than it has now."""
    now = pinned(plan, estimate_plan(plan, catalog).profiles, catalog)
    values = {**now.pins[CHIP].values, "tdp_w": "300W"}
    then = Pin(hash="0" * len(now.pins[CHIP].hash), values=values)
    old = now.model_copy(update={"pins": {**now.pins, CHIP: then}})
    save_plan(plan_path, old, file_state(plan_path))
    assert [item.field for item in drift(old, catalog)] == ["tdp_w"]
    return old


def facility_w(screen: PlanningScreen) -> float:
    estimate = screen.session.estimate
    assert estimate is not None
    assert estimate.figures is not None
    return estimate.figures.number("power.facility_w")


@pytest.mark.usefixtures("drifted")
async def test_pinned_values_can_be_kept(
    open_app: OpenApp, make_real_app: MakeRealApp, plan_path: Path
) -> None:
    async with open_app(make_real_app()) as user:
        screen = user.planning
        text = await user.asked()
        assert CHIP in text
        assert "tdp_w 300" in text
        assert "at the meter" in text
        of_now = facility_w(screen)
        await user.press("k")
        await user.until(lambda: screen.shelf.keeps_pins)
        await user.until(lambda: not screen.bench.live.is_busy and facility_w(screen) != of_now)
        assert "pinned values" in str(screen.bench.title_bar.content)
        assert not screen.session.is_dirty
        before = load_plan(plan_path).pins
        await user.edit_count()
        await user.press("ctrl+s")
        await user.saved()
        after = load_plan(plan_path).pins
        assert after[CHIP] == before[CHIP]


@pytest.mark.usefixtures("drifted")
async def test_new_values_can_be_taken(
    open_app: OpenApp, make_real_app: MakeRealApp, plan_path: Path, catalog: Catalog
) -> None:
    async with open_app(make_real_app()) as user:
        screen = user.planning
        await user.asked()
        await user.press("t")
        await user.until(lambda: screen.session.is_dirty)
        assert "pinned values" not in str(screen.bench.title_bar.content)
        assert drift(screen.session.plan, catalog) == []
        assert drift(load_plan(plan_path), catalog)
        await user.until(lambda: not screen.bench.live.is_busy)
        await user.press("ctrl+s")
        await user.saved()
        assert drift(load_plan(plan_path), catalog) == []


@pytest.mark.usefixtures("drifted")
async def test_later_changes_nothing_and_can_be_asked_for_again(
    open_app: OpenApp, make_real_app: MakeRealApp, plan_path: Path
) -> None:
    before = plan_path.read_bytes()
    async with open_app(make_real_app(), size=(80, 24)) as user:
        screen = user.planning
        await user.asked()
        buttons = [button for button in user.app.screen.query(Button) if button.region.right <= 80]
        assert len(buttons) == 3
        await user.press("escape")
        await user.until(lambda: user.app.screen is screen)
        assert not screen.session.is_dirty
        assert not screen.shelf.keeps_pins
        screen.action_review_pins()
        await user.asked()
        await user.press("k")
        await user.until(lambda: screen.shelf.keeps_pins)
    assert plan_path.read_bytes() == before


@pytest.mark.usefixtures("drifted")
async def test_a_question_that_nobody_asked_for_takes_no_typed_letter(
    open_app: OpenApp, make_real_app: MakeRealApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a slow machine must not let the pause run out before the keys arrive
    monkeypatch.setattr("planner.app.dialogs.question.PAUSE_S", 60.0)
    async with open_app(make_real_app()) as user:
        screen = user.planning
        await user.shown(Question)
        question = user.app.screen
        assert isinstance(question, Question)
        assert not question.takes_answers
        await user.press("k", "escape", "enter")
        assert user.app.screen is question
        assert not screen.shelf.keeps_pins


async def test_kept_pins_end_with_the_next_plan(
    open_app: OpenApp, make_real_app: MakeRealApp, drifted: Plan, home: Path, plan: Plan
) -> None:
    assert drifted.pins
    save_plan(home / "other.toml", plan.model_copy(update={"name": "other"}), None)
    async with open_app(make_real_app()) as user:
        screen = user.planning
        await user.asked()
        await user.press("k")
        await user.until(lambda: screen.shelf.keeps_pins)
        screen.action_open_path(str(home / "other.toml"))
        await user.until(lambda: screen.session.plan.name == "other")
        assert not screen.shelf.keeps_pins


async def test_a_save_pins_what_the_estimate_used(
    open_app: OpenApp, make_real_app: MakeRealApp, plan_path: Path, catalog: Catalog
) -> None:
    async with open_app(make_real_app()) as user:
        screen = user.planning
        assert type(user.app.screen) is PlanningScreen
        # saved at once: the pins wait for the estimate of what was typed
        await user.edit_count()
        await user.press("ctrl+s")
        await user.saved()
        saved = load_plan(plan_path)
        assert saved.cluster.pools[0].count == 512
        assert saved.pins[CHIP].values["memory.capacity_bytes"] == "64 GiB"
        assert saved == pinned(saved, estimate_plan(saved, catalog).profiles, catalog)
        screen.action_review_pins()
        await user.until(lambda: len(user.app._notifications) == 1)
        assert "No profile changed" in next(iter(user.app._notifications)).message


async def test_a_conflict_shows_its_diff_and_asks_again(
    open_app: OpenApp, make_real_app: MakeRealApp, plan_path: Path, plan: Plan
) -> None:
    async with open_app(make_real_app()) as user:
        screen = user.planning
        await user.edit_count()
        theirs = plan.model_copy(update={"notes": "theirs"})
        save_plan(plan_path, theirs, file_state(plan_path))
        await user.press("ctrl+s")
        await user.asked()
        await user.press("d")
        await user.shown(ReportPage)
        text = user.app.screen.query_one("#page-text", Static)
        await user.until(lambda: "working it out" not in str(text.content))
        assert "pangu.toml on disk -> yours" in str(text.content)
        assert "count" in str(text.content)
        await user.press("escape")
        await user.asked()
        await user.press("t")
        await user.until(lambda: screen.session.plan == theirs)
        assert not screen.session.is_dirty
        await user.until(lambda: user.app.screen is screen and not screen.bench.live.is_busy)
        await user.press("ctrl+z")
        await user.until(lambda: screen.session.plan.cluster.pools[0].count == 512)
        assert load_plan(plan_path) == theirs


async def test_a_conflict_of_plans_that_cannot_run_is_shown_by_line(
    open_app: OpenApp, plan_path: Path, plan: Plan
) -> None:
    async with open_app(has_profiles=False, size=(80, 24)) as user:
        await user.edit_count()
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        await user.press("ctrl+s")
        await user.asked()
        assert all(button.region.right <= 78 for button in user.app.screen.query(Button))
        await user.press("d")
        await user.shown(ReportPage)
        text = user.app.screen.query_one("#page-text", Static)
        await user.until(lambda: "Only the texts" in str(text.content))
        assert "+count = 512" in str(text.content)
        assert '-notes = "theirs"' in str(text.content)


async def test_a_file_that_is_no_plan_any_more_is_one_line_in_the_diff(
    open_app: OpenApp, plan_path: Path
) -> None:
    async with open_app() as user:
        screen = user.planning
        await user.edit_count()
        plan_path.write_text("name = [", encoding="utf-8")
        await user.press("ctrl+s")
        await user.asked()
        await user.press("d")
        await user.shown(ReportPage)
        text = user.app.screen.query_one("#page-text", Static)
        await user.until(lambda: str(text.content).startswith("x "))
        await user.press("escape")
        await user.asked()
        await user.press("escape")
        assert screen.session.is_dirty


async def test_comments_of_others_are_named_before_they_are_lost(
    open_app: OpenApp, plan_path: Path, plan: Plan
) -> None:
    async with open_app() as user:
        await user.edit_count()
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        plan_path.write_text("# ask Li first\n" + plan_path.read_text(encoding="utf-8"), encoding="utf-8")
        await user.press("ctrl+s")
        assert "loses the comments" in await user.asked()


async def test_save_as_onto_the_same_file_warns_of_its_comments(open_app: OpenApp, plan_path: Path) -> None:
    plan_path.write_text("# why we chose this\n" + plan_path.read_text(encoding="utf-8"), encoding="utf-8")
    async with open_app() as user:
        await user.edit_count()
        await user.press("f12")
        await user.until(lambda: type(user.app.screen).__name__ == "PathPrompt")
        await user.press("enter")
        assert "comments written by hand" in await user.asked()


@pytest.mark.parametrize("has_draft", [True, False])
async def test_a_disk_that_takes_nothing_is_one_line_and_the_work_stays(
    open_app: OpenApp, plan_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_draft: bool
) -> None:
    def full(*_: object, **_options: object) -> None:
        raise FileError("pangu.toml: cannot be written: no space left on device")

    before = plan_path.read_bytes()
    monkeypatch.setattr("planner.app.flows.files.save_plan", full)
    if not has_draft:
        monkeypatch.setattr("planner.plans.drafts.SessionDrafts.keep", full)
    async with open_app() as user:
        screen = user.planning
        await user.edit_count()
        said = "draft within 1 s" if has_draft else "no draft: pangu.toml: cannot be written"
        await user.until(lambda: screen.key_bar.status.startswith(said))
        await user.press("ctrl+s")
        await user.shown(Page)
        page = user.app.screen
        assert isinstance(page, Page)
        text = "\n".join(line.plain for line in page.draw_lines(200))
        assert "no space left on device" in text
        assert ("with a draft" in text) == has_draft
        assert ("no draft can be kept" in text) != has_draft
        await user.press("escape")
        assert screen.session.is_dirty
        assert screen.session.plan.cluster.pools[0].count == 512
    assert plan_path.read_bytes() == before
