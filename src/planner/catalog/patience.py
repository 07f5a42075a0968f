"""Calls that give up: a shared drive that hangs must not hang the program."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")

#: A thread that nobody gave a call for so long ends.
_IDLE_S = 1.0


class _Answer(Generic[Result]):
    """What a call in another thread came to, once it came to anything; lighter to load than a Future."""

    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        self._is_there = threading.Event()
        self._result: Result
        self._error: BaseException | None = None

    def find(self) -> None:
        """Make the call."""
        try:
            self._result = self._call()
        except BaseException as error:  # handed to whoever waits, whatever it is
            self._error = error
        self._is_there.set()

    def within(self, seconds: float) -> Result:
        """Return what the call returned, or raise what it raised; TimeoutError where it did neither yet."""
        if not self._is_there.wait(seconds):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._result


class PatientCaller:
    """Makes calls one after the other in a daemon thread, which neither a timeout nor an exit waits for.

    One thread serves all calls, for a thread each would take longer than reading a small file.
    """

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[_Answer[Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_running = False

    def within(self, seconds: float, call: Callable[[], Result]) -> Result:
        """Return what `call` returns, unless it takes longer than `seconds`.

        Raises
        ------
        TimeoutError
            Where the time is over; the call itself goes on unheard, and later calls wait behind it.
        """
        answer = _Answer(call)
        with self._lock:
            self._calls.put(answer)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._work, daemon=True, name="planner-profiles").start()
        return answer.within(seconds)

    def _work(self) -> None:
        while True:
            try:
                answer = self._calls.get(timeout=_IDLE_S)
            except queue.Empty:
                with self._lock:
                    if self._calls.empty():
                        self._is_running = False
                        return
                continue
            answer.find()


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Make one call with a limit; as `PatientCaller.within`."""
    return PatientCaller().within(seconds, call)
