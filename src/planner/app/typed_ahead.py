"""What is typed faster than the app follows: one key at a time, and what is meant for a list waits for it.

A key goes to what has the focus when the app hears it. Without this, one that comes before the one before it
has done its work, or while the list that it asks for is being made, would go to the screen below.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

from textual import events
from textual.app import App

from planner.app.layer import Dialog, Layer
from planner.app.round_trip import round_trip, way_of

#: A key is no longer waited with, whatever the one before it does still. [s]
TURN_S = 0.25
#: Whoever typed nothing for so long, and sees no list, means the screen that they see. [s]
HOLD_S = 1.0
#: Nobody types more than that ahead.
MOST_HELD = 200
#: Keys with a name that a list, or a field that asks, is told by; all others are for screens.
FOR_LISTS = frozenset(
    (
        *("enter", "space", "backspace", "delete", "ctrl+u", "ctrl+w", "ctrl+k", "ctrl+t"),
        *("up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
        *("ctrl+up", "ctrl+down", "ctrl+left", "ctrl+right"),
    )
)
#: What ends the app waits for nothing.
NEVER_HELD = frozenset(["ctrl+q", "ctrl+c"])

Typed = events.Key | events.Paste


def is_for_list(typed: Typed) -> bool:
    """Return whether a list would be told something by it."""
    return isinstance(typed, events.Paste) or typed.is_printable or typed.key in FOR_LISTS


class TypedAhead:
    """Keeps what is typed until its turn: the app asks about each key, and hears again those that waited."""

    def __init__(self, app: App[Any]) -> None:
        self.app = app
        #: what waits for what was typed before it
        self.waiting: deque[Typed] = deque()
        #: what waits for a list, or another dialog that is typed into
        self.held: deque[Typed] = deque()
        #: the screen over which that list is to lie; None: a dialog is waited for that lies there already
        self.held_over: object = None
        #: the dialog that hears what was held
        self.held_for: object = None
        #: what was passed on and is not there yet
        self.turn: Typed | None = None
        self.is_busy = False
        self.is_news = asyncio.Event()
        #: when something was typed last
        self.typed_at = 0.0

    def keeps(self, typed: Typed) -> bool:
        """Keep what was typed until its turn, or return that it is its turn."""
        if typed is self.turn:
            self.turn = None
            return self.is_early(typed)
        is_end = isinstance(typed, events.Key) and typed.key in NEVER_HELD
        if is_end or not self.app.screen_stack or self.app.return_code is not None:
            return False
        if self.is_early(typed):
            return True
        # as Textual does with each key that it hears
        self.app.app_focus = True
        before, self.typed_at = self.typed_at, typed.time
        if not self.is_busy and not self.is_awaited() and self.is_quiet():
            return False
        self.give_up_where_late(before)
        if len(self.waiting) + len(self.held) >= MOST_HELD:
            self.app.bell()
            return True
        self.waiting.append(typed)
        self.is_news.set()
        if not self.is_busy:
            self.is_busy = True
            self.app.run_worker(self.pass_on(), group="typed")
        return True

    def give_up_where_late(self, typed_before: float) -> None:
        """Wait for no list that takes too long: what is typed now is for what somebody sees."""
        screen = self.app.screen
        if isinstance(screen, Layer) and screen.awaits_list:
            since = max(typed_before, screen.list_asked_at)
            if self.typed_at - since > HOLD_S:
                screen.lists_to_come = 0
                self.held.clear()

    def is_early(self, typed: Typed) -> bool:
        """Whether it was typed before the question on top was there: nobody had read that."""
        screen = self.app.screen
        return isinstance(screen, Dialog) and screen.decides and typed.time < screen.made_at

    def stir(self) -> None:
        """Look again whether what waits may go on: a list has come, or comes no more."""
        self.is_news.set()

    def is_quiet(self) -> bool:
        """Whether all that was typed before has done its work."""
        return all(node.message_queue_size == 0 for node in (self.app, *way_of(self.app)))

    def is_awaited(self) -> bool:
        """Whether what is typed now is for something that is not there yet."""
        screen = self.app.screen
        return isinstance(screen, Layer) and (screen.awaits_list or not _is_ready(screen))

    async def pass_on(self) -> None:
        """Give one after the other its turn, in the order in which they were typed."""
        try:
            while self.waiting or self.held:
                await self.quiet()
                if not self.app.screen_stack:
                    return
                if self.held and not self.is_awaited():
                    self.pass_on_held()
                elif self.waiting:
                    self.take_turn(self.waiting.popleft())
                elif self.held:
                    await self.news()
        finally:
            self.is_busy = False

    async def quiet(self) -> None:
        """Wait until what was typed before has done its work, but not for ever."""
        try:
            async with asyncio.timeout(TURN_S):
                while self.turn is not None or not self.is_quiet():
                    await round_trip(self.app)
        except TimeoutError:
            self.turn = None

    def pass_on_held(self) -> None:
        """Let the list hear the first of what was held for it; nothing else does, a question least of all."""
        screen = self.app.screen
        is_for_typing = isinstance(screen, Dialog) and screen.is_for_typing
        if is_for_typing and screen is not self.held_over and self.held_for in (None, screen):
            self.held_for = screen
            self.let_go(self.held.popleft())
        else:
            # there is none, or it is gone again
            self.held.clear()
        if not self.held:
            self.held_for = None

    def take_turn(self, typed: Typed) -> None:
        """Pass on what was typed, or hold it."""
        screen = self.app.screen
        if not isinstance(screen, Layer) or not self.is_awaited():
            self.let_go(typed)
        elif not _is_ready(screen):
            self.held_over = None
            self.held.append(typed)
        elif isinstance(typed, events.Key) and typed.key == "escape":
            # as it would leave the list
            self.held.clear()
            screen.take_back_list()
        elif is_for_list(typed):
            self.held_over = screen
            self.held.append(typed)
        else:
            # somebody goes on with something else
            self.let_go(typed)

    async def news(self) -> None:
        """Wait until a list has come, or comes no more, or more is typed."""
        self.is_news.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.is_news.wait(), HOLD_S)
            return
        if isinstance(self.app.screen, Layer):
            # it lies there, and shows nothing to type into
            self.app.screen.is_ready = True

    def let_go(self, typed: Typed) -> None:
        """Let the app hear it."""
        self.turn = typed
        self.app.post_message(typed)


def _is_ready(screen: Layer[Any]) -> bool:
    """Return whether a dialog that is typed into takes what is typed; every other screen does."""
    return screen.is_ready or not (isinstance(screen, Dialog) and screen.is_for_typing)
