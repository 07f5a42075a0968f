"""Gives memory back that nothing holds any more once nobody presses a key: garbage, and its pages."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual._time import get_time
from textual.app import App
from textual.timer import Timer

#: Whoever pressed nothing for so long reads: a tenth of a second for garbage holds up no key of theirs. [s]
REST_S = 1.0


class Tidying:
    """Tidies up once a screen was left and nobody has pressed a key for a while.

    Screens hold their parts, and parts their screen, so that only the search for garbage frees one that was
    left. Python searches all that is there once that has grown by a quarter: some screens later.

    Parameters
    ----------
    app
        Whose screens are left.
    typed_at
        Returns when something was typed last, on the clock of events.
    """

    def __init__(self, app: App[Any], typed_at: Callable[[], float]) -> None:
        self.app = app
        self.typed_at = typed_at
        self.timer: Timer | None = None

    def ask(self) -> None:
        """Tidy up as soon as nobody presses a key."""
        if self.timer is None:
            self.timer = self.app.set_timer(REST_S, self.tidy_where_quiet)

    def tidy_where_quiet(self) -> None:
        """Tidy up, unless somebody has typed meanwhile."""
        self.timer = None
        if get_time() - self.typed_at() < REST_S:
            self.ask()
            return
        gc.collect()
        return_freed_pages()


def return_freed_pages() -> None:
    """Return the pages that hold nothing any more: arrays of a work that is done leave some MiB of them.

    The GNU C library returns by itself only what lies at a heap's end. Elsewhere nothing is done.
    """
    if sys.platform == "linux":
        # another C library has no such function
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
