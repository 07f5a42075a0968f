"""What a key costs the screen: how often it is painted and laid out until the estimate of it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual._compositor import Compositor
from textual.widgets import Input

from planner.app import runner, workbench
from planner.plans.drafts import find_drafts

if TYPE_CHECKING:
    from tests.app.conftest import OpenApp

pytestmark = pytest.mark.paints

#: The echo, and the estimate that follows.
MOST_PAINTS, MOST_LAYOUTS = 2, 1


class Counted:
    """Counts what the compositor of the planning screen does."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.paints = self.layouts = 0
        painted, laid_out = Compositor.render_update, Compositor.reflow

        def render_update(compositor: Compositor, *arguments: Any, **options: Any) -> Any:
            update = painted(compositor, *arguments, **options)
            self.paints += update is not None
            return update

        def reflow(compositor: Compositor, *arguments: Any) -> Any:
            self.layouts += 1
            return laid_out(compositor, *arguments)

        patch.setattr(Compositor, "render_update", render_update)
        patch.setattr(Compositor, "reflow", reflow)

    def begin(self) -> None:
        self.paints = self.layouts = 0


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_a_key_paints_its_echo_and_its_estimate_and_lays_out_once(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    # neither the cursor's blink nor the end of what a change did is of the key, and that it takes its time is
    # said on a busy machine alone
    monkeypatch.setattr(Input, "cursor_blink", False)
    monkeypatch.setattr(workbench, "ECHO_S", 1_000.0)
    monkeypatch.setattr(runner, "PATIENCE_S", 1_000.0)
    async with open_app(size=size) as user:
        await user.edit_count("512")
        await user.settled()
        await user.until(lambda: bool(find_drafts(user.planning.session.path)))
        counted = Counted(monkeypatch)
        found = []
        for key in ("1", "backspace", "2", "backspace"):
            counted.begin()
            revision = user.planning.bench.live.revision
            await user.press(key)
            await user.until(lambda before=revision: user.planning.bench.live.revision > before)  # type: ignore[misc]
            await user.planning.bench.live.settled()
            # that a draft of it lies on disk is no news
            await user.until(lambda: user.planning.bench.drafts.timer is None)
            await user.planning.bench.drafts.finish()
            await user.pause()
            found.append((counted.paints, counted.layouts))
        assert all(paints <= MOST_PAINTS and layouts <= MOST_LAYOUTS for paints, layouts in found), found
