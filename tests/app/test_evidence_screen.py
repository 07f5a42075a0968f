"""The evidence as a person drives it: plot and table, filters, one run in full, what is like the plan."""

from __future__ import annotations

import operator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input, Static

from planner.app.actions import BY_ID
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.evidence import predicted_again
from planner.app.screen_actions import EVIDENCE_ACTIONS
from planner.app.screens import evidence as module
from planner.app.screens.claim import ClaimScreen
from planner.app.screens.evidence import EvidenceScreen
from planner.app.screens.planning import PlanningScreen
from planner.catalog.catalog import Catalog
from planner.catalog.runs import RunSet, load_runs
from planner.domain.run import Run
from planner.report.run_rows import run_document
from planner.report.terminal import terminal_text
from planner.validation.predictions import class_band, step_shares

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User

#: So many runs are enough to look at, and are predicted in half a second.
SOURCES = ("pangu", "korthikanti", "megascale", "nemo2407", "tpu-recipes")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> RunSet[Run]:
    runs = tuple(run for run in load_runs().runs if run.source_key in SOURCES or "pangu" in run.id)
    assert 20 < len(runs) < 90
    found = RunSet(runs)
    monkeypatch.setattr(module, "load_runs", lambda: found)
    return found


async def evidence(user: User) -> EvidenceScreen:
    await user.shown(PlanningScreen)
    await user.press("f5", "v")
    screen = await user.shown(EvidenceScreen)
    await user.until(lambda: screen.evidence.is_whole and not screen.work.is_busy)
    return screen


def text_of(screen: Any, selector: str) -> str:
    return str(getattr(screen.query_one(selector, Static).content, "plain", ""))


def rows_of(screen: EvidenceScreen) -> list[str]:
    return [str(getattr(option.prompt, "plain", "")) for option in screen.runs.options]


def is_within_its_room(screen: EvidenceScreen) -> bool:
    """Whether neither the table nor the plot is wider than where it stands."""
    plot = text_of(screen, "#evidence-plot").split("\n")
    return (
        max(map(len, rows_of(screen))) <= screen.runs.scrollable_content_region.width
        and max(map(len, plot)) <= screen.plot.content_size.width
    )


async def test_runs_stand_on_the_plot_and_in_the_table_the_plan_s_kin_first(
    open_app: OpenApp, make_real_app: MakeRealApp, few: RunSet[Run]
) -> None:
    async with open_app(make_real_app(), size=(160, 45)) as user:
        screen = await evidence(user)
        assert screen.plot.plot is not None
        assert len(screen.plot.plot.points) == len(screen.shown) == len(rows_of(screen)) > 15
        near = screen.evidence.nearest()
        assert near[0] == "pangu-ultra-135b-8192"
        assert rows_of(screen)[0].startswith("\u25c6")
        assert "80 % of single, dense" in text_of(screen, "#evidence-plot")
        # the cursors go together
        await user.press("down", "down")
        assert screen.plot.cursor == screen.shown[2].id
        await user.press("f2", "right")
        await user.pause()
        assert screen.marked_id() == screen.plot.cursor
        await user.press("t")
        assert "measured" in text_of(screen, "#evidence-plot")
        await user.press("t", "enter")
        await user.shown(Page)
        await user.press("escape")
        await user.shown(EvidenceScreen)
        for size in ((80, 24), (120, 40), (200, 50), (60, 18)):
            await user.resize(*size, lambda: is_within_its_room(screen))


async def test_one_run_says_what_the_command_says(
    open_app: OpenApp, make_real_app: MakeRealApp, few: RunSet[Run], shipped: Catalog
) -> None:
    async with open_app(make_real_app(), size=(160, 45)) as user:
        screen = await evidence(user)
        await user.press("enter")
        page = await user.shown(Page)
        await user.until(lambda: "SOURCE" in text_of(page, "#page-text"))
        one = predicted_again(screen.shown[0].id, shipped)
        assert one is not None
        band = class_band(one.case.run.team, one.is_mixture)
        document = run_document(one, step_shares(one, shipped), band)
        width = page.query_one("#page-text").content_size.width
        assert text_of(page, "#page-text") == terminal_text(document, width=width).rstrip("\n")
        for heading in ("SOURCE", "CONFIGURATION", "ASSUMED", "PREDICTION", "STEP"):
            assert heading in text_of(page, "#page-text")


async def test_filters_order_and_the_claim_checker(
    open_app: OpenApp, make_real_app: MakeRealApp, few: RunSet[Run]
) -> None:
    async with open_app(make_real_app()) as user:
        screen = await evidence(user)
        whole = len(screen.shown)
        for key, words, said in (
            ("c", "a100-80-sxm", "chip"),
            ("o", "korthikanti", "source"),
            ("k", "vendor", "team"),
        ):
            await user.press(key)
            picker = await user.shown(Picker)
            picker.query_one(Input).value = words
            await user.pause()
            wanted = picker.matching[0].id
            await user.press("enter")
            await user.shown(EvidenceScreen)
            assert 0 < len(screen.shown) < whole
            assert {getattr(one, said) for one in screen.shown} == {wanted}
            await user.press(key)
            await user.shown(Picker)
            await user.press(*"all", "enter")
            await user.shown(EvidenceScreen)
            assert len(screen.shown) == whole
        await user.press("r")
        errors = [abs(one.error) for one in screen.shown]
        assert errors == sorted(errors, reverse=True)
        await user.press("slash", *"zzz")
        await user.until(lambda: "nothing matches" in text_of(screen, "#evidence-plot"))
        await user.press("escape", "escape")
        await user.until(lambda: len(screen.shown) == whole)
        await user.press("Y")
        assert screen.shown[0].id in user.app.clipboard
        await user.press("f1")
        page = await user.shown(Page)
        await user.until(lambda: "outside the 80 % band" in text_of(page, "#page-text"))
        await user.press("escape")
        await user.shown(EvidenceScreen)
        await user.press("f10")
        await user.shown(ClaimScreen)
        await user.press("escape")
        await user.shown(EvidenceScreen)
        await user.press("escape")
        await user.shown(PlanningScreen)
        # nothing is predicted twice
        screen = await evidence(user)
        assert len(screen.shown) == whole


async def test_each_action_is_reached_by_key_and_by_palette_and_rows_and_points_by_mouse(
    open_app: OpenApp, make_real_app: MakeRealApp, few: RunSet[Run]
) -> None:
    from tests.app.test_profiles_screen import reach_by_key, reach_by_palette

    async with open_app(make_real_app(), size=(160, 45)) as user:
        screen = await evidence(user)
        await user.click("#evidence-runs", offset=(4, 5))
        await user.shown(Page)
        assert screen.marked_id() == screen.shown[5].id
        await user.press("escape")
        await user.shown(EvidenceScreen)
        places = screen.plot.drawing.places
        x, y = next(place for name, place in places.items() if name != screen.plot.cursor)
        await user.click("#evidence-plot", offset=(int(x) + 2, int(y) + 1))
        await user.pause()
        assert screen.plot.cursor == screen.marked_id()
        reached: list[str] = []
        actions = (*EVIDENCE_ACTIONS, BY_ID["check_claim"])
        for action in actions:
            setattr(screen, f"action_{action.id}", partial(reached.append, action.id))
        for reach in (reach_by_key, reach_by_palette):
            for action in actions:
                reached.clear()
                await reach(user, action)
                await user.until(partial(operator.eq, reached, [action.id]))
