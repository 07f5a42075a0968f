"""Calls that give up: a shared drive that hangs must not hang the program."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")

#: A thread that nobody gave a call for so long ends.
_IDLE_S = 1.0


class PatientCaller:
    """Makes calls one after the other in a daemon thread, which neither a timeout nor an exit waits for.

    One thread serves all calls, for a thread each would take longer than reading a small file.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_running = False

    def within(self, seconds: float, call: Callable[[], Result]) -> Result:
        """Return what `call` returns, unless it takes longer than `seconds`.

        Raises
        ------
        TimeoutError
            Where the time is over; the call itself goes on unheard, and later calls wait behind it.
        """
        future: Future[Result] = Future()
        with self._lock:
            self._calls.put((future, call))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._work, daemon=True, name="planner-profiles").start()
        return future.result(timeout=seconds)

    def _work(self) -> None:
        while True:
            try:
                future, call = self._calls.get(timeout=_IDLE_S)
            except queue.Empty:
                with self._lock:
                    if self._calls.empty():
                        self._is_running = False
                        return
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # handed to the caller above, whatever it is
                future.set_exception(error)


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Make one call with a limit; as `PatientCaller.within`."""
    return PatientCaller().within(seconds, call)
