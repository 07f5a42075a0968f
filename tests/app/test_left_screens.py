"""A screen that was left is let go of, whichever it was, and is tidied away once nobody presses a key."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from tests.app.conftest import MakeRealApp, OpenApp, User
from textual._time import get_time

from planner.app import freed_pages
from planner.app.freed_pages import Tidying
from planner.app.layer import Layer
from planner.app.screens.planning import PlanningScreen

#: What opens something over the plan.
_OPENING = (
    *("show_keys", "field_help", "show_ledger", "choose_layout", "show_acceptance", "export_plan"),
    *("explain_number", "pick_chip", "app.command_palette", "open_profiles", "check_claim"),
    *("compare_plans", "show_evidence", "explore"),
)
#: So often is Esc pressed to leave it.
_MOST_STEPS = 3


@pytest.fixture
def only_when_asked() -> Iterator[None]:
    """Let nobody but the app look for garbage."""
    gc.disable()
    yield
    gc.enable()


async def opened(user: User, action: str) -> weakref.ref[Layer[object]]:
    """Do an action, and leave what it opened."""
    await user.app.run_action(action, user.planning)
    await user.until(lambda: user.app.screen is not user.planning)
    top = user.app.screen
    assert isinstance(top, Layer)
    held = weakref.ref(top)
    del top
    # Esc takes back what somebody did there first
    for _ in range(_MOST_STEPS):
        if user.app.screen is not user.planning:
            await user.press("escape")
    await user.shown(PlanningScreen)
    return held


async def test_nothing_holds_a_screen_that_was_left(open_app: OpenApp, make_real_app: MakeRealApp) -> None:
    async with open_app(make_real_app(), size=(120, 40)) as user:
        held = {action: await opened(user, action) for action in _OPENING}

        def still_held() -> list[str]:
            gc.collect()
            return [action for action, one in held.items() if one() is not None]

        # a thread that works for one ends where it looks whether anybody waits for it
        await user.until(lambda: not still_held())


@pytest.mark.usefixtures("only_when_asked")
async def test_what_was_left_is_tidied_away(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freed_pages, "REST_S", 0.01)
    async with open_app(size=(80, 24)) as user:
        held = await opened(user, "show_keys")
        await user.until(lambda: held() is None)


async def test_whoever_types_is_not_held_up(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[None] = []
    monkeypatch.setattr(gc, "collect", lambda: collected.append(None))
    async with open_app(size=(80, 24)) as user:
        await user.shown(PlanningScreen)
        typed_at = get_time()
        tidying = Tidying(user.app, lambda: typed_at)
        tidying.tidy_where_quiet()
        # it waits for the next rest
        assert not collected
        assert tidying.timer is not None
        typed_at -= freed_pages.REST_S
        tidying.tidy_where_quiet()
        assert collected
