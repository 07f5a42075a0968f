"""The screen of profiles as a person drives it: find, sort, read, use in the plan, hold side by side."""

from __future__ import annotations

import operator
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from planner.app.action import Action
from planner.app.browsing import KINDS
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.palette import Palette
from planner.app.screen_actions import FORM_ACTIONS, PROFILE_ACTIONS
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.catalog.catalog import Catalog
from planner.domain.system import System
from planner.report.profile_document import profile_document
from planner.report.profile_listing import Listed
from planner.report.terminal import terminal_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.app.conftest import OpenApp, User

    from planner.domain.plan import Plan
WIDTHS = [(80, 24), (120, 40), (160, 45), (200, 50)]


async def profiles(user: User) -> ProfilesScreen:
    """Open the profiles from the planning screen."""
    await user.shown(PlanningScreen)
    await user.press("f11")
    screen = await user.shown(ProfilesScreen)
    await ready(user, screen)
    await user.until(lambda: screen.uses is not None)
    return screen


async def ready(user: User, screen: ProfilesScreen) -> None:
    await user.until(lambda: screen.browsing.kind in screen.browsing.found and not screen.reading.is_busy)


async def turn_to(user: User, screen: ProfilesScreen, kind: str) -> None:
    while screen.browsing.kind != kind:
        await user.press("right")
    await ready(user, screen)


async def find(user: User, screen: ProfilesScreen, kind: str, identifier: str) -> None:
    """Put the cursor on a profile, by the words that somebody would type."""
    await turn_to(user, screen, kind)
    await user.press("slash")
    screen.filter.value = identifier
    await user.press("enter")
    place = next(place for place, one in enumerate(screen.shown) if one.id == identifier)
    screen.rows.highlighted = place
    await user.until(lambda: (one := screen.marked()) is not None and one.id == identifier)


def text_of(screen: Screen[Any], selector: str) -> str:
    return str(getattr(screen.query_one(selector, Static).content, "plain", ""))


def rows_of(screen: ProfilesScreen) -> list[str]:
    return [str(getattr(option.prompt, "plain", "")) for option in screen.rows.options]


def is_within_its_room(screen: ProfilesScreen) -> bool:
    """Whether neither the list nor the detail is wider than where it stands."""
    detail = text_of(screen, "#profile-text").split("\n")
    return (
        max(map(len, rows_of(screen))) <= screen.rows.scrollable_content_region.width
        and max(map(len, detail)) <= screen.query_one("#profile-detail").scrollable_content_region.width
    )


async def test_each_kind_is_listed_and_fits_at_each_size(open_app: OpenApp) -> None:
    async with open_app(size=WIDTHS[0]) as user:
        screen = await profiles(user)
        for kind in KINDS:
            await turn_to(user, screen, kind)
            assert len(rows_of(screen)) == len(screen.browsing.found[kind]) > 10
        for size in WIDTHS:
            await user.resize(*size, lambda: is_within_its_room(screen))
            for kind in KINDS:
                await turn_to(user, screen, kind)
                await user.until(lambda: is_within_its_room(screen))
                assert f"[{kind}" in text_of(screen, "#profiles-kinds")
                assert len(text_of(screen, "#profile-text").split("\n")) > 3


async def test_a_list_that_comes_late_is_not_taken_for_another_kind(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(size=WIDTHS[0]) as user:
        screen = await profiles(user)
        read, may_go = screen.browsing.read, threading.Event()

        def read_late(kind: str, catalog: Catalog) -> list[Listed]:
            may_go.wait(60.0)
            return read(kind, catalog)

        monkeypatch.setattr(screen.browsing, "read", read_late)
        await user.press("right", "left")
        may_go.set()
        await user.worked("profiles")
        await ready(user, screen)
        assert screen.browsing.kind == KINDS[0]
        assert {one.kind for one in screen.browsing.found[KINDS[0]]} == {KINDS[0]}
        await turn_to(user, screen, KINDS[1])
        assert {one.kind for one in screen.shown} == {KINDS[1]}


async def test_the_detail_is_what_the_command_prints(open_app: OpenApp, shipped: Catalog) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = await profiles(user)
        await find(user, screen, "chips", "ascend-910b")
        room = screen.query_one("#profile-detail").scrollable_content_region.width
        entry = shipped.get("chips", "ascend-910b")
        uses = screen.uses and screen.uses[("chips", "ascend-910b")]
        assert uses
        assert "pangu" in uses
        printed = terminal_text(
            profile_document("chips", "ascend-910b", entry, shipped.sources, uses), width=room
        )
        assert text_of(screen, "#profile-text") == printed.rstrip("\n")
        assert "x wrong" in printed
        await user.press("y")
        assert "353.9 TFLOP/s" in user.app.clipboard
        await user.press("Y")
        assert "ascend-910b" in user.app.clipboard


async def test_search_vendor_state_and_any_figure(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = await profiles(user)
        await user.press("v")
        await user.shown(Picker)
        await user.press(*"huawei", "enter")
        await user.shown(ProfilesScreen)
        assert {one.maker for one in screen.shown} == {"Huawei"}
        await user.press("t")
        await user.shown(Picker)
        await user.press(*"roadmap", "enter")
        await user.shown(ProfilesScreen)
        assert {one.state for one in screen.shown} == {"roadmap"}
        await user.press("v")
        await user.shown(Picker)
        await user.press("enter")  # the cursor stands on what is chosen
        await user.shown(ProfilesScreen)
        for key in ("v", "t"):
            await user.press(key)
            await user.shown(Picker)
            await user.press(*"all", "enter")
            await user.shown(ProfilesScreen)
        assert len(screen.shown) == len(screen.browsing.found["chips"])
        await user.press("s")
        await user.shown(Picker)
        await user.press(*"bandwidth", "space", *"memory", "enter")
        await user.shown(ProfilesScreen)
        assert screen.browsing.wish.sort == "memory.bandwidth_bytes_per_s"
        values = [one.figure_value(screen.browsing.wish.sort) for one in screen.shown]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=True)
        assert values[: len(known)] == known, "what is unknown stands last"
        assert "memory bandwidth" in text_of(screen, "#profile-header")
        await user.press("r")
        assert screen.shown[0].figure_value(screen.browsing.wish.sort) == min(known)
        await user.press("slash", *"zzz")
        assert "Nothing matches" in text_of(screen, "#profile-text")
        await user.press("escape", "escape")
        assert len(screen.shown) == len(screen.browsing.found["chips"])
        await user.press("escape")
        await user.shown(PlanningScreen)
        # found again as it was left
        screen = await profiles(user)
        assert screen.browsing.wish.is_rising


async def test_what_a_plan_names_comes_into_it_as_its_list_would_and_undo_takes_it_back(
    open_app: OpenApp, shipped: Catalog
) -> None:
    named: tuple[tuple[str, str, Callable[[Plan], str | None]], ...] = (
        ("models", "llama-3.1-405b", lambda plan: plan.model.profile),
        ("sites", "iowa-us", lambda plan: plan.site.profile),
        ("fabrics", "ib-ndr-400", lambda plan: plan.cluster.pools[0].fabric),
        ("stacks", "cann-mindspeed", lambda plan: plan.cluster.pools[0].stack),
        ("systems", "dgx-h200", lambda plan: plan.cluster.pools[0].system),
    )
    async with open_app() as user:
        session = user.planning.session
        for kind, identifier, said in named:
            before = session.plan
            screen = await profiles(user)
            await find(user, screen, kind, identifier)
            await user.press("u")
            await user.until(partial(_says, user, said, identifier))
        assert session.undo_steps[-1].title.startswith("system")
        await user.press("ctrl+z")
        await user.until(lambda: session.plan == before)
        # of a chip a system is chosen
        screen = await profiles(user)
        await find(user, screen, "chips", "h200-sxm")
        await user.press("u")
        picker = await user.shown(Picker)
        await user.until(lambda: bool(picker.matching))
        await user.press("enter")
        await user.shown(PlanningScreen)
        await user.until(lambda: session.plan != before)
        system = shipped.get("systems", session.plan.cluster.pools[0].system or "").profile
        assert isinstance(system, System)
        assert system.chip == "h200-sxm"


def _says(user: User, said: Callable[[Plan], str | None], identifier: str) -> bool:
    return said(user.planning.session.plan) == identifier


async def test_marked_profiles_stand_side_by_side_and_some_are_not_put_into_a_plan(open_app: OpenApp) -> None:
    async with open_app() as user:
        screen = await profiles(user)
        for kind in ("prices", "rules"):
            await turn_to(user, screen, kind)
            await user.press("u")
            await user.pause()
            assert user.app.screen is screen
        await turn_to(user, screen, "chips")
        await user.press("d")
        assert user.app.screen is screen, "none is marked yet"
        await find(user, screen, "chips", "h100-sxm")
        await user.press("space")
        await find(user, screen, "chips", "ascend-910b")
        await user.press("space", "d")
        page = await user.shown(Page)
        await user.pause()
        text = text_of(page, "#page-text")
        assert "H100 80GB SXM5" in text
        assert "353.9 TFLOP/s" in text
        await user.press("escape")
        await user.shown(ProfilesScreen)
        assert [row[:2] for row in rows_of(screen) if row.startswith("*")] == ["* "]


async def reach_by_key(user: User, action: Action) -> None:
    await user.press(action.keys.split(",")[0])


async def reach_by_palette(user: User, action: Action) -> None:
    await user.press("ctrl+p")
    palette = await user.shown(Palette)
    palette.query_one(Input).value = action.title
    await user.until(lambda: any(item.id == f"action {action.id}" for item in palette.matching[:4]))
    ids = [item.id for item in palette.matching]
    palette.query_one(OptionList).highlighted = ids.index(f"action {action.id}")
    await user.press("enter")


async def test_each_action_is_reached_by_key_and_by_palette(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = await profiles(user)
        reached: list[str] = []
        for action in PROFILE_ACTIONS:
            setattr(screen, f"action_{action.id}", partial(reached.append, action.id))
        for reach in (reach_by_key, reach_by_palette):
            for action in PROFILE_ACTIONS:
                reached.clear()
                await reach(user, action)
                await user.until(partial(operator.eq, reached, [action.id]))


async def test_kinds_rows_and_keys_are_clicked(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as user:
        screen = await profiles(user)
        kinds = text_of(screen, "#profiles-kinds")
        await user.click("#profiles-kinds", offset=(kinds.index("models") + 1, 0))
        await user.until(lambda: screen.browsing.kind == "models")
        await ready(user, screen)
        await user.click("#profile-list", offset=(4, 3))
        await user.pause()
        assert screen.rows.highlighted == 3
        assert user.app.screen is screen, "a click reads, it changes no plan"
        bar = str(getattr(screen.key_bar.content, "plain", ""))
        await user.click("#key-bar", offset=(bar.index("mark"), 0))
        await user.until(lambda: bool(screen.browsing.marked.get("models")))
        await user.click("#key-bar", offset=(bar.index("back"), 0))
        await user.until(lambda: user.app.screen is not screen or screen.focused is screen.rows)
        assert len({action.id for action in (*PROFILE_ACTIONS, *FORM_ACTIONS)}) == len(PROFILE_ACTIONS) + len(
            FORM_ACTIONS
        )
