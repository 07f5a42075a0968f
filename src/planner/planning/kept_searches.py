"""Keeps what layout searches found: a plan whose price, site or calendar changes is not searched again."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable

from planner.engine.search import Found


class KeptSearches:
    """The newest answers of searches by what was asked, letter for letter; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[bytes, Found] = OrderedDict()
        self._lock = threading.Lock()

    def found(self, asked: object, search: Callable[[], Found]) -> Found:
        """Return what a search finds, made where nobody asked the same lately; kept unless it was stopped.

        Parameters
        ----------
        asked
            All that the answer depends on: plain values, arrays, and dataclasses of them.
        search
            Makes the answer.
        """
        # equal bytes are equal values; values that are equal may differ in bytes, and are searched again
        key = hashlib.blake2b(pickle.dumps(asked), digest_size=32).digest()
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = search()
        if not made.was_cancelled:
            with self._lock:
                self._found[key] = made
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._found.clear()
