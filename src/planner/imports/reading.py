"""Reads the keys of a configuration one by one, under their many spellings, and knows which were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from planner.errors import ProfileError
from planner.files.values import shown_key, shown_value
from planner.imports.spellings import SPELLINGS

#: No count of a shape is larger; the shape's own ranges are narrower, and their messages name our keys.
_LARGEST = 10**12


class Reading:
    """One table of a configuration, and which of its keys have been read.

    Parameters
    ----------
    table
        The keys and their values.
    where
        Begins each message: the file, and the table inside it.
    defaults
        What the program that reads such a file takes where a key is absent.
    spellings
        Keys of this kind of file by the name that is asked for, before those that are usual.
    """

    def __init__(
        self,
        table: Mapping[str, Any],
        where: str,
        defaults: Mapping[str, Any] | None = None,
        spellings: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._table = table
        self.where = where
        self._defaults = defaults or {}
        self._spellings = spellings or {}
        self._read: set[str] = set()
        self._inner: dict[str, Reading] = {}

    def keys_of(self, name: str) -> tuple[str, ...]:
        """Return the keys that `name` is spelled as, the first of them the one that wins."""
        return (*self._spellings.get(name, ()), *SPELLINGS.get(name, (name,)))

    def value(self, name: str) -> Any:
        """Return what the first of a name's keys holds that is there and not null, or its default.

        Another key of the name that holds something else is not read: it says what nobody asked for yet.
        """
        found = None
        for key in self.keys_of(name):
            value = self._table.get(key)
            found = value if found is None else found
            if value is None or value == found:
                self._read.add(key)
        return self._defaults.get(name) if found is None else found

    def is_default(self, name: str) -> bool:
        """Return whether a name's value was taken from the defaults."""
        return name in self._defaults and all(self._table.get(key) is None for key in self.keys_of(name))

    def refuse(self, name: str, expected: str, value: Any = None, *, place: int | None = None) -> NoReturn:
        """Refuse a value: `file: key = value: what was expected`; `place`: where in a list it stands."""
        keys = self.keys_of(name)
        key = next((key for key in keys if self._table.get(key) is not None), keys[0])
        value = self._table.get(key) if value is None else value
        shown = shown_key((key,) if place is None else (key, place))
        is_given = value is not None and key in self._table
        raise ProfileError(
            f"{self.where}: {shown}{f' = {shown_value(value)}' if is_given else ''}: {expected}"
        )

    def whole(self, name: str, otherwise: int | None = None, *, least: int = 1) -> int:
        """Return a whole number; a list of one and the same number for each layer is that number.

        Raises
        ------
        ProfileError
            Where it is missing without an `otherwise`, is no whole number, or is less than `least`.
        """
        value = self.value(name)
        # Hunyuan writes false where a number is switched off
        if otherwise is not None and (value is None or value is False):
            return otherwise
        if value is None:
            self.refuse(name, "is missing; expected a whole number")
        return self._whole(name, value, least)

    def _whole(self, name: str, value: Any, least: int) -> int:
        if isinstance(value, list):
            if not value:
                self.refuse(name, "expected a whole number")
            numbers = {self._whole(name, item, least) for item in value if not isinstance(item, list)}
            if len(numbers) != 1 or any(isinstance(item, list) for item in value):
                self.refuse(name, "differs by layer, which no profile can say")
            return numbers.pop()
        if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "expected a whole number", value)
        if not least <= value <= _LARGEST:
            self.refuse(name, f"expected a whole number from {least} to {_LARGEST:,}", value)
        return value

    def number(self, name: str, otherwise: float) -> float:
        """Return a number above 0."""
        value = self.value(name)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _LARGEST:
            self.refuse(name, "expected a number above 0")
        return float(value)

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """Return true or false."""
        value = self.value(name)
        if value is None:
            return otherwise
        if not isinstance(value, bool):
            self.refuse(name, "expected true or false")
        return bool(value)

    def text(self, name: str) -> str | None:
        """Return a text, or None where there is none."""
        value = self.value(name)
        if value is not None and not isinstance(value, str):
            self.refuse(name, "expected a text")
        return value

    def items(self, name: str) -> list[Any] | None:
        """Return a list, or None where there is none."""
        value = self.value(name)
        if value is not None and not isinstance(value, list):
            self.refuse(name, "expected a list")
        return value

    def wholes(self, name: str) -> list[int] | None:
        """Return a list of whole numbers, or None where there is none."""
        values = self.items(name)
        return None if values is None else [self._whole(name, value, 0) for value in values]

    def table(self, name: str) -> Reading:
        """Return a table inside this one; an empty one where there is none."""
        value = self.value(name)
        if value is not None and not isinstance(value, dict):
            self.refuse(name, "expected a table")
        key = next((key for key in self.keys_of(name) if self._table.get(key) is not None), name)
        if key not in self._inner:
            self._inner[key] = Reading(value or {}, f"{self.where}: {shown_key((key,))}")
        return self._inner[key]

    def unread(self) -> Iterator[tuple[str, Any]]:
        """Yield the keys that nothing has read, with what they hold; those inside tables as `table.key`."""
        yield from ((key, value) for key, value in self._table.items() if key not in self._read)
        for key, inner in self._inner.items():
            yield from ((f"{key}.{name}", value) for name, value in inner.unread())
