"""Keys and clicks that come faster than screens change: no blank screen, no crash, and ^Q always leaves."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
from rich.style import Style
from textual import events
from textual.await_complete import AwaitComplete
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.layer import Layer
from planner.app.palette import Palette
from planner.app.screens.planning import PlanningScreen
from planner.app.widgets.choices import Choices
from planner.app.widgets.form_section import FormSection

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User

SIZES = [(60, 18), (100, 30), (160, 48)]
#: Whatever opens something over the planning screen, by the key that opens it.
OPENERS = ["f1", "question_mark", "e", "f3", "f4", "f9", "f10", "f12", "ctrl+o", "ctrl+p"]
#: One for each kind of dialog: a page, a list, an answer that is typed, the palette, and a list over a list.
KINDS = {"f1", "f4", "f12", "ctrl+p", "f4 enter"}
#: What opens a screen that works things out, where estimates are real.
SCREENS = ["f7", "f11", "l", "v"]
#: How many widgets of a screen are clicked in the reduced form.
FEW = 2


def key(name: str) -> events.Key:
    return events.Key(name, {"space": " "}.get(name, name if len(name) == 1 else None))


def at_once(user: User, *names: str) -> None:
    """Press keys as one write of a terminal brings them: the second waits before the first is handled."""
    for name in names:
        user.app.post_message(key(name))


def double_click(user: User, x: int, y: int) -> None:
    """Click twice, without a pause."""
    for kind in (events.MouseDown, events.MouseUp) * 2:
        user.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y))


def spots(screen: Screen[object], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the middles of all widgets, where they show."""
    regions = [widget.region for widget in screen.walk_children(Widget) if widget.is_on_screen]
    middles = [((region.x + region.right) // 2, (region.y + region.bottom) // 2) for region in regions]
    return list(dict.fromkeys((x, y) for x, y in middles if 0 <= x < size[0] and 0 <= y < size[1]))


async def double_click_all(
    user: User, size: tuple[int, int], chance: random.Random, *, is_whole: bool
) -> None:
    """Double-click the widgets of what lies on top, one after the other."""
    found = spots(user.app.screen, size)
    for x, y in found if is_whole else chance.sample(found, min(FEW, len(found))):
        double_click(user, x, y)
        await user.pause()
        hold_alive(user)


def hold_alive(user: User) -> None:
    """Hold the app to a screen that shows something."""
    app = user.app
    assert app.is_running
    assert app._exception is None
    assert any(isinstance(screen, PlanningScreen) for screen in app.screen_stack)


async def go_back(user: User) -> None:
    """Close whatever lies over the planning screen."""
    end = time.monotonic() + 30
    while not isinstance(user.app.screen, PlanningScreen):
        assert time.monotonic() < end
        await user.press("escape")
    await user.pause()


async def leave(user: User) -> None:
    """Leave from wherever this is, without saving."""
    await user.press("ctrl+q")
    await user.until(lambda: not user.app.is_running or isinstance(user.app.screen, Question))
    if user.app.is_running:
        assert "Unsaved work" in await user.asked()
        await user.press("d")
        await user.until(lambda: not user.app.is_running)


@pytest.mark.parametrize("is_whole", [False, pytest.param(True, marks=pytest.mark.exhaustive)])
# one size by default: each opens the app anew
@pytest.mark.parametrize(
    "size", [SIZES[0], *(pytest.param(size, marks=pytest.mark.exhaustive) for size in SIZES[1:])], ids=str
)
@pytest.mark.timeout(3000)
@pytest.mark.paints
async def test_no_double_click_blanks_the_screen(
    open_app: OpenApp, make_real_app: MakeRealApp, size: tuple[int, int], *, is_whole: bool
) -> None:
    chance = random.Random(size[0])
    async with open_app(make_real_app() if is_whole else None, size=size) as user:
        for opener in [*OPENERS, *SCREENS] if is_whole else chance.sample(OPENERS, 2):
            await double_click_all(user, size, chance, is_whole=is_whole)
            await go_back(user)
            user.planning.results.query_one("EstimateDetails").focus()
            await user.press(opener)
            await double_click_all(user, size, chance, is_whole=is_whole)
            await go_back(user)
        await double_click_all(user, size, chance, is_whole=is_whole)
        await leave(user)


async def test_two_clicks_beside_a_dialog_leave_the_plan(open_app: OpenApp) -> None:
    async with open_app(size=(100, 30)) as user:
        for opener in OPENERS:
            user.planning.results.query_one("EstimateDetails").focus()
            await user.press(opener)
            for _ in range(2):
                double_click(user, 0, 0)
            await user.pause()
            hold_alive(user)
            await go_back(user)
        await leave(user)


# in one app: to open it takes most of such a test
@pytest.mark.paints
async def test_keys_in_one_write_break_nothing(open_app: OpenApp) -> None:
    async with open_app(size=(100, 30)) as user:
        for keys in (
            "f10 f10",
            "f3 escape",
            "f10 escape escape",
            "ctrl+p enter enter",
            "ctrl+p f12",
            "ctrl+p down",
            "ctrl+p ctrl+p escape escape",
            "f1 escape escape",
            "f4 enter enter enter",
            "f12 f12 escape escape",
            "f3 f10 escape f3 escape",
            "enter enter",
        ):
            for _ in range(2):
                at_once(user, *keys.split())
                await user.pause()
            hold_alive(user)
            await go_back(user)
        await leave(user)


@pytest.mark.parametrize(
    "opener",
    [
        opener if opener in KINDS else pytest.param(opener, marks=pytest.mark.exhaustive)
        for opener in [*OPENERS, "f4 enter"]
    ],
)
async def test_leaving_works_from_every_dialog(open_app: OpenApp, opener: str) -> None:
    async with open_app(size=(100, 30)) as user:
        user.planning.results.query_one("EstimateDetails").focus()
        await user.press(*opener.split())
        at_once(user, "ctrl+q")
        await user.until(lambda: not user.app.is_running)


async def test_leaving_twice_ends(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves step by step does not wait for ever where the app was left meanwhile."""

    def left_meanwhile(palette: Palette) -> AwaitComplete:
        palette.app.exit()
        return Layer.withdraw(palette)

    monkeypatch.setattr(Palette, "withdraw", left_meanwhile)
    async with open_app() as user:
        await user.press("ctrl+p")
        await user.shown(Palette)
        at_once(user, "ctrl+q")
        await user.until(lambda: not user.app.is_running)


async def test_nothing_begins_once_the_app_is_left(open_app: OpenApp) -> None:
    async with open_app() as user:
        user.app.exit()
        user.planning.action_show_keys()
        await user.app.action_quit()
        assert len(user.app.screen_stack) == 2  # Textual's own, and the plan
        await user.until(lambda: not user.app.is_running)


async def test_what_comes_once_the_app_is_left_is_no_bug(open_app: OpenApp) -> None:
    """Textual refuses parts that are made by then, with an error of its own."""
    async with open_app() as user:
        app, row, section = user.app, user.row(("workload", "tokens")), user.planning.query_one(FormSection)
        row.call_later(row.show_hint, Content("of an answer that came late"))
        row.call_later(row.show_error, "no number")
        row.call_later(row.query_one, "#gone-by-now")
        section.run_worker(section.open())
        app.exit()
        await user.until(lambda: not app.is_running)
        assert app.bug is None


async def test_enter_twice_opens_one_list(open_app: OpenApp) -> None:
    async with open_app() as user:
        row = user.row(("model", "profile"))
        row.control.focus()
        await user.pause()
        at_once(user, "enter", "enter")
        await user.shown(Picker)
        await user.pause()
        assert sum(isinstance(screen, Picker) for screen in user.app.screen_stack) <= 1
        await go_back(user)
        hold_alive(user)
        # what is typed while the list is made is typed into it, and another time none of it
        for text in ("73b", "9"):
            at_once(user, *text)
            picker = await user.shown(Picker)
            await user.until(lambda: not user.app.typed_ahead.is_busy)
            assert picker.query_one("#filter", Input).value == text
            await go_back(user)


async def test_the_palette_is_left_once(open_app: OpenApp) -> None:
    async with open_app() as user:
        await user.press("ctrl+p")
        palette = await user.shown(Palette)
        at_once(user, "enter", "enter")
        await user.until(lambda: palette.is_left)
        await user.pause()
        hold_alive(user)


async def test_what_has_gone_is_not_clicked_on(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_app() as user:
        await user.press("ctrl+p")
        palette = await user.shown(Palette)
        rows = palette.query_one(Choices)
        gone = Style.from_meta({"option": rows.option_count})
        rows.post_message(events.Click(rows, 0, 0, 0, 0, 1, False, False, False, style=gone))
        await user.pause()
        assert not palette.is_left
        hold_alive(user)
        # on a terminal too small to show a row
        rows.styles.width = rows.styles.height = 0
        await user.pause()
        rows.action_page_down()  # type: ignore[no-untyped-call] # as Textual declares it
        assert rows.get_content_height(Size(0, 0), Size(0, 0), 0) > 0
        # a widget that was taken out and is still painted
        monkeypatch.setattr(Screen, "get_widget_and_offset_at", lambda *_: (Static("gone"), None))
        assert palette.get_widget_and_offset_at(5, 5) == (None, None)
        hold_alive(user)


async def test_a_size_that_the_terminal_no_longer_has_is_not_taken(open_app: OpenApp) -> None:
    # with two sizes under way both screens would tell each other of them for ever
    async with open_app(size=(100, 30)) as user:
        await user.press("f1")
        await user.shown(Page)
        user.planning.post_message(events.Resize(Size(90, 25), Size(90, 25)))
        await user.pause()
        assert user.planning.size == user.app.screen.size == Size(100, 30)
