"""Keeps what layout searches found: a plan whose price, site or calendar changes is not searched again."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

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
        key = hashlib.blake2b(_letters(asked), digest_size=32).digest()
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


class _Letters(pickle.Pickler):
    """Writes dataclasses as their class and values, in a third of the time of what `pickle` asks of each."""

    def reducer_override(self, written: object) -> Any:
        kind = type(written)
        read = _reader(kind)  # type: ignore[arg-type]  # hashable, as classes are
        return NotImplemented if read is None else (kind, read(written))


def _letters(asked: object) -> bytes:
    buffer = io.BytesIO()
    _Letters(buffer, pickle.HIGHEST_PROTOCOL).dump(asked)
    return buffer.getvalue()


@cache
def _reader(kind: type[object]) -> Callable[[object], tuple[object, ...]] | None:
    """Return what reads all fields of a dataclass; None of another class."""
    if not dataclasses.is_dataclass(kind):
        return None
    names = [field.name for field in dataclasses.fields(kind)]
    # of one field alone the name is no tuple
    return attrgetter(*names) if len(names) > 1 else lambda written: tuple(getattr(written, n) for n in names)
