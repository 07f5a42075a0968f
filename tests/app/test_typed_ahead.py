"""What is typed before its list is there reaches that list and nothing else, whatever opens it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
from planner.app.dialogs.slot_form import SlotForm
from planner.app.exploration import Exploration
from planner.app.layer import Dialog, Layer
from planner.app.profile_draft import ProfileDraft
from planner.app.screens import compare
from planner.app.screens.claim import ClaimScreen
from planner.app.screens.compare import CompareScreen
from planner.app.screens.evidence import EvidenceScreen
from planner.app.screens.explore import ExploreScreen, open_explore
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.profile_form import ProfileFormScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.app.screens.start import StartScreen
from planner.app.screens.track import TrackScreen
from planner.app.widgets.pick_field import PickField
from planner.catalog.own_files import copied_text, own_path, write_own
from planner.catalog.search_path import built_in_folder
from planner.exploring.targets import Asked
from planner.plans.plan_file import save_plan

if TYPE_CHECKING:
    from tests.app.conftest import MakeApp, MakeRealApp, OpenApp, User

#: No screen or page does anything on these, and no list holds them.
TYPED = "zi"


class Way(NamedTuple):
    """How somebody comes to a screen, and how many of its actions at least ask for text."""

    open: Callable[[User], Awaitable[object]]
    least: int
    #: what it lies over
    ground: type[Layer[Any]] = PlanningScreen


def by_key(key: str) -> Callable[[User], Awaitable[object]]:
    """Return what opens a screen over the plan by a key."""

    async def opened(user: User) -> None:
        user.planning.results.query_one("EstimateDetails").focus()
        await user.press(key)

    return opened


async def to_the_plan(user: User) -> None:
    user.planning.results.query_one("EstimateDetails").focus()


async def to_the_start(user: User) -> None:
    if not isinstance(user.app.screen, StartScreen):
        user.app.show_start()
    screen = await user.shown(StartScreen)
    await user.until(lambda: bool(screen.groups))
    screen.action_go_starts()


async def to_explore(user: User) -> None:
    """Nothing is found out there: what is typed is all that is looked at."""
    session = user.planning.session
    session.exploration = Exploration.of(session.plan, Asked(), user.planning.bench.shelf.readings)
    session.exploration.is_held = True
    open_explore(user.planning.bench)


async def to_a_run(user: User) -> None:
    session, path = user.planning.session, Path("run.csv")
    rows = [f"{100 * day},2026-12-{day} 00:00:00,200,419430400" for day in range(15, 30)]
    path.write_text("\n".join(["step,time,seconds,tokens", *rows]), encoding="utf-8")
    session.tracked = path
    assert session.estimate is not None
    assert session.estimate.figures is not None
    screen = TrackScreen(session, session.estimate.figures, user.planning.bench.shelf)
    user.planning.put_over(screen)
    await user.until(lambda: screen.track is not None)


async def to_a_profile(user: User) -> None:
    folder = Path.cwd()
    path = own_path("prices", "h200-sxm-price", folder)
    if not path.exists():
        write_own(
            path, copied_text(built_in_folder() / "prices" / "h200-sxm-price.toml", "h200-sxm-price"), ""
        )
    draft = ProfileDraft.opened("prices", path, folder)
    screen = ProfileFormScreen(draft, user.planning.bench.shelf)
    user.planning.put_over(screen)
    await user.until(lambda: bool(screen.shown))


async def to_a_figure(user: User) -> None:
    await to_a_profile(user)
    await user.press("plus")


#: Screens that those of the default suite stand for: what is predicted on the screen of evidence takes longer
#: than all the others, and these ask for text in fewer ways.
SLOW = (EvidenceScreen, ProfilesScreen, CompareScreen, ClaimScreen, StartScreen, ProfileFormScreen)
#: Of fields that open a list the start screen's and the profile form's stand for these.
SLOW_FIELDS = (ClaimScreen, SlotForm)
SCREENS: dict[type[Layer[Any]], Way] = {
    PlanningScreen: Way(to_the_plan, 8),
    CompareScreen: Way(by_key("f3"), 1),
    EvidenceScreen: Way(by_key("v"), 4),
    ProfilesScreen: Way(by_key("f11"), 3),
    ClaimScreen: Way(by_key("f10"), 0),
    ExploreScreen: Way(to_explore, 1),
    TrackScreen: Way(to_a_run, 2),
    ProfileFormScreen: Way(to_a_profile, 2),
    StartScreen: Way(to_the_start, 1, StartScreen),
}
#: What has fields or rows that open a list, or ask for text.
FIELDS: dict[type[Layer[Any]], Way] = {
    ClaimScreen: Way(by_key("f10"), 3),
    StartScreen: Way(to_the_start, 1, StartScreen),
    ProfileFormScreen: Way(to_a_profile, 1),
    SlotForm: Way(to_a_figure, 2),
}
#: What leaves the screen is tried where somebody leaves it.
LEAVES = ("leave", "go_back", "use_profile", "explore", "begin_plan", "find_clusters")


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


async def over(user: User, kind: type[Layer[Any]], way: Way) -> Layer[Any]:
    """Go back to the plan, or to the start, from wherever somebody is, and open a screen anew."""
    for _ in range(9):
        if isinstance(user.app.screen, (PlanningScreen, way.ground)):
            break
        # what was changed on the form of a profile is not kept
        await user.press("d" if isinstance(user.app.screen, Question) else "escape")
    await way.open(user)
    screen = await user.shown(kind)
    reading = getattr(screen, "reading", None)
    await user.until(lambda: reading is None or not reading.is_busy)
    return screen


async def holds_what_was_typed(user: User, screen: Layer[Any]) -> bool:
    """Return whether something lies over a screen that is typed into; what was typed stands in it."""
    await user.until(lambda: not works(user.app, screen))
    top = user.app.screen
    if top is screen or not isinstance(top, Dialog) or not top.is_for_typing or isinstance(top, Jump):
        return False
    # what was passed on is heard a little later
    await user.until(lambda: any(text.endswith(TYPED) for text in texts_of(user.app.screen)))
    return True


@pytest.mark.usefixtures("slow_machine")
@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=[pytest.mark.exhaustive] * (kind in SLOW)) for kind in SCREENS],
    ids=lambda kind: kind.__name__,
)
async def test_whatever_an_action_opens_holds_what_is_typed_at_once(
    open_app: OpenApp, make_real_app: MakeRealApp, kind: type[Layer[Any]]
) -> None:
    way = SCREENS[kind]
    asked = []
    async with open_app(make_real_app()) as user:
        bindings = [one for one in kind.BINDINGS if isinstance(one, Binding)]
        for binding in bindings:
            if binding.action.startswith(LEAVES):
                continue
            screen = await over(user, kind, way)
            at_once(user, binding.key.split(",")[0], *TYPED)
            await user.pause()
            if await holds_what_was_typed(user, screen):
                asked.append(binding.action)
    assert len(asked) >= way.least, asked


@pytest.mark.usefixtures("slow_machine")
@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=[pytest.mark.exhaustive] * (kind in SLOW_FIELDS)) for kind in FIELDS],
    ids=lambda kind: kind.__name__,
)
async def test_whatever_a_field_opens_holds_what_is_typed_at_once(
    open_app: OpenApp, make_app: MakeApp, kind: type[Layer[Any]]
) -> None:
    way, tried, first = FIELDS[kind], 0, [["enter", *TYPED], list(TYPED)]
    async with open_app(make_app()) as user:
        screen = await over(user, kind, way)
        for place, part in enumerate(screen.query("PickField, #form-slots")):
            for keys in first if isinstance(part, PickField) else first[:1]:
                screen = await over(user, kind, way)
                screen.set_focus(list(screen.query("PickField, #form-slots"))[place])
                at_once(user, *keys)
                await user.pause()
                assert await holds_what_was_typed(user, screen), (part, keys)
            tried += 1
    assert tried >= way.least


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the app wait for a list as long as a busy machine needs to hear the keys that are typed for it."""
    monkeypatch.setattr(typed_ahead, "HOLD_S", 20.0)


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


@pytest.mark.usefixtures("slow_machine")
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


@pytest.mark.usefixtures("slow_machine")
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
