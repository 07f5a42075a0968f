"""Waits until the app under a pilot has nothing left to do, in place of sleeping until it seems so."""

from __future__ import annotations

import asyncio
import time
from asyncio import TimerHandle
from collections.abc import Callable
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._context import active_app
from textual.pilot import Pilot

#: A timer that fires within that time is part of what goes on.
SOON_S = 0.02
#: What near timers keep going for longer is an animation: whoever waits for it says so.
LONGEST_S = 1.0
#: What the loop has to do is done however busy the machine is: only this much work is no end of it.
MOST_WORK_S = 10.0
#: A flow that waits for a file in a thread goes on when it has it: only a test that holds it takes longer.
LONGEST_FILE_S = 5.0

_in_threads: set[asyncio.Future[Any]] = set()
_to_thread = asyncio.to_thread


async def _counted_to_thread(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Do it in a thread, as ``asyncio.to_thread``, and have the pilots know of it."""
    here = asyncio.get_running_loop().create_future()
    _in_threads.add(here)
    try:
        return await _to_thread(work, *arguments, **options)
    finally:
        _in_threads.discard(here)


async def until_idle(*_: object) -> bool:
    """Wait until no task, callback, near timer or file of the event loop is left, and the screen is laid out.

    Textual's pilot has every widget answer a message and sleeps 20 ms or more at a time, until the process
    used little of a processor: half the time of a test that presses keys, and no promise on a busy machine.
    """
    loop: Any = asyncio.get_running_loop()
    slept_s, files_s = 0.0, 0.0
    most = time.thread_time() + MOST_WORK_S
    while slept_s < LONGEST_S and time.thread_time() < most:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        app = active_app.get(None)
        if app is not None and app.screen_stack and app.screen._update_timer._active.is_set():
            # what the timer would do at the next frame
            app.screen._on_timer_update()
            continue
        if files_s < LONGEST_FILE_S and any(one.get_loop() is loop for one in _in_threads):
            began = time.monotonic()
            await asyncio.sleep(0.001)
            files_s += time.monotonic() - began
            continue
        timers: list[TimerHandle] = [timer for timer in loop._scheduled if not timer.cancelled()]
        wait_s = min((timer.when() for timer in timers), default=float("inf")) - loop.time()
        if wait_s > SOON_S:
            break
        await asyncio.sleep(wait_s)
        slept_s += max(wait_s, 0.001)
    return True


def wait_by_the_loop(patch: pytest.MonkeyPatch) -> None:
    """Have all pilots wait that way."""
    patch.setattr(asyncio, "to_thread", _counted_to_thread)
    patch.setattr(Pilot, "_wait_for_screen", until_idle)
    patch.setattr(textual.pilot, "wait_for_idle", until_idle)
    patch.setattr(textual.app, "wait_for_idle", until_idle)
