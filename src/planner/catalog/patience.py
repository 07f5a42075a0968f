"""Calls that give up: a shared drive that hangs must not hang the program."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what `call` returns, unless it takes longer than `seconds`.

    The call runs in a daemon thread, which neither a timeout nor the program's exit waits for.

    Raises
    ------
    TimeoutError
        Where the time is over; the call itself goes on unheard.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # handed to the caller below, whatever it is
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="planner-profiles").start()
    return future.result(timeout=seconds)
