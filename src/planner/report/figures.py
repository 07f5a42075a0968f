"""A quantity as what a document holds: its text, and the number and unit that the text was made from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate
from planner.quantities.currency import told_in
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.table import TABLE
from planner.quantities.units import Unit
from planner.report import numbers
from planner.report.document import Entry, Number, Role
from planner.report.numbers import Scale
from planner.units import DOLLAR

#: What each unit is shown in; others as they are.
_SCALES: Mapping[Unit, tuple[Scale, ...]] = {
    "share": numbers.PERCENT,
    "s": numbers.DURATION,
    "tokens/s": numbers.TOKEN_RATE,
    "FLOP/s": numbers.FLOPS_PER_S,
    "B": numbers.BYTES,
    "B/s": numbers.BYTES_PER_S,
    "W": numbers.POWER,
    "MWh": numbers.ENERGY_MWH,
    "t CO2": numbers.CARBON_T,
    "m3": numbers.WATER_M3,
    "J/token": numbers.JOULES_PER_TOKEN,
    "USD": numbers.MONEY,
}


def scales_of(unit: Unit, rate: ExchangeRate = NO_EXCHANGE) -> tuple[Scale, ...]:
    """Return what a unit of the table is shown in, the largest first; money in the rate's currency.

    Examples
    --------
    >>> scales_of("W")[1].name, scales_of("days")[0].name
    ('MW', 'days')
    >>> scales_of("USD/h", ExchangeRate("EUR", 0.8))
    (Scale(factor=1.25, name='EUR/h'),)
    """
    scales = _SCALES.get(unit) or (Scale(1.0, unit),)
    if rate.currency == DOLLAR or DOLLAR not in unit:
        return scales
    return tuple(
        Scale(scale.factor / rate.per_usd, scale.name.replace(DOLLAR, rate.currency)) for scale in scales
    )


def base_scale(scales: tuple[Scale, ...]) -> Scale:
    """Return the unit in which a quantity is kept, whatever it is shown in; of other money, its own.

    Examples
    --------
    >>> base_scale(numbers.POWER).name, base_scale(numbers.ONE).name
    ('W', '')
    """
    kept = numbers.ONE[0] if scales == numbers.PERCENT else scales[-1]
    return next((scale for scale in scales if scale.factor == 1.0), kept)


def numbers_of(
    values: Iterable[Band | float | None], scales: tuple[Scale, ...] = numbers.ONE
) -> tuple[Number, ...]:
    """Return the numbers that are known, of a band its median and ends."""
    base = base_scale(scales)
    found = (
        Number(value.p50 / base.factor, base.name, value.p10 / base.factor, value.p90 / base.factor)
        if isinstance(value, Band)
        else Number(value / base.factor, base.name)
        for value in values
        if value is not None
    )
    return tuple(number for number in found if math.isfinite(number.value))


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
    if isinstance(value, Band):
        text = numbers.banded(value, scales, digits)
    else:
        text = numbers.quantity(value, scales, digits)
    return Entry(label, text + behind, role, numbers_of((value,), scales))


def told(
    figures: Figures, identifier: str, *, digits: int = 2, role: Role = "plain", behind: str = ""
) -> Entry:
    """Return a quantity of the table as an entry: by its short title, in its unit."""
    made = TABLE[identifier]
    value = figures.band(identifier) if made.form == "band" else figures.p50(identifier)
    scales = scales_of(made.unit, told_in(figures.setting))
    return figure(made.short, value, scales, digits=digits, role=role, behind=behind)
