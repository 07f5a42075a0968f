"""What was typed before the app is told to end: it comes through from the terminal to the plan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual.app import App

from planner.app.round_trip import round_trip
from planner.app.session import Session

#: The end waits no longer for it.
PATIENCE_S = 1.0
#: What a key does may take several messages, one after the other.
_MOST_ROUNDS = 10


async def take_last_input(app: App[Any], session: Session, is_waited_for: Callable[[], bool]) -> None:
    """Read what the terminal holds still, and wait until all of it has changed what it changes.

    `is_waited_for` says whether keys wait for those before them still.
    """
    driver = app._driver
    if driver is not None:
        # reads what there is and hands it on before it ends
        driver.disable_input()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(_MOST_ROUNDS):
                before = session.plan
                await round_trip(app)
                if session.plan is before and not is_waited_for():
                    break
