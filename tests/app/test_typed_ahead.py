"""What is typed before its list is there reaches that list and nothing else, whatever opens it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.app.conftest import make_plan
from tests.app.test_fast_hands import at_once
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input, TextArea

from planner.app import typed_ahead
from planner.app.dialogs.jump import Jump
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.layer import Dialog, Layer
from planner.app.screens import compare
from planner.app.screens.compare import CompareScreen
from planner.app.screens.evidence import EvidenceScreen
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.plans.plan_file import save_plan

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User

#: No screen does anything on these, and no list holds them.
TYPED = "qz"
#: Each screen, the key that opens it over the plan, and how many of its actions at least ask for text.
SCREENS: dict[type[Layer[Any]], tuple[str, int]] = {
    PlanningScreen: ("", 8),
    CompareScreen: ("f3", 1),
    EvidenceScreen: ("v", 4),
    ProfilesScreen: ("f11", 3),
}
#: What leaves the screen is tried where somebody leaves it.
LEAVES = ("leave", "go_back", "use_profile", "explore")


def texts_of(screen: Screen[Any]) -> list[str]:
    """Return what stands in the fields of a dialog."""
    fields = [field.value for field in screen.query(Input)]
    return [*fields, *(area.text for area in screen.query(TextArea))]


def works(app: Any, screen: Layer[Any]) -> bool:
    """Whether something is being made that may lie over the screen yet."""
    return app.screen is screen and any(
        not worker.is_finished and worker.node is screen and worker.group in screen.flows
        for worker in app.workers
    )


async def over(user: User, kind: type[Layer[Any]], opener: str) -> Layer[Any]:
    """Go back to the plan from wherever somebody is, and open a screen anew."""
    for _ in range(9):
        if isinstance(user.app.screen, PlanningScreen):
            break
        await user.press("escape")
    user.planning.results.query_one("EstimateDetails").focus()
    if opener:
        await user.press(opener)
    screen = await user.shown(kind)
    reading = getattr(screen, "reading", None)
    await user.until(lambda: reading is None or not reading.is_busy)
    return screen


# what is predicted on the screen of evidence takes longer than all the others
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[pytest.mark.exhaustive] * (kind in (EvidenceScreen, ProfilesScreen)))
        for kind in SCREENS
    ],
    ids=lambda kind: kind.__name__,
)
async def test_whatever_an_action_opens_holds_what_is_typed_at_once(
    open_app: OpenApp, make_real_app: MakeRealApp, kind: type[Layer[Any]]
) -> None:
    opener, least = SCREENS[kind]
    asked = []
    async with open_app(make_real_app()) as user:
        bindings = [one for one in kind.BINDINGS if isinstance(one, Binding)]
        for binding in bindings:
            if binding.action.startswith(LEAVES):
                continue
            screen = await over(user, kind, opener)
            at_once(user, binding.key.split(",")[0], *TYPED)
            await user.pause()
            await user.until(lambda screen=screen: not works(user.app, screen))  # type: ignore[misc]
            top = user.app.screen
            if isinstance(top, Dialog) and top.is_for_typing and not isinstance(top, Jump):
                await user.until(lambda: not user.app.typed_ahead.is_busy)
                assert any(text.endswith(TYPED) for text in texts_of(top)), (binding.action, texts_of(top))
                asked.append(binding.action)
    assert len(asked) >= least, asked


class Slow:
    """Lets the plans that may be compared be listed only when a test says so."""

    def __init__(self, patch: pytest.MonkeyPatch, found: Callable[[], list[Path]]) -> None:
        self.asked, self.ready = threading.Event(), asyncio.Event()

        async def to_thread(function: Callable[..., Any], *given: Any) -> Any:
            self.asked.set()
            await self.ready.wait()
            return function(*given)

        class Threads:
            pass

        threads: Any = Threads
        threads.to_thread = staticmethod(to_thread)
        patch.setattr(compare, "asyncio", threads)
        self.found = found


async def test_a_name_and_enter_typed_while_the_list_is_made_add_that_plan(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    for name in ("first", "second", "third"):
        save_plan(home / f"{name}.toml", make_plan(name=name), None)
    async with open_app() as user:
        await user.press("f3")
        screen = await user.shown(CompareScreen)
        slow = Slow(monkeypatch, screen.known_plans)
        labels = [entry.label for entry in screen.entries]
        # one key after the other, with all the time that the screen below needs to take each for its own
        await user.press("a", *"secx")
        assert slow.asked.is_set()
        await user.press("backspace", "enter")
        assert [entry.label for entry in screen.entries] == labels
        assert user.app.screen is screen
        slow.ready.set()
        await user.until(lambda: len(screen.entries) == len(labels) + 1)
        assert screen.entries[-1].label == "second"

        # a second time in one write, and what follows Enter is for nothing: it was typed for the list
        slow.ready.clear()
        at_once(user, "a", *"third", "enter", "x")
        await user.pause()
        slow.ready.set()
        await user.until(lambda: len(screen.entries) == len(labels) + 2)
        await user.until(lambda: not user.app.typed_ahead.is_busy)
        assert [entry.label for entry in screen.entries[-2:]] == ["second", "third"]

        # Esc takes the list back and leaves the screen; other keys then are the screen's own again
        slow.ready.clear()
        await user.press("a", *"first", "escape")
        assert user.app.screen is screen
        assert not screen.awaits_list
        await user.press("f1")
        assert user.app.screen is not screen
        await user.press("escape")
        slow.ready.set()
        await user.pause()
        assert user.app.screen is screen
        assert len(screen.entries) == len(labels) + 2

        # whoever waits for longer than one waits for a list means what they see
        slow.ready.clear()
        await user.press("a", "f")
        monkeypatch.setattr(typed_ahead, "HOLD_S", 0.0)
        await user.press("x")
        assert len(screen.entries) == len(labels) + 1
        slow.ready.set()
        picker = await user.shown(Picker)
        assert texts_of(picker) == [""]


async def test_what_is_typed_for_a_list_answers_no_question_and_touches_no_field(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as user:
        await user.edit_count("512")
        plan = user.app.session.plan
        at_once(user, "ctrl+o", *"d1")
        assert "Unsaved work" in await user.asked()
        await user.until(lambda: not user.app.typed_ahead.is_busy)
        assert isinstance(user.app.screen, Question)
        # once it is answered, the list is on its way
        at_once(user, "d", *TYPED)
        picker = await user.shown(Picker)
        await user.until(lambda: texts_of(picker) == [TYPED])
        await user.press("escape")
        assert user.app.session.plan is plan

        # a flow that comes to no list: nothing is done with what was typed for it
        ready = asyncio.Event()
        user.planning.action_go_plan()
        user.planning.run_flow("pick", ready.wait(), lists=1)
        await user.press(*"77", "enter")
        assert user.planning.awaits_list
        ready.set()
        await user.until(lambda: not user.app.typed_ahead.is_busy)
        assert user.app.session.plan is plan
        await user.press("7")
        assert user.app.session.plan is not plan

        # keys for the app go through, and end what is waited for
        user.planning.run_flow("pick", asyncio.Event().wait(), lists=1)
        await user.press("7", "ctrl+q")
        assert "Unsaved work" in await user.asked()
        await user.press("d")
        await user.until(lambda: not user.app.is_running)


async def test_a_path_typed_at_once_is_the_whole_path(open_app: OpenApp) -> None:
    async with open_app() as user:
        user.planning.results.query_one("EstimateDetails").focus()
        at_once(user, "x", "ctrl+u", *"report.md")
        prompt = await user.shown(PathPrompt)
        await user.until(lambda: texts_of(prompt) == ["report.md"])
        await user.press("escape")
        # a place that is jumped to by its letter
        details = user.planning.results.query_one("EstimateDetails")
        details.focus()
        at_once(user, "ctrl+g", "a")
        await user.until(lambda: user.planning.focused not in (None, details))
        assert user.app.screen is user.planning
