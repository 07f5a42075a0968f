"""The comparison as a person drives it: adding, removing, choosing the pair, copying, at every width."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList, Static

from planner.app import comparing
from planner.app.actions import ALL_ACTIONS
from planner.app.comparing import Entry
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.drawing.comparison import table_lines
from planner.app.drawing.printed import printed_lines
from planner.app.palette import Palette
from planner.app.screen_actions import CLAIM_ACTIONS, COMPARE_ACTIONS
from planner.app.screens.claim import ClaimScreen
from planner.app.screens.compare import CompareScreen
from planner.app.screens.planning import PlanningScreen
from planner.catalog.catalog import Catalog
from planner.differences.compare import compare_plans
from planner.differences.diff import side_of
from planner.domain.plan import Plan
from planner.plans.plan_file import load_plan, save_plan
from planner.report.compare_document import comparison_document
from planner.report.markdown import markdown_text
from planner.report.page import Page as PrintedPage

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp, User


async def compare(user: User) -> CompareScreen:
    """Open the comparison from the planning screen."""
    await user.shown(PlanningScreen)
    await user.press("f3")
    screen = await user.shown(CompareScreen)
    await settled(user, screen)
    return screen


async def settled(user: User, screen: CompareScreen) -> None:
    await user.pause()
    await user.until(lambda: not screen.work.is_busy)


async def add(user: User, screen: CompareScreen, path: Path) -> None:
    await user.press("a")
    picker = await user.shown(Picker)
    picker.dismiss(str(path))
    await user.until(lambda: user.app.screen is screen)
    await settled(user, screen)


def text_of(screen: CompareScreen, selector: str) -> str:
    return str(getattr(screen.query_one(selector, Static).content, "plain", ""))


def plans_of(screen: CompareScreen) -> list[str]:
    return [str(getattr(option.prompt, "plain", "")) for option in screen.plans.options]


@pytest.fixture
def larger_path(home: Path, plan: Plan) -> Path:
    pool = plan.cluster.pools[0].model_copy(update={"count": 2048})
    larger = plan.model_copy(
        update={"name": "[red]larger[/", "cluster": plan.cluster.model_copy(update={"pools": (pool,)})}
    )
    path = home / "larger.toml"
    save_plan(path, larger, None)
    return path


async def test_one_plan_says_how_to_go_on(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as user:
        screen = await compare(user)
        assert "press a to put another beside it" in text_of(screen, "#compare-table").replace("\n", " ")
        await user.press("escape")
        await user.shown(PlanningScreen)


@pytest.mark.parametrize("size", [(80, 24), (160, 45)])
async def test_two_plans_with_the_best_marked_and_their_diff(
    open_app: OpenApp, larger_path: Path, size: tuple[int, int]
) -> None:
    async with open_app(size=size) as user:
        screen = await compare(user)
        await add(user, screen, larger_path)
        assert [row[:6] for row in plans_of(screen)] == ["A from", "B to  "]
        table = text_of(screen, "#compare-table")
        assert "\u25c6 best" in table
        assert "B larger" in table
        assert max(map(len, table.split("\n"))) <= size[0] - 4
        diff = text_of(screen, "#compare-diff")
        assert "pangu -> larger" in diff
        assert "WHY" in diff
        assert "+ name: [red]larger[/" in diff


async def test_unsaved_edits_count_and_the_baseline_stands_beside_them(open_app: OpenApp) -> None:
    async with open_app() as user:
        planning = user.planning
        await user.press("f8")
        pool = planning.session.plan.cluster.pools[0].model_copy(update={"count": 2048})
        cluster = planning.session.plan.cluster.model_copy(update={"pools": (pool,)})
        planning.bench.editing.take(planning.session.plan.model_copy(update={"cluster": cluster}), "more")
        screen = await compare(user)
        assert screen.pair == ("baseline", "current")
        assert any("changes not saved" in row for row in plans_of(screen))
        assert "1,024 -> 2,048" in text_of(screen, "#compare-diff")


async def test_the_pair_is_chosen_turned_round_and_copied(open_app: OpenApp, larger_path: Path) -> None:
    async with open_app() as user:
        screen = await compare(user)
        await add(user, screen, larger_path)
        await user.press("s")
        await settled(user, screen)
        assert "larger -> pangu" in text_of(screen, "#compare-diff")
        await user.press("home", "f")
        await settled(user, screen)
        assert "pangu -> larger" in text_of(screen, "#compare-diff")
        await user.press("enter")
        await settled(user, screen)
        assert "larger -> pangu" in text_of(screen, "#compare-diff")
        assert screen.outcome is not None
        assert screen.outcome.comparison is not None
        await user.press("Y")
        assert user.app.clipboard == markdown_text(comparison_document(screen.outcome.comparison))
        await user.press("y")
        assert "larger" in user.app.clipboard
        await user.press("f1")
        await user.shown(Page)


async def test_mouse_alone_opens_and_turns_the_diff(open_app: OpenApp, larger_path: Path) -> None:
    async with open_app() as user:
        screen = await compare(user)
        await add(user, screen, larger_path)
        await user.click("#compare-plans", offset=(6, 1))
        await settled(user, screen)
        assert "larger -> pangu" in text_of(screen, "#compare-diff")


async def test_plans_taken_out_and_put_in_again(open_app: OpenApp, larger_path: Path) -> None:
    async with open_app() as user:
        screen = await compare(user)
        await add(user, screen, larger_path)
        await user.press("x")
        await settled(user, screen)
        assert len(screen.entries) == 1
        await user.press("x")
        assert "No plan is left" in text_of(screen, "#compare-table")
        screen.add("current")
        screen.add(str(larger_path))
        await settled(user, screen)
        assert "pangu -> larger" in text_of(screen, "#compare-diff")
        await user.press("escape")
        await user.shown(PlanningScreen)
        again = await compare(user)
        assert [entry.label for entry in again.entries] == ["pangu", "larger"]


async def test_six_plans_at_most_each_in_a_block_that_fits(open_app: OpenApp, home: Path, plan: Plan) -> None:
    async with open_app(size=(80, 24)) as user:
        screen = await compare(user)
        for number in range(2, 8):
            pool = plan.cluster.pools[0].model_copy(update={"count": 512 * number})
            other = plan.model_copy(
                update={"cluster": plan.cluster.model_copy(update={"pools": (pool,)}), "name": f"n{number}"}
            )
            path = home / f"a-plan-with-a-name-that-is-long-{number}.toml"
            save_plan(path, other, None)
            if number < 7:
                screen.add(str(path))
        await settled(user, screen)
        assert screen.outcome is not None
        assert len(screen.outcome.sides) == 6
        table = text_of(screen, "#compare-table")
        assert table.count("chips  ") == 2
        assert max(map(len, table.split("\n"))) <= 76
        await user.press("a")
        await user.pause()
        assert user.app.screen is screen


async def test_a_bad_file_is_named_and_the_others_are_compared(
    open_app: OpenApp, home: Path, larger_path: Path
) -> None:
    (home / "bad.toml").write_text('name = "x"\nnonsense = 1\n', encoding="utf-8")
    (home / "[b]odd\x1b]0;x.toml").write_text("=", encoding="utf-8")
    async with open_app() as user:
        screen = await compare(user)
        await add(user, screen, home / "bad.toml")
        assert "Fewer than two of these plans" in text_of(screen, "#compare-table")
        await add(user, screen, home / "[b]odd\x1b]0;x.toml")
        await add(user, screen, home / "missing.toml")
        await add(user, screen, larger_path)
        assert [row[0] for row in plans_of(screen)] == ["A", "x", "x", "x", "B"]
        assert "bad.toml" in plans_of(screen)[1]
        assert "\x1b" not in "".join(plans_of(screen)) + text_of(screen, "#compare-table")
        assert "B larger" in text_of(screen, "#compare-table")
        screen.plans.highlighted = 1
        await user.press("enter")
        await settled(user, screen)
        assert "pangu -> larger" in text_of(screen, "#compare-diff")


async def test_a_long_comparison_is_stopped(
    open_app: OpenApp, larger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    estimated: list[str] = []

    def slow(entry_label: str, plan: Plan, catalog: object) -> object:
        estimated.append(entry_label)
        assert release.wait(20)
        return side_of(entry_label, plan, catalog)  # type: ignore[arg-type]  # the catalog, passed through

    monkeypatch.setattr(comparing, "side_of", slow)
    async with open_app() as user:
        screen = await compare(user)
        screen.add(str(larger_path))
        await user.until(lambda: "1 of 2" in screen.words)
        await user.press("escape")
        assert not screen.work.is_busy
        assert "stopped" in text_of(screen, "#compare-table")
        release.set()
        await user.worked("compare")
        assert screen.outcome is None
        assert estimated == ["pangu"]
        await user.press("r")
        await settled(user, screen)
        assert screen.outcome is not None


async def test_quitting_from_the_comparison_still_asks(open_app: OpenApp) -> None:
    async with open_app() as user:
        app = user.app
        planning = user.planning
        planning.bench.editing.take(planning.session.plan.model_copy(update={"name": "changed"}), "name")
        await compare(user)
        await user.press("ctrl+q")
        await user.shown(Question)
        assert app.is_running


def test_printed_lines_keep_text_and_read_no_markup() -> None:
    page = PrintedPage(60, is_coloured=True)
    page.line("~ ", ("[bold]x[/", "bad"), " then ", ("y", "good"))
    lines = printed_lines(page.text)
    assert [row.plain for row in lines] == ["~ [bold]x[/ then y"]
    assert [span.style for span in lines[0].spans] == ["bold $bad", "$good"]


@pytest.mark.parametrize("width", [40, 74, 120, 156])
def test_the_table_fits_and_says_best_in_words(
    shipped: Catalog, plan: Plan, larger_path: Path, width: int
) -> None:
    sides = [
        side_of("first", plan, shipped),
        side_of("second", load_plan(larger_path), shipped),
    ]
    lines = table_lines(compare_plans(sides), width)
    assert max(row.cell_length for row in lines) <= width
    # narrow terminals get a block for each plan
    days = [row.plain for row in lines if row.plain.startswith("training time")]
    assert "".join(days).count("\u25c6 best") == 1


def silent(_number: int, _label: str) -> None:
    return None


def test_an_entry_is_estimated_once(shipped: Catalog, plan: Plan) -> None:
    comparer = comparing.Comparer()
    entries = [Entry("current", "a", plan), Entry("baseline", "b", plan)]
    first = comparer.compare(entries, shipped, silent, lambda: False)
    second = comparer.compare(entries, shipped, silent, lambda: False)
    assert first.sides["current"] is second.sides["current"]
    changed = [Entry("current", "a", plan.model_copy(update={"name": "other"})), entries[1]]
    third = comparer.compare(changed, shipped, silent, lambda: False)
    assert third.sides["current"] is not first.sides["current"]


async def test_the_palette_opens_both_screens(open_app: OpenApp) -> None:
    async with open_app() as user:
        app = user.app
        await user.shown(PlanningScreen)
        offered = [action.id for action in ALL_ACTIONS if hasattr(app.screen, f"action_{action.id}")]
        assert {"compare_plans", "check_claim"} <= set(offered)
        assert "add_plan" not in offered
        await user.press("ctrl+p")
        await user.shown(Palette)
        await user.press(*"check")
        hits = app.screen.query_one(OptionList)
        await user.until(
            lambda: (
                hits.option_count > 0
                and "Check a claim" in str(getattr(hits.get_option_at_index(0).prompt, "plain", ""))
            ),
        )
        await user.press("enter")
        if isinstance(app.screen, Palette):
            await user.press("enter")
        await user.shown(ClaimScreen)


def test_every_action_of_the_tools_has_its_method_and_no_key_twice() -> None:
    for screen, actions in ((CompareScreen, COMPARE_ACTIONS), (ClaimScreen, CLAIM_ACTIONS)):
        keys = [key for action in actions for key in action.keys.split(",") if key]
        assert len(keys) == len(set(keys))
        for action in actions:
            assert callable(getattr(screen, f"action_{action.id}")), action.id
    assert len({action.id for action in ALL_ACTIONS}) == len(ALL_ACTIONS)


def test_opening_the_app_reads_nothing_of_the_tools() -> None:
    tools = ("planner.differences", "planner.claims")
    code = f"import sys, planner.app.app; print([n for n in sys.modules if n.startswith({tools})])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
