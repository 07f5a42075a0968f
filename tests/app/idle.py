"""Waits until the app under a pilot has nothing left to do, in place of sleeping until it seems so."""

from __future__ import annotations

import asyncio
import time
from asyncio import TimerHandle
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._context import active_app
from textual.pilot import Pilot

#: A timer that fires within that time is part of what goes on.
SOON_S = 0.02
#: What goes on for longer is an animation or a worker: whoever waits for it says so.
LONGEST_S = 1.0


async def until_idle(*_: object) -> bool:
    """Wait until no task, callback or near timer of the event loop is left, and the screen is laid out.

    Textual's pilot has every widget answer a message and sleeps 20 ms or more at a time, until the process
    used little of a processor: half the time of a test that presses keys, and no promise on a busy machine.
    """
    loop: Any = asyncio.get_running_loop()
    end = time.monotonic() + LONGEST_S
    while time.monotonic() < end:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        app = active_app.get(None)
        if app is not None and app.screen_stack and app.screen._update_timer._active.is_set():
            # what the timer would do at the next frame
            app.screen._on_timer_update()
            continue
        timers: list[TimerHandle] = [timer for timer in loop._scheduled if not timer.cancelled()]
        wait_s = min((timer.when() for timer in timers), default=float("inf")) - loop.time()
        if wait_s > SOON_S:
            break
        await asyncio.sleep(wait_s)
    return True


def wait_by_the_loop(patch: pytest.MonkeyPatch) -> None:
    """Have all pilots wait that way."""
    patch.setattr(Pilot, "_wait_for_screen", until_idle)
    patch.setattr(textual.pilot, "wait_for_idle", until_idle)
    patch.setattr(textual.app, "wait_for_idle", until_idle)
