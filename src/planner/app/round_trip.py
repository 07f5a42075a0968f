"""Waits until a key, and what comes of it, has gone through the queues on its way."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.widget import Widget


def way_of(app: App[Any]) -> list[DOMNode]:
    """Return what hears a key, one after the other: what has the focus, all that holds it, and the app."""
    if not app.screen_stack:
        return [app]
    first = app.focused or app.screen
    return [node for node in first.ancestors_with_self if not isinstance(node, Widget) or node.is_attached]


async def round_trip(app: App[Any]) -> None:
    """Wait for each queue that a key and what comes of it goes through, in this order.

    What a key does may take several messages, one after the other: that many rounds.
    """
    # what the reading thread handed on becomes a message of the app
    await _handled(app)
    # the key itself, then what the field says of it, which climbs up to the screen
    for node in way_of(app):
        await _handled(node)


async def _handled(pump: MessagePump) -> None:
    """Wait until all that waits in a queue was handled."""
    handled = asyncio.Event()
    if pump.call_later(handled.set):
        await handled.wait()
