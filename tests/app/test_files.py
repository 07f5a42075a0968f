"""Plans on disk from inside the app: saved, offered again after a crash, never silently overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, Static

from planner.app.dialogs.page import Page
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.flows import files
from planner.domain.plan import Plan
from planner.files.reading import typed_path
from planner.plans.drafts import SessionDrafts, find_drafts
from planner.plans.plan_file import file_state, load_plan, save_plan

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp


def leave_draft(path: Path | None, plan: Plan) -> None:
    """Leave the draft of a session that ended in a crash."""
    session = SessionDrafts()
    session.keep(lambda: (path, plan))
    session.release()


async def test_save_writes_the_file_and_forgets_the_draft(open_app: OpenApp, plan_path: Path) -> None:
    async with open_app() as user:
        screen = user.planning
        await user.edit_count()
        await user.until(lambda: bool(find_drafts(plan_path)))
        await user.press("ctrl+s")
        await user.saved()
        assert load_plan(plan_path).cluster.pools[0].count == 512
        assert not find_drafts(plan_path)
        assert "saved pangu.toml" in str(screen.key_bar.content)


async def test_a_draft_is_kept_within_a_second_and_offered_again(open_app: OpenApp, plan_path: Path) -> None:
    async with open_app() as user:
        screen = user.planning
        await user.edit_count()
        # an earlier one may be of the first digit
        await user.until(
            lambda: [draft.plan.cluster.pools[0].count for draft in find_drafts(plan_path)] == [512]
        )
    async with open_app() as user:
        screen = user.planning
        await user.shown(Question)
        await user.press("r")
        await user.until(lambda: screen.session.plan.cluster.pools[0].count == 512)
        assert screen.session.is_dirty
        await user.until(lambda: not screen.bench.live.is_busy)
        await user.press("ctrl+z")
        assert screen.session.plan.cluster.pools[0].count == 1024


async def test_a_draft_can_be_discarded(open_app: OpenApp, plan_path: Path, plan: Plan) -> None:
    leave_draft(plan_path, plan.model_copy(update={"name": "from before"}))
    async with open_app() as user:
        await user.settled()
        await user.shown(Question)
        await user.press("d")
        await user.until(lambda: not find_drafts(plan_path))


async def test_every_draft_of_a_crash_is_offered_and_no_living_sessions(
    open_app: OpenApp, plan_path: Path, plan: Plan
) -> None:
    for name in ("first", "second", "third"):
        leave_draft(plan_path, plan.model_copy(update={"name": name}))
    living = SessionDrafts()
    living.keep(lambda: (plan_path, plan.model_copy(update={"name": "of another window"})))
    async with open_app() as user:
        question = await user.shown(Question)
        await user.press("d")
        await user.until(lambda: user.app.screen is not question)
        await user.shown(Question)
        await user.press("r")
        await user.until(lambda: user.planning.session.plan.name == "second")
        await user.worked("file")
        names = [(draft.plan.name, draft.is_in_use) for draft in find_drafts(plan_path)]
        assert sorted(names) == [("first", False), ("of another window", True), ("second", True)]
        await user.press("ctrl+s")
        await user.saved()
        assert sorted(draft.plan.name for draft in find_drafts(plan_path)) == ["first", "of another window"]
    living.release()


async def test_the_draft_of_a_plan_without_a_file_is_offered(open_app: OpenApp, plan: Plan) -> None:
    leave_draft(None, plan.model_copy(update={"name": "never saved"}))
    async with open_app() as user:
        assert "'never saved', a plan without a file" in await user.asked()
        await user.press("r")
        await user.until(lambda: user.planning.session.plan.name == "never saved")
        assert user.planning.session.path is None


async def test_a_protected_file_is_asked_about_and_a_name_too_long_refused(
    open_app: OpenApp, plan_path: Path
) -> None:
    plan_path.chmod(0o444)
    async with open_app() as user:
        await user.edit_count()
        await user.press("ctrl+s")
        assert "has no write permission" in await user.asked()
        await user.press("a")
        prompt = await user.shown(PathPrompt)
        prompt.query_one(Input).value = "x" * 300
        await user.press("enter")
        assert "expected at most 255 bytes" in str(prompt.query_one("#path-note", Static).content)
        await user.press("escape")
        assert user.planning.session.is_dirty
        await user.press("ctrl+s")
        await user.asked()
        await user.press("r")
        await user.saved()
    assert load_plan(plan_path).cluster.pools[0].count == 512


async def test_quitting_with_unsaved_work_asks(open_app: OpenApp, plan_path: Path) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.edit_count()
        await user.press("ctrl+q")
        await user.shown(Question)
        await user.press("escape")
        await user.until(lambda: app.screen is screen)
        assert app.is_running
        await user.press("ctrl+q")
        await user.shown(Question)
        await user.press("s")
        await user.until(lambda: not app.is_running)
    assert load_plan(plan_path).cluster.pools[0].count == 512


async def test_discarding_leaves_the_file_as_it_was(open_app: OpenApp, plan_path: Path) -> None:
    before = plan_path.read_bytes()
    async with open_app() as user:
        app = user.app
        await user.edit_count()
        await user.press("ctrl+q")
        await user.shown(Question)
        await user.press("d")
        await user.until(lambda: not app.is_running)
    assert plan_path.read_bytes() == before
    assert not find_drafts(plan_path)


async def test_quitting_saved_work_asks_nothing(open_app: OpenApp, plan_path: Path) -> None:
    async with open_app() as user:
        app = user.app
        await user.edit_count()
        await user.until(lambda: bool(find_drafts(plan_path)))
        # taken back a moment before: its draft must not outlive it
        await user.press("ctrl+z", "ctrl+q")
        await user.until(lambda: not app.is_running)
    assert not find_drafts(plan_path)


async def test_a_plan_changed_by_somebody_else_is_never_overwritten(
    open_app: OpenApp, plan_path: Path, plan: Plan
) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.edit_count()
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        await user.press("ctrl+s")
        await user.shown(Question)
        await user.press("escape")
        await user.until(lambda: app.screen is screen)
        assert load_plan(plan_path).notes == "theirs"
        assert screen.session.is_dirty
        await user.press("ctrl+s")
        await user.shown(Question)
        await user.press("m")
        await user.saved()
        assert load_plan(plan_path).cluster.pools[0].count == 512


async def test_taking_theirs_opens_what_lies_on_disk(open_app: OpenApp, plan_path: Path, plan: Plan) -> None:
    async with open_app() as user:
        screen = user.planning
        await user.edit_count()
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        await user.press("ctrl+s")
        await user.shown(Question)
        await user.press("t")
        await user.until(lambda: screen.session.plan.notes == "theirs")
        assert screen.session.plan.cluster.pools[0].count == 1024
        await user.until(lambda: not find_drafts(plan_path))


async def test_a_change_on_disk_is_noticed_without_a_save(
    open_app: OpenApp, plan_path: Path, plan: Plan
) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        save_plan(plan_path, plan.model_copy(update={"notes": "theirs"}), file_state(plan_path))
        screen.bench.watch_file()
        await user.until(lambda: len(app._notifications) == 1)
        assert "changed by somebody else" in next(iter(app._notifications)).message


async def test_comments_are_not_lost_without_a_word(open_app: OpenApp, plan_path: Path) -> None:
    plan_path.write_text("# why we chose this\n" + plan_path.read_text(encoding="utf-8"), encoding="utf-8")
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.edit_count()
        await user.press("ctrl+s")
        await user.shown(Question)
        await user.press("escape")
        await user.until(lambda: app.screen is screen)
        assert plan_path.read_text(encoding="utf-8").startswith("# why")


async def test_save_as_writes_another_file_and_works_on_there(
    open_app: OpenApp, plan_path: Path, home: Path
) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.edit_count()
        await user.press("f12")
        await user.shown(PathPrompt)
        app.screen.query_one(Input).value = str(home / "other")
        await user.press("enter")
        await user.saved()
        assert load_plan(home / "other.toml").cluster.pools[0].count == 512
        assert load_plan(plan_path).cluster.pools[0].count == 1024
        assert screen.session.path == home / "other.toml"


async def test_open_lists_plans_and_takes_a_path(open_app: OpenApp, home: Path, plan: Plan) -> None:
    save_plan(home / "second.toml", plan.model_copy(update={"name": "second"}), None)
    (home / "broken.toml").write_text("name = 3", encoding="utf-8")
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.press("ctrl+o")
        await user.shown(Picker)
        await user.press(*"second", "enter")
        await user.until(lambda: screen.session.plan.name == "second")
        await user.press("ctrl+o")
        await user.shown(Picker)
        app.screen.query_one(Input).value = str(home / "broken.toml")
        await user.press("enter")
        await user.shown(Page)
        await user.press("escape")
        assert screen.session.plan.name == "second"


async def test_switching_with_unsaved_work_asks(open_app: OpenApp) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.edit_count()
        await user.press("ctrl+o")
        await user.shown(Question)
        await user.press("c")
        await user.until(lambda: app.screen is screen)
        assert screen.session.is_dirty


async def test_what_was_to_be_left_keeps_its_draft_until_it_is(open_app: OpenApp, plan_path: Path) -> None:
    async with open_app() as user:
        await user.edit_count()
        await user.until(lambda: bool(find_drafts(plan_path)))
        await user.press("ctrl+o")
        await user.shown(Question)
        await user.press("d")
        await user.shown(Picker)
        # no other plan is opened: a kill must not lose the one that is open still
        await user.press("escape")
        await user.worked("file")
        assert user.planning.session.is_dirty
        assert find_drafts(plan_path)


@pytest.mark.parametrize("step", ["save_plan", "open_plan"])
async def test_what_is_typed_while_files_are_read_and_written_is_asked_about(
    open_app: OpenApp, plan_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async with open_app() as user:
        session = user.planning.session
        plainly = getattr(files, step)

        def type_meanwhile(*arguments: object, **options: object) -> object:
            monkeypatch.setattr(files, step, plainly)
            later = session.plan.model_copy(update={"name": "typed meanwhile"})
            user.app.call_from_thread(session.edit, later, "name", "")
            return plainly(*arguments, **options)

        monkeypatch.setattr(files, step, type_meanwhile)
        if step == "save_plan":
            await user.edit_count()
            await user.press("ctrl+q")
            await user.asked()
            await user.press("s")
            await user.until(lambda: session.plan.name == "typed meanwhile")
        else:
            user.planning.action_open_path(str(plan_path))
        assert "'typed meanwhile' has changes not saved" in await user.asked()
        assert session.plan.name == "typed meanwhile"
        assert user.app.is_running


async def test_a_folder_whose_name_is_too_long_is_no_bug(open_app: OpenApp, home: Path) -> None:
    async with open_app() as user:
        await user.press("f12")
        prompt = await user.shown(PathPrompt)
        prompt.query_one(Input).value = str(home / ("x" * 3000) / "plan")
        await user.press("enter")
        await user.shown(Page)
        assert user.app.is_running


def test_a_home_of_nobody_stays_as_it_was_typed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    assert typed_path("~nobody-has-this-name/x") == Path("~nobody-has-this-name/x")
    assert typed_path("~/x") == home / "x"


async def test_a_read_only_folder_says_so_and_keeps_the_work(open_app: OpenApp, home: Path) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.edit_count()
        await user.press("f12")
        await user.shown(PathPrompt)
        app.screen.query_one(Input).value = str(home / "no" / "such" / "folder")
        await user.press("enter")
        await user.shown(Page)
        await user.press("escape")
        assert screen.session.is_dirty
        await user.press("f12")
        await user.shown(PathPrompt)
        # typed once is enough
        assert app.screen.query_one(Input).value == str(home / "no" / "such" / "folder.toml")


async def test_quitting_from_a_dialog_closes_it_first(open_app: OpenApp) -> None:
    async with open_app() as user:
        app = user.app
        screen = user.planning
        await user.edit_count()
        await user.press("f12")
        await user.shown(PathPrompt)
        await user.press("ctrl+q")
        await user.shown(Question)
        await user.press("ctrl+q", "escape")
        await user.until(lambda: app.screen is screen)
        assert app.is_running
