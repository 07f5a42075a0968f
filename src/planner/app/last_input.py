"""What was typed before the app is told to end: it comes through from the terminal to the plan."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.widget import Widget

from planner.app.session import Session

#: The end waits no longer for it.
PATIENCE_S = 1.0
#: What a key does may take several messages, one after the other.
_MOST_ROUNDS = 10


async def take_last_input(app: App[Any], session: Session) -> None:
    """Read what the terminal holds still, and wait until all of it has changed what it changes."""
    driver = app._driver
    if driver is not None:
        # reads what there is and hands it on before it ends
        driver.disable_input()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(_MOST_ROUNDS):
                before = session.plan
                await _round(app)
                if session.plan is before:
                    break


async def _round(app: App[Any]) -> None:
    """Wait for each queue that a key and what comes of it goes through, in this order."""
    # what the reading thread handed on becomes a message of the app
    await _handled(app)
    focused = app.focused if app.screen_stack else None
    if focused is None:
        return
    # the key itself, then what the field says of it, which climbs up to the screen
    for node in (focused, *focused.ancestors_with_self):
        if _is_listening(node):
            await _handled(node)


def _is_listening(node: DOMNode) -> bool:
    return not isinstance(node, Widget) or node.is_attached


async def _handled(pump: MessagePump) -> None:
    """Wait until all that waits in a queue was handled."""
    handled = asyncio.Event()
    if pump.call_later(handled.set):
        await handled.wait()
