"""The start screen: a plan of five fields, and every other way to one."""

from __future__ import annotations

import asyncio
import datetime
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.app.conftest import User, estimate_by_hand
from textual.screen import Screen
from textual.widgets import OptionList, Static

from planner.app.app import PlannerApp, open_session
from planner.app.dialogs.page import Page
from planner.app.dialogs.picker import Picker
from planner.app.dialogs.question import Question
from planner.app.drawing.starts import in_fewest, starts_rows
from planner.app.palette import Palette
from planner.app.screens.claim import ClaimScreen
from planner.app.screens.evidence import EvidenceScreen
from planner.app.screens.explore import ExploreScreen
from planner.app.screens.planning import PlanningScreen
from planner.app.screens.profiles import ProfilesScreen
from planner.app.screens.start import StartScreen
from planner.app.shelf import Shelf
from planner.app.starts import first_sentence, start_groups
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.plans.beginning import UNNAMED, empty_plan
from planner.plans.drafts import SessionDrafts, drafts_left, find_drafts
from planner.plans.recent import record_path, remember_plan
from planner.plans.shipped import list_plans

OpenStart = Callable[..., AbstractAsyncContextManager[User]]
TOKENS, BY = ("workload", "tokens"), ("targets", "finish_by")


@pytest.fixture
def open_start(shipped: Catalog, home: Path) -> OpenStart:
    """Return what opens the app on no plan, with somebody at it."""

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (120, 40)) -> AsyncIterator[User]:
        changed = asyncio.Event()
        app = PlannerApp(open_session(None), estimate_by_hand, Shelf(lambda: shipped))
        app.animation_level = "none"
        async with app.run_test(size=size, message_hook=lambda _message: changed.set()) as pilot:
            user = User(pilot, changed)
            await listed(user)
            yield user
        app.session.drafts.release()

    return opened


async def listed(user: User) -> StartScreen:
    """Wait until the start screen lists what there is to open."""
    await user.until(lambda: isinstance(user.app.screen, StartScreen) and bool(user.app.screen.groups))
    screen = user.app.screen
    assert isinstance(screen, StartScreen)
    await user.pause()
    return screen


def told(screen: StartScreen) -> str:
    options = screen.query_one("#start-list", OptionList).options
    return "\n".join(str(option.prompt) for option in options)


async def fill(user: User, screen: StartScreen) -> None:
    """Fill in model, tokens and day, and leave the rest open."""
    await user.press(*"73b")
    await user.shown(Picker)
    await user.press("enter")
    await user.until(lambda: getattr(screen.focused, "path", None) == TOKENS)
    await user.press(*"2T", "enter", *"200", "space", *"days", "enter")


async def test_five_fields_make_a_plan_which_may_be_closed_again(open_start: OpenStart) -> None:
    async with open_start() as user:
        screen = await listed(user)
        bar = str(screen.query_one("#key-bar", Static).content)
        assert "F1 help" in bar
        # what stands nowhere else on it
        assert "F10 claims" in bar
        assert "F11 profiles" in bar
        assert "None was opened here yet: Enter on an example opens it." in " ".join(told(screen).split())
        await fill(user, screen)
        assert "200 d from today" in str(screen.row(BY).hint.content)
        await user.press("ctrl+n")
        planning = await user.settled()
        plan = planning.session.plan
        assert (plan.name, plan.workload.tokens) == ("73B parameters, 2T tokens", 2e12)
        assert plan.model.parameters == 73e9
        assert plan.calendar.start == datetime.date.today()
        assert plan.targets.finish_by == datetime.date.today() + datetime.timedelta(200)
        # to what must still be said
        await user.focused_on(("cluster", "pools", 0, "system"))
        # nobody has changed anything there yet, and a kill would lose what was typed before
        await user.until(lambda: [draft.plan for draft in find_drafts(None)] == [plan])
        await user.press("ctrl+t")
        assert "changes not saved" in await user.asked()
        await user.press("d")
        screen = await listed(user)
        assert not planning.is_attached
        assert not user.app.session.is_dirty
        assert drafts_left() == []
        await user.press("ctrl+q")
        assert user.app.return_code == 0


async def test_a_plan_is_left_in_one_step_however_long_its_draft_takes_to_go(
    open_start: OpenStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_start() as user:
        await fill(user, await listed(user))
        await user.press("ctrl+n")
        planning = await user.settled()
        await user.until(lambda: bool(find_drafts(None)))
        drafts, may_go = user.app.session.drafts, threading.Event()
        keep = drafts.keep

        def keep_late(unsaved: Callable[[], tuple[Path | None, Plan | None]]) -> Path | None:
            may_go.wait(60.0)
            return keep(unsaved)

        monkeypatch.setattr(drafts, "keep", keep_late)
        await user.press("ctrl+t")
        await user.asked()
        await user.press("d")
        await user.until(lambda: user.app.session.plan.name == UNNAMED)
        # nobody sees a plan that is no more, or does anything to it
        assert not planning.is_on_top
        await user.press("f11")
        await user.shown(ProfilesScreen)
        may_go.set()
        await user.press("escape")
        await listed(user)
        await user.until(lambda: not find_drafts(None))


async def test_the_clusters_that_do_it_are_one_key_away(open_start: OpenStart) -> None:
    async with open_start() as user:
        screen = await listed(user)
        await user.press("f7")
        assert user.app.screen is screen
        await fill(user, screen)
        await user.press("f7")
        explore = await user.shown(ExploreScreen)
        assert explore.pane() == "ranking"
        assert explore.exploration.targets is not None
        # the first stops the search
        await user.press("escape", "escape")
        await user.until(lambda: user.app.screen is user.planning)
        await user.settled()


async def test_every_door_opens_and_comes_back(open_start: OpenStart) -> None:
    async with open_start((80, 24)) as user:
        screen = await listed(user)
        await user.press("f5")
        doors: dict[str, type[Screen[Any]]] = {"f10": ClaimScreen, "f11": ProfilesScreen, "v": EvidenceScreen}
        doors |= {"f1": Page, "f9": Picker, "ctrl+p": Palette, "ctrl+o": Picker}
        for key, kind in doors.items():
            await user.press(key)
            await user.shown(kind)
            await user.press("escape")
            await user.until(lambda: user.app.screen is screen)
        screen.use_profile(("models", "pangu-ultra-135b"))
        assert screen.plan.model.profile == "pangu-ultra-135b"
        await user.press(*"many")
        assert "many" in screen.row(TOKENS).error
        await user.press("ctrl+n")
        assert user.app.screen is screen
        await user.press("ctrl+r")
        assert screen.plan.model.profile is None
        assert screen.row(TOKENS).error == ""


async def test_what_was_opened_is_found_again_and_a_draft_goes_on(
    open_start: OpenStart, plan_path: Path, plan: Plan
) -> None:
    remember_plan(plan_path)
    crashed = SessionDrafts()
    typed = empty_plan("Typed before a crash")
    crashed.keep(lambda: (None, typed))
    crashed.release()
    async with open_start() as user:
        screen = await listed(user)
        titles = [group.title for group in screen.groups]
        assert titles == ["LEFT UNSAVED", "RECENT PLANS", "EXAMPLES"]
        assert [start.path for start in screen.groups[1].starts] == [plan_path]
        assert len(screen.groups[2].starts) == len(list_plans())
        await user.press("f5", "enter")
        planning = await user.settled()
        assert planning.session.plan == typed
        await user.press("ctrl+t")
        await user.asked()
        await user.press("d")
        screen = await listed(user)
        assert [group.title for group in screen.groups] == ["RECENT PLANS", "EXAMPLES"]
        await user.press("f5", "enter")
        planning = await user.settled()
        assert planning.session.plan == plan
        # nothing is unsaved
        await user.press("ctrl+t")
        screen = await listed(user)
        plan_path.write_text("what [is this", encoding="utf-8")
        await user.press("f5", "enter")
        await user.shown(Page)
        await user.press("escape")
        assert user.app.screen is screen
        assert not isinstance(user.app.screen, Question | PlanningScreen)


@pytest.mark.parametrize(
    ("record", "unopenable"),
    [
        ("no toml [", 0),
        ('plan = "x"', 0),
        ("plan = [1, {}, {path = 3}, {path = 'rel.toml', opened = 2026-01-01T00:00:00Z}]", 0),
        ('plan = [{path = "/x\\u0000", opened = 2026-01-01T00:00:00Z}]', 0),
        ('[[plan]]\npath = "/x"\nopened = 0001-01-01T00:00:00+23:59', 0),
        ('[[plan]]\npath = "/x"\nopened = 2026-01-01T00:00:00', 0),
        ('[[plan]]\npath = "/\\u001b[31m/[red]x.toml"\nopened = 2026-01-01T00:00:00Z', 1),
        ('[[plan]]\npath = "/dev/zero"\nopened = 2026-01-01T00:00:00Z', 1),
    ],
)
def test_a_record_that_is_not_ours_breaks_nothing(home: Path, record: str, unopenable: int) -> None:
    record_path().parent.mkdir(parents=True)
    record_path().write_text(record, encoding="utf-8")
    shown = [start for group in start_groups() for start in group.starts]
    assert all("\x1b" not in start.title + start.aside for start in shown)
    assert sum(start.is_broken for start in shown) == unopenable
    path = home / "ours.toml"
    remember_plan(path)
    assert f'path = "{path}"' in record_path().read_text(encoding="utf-8")


def test_a_draft_names_its_file_where_its_own_name_agrees(home: Path, plan: Plan, plan_path: Path) -> None:
    drafts = SessionDrafts()
    kept = drafts.keep(lambda: (plan_path, plan))
    assert kept is not None
    assert drafts_left() == []
    drafts.release()
    assert [draft.of for draft in drafts_left()] == [plan_path]
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace(str(plan_path), "/etc/passwd"), encoding="utf-8")
    assert drafts_left() == []


def test_an_example_is_told_in_a_line() -> None:
    assert first_sentence("As published.\nMore of it.") == "As published"
    examples = start_groups()[-1]
    assert all(start.aside for start in examples.starts)


def test_what_shows_before_a_plan_is_read_is_what_its_fields_say() -> None:
    from planner.app.field_face import FIRST_FIELDS
    from planner.app.fields import FIELDS

    for first in FIRST_FIELDS:
        spec = FIELDS.at(first.path)
        assert (spec.key, spec.label, spec.invitation) == (first.key, first.label, first.invitation)
        assert (spec.is_picked, spec.is_required) == (first.is_picked, first.is_required)


def test_a_day_may_be_said_as_days_from_the_start() -> None:
    from planner.app import pools
    from planner.app.fields import FIELDS
    from planner.app.first_plan import first_plan

    plan = first_plan(datetime.date(2027, 1, 1))
    spec = FIELDS.at(BY)
    for text in ("60 days", "60d", "2027-03-02"):
        assert pools.with_text(plan, BY, spec, text).targets.finish_by == datetime.date(2027, 3, 2)
    with pytest.raises(InputError, match="needs a start"):
        pools.with_text(empty_plan("x"), BY, spec, "60 days")


@pytest.mark.parametrize("width", [40, 53, 76, 93, 133])
def test_no_name_is_cut_where_the_list_has_lines_left(width: int) -> None:
    groups = start_groups()
    titles = [start.title for group in groups for start in group.starts]
    for height in range(10, 60):
        rows = starts_rows(groups, width, height)
        drawn = [text.plain for text, start in rows if start is not None]
        used = sum(text.plain.count("\n") + 1 for text, _ in rows)
        whole = [" ".join(text.split()) for text in drawn]
        # two lines are what a name takes at most, one what it is
        if 3 * len(titles) + 4 <= height or used < height - len(titles) * 2:
            assert all(title in text for title, text in zip(titles, whole, strict=True)), (width, height)
        # nor what it is, where the lines that it takes are left
        left = height - used
        for text, start in rows:
            if start is not None and text.plain.endswith("\u2026") and left >= 0:
                more = in_fewest(start, width).plain.count("\n") - text.plain.count("\n")
                assert more > left, (width, height, start.title)
