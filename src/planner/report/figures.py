"""A quantity as what a document holds: its text, and the number and unit that the text was made from."""

from __future__ import annotations

import math
from collections.abc import Iterable

from planner.planning.result import Band
from planner.report import numbers
from planner.report.document import Entry, Number, Role
from planner.report.numbers import Scale


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
    band: Band | None,
    scales: tuple[Scale, ...] = numbers.ONE,
    *,
    digits: int = 2,
    role: Role = "plain",
    behind: str = "",
) -> Entry:
    """Return a banded quantity as an entry; `behind` is said after it."""
    text = numbers.banded(band, scales, digits) + behind
    return Entry(label, text, role, numbers_of((band,), scales))


def share_figure(label: str, band: Band | None, *, role: Role = "plain", behind: str = "") -> Entry:
    """Return a banded fraction as an entry, in percent."""
    return Entry(label, numbers.percent_band(band) + behind, role, numbers_of((band,)))
