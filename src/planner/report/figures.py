"""A quantity as what a document holds: its text, and the number and unit that the text was made from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from planner.planning.result import Band, Performance
from planner.report import numbers
from planner.report.document import Entry, Number, Role
from planner.report.numbers import Scale

PERCENT = (Scale(0.01, "%"),)
#: What a section shows: a label, where the figure is, and its units.
Rows = tuple[tuple[str, Callable[[Performance], Band | float | None], tuple[Scale, ...]], ...]


def base_unit(scales: tuple[Scale, ...]) -> str:
    """Return the unit in which a quantity is kept, whatever it is shown in.

    Examples
    --------
    >>> base_unit(numbers.POWER), base_unit(numbers.ONE)
    ('W', '')
    """
    return next((scale.name for scale in scales if scale.factor == 1.0), "")


def numbers_of(
    values: Iterable[Band | float | None], scales: tuple[Scale, ...] = numbers.ONE
) -> tuple[Number, ...]:
    """Return the numbers that are known, of a band its median."""
    known = (value.p50 if isinstance(value, Band) else value for value in values)
    unit = base_unit(scales)
    return tuple(Number(value, unit) for value in known if value is not None and math.isfinite(value))


def figure(
    label: str,
    value: Band | float | None,
    scales: tuple[Scale, ...] = numbers.ONE,
    *,
    digits: int = 2,
    role: Role = "plain",
    behind: str = "",
) -> Entry:
    """Return a quantity as an entry; `behind` is said after it."""
    if scales is PERCENT and isinstance(value, Band):
        text = numbers.percent_band(value)
    elif isinstance(value, Band):
        text = numbers.banded(value, scales, digits)
    else:
        text = numbers.quantity(value, scales, digits)
    return Entry(label, text + behind, role, numbers_of((value,), scales))


def figures(rows: Rows, performance: Performance) -> list[Entry]:
    """Return the quantities of a list of rows as entries."""
    return [figure(label, value_of(performance), scales) for label, value_of, scales in rows]
