"""Typed access to one row of a JSON list of published runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.catalog import run_prose as prose
from planner.errors import InputError
from planner.text import safe

#: Rates of a row and of its `check` block agree within this share; rounding explains that much.
AGREEMENT = 0.01
#: No count of anything in a training run is larger; products of a few such still fit into a float.
LARGEST_COUNT = 1e18


class RowError(InputError):
    """A row that cannot become a run."""


@dataclass
class Row:
    """Typed access to one row, and what was noted while reading it."""

    values: Mapping[str, Any]
    assumed: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    is_incomplete: bool = False

    def number(self, key: str, scale: float = 1.0, *, may_be_zero: bool = False) -> float | None:
        """Return a positive number, or None where it is absent."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RowError(f"{key} is {kind_of(value)}; expected a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number) or number < 0 or (number == 0 and not may_be_zero):
            raise RowError(f"{key} = {number:g}; expected a number above zero")
        return number * scale

    def whole(self, key: str, *, may_be_zero: bool = False) -> int | None:
        """Return a whole number above zero, or None where it is absent."""
        number = self.number(key, may_be_zero=may_be_zero)
        if number is None:
            return None
        if number != math.floor(number):
            raise RowError(f"{key} = {number:g}; expected a whole number")
        if number > LARGEST_COUNT:
            raise RowError(f"{key} = {number:g}; expected at most {LARGEST_COUNT:g}")
        return int(self.values[key])

    def needed(self, key: str, *, may_be_zero: bool = False) -> int:
        """Return a whole number that must be there."""
        number = self.whole(key, may_be_zero=may_be_zero)
        if number is None:
            raise RowError(f"{key} is missing, though other parts of the architecture are given")
        return number

    def text(self, key: str) -> str | None:
        """Return a text made safe to show, or None where it is absent or empty."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise RowError(f"{key} is {kind_of(value)}; expected text")
        return safe(value.replace("\n", " ").replace("\t", " "), limit=1_900).strip() or None

    def flag(self, key: str) -> bool | None:
        """Return a boolean, or None where it is absent."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise RowError(f"{key} is {kind_of(value)}; expected true or false")
        return value

    def take(self, reading: prose.Reading[Any]) -> Any:
        """Return what a reading says, and note what it assumed."""
        if reading.remark:
            self.assumed.append(safe(reading.remark, limit=1_900))
        if not reading.is_known:
            self.is_incomplete = True
        return reading.value


def kind_of(value: Any) -> str:
    """Return what a JSON value is, in words."""
    if isinstance(value, str):
        return f"the text {safe(repr(value), limit=60)}"
    names: dict[type, str] = {bool: "true or false", list: "a list", dict: "a table"}
    return names.get(type(value), "a number")
