"""A plan says what it is: begun under a name, empty or not; its name and notes are fields like others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.app.conftest import estimate_by_hand
from textual.widgets import Input, OptionList, Static, TextArea

from planner.app.actions import ACTIONS
from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.new_plan import Beginning, NewPlan
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.dialogs.text_page import TextPage
from planner.app.drawing.details import draw_details
from planner.app.drawing.headline import draw_summary, draw_tiles
from planner.app.drawing.pieces import View
from planner.app.flows.files import EMPTY, THIS_PLAN, begun, name_complaint, starts_of
from planner.app.palette import action_item
from planner.app.shelf import Shelf
from planner.catalog.catalog import load_catalog
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.plans.beginning import begun_from, empty_plan
from planner.plans.plan_file import load_plan
from planner.plans.shipped import list_plans, shipped_plans_folder

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User

COUNT = ("cluster", "pools", 0, "count")
SYSTEM = ("cluster", "pools", 0, "system")
NOTES = ("notes",)


def banner(user: User) -> str:
    return str(user.planning.query_one("#banner", Static).content)


async def test_an_empty_plan_says_what_it_lacks_until_it_lacks_nothing(
    open_app: OpenApp, make_real_app: MakeRealApp
) -> None:
    async with open_app(make_real_app(), size=(120, 40)) as user:
        screen = user.planning
        await user.press("ctrl+n")
        dialog = await user.shown(NewPlan)
        await user.press("enter")
        assert "must be filled in" in str(dialog.query_one("#new-note", Static).content)
        await user.press(*"Vela", "enter")
        await user.until(lambda: screen.session.plan == empty_plan("Vela"))
        await user.settled()
        assert "Vela" in str(screen.bench.title_bar.content)
        assert screen.focused is user.row(SYSTEM).control
        assert screen.results.figures() == ""
        assert screen.notes.query_one(OptionList).option_count == 0
        for expected in ("model (model.profile)", "tokens (", "system (", "count ("):
            assert expected in banner(user)
        use = screen.bench.editing.use
        use(("model", "profile"), "llama-2-7b")
        use(("workload", "tokens"), "1T")
        use(SYSTEM, "dgx-h100")
        use(COUNT, "4")
        await user.settled()
        assert banner(user) == ""
        assert "DAYS" in screen.results.figures()


async def test_a_plan_begun_from_this_one_asks_about_unsaved_work_first(
    open_app: OpenApp, plan: Plan
) -> None:
    async with open_app() as user:
        screen = user.planning
        await user.edit_count()
        mine = screen.session.plan
        await user.press("ctrl+n")
        await user.shown(NewPlan)
        await user.press(*"Ours", "down", "enter")
        await user.shown(Question)
        await user.press("d")
        await user.until(lambda: screen.session.plan.name == "Ours")
        assert screen.session.plan == begun_from(mine, "Ours")
        assert screen.session.path is None
        assert screen.session.is_dirty


def test_a_new_plan_starts_empty_from_this_one_or_from_an_example(plan: Plan) -> None:
    examples = list_plans()
    assert [item.id for item in starts_of(plan, examples)[:2]] == [EMPTY, THIS_PLAN]
    assert begun(Beginning("Ours", EMPTY), plan) == empty_plan("Ours")
    assert begun(Beginning("Ours", THIS_PLAN), plan) == begun_from(plan, "Ours")
    assert begun(Beginning("Ours", str(examples[0])), plan).name == "Ours"
    assert [bool(name_complaint(name)) for name in ("Ours", "", "a\x1b", "x" * 300)] == [False, *[True] * 3]


async def test_name_and_notes_are_edited_undone_and_shown_like_other_fields(open_app: OpenApp) -> None:
    async with open_app(size=(120, 40)) as user:
        screen = user.planning
        await user.type_into(("name",), "Vela 90B")
        assert "Vela 90B  pangu.toml" in str(screen.bench.title_bar.content).replace(" * unsaved", "")
        user.row(NOTES).control.focus()
        await user.press("enter")
        page = await user.shown(TextPage)
        page.query_one(TextArea).text = "of the vendor\nsecond line \x1b"
        await user.pause()
        await user.press("escape")
        assert "U+001B" in str(page.query_one("#long-text-note", Static).content)
        await user.press("ctrl+r")
        page.query_one(TextArea).text = "of the vendor\nsecond line"
        await user.press("escape")
        await user.until(lambda: screen.session.plan.notes == "of the vendor\nsecond line")
        assert user.row(NOTES).control.shown == "of the vendor second line"  # type: ignore[union-attr]
        await user.press("ctrl+z")
        assert screen.session.plan.notes == ""
        assert screen.session.plan.name == "Vela 90B"
        await user.press("ctrl+z")
        assert not screen.session.is_dirty


async def test_stale_is_said_everywhere_and_undo_takes_invalid_text_first(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = user.planning
        await user.type_into(COUNT, "512")
        await user.type_into(COUNT, "many")
        screen.bench.editing.use(("workload", "precision"), "fp8")
        await user.settled()
        # the text stands, so the numbers are of another plan than the fields say
        count = user.row(COUNT).control
        assert isinstance(count, Input)
        assert count.value == "many"
        for title in (screen.results.border_title, screen.notes.border_title):
            assert "stale: count is not valid" in str(title)
        assert screen.notes.has_class("-stale")
        await user.press("ctrl+z")
        assert (count.value, user.row(COUNT).error) == ("512", "")
        assert screen.session.plan.workload.precision == "fp8"
        for title in (screen.results.border_title, screen.notes.border_title):
            assert "stale" not in str(title)
        await user.press("ctrl+z")
        assert screen.session.plan.workload.precision == "bf16"
        await user.type_into(COUNT, "x")
        await user.press("escape")
        assert (count.value, user.row(COUNT).error) == ("512", "")


async def test_a_profile_that_is_left_out_is_told_with_its_reason(
    open_app: OpenApp, plan_path: Path, home: Path
) -> None:
    (home / "team" / "models").mkdir(parents=True)
    (home / "team" / "models" / "vela-90b.toml").write_text('id = "vela-90b"\nname = 3\n', encoding="utf-8")
    shelf = Shelf(lambda: load_catalog([home / "team"], include_user=False))
    async with open_app(PlannerApp(open_session(plan_path), estimate_by_hand, shelf)) as user:
        await user.until(lambda: "1 left out" in str(user.planning.bench.title_bar.content))
        user.row(("model", "profile")).control.focus()
        await user.press("enter")
        picker = await user.shown(Picker)
        await user.press(*"vela")
        detail = picker.query_one("#picker-detail-text", Static)
        await user.until(lambda: "name = 3" in " ".join(str(detail.content).split()))
        await user.press("enter")
        assert user.app.screen is picker
        await user.press(*"zz")
        await user.until(lambda: str(detail.content) == "")
        await user.press("ctrl+p")
        assert user.app.screen is picker
        told = [notification.message for notification in user.app._notifications]
        assert any("Close this first" in text for text in told)


def test_a_plan_of_several_pools_shows_how_they_train_together() -> None:
    mixed = load_plan(shipped_plans_folder() / "mixed-910b-a100.toml")
    view = View(mixed, estimate_plan(mixed, load_catalog(include_user=False)))
    assert "DAYS" in draw_tiles(view, 160)[0].plain
    assert draw_summary(view, 100)[0].plain.startswith("data:")
    text = "\n".join(row.plain for row in draw_details(view, 100, 60))
    assert "SPLIT over 2 pools" in text
    assert "> data" in text
    assert "% of the sum of rates lost; npu 768, gpu 2" in text
    assert "LAYOUT npu" in text
    assert "1.60 TB/s *" in text


@pytest.mark.parametrize("word", ["evidence", "export", "report", "rename", "delete", "left out", "cheapest"])
def test_the_palette_knows_other_words(word: str) -> None:
    assert any(word in action_item(action).search for action in ACTIONS)
