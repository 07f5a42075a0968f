"""The report written from inside the app: asked where, never over another file without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.app.test_palette_and_rush import run_command
from textual.widgets import Input, Static

from planner.app.dialogs.page import Page
from planner.app.dialogs.path_prompt import PathPrompt
from planner.app.dialogs.question import Question

if TYPE_CHECKING:
    from tests.app.conftest import MakeRealApp, OpenApp, User


async def _ask(user: User, path: str | None = None) -> str:
    """Ask for an export by the palette, type a path over what is suggested, and return that."""
    await run_command(user, "export", "Export...")
    prompt = await user.shown(PathPrompt)
    suggested = prompt.query_one(Input).value
    if path is not None:
        prompt.query_one(Input).value = path
    await user.press("enter")
    return suggested


async def test_the_palette_writes_a_report(
    open_app: OpenApp, make_real_app: MakeRealApp, plan_path: Path, home: Path
) -> None:
    async with open_app(make_real_app()) as user:
        screen = user.planning
        await user.until(lambda: screen.session.estimate is not None)
        await user.press("f5", "x")
        prompt = await user.shown(PathPrompt)
        await user.press("down", "down")
        assert prompt.query_one(Input).value == str(plan_path.with_suffix(".md"))
        await user.press("up", "escape")
        suggested = await _ask(user)
        assert suggested == str(plan_path.with_suffix(".html"))
        page = Path(suggested)
        await user.until(page.exists)
        await user.until(lambda: "exported pangu.html" in str(screen.key_bar.content))
        assert screen.session.plan.name in page.read_text(encoding="utf-8")
        assert any(str(page) in one.message for one in user.app._notifications)
        # what is there is asked about, and another name is another file
        page.write_text("mine", encoding="utf-8")
        await _ask(user)
        assert "exists already" in await user.asked()
        await user.press("escape")
        await user.until(lambda: user.app.screen is screen)
        assert page.read_text(encoding="utf-8") == "mine"
        await _ask(user)
        await user.asked()
        await user.press("o")
        prompt = await user.shown(PathPrompt)
        prompt.query_one(Input).value = str(home / "other.json")
        await user.press("enter")
        await user.until((home / "other.json").exists)
        await user.until(lambda: user.app.screen is screen)
        record = json.loads((home / "other.json").read_text(encoding="utf-8"))
        estimate = screen.session.estimate
        assert estimate is not None
        assert estimate.figures is not None
        assert record["training_days"]["p50"] == estimate.figures.p50("training_days")
        await _ask(user)
        await user.shown(Question)
        await user.press("r")
        await user.until(lambda: page.read_text(encoding="utf-8") != "mine")


async def test_what_cannot_be_written_is_told_and_the_plan_stays(
    open_app: OpenApp, make_real_app: MakeRealApp, home: Path
) -> None:
    async with open_app(make_real_app()) as user:
        screen = user.planning
        await user.until(lambda: screen.session.estimate is not None)
        await _ask(user, str(home / "no" / "such.html"))
        shown = await user.shown(Page)
        assert "no such folder" in str(shown.query(Static).first().content) or shown.title == "Not exported"
        await user.press("escape")
        await user.until(lambda: user.app.screen is screen)
        # an end that nobody knows is a part of a page's name, as in `Save as`
        await _ask(user, str(home / "v1.2"))
        await user.until((home / "v1.2.html").exists)
        await user.until(lambda: user.app.screen is screen)
        await run_command(user, "export", "Export...")
        await user.shown(PathPrompt)
        await user.press("escape")
        await user.until(lambda: user.app.screen is screen)
