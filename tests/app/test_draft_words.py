"""What is said of drafts: the same with every key while they are kept, and at once where one is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from planner.app import draft_keeper
from planner.domain.plan import Plan
from planner.errors import FileError
from planner.plans.drafts import find_drafts

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp

KEPT = "draft within 1 s"
Unsaved = Callable[[], tuple[Path | None, Plan | None]]


async def test_a_draft_is_told_once_and_again_only_where_it_fails_or_is_late(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as user:
        keeper, bar, drafts = user.planning.bench.drafts, user.planning.key_bar, user.app.session.drafts
        keep, may_go, said = drafts.keep, threading.Event(), list[str]()

        def hear(words: str) -> None:
            said.append(words)
            bar.show_status(words)

        def fails(_unsaved: Unsaved) -> Path | None:
            raise FileError("no space left on device")

        def hangs(unsaved: Unsaved) -> Path | None:
            may_go.wait(60.0)
            return keep(unsaved)

        monkeypatch.setattr(keeper, "show", hear)
        assert bar.status == ""
        await user.edit_count("512")
        # with the edit, and true before and after the draft of it lies on disk
        assert bar.status == KEPT
        await user.until(lambda: bool(find_drafts(user.app.session.path)))
        await keeper.finish()
        assert set(said) == {KEPT}

        monkeypatch.setattr(drafts, "keep", fails)
        await user.press("1")
        await user.until(lambda: bar.status == "no draft: no space left on device")
        await user.press("backspace")
        # nothing is promised where the last one could not be written
        assert bar.status.startswith("no draft")
        monkeypatch.setattr(drafts, "keep", keep)
        await user.press("2")
        await user.until(lambda: bar.status == KEPT)

        monkeypatch.setattr(drafts, "keep", hangs)
        monkeypatch.setattr(draft_keeper, "PROMISE_S", 0.3)
        await user.press("backspace")
        await user.until(lambda: bar.status == "draft is late")
        await user.press("3")
        assert bar.status == "draft is late"
        may_go.set()
        await user.until(lambda: bar.status.startswith("draft within"))
        # the word on a save stays until something is edited, and of what lies on disk there is no draft
        await user.press("ctrl+s")
        await user.saved()
        await user.press("backspace")
        assert bar.status.startswith("draft within")
        await user.press("3")
        assert not user.app.session.is_dirty
        assert bar.status == ""
