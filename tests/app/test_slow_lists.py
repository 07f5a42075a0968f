"""A list that is ready only after somebody left its screen, or put something over it, is not shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from textual.screen import Screen

from planner.app.flows import editing
from planner.app.messages import PickAsked
from planner.app.screens import claim, compare
from planner.app.screens.claim import ClaimScreen
from planner.app.screens.compare import CompareScreen
from planner.app.screens.planning import PlanningScreen

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp

#: Screens with lists, and the key that opens each.
SCREENS: dict[type[Screen[Any]], str] = {PlanningScreen: "", ClaimScreen: "f10", CompareScreen: "f3"}


def ask_for_list(screen: Screen[Any]) -> None:
    """Ask for a list as the screen's own keys and clicks do."""
    if isinstance(screen, ClaimScreen):
        screen.on_pick_asked(PickAsked(("chip",)))
    elif isinstance(screen, CompareScreen):
        screen.action_add_plan()
    elif isinstance(screen, PlanningScreen):
        screen.on_pick_asked(PickAsked(("model", "profile")))


def hold_lists(monkeypatch: pytest.MonkeyPatch, ready: asyncio.Event, asked: asyncio.Event) -> None:
    """Let every list wait for an event before it is there."""

    def slow(made: Callable[..., Any]) -> Callable[..., Any]:
        async def wait(*given: Any, **named: Any) -> Any:
            asked.set()
            await ready.wait()
            return await made(*given, **named)

        return wait

    for module, made in ((editing, "plan_field_picker"), (claim, "field_picker")):
        monkeypatch.setattr(module, made, slow(getattr(module, made)))

    class Threads:
        @staticmethod
        async def to_thread(function: Callable[..., Any], *given: Any) -> Any:
            asked.set()
            await ready.wait()
            return function(*given)

    monkeypatch.setattr(compare, "asyncio", Threads)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("way", ["leave", "cover"])
async def test_nobody_is_shown_a_list_that_they_no_longer_wait_for(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, screen: type[Screen[Any]], way: str
) -> None:
    if (screen, way) == (PlanningScreen, "leave"):
        pytest.skip("the planning screen is left only with the app")
    ready, asked = asyncio.Event(), asyncio.Event()
    async with open_app() as user:
        await user.settled()
        if SCREENS[screen]:
            await user.press(SCREENS[screen])
        await user.shown(screen)
        hold_lists(monkeypatch, ready, asked)
        ask_for_list(user.app.screen)
        await user.until(asked.is_set)
        if way == "leave":
            # once for the list that is not there yet, once for the screen
            await user.press("escape")
            assert isinstance(user.app.screen, screen)
            await user.press("escape")
            await user.shown(PlanningScreen)
        else:
            await user.press("f1")
            await user.until(lambda: not isinstance(user.app.screen, screen))
        stack = list(user.app.screen_stack)
        ready.set()
        await user.pause()
        await user.pause()
        assert user.app.screen_stack == stack
        assert user.app.is_running
