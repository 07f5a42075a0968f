"""Plans on disk from inside the app: saved, offered again after a crash, never silently overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from planner.app.app import PlannerApp
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.screens.planning import PlanningScreen
from planner.domain.plan import Plan
from planner.plans.drafts import find_draft, write_draft
from planner.plans.plan_file import file_state, load_plan, save_plan

MakeApp = Callable[..., PlannerApp]


async def until(pilot: Pilot[int], is_so: Callable[[], bool]) -> None:
    """Wait for something that a worker does."""
    for _ in range(500):
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
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))


async def edit_count(pilot: Pilot[int], screen: PlanningScreen, text: str = "512") -> None:
    screen.action_go_plan()
    await pilot.pause()
    await pilot.press("ctrl+u", *text)
    await pilot.pause()
    assert screen.session.is_dirty


async def test_save_writes_the_file_and_forgets_the_draft(make_app: MakeApp, plan_path: Path) -> None:
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await until(pilot, lambda: find_draft(plan_path) is not None)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen.session.is_dirty)
        assert load_plan(plan_path).cluster.pools[0].count == 512
        assert find_draft(plan_path) is None
        assert "saved pangu.toml" in str(screen.key_bar.content)


async def test_a_draft_is_kept_within_a_second_and_offered_again(make_app: MakeApp, plan_path: Path) -> None:
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await until(pilot, lambda: find_draft(plan_path) is not None)
    async with make_app().run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await shown(pilot, Question)
        await pilot.press("r")
        await until(pilot, lambda: screen.session.plan.cluster.pools[0].count == 512)
        assert screen.session.is_dirty
        await until(pilot, lambda: not screen.bench.live.is_busy)
        await pilot.press("ctrl+z")
        assert screen.session.plan.cluster.pools[0].count == 1024


async def test_a_draft_can_be_discarded(make_app: MakeApp, plan_path: Path, plan: Plan) -> None:
    write_draft(plan_path, plan.model_copy(update={"name": "from before"}))
    async with make_app().run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await shown(pilot, Question)
        await pilot.press("d")
        await until(pilot, lambda: find_draft(plan_path) is None)


async def test_quitting_with_unsaved_work_asks(make_app: MakeApp, plan_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("ctrl+q")
        await shown(pilot, Question)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert app.is_running
        await pilot.press("ctrl+q")
        await shown(pilot, Question)
        await pilot.press("s")
        await until(pilot, lambda: not app.is_running)
    assert load_plan(plan_path).cluster.pools[0].count == 512


async def test_discarding_leaves_the_file_as_it_was(make_app: MakeApp, plan_path: Path) -> None:
    app = make_app()
    before = plan_path.read_bytes()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("ctrl+q")
        await shown(pilot, Question)
        await pilot.press("d")
        await until(pilot, lambda: not app.is_running)
    assert plan_path.read_bytes() == before
    assert find_draft(plan_path) is None


async def test_quitting_saved_work_asks_nothing(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)


async def test_a_plan_changed_by_somebody_else_is_never_overwritten(
    make_app: MakeApp, plan_path: Path, plan: Plan
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        await pilot.press("ctrl+s")
        await shown(pilot, Question)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert load_plan(plan_path).notes == "theirs"
        assert screen.session.is_dirty
        await pilot.press("ctrl+s")
        await shown(pilot, Question)
        await pilot.press("m")
        await until(pilot, lambda: not screen.session.is_dirty)
        assert load_plan(plan_path).cluster.pools[0].count == 512


async def test_taking_theirs_opens_what_lies_on_disk(make_app: MakeApp, plan_path: Path, plan: Plan) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        await pilot.press("ctrl+s")
        await shown(pilot, Question)
        await pilot.press("t")
        await until(pilot, lambda: screen.session.plan.notes == "theirs")
        assert screen.session.plan.cluster.pools[0].count == 1024


async def test_a_change_on_disk_is_noticed_without_a_save(
    make_app: MakeApp, plan_path: Path, plan: Plan
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        screen.bench.watch_file()
        await until(pilot, lambda: len(app._notifications) == 1)
        assert "changed by somebody else" in next(iter(app._notifications)).message


async def test_comments_are_not_lost_without_a_word(make_app: MakeApp, plan_path: Path) -> None:
    plan_path.write_text("# why we chose this\n" + plan_path.read_text(encoding="utf-8"), encoding="utf-8")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("ctrl+s")
        await shown(pilot, Question)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert plan_path.read_text(encoding="utf-8").startswith("# why")


async def test_save_as_writes_another_file_and_works_on_there(
    make_app: MakeApp, plan_path: Path, home: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("f12")
        await shown(pilot, PathPrompt)
        app.screen.query_one(Input).value = str(home / "other")
        await pilot.press("enter")
        await until(pilot, lambda: not screen.session.is_dirty)
        assert load_plan(home / "other.toml").cluster.pools[0].count == 512
        assert load_plan(plan_path).cluster.pools[0].count == 1024
        assert screen.session.path == home / "other.toml"


async def test_open_lists_plans_and_takes_a_path(make_app: MakeApp, home: Path, plan: Plan) -> None:
    save_plan(home / "second.toml", plan.model_copy(update={"name": "second"}), None)
    (home / "broken.toml").write_text("name = 3", encoding="utf-8")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await pilot.press("ctrl+o")
        await shown(pilot, Picker)
        await pilot.press(*"second", "enter")
        await until(pilot, lambda: screen.session.plan.name == "second")
        await pilot.press("ctrl+o")
        await shown(pilot, Picker)
        app.screen.query_one(Input).value = str(home / "broken.toml")
        await pilot.press("enter")
        await until(pilot, lambda: type(app.screen).__name__ == "Page")
        await pilot.press("escape")
        assert screen.session.plan.name == "second"


async def test_switching_with_unsaved_work_asks(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("ctrl+o")
        await shown(pilot, Question)
        await pilot.press("c")
        await until(pilot, lambda: app.screen is screen)
        assert screen.session.is_dirty


async def test_a_read_only_folder_says_so_and_keeps_the_work(make_app: MakeApp, home: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("f12")
        await shown(pilot, PathPrompt)
        app.screen.query_one(Input).value = str(home / "no" / "such" / "folder")
        await pilot.press("enter")
        await until(pilot, lambda: type(app.screen).__name__ == "Page")
        await pilot.press("escape")
        assert screen.session.is_dirty


async def test_quitting_from_a_dialog_closes_it_first(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settled(pilot)
        await edit_count(pilot, screen)
        await pilot.press("f12")
        await shown(pilot, PathPrompt)
        await pilot.press("ctrl+q")
        await shown(pilot, Question)
        await pilot.press("ctrl+q", "escape")
        await until(pilot, lambda: app.screen is screen)
        assert app.is_running
