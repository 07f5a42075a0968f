"""Numbers as people read them: few digits, the unit that fits, the band beside it, unknown said so."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # lists and pages without a figure read this module too, and need no NumPy
    from planner.quantities.figure import Band

UNKNOWN = "unknown"
#: Stands behind every figure whose effect rests on something assumed or incomplete.
ASSUMED_MARK = " *"
#: Past these ends a decimal number is harder to read than its power of ten.
_SMALLEST_DECIMAL = 1e-6
_LARGEST_DECIMAL = 1e15

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit with its factor to SI; a value is shown in the largest one that leaves at least 1."""

    factor: float
    name: str


ONE = (Scale(1.0, ""),)
PERCENT = (Scale(0.01, "%"),)
POWER = (Scale(1e9, "GW"), Scale(1e6, "MW"), Scale(1e3, "kW"), Scale(1.0, "W"))
MONEY = (Scale(1e9, "B USD"), Scale(1e6, "M USD"), Scale(1e3, "k USD"), Scale(1.0, "USD"))
BYTES = (Scale(1e12, "TB"), Scale(1e9, "GB"), Scale(1e6, "MB"), Scale(1e3, "kB"), Scale(1.0, "B"))
BYTES_PER_S = tuple(Scale(scale.factor, f"{scale.name}/s") for scale in BYTES)
FLOPS_PER_S = (
    Scale(1e18, "EFLOP/s"),
    Scale(1e15, "PFLOP/s"),
    Scale(1e12, "TFLOP/s"),
    Scale(1e9, "GFLOP/s"),
    Scale(1.0, "FLOP/s"),
)
DURATION = (
    Scale(86_400.0, "days"),
    Scale(3600.0, "h"),
    Scale(60.0, "min"),
    Scale(1.0, "s"),
    Scale(1e-3, "ms"),
    Scale(1e-6, "us"),
)
ENERGY_MWH = (Scale(1e6, "TWh"), Scale(1e3, "GWh"), Scale(1.0, "MWh"), Scale(1e-3, "kWh"))
CARBON_T = (Scale(1e6, "Mt CO2"), Scale(1e3, "kt CO2"), Scale(1.0, "t CO2"), Scale(1e-3, "kg CO2"))
WATER_M3 = (Scale(1e6, "M m3"), Scale(1e3, "k m3"), Scale(1.0, "m3"), Scale(1e-3, "L"))
TOKEN_RATE = (
    Scale(1e9, "B tokens/s"),
    Scale(1e6, "M tokens/s"),
    Scale(1e3, "k tokens/s"),
    Scale(1.0, "tokens/s"),
)
JOULES_PER_TOKEN = (Scale(1e3, "kJ/token"), Scale(1.0, "J/token"), Scale(1e-3, "mJ/token"))

_COUNT_SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def is_known(value: float | None) -> bool:
    """Return whether the value is a finite number."""
    return value is not None and math.isfinite(value)


def _decimals(value: float, digits: int) -> int:
    """Decimals that leave `digits` significant digits after rounding (9.96 to two digits is 10)."""
    if value == 0:
        return 0
    exponent = math.floor(math.log10(abs(value)))
    if round(abs(value), digits - 1 - exponent) >= 10.0 ** (exponent + 1):
        exponent += 1
    return max(0, digits - 1 - exponent)


def decimal(value: float | None, digits: int = 2) -> str:
    """Return the value with that many significant digits; digits before the point are never lost.

    Examples
    --------
    >>> decimal(0.0834), decimal(9.43), decimal(8192.4), decimal(None)
    ('0.083', '9.4', '8,192', 'unknown')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if value != 0 and not _SMALLEST_DECIMAL <= abs(value) < _LARGEST_DECIMAL:
        return _power_of_ten(value, digits)
    return f"{value:,.{_decimals(value, digits)}f}"


def _power_of_ten(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def pick_scale(value: float, scales: tuple[Scale, ...], digits: int = 2) -> Scale:
    """Return the largest unit in which the rounded value is at least 1; else the smallest unit."""
    for scale in scales:
        scaled = abs(value) / scale.factor
        if round(scaled, _decimals(scaled, digits)) >= 1:
            return scale
    return scales[-1] if value else min(scales, key=lambda scale: abs(math.log(scale.factor)))


def quantity(value: float | None, scales: tuple[Scale, ...], digits: int = 2) -> str:
    """Return the value in the unit that fits it.

    Examples
    --------
    >>> quantity(5.12e6, POWER), quantity(52.1e9, BYTES, 3), quantity(0.0, POWER)
    ('5.1 MW', '52.1 GB', '0 W')
    """
    return " ".join(number_and_unit(value, scales, digits)).rstrip()


def number_and_unit(value: float | None, scales: tuple[Scale, ...], digits: int = 2) -> tuple[str, str]:
    """Return the value in the unit that fits it, and that unit apart.

    Examples
    --------
    >>> number_and_unit(5.12e6, POWER), number_and_unit(None, POWER)
    (('5.1', 'MW'), ('unknown', ''))
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN, ""
    scale = pick_scale(value, scales, digits)
    return decimal(value / scale.factor, digits), scale.name


def trimmed(value: float | None, scales: tuple[Scale, ...], digits: int = 4) -> str:
    """Return a quantity without the zeros behind its point: for figures that are exact.

    Examples
    --------
    >>> trimmed(989e12, FLOPS_PER_S), trimmed(353.9e12, FLOPS_PER_S)
    ('989 TFLOP/s', '353.9 TFLOP/s')
    """
    number, unit = number_and_unit(value, scales, digits)
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}".rstrip()


def _ends(band: Band, factor: float, digits: int) -> str:
    decimals = _decimals(band.p50 / factor, digits)

    def end(value: float) -> str:
        scaled = value / factor
        if not math.isfinite(scaled):
            return UNKNOWN
        is_lost = scaled != 0 and round(scaled, decimals) == 0
        if is_lost or abs(scaled) >= _LARGEST_DECIMAL:
            return decimal(scaled, digits)
        return f"{scaled:,.{decimals}f}"

    return f"[{end(band.p10)}..{end(band.p90)}]"


def banded(band: Band | None, scales: tuple[Scale, ...] = ONE, digits: int = 2) -> str:
    """Return the median with its unit and the 80 % band in the same unit.

    Examples
    --------
    >>> from planner.quantities.figure import Band
    >>> banded(Band(4.8e6, 5.12e6, 5.5e6), POWER)
    '5.1 MW [4.8..5.5]'
    >>> banded(Band(82, 90, 102))
    '90 [82..102]'
    >>> banded(None)
    'unknown'
    """
    return " ".join(middle_and_ends(band, scales, digits)).rstrip()


def middle_and_ends(band: Band | None, scales: tuple[Scale, ...] = ONE, digits: int = 2) -> tuple[str, str]:
    """Return the median with its unit, and the 80 % band apart; of what is unknown there is no band.

    Examples
    --------
    >>> from planner.quantities.figure import Band
    >>> middle_and_ends(Band(4.8e6, 5.12e6, 5.5e6), POWER)
    ('5.1 MW', '[4.8..5.5]')
    >>> middle_and_ends(None)
    ('unknown', '')
    """
    if band is None or not math.isfinite(band.p50):
        return UNKNOWN, ""
    scale = pick_scale(band.p50, scales, digits)
    middle = f"{decimal(band.p50 / scale.factor, digits)} {scale.name}".rstrip()
    return middle, _ends(band, scale.factor, digits)


def days(band: Band | None) -> str:
    """Return training days: two digits, as a plan of months needs no more."""
    return banded(band)


def percent(fraction: float | None, digits: int = 2) -> str:
    """Return a fraction as percent: whole from 10 % on, finer below.

    Examples
    --------
    >>> percent(0.5), percent(0.0834), percent(0.0)
    ('50 %', '8.3 %', '0 %')
    """
    return f"{decimal(fraction * 100, digits)} %" if fraction is not None and is_known(fraction) else UNKNOWN


def percent_band(band: Band | None) -> str:
    """Return a banded fraction as percent: `50 % [44..55]`."""
    return banded(band, PERCENT)


def count(value: float | None, digits: int = 3) -> str:
    """Return a number of things: exact below a million, then with a suffix.

    Examples
    --------
    >>> count(8192), count(13.2e12), count(135e9), count(1.07e25)
    ('8,192', '13.2T', '135B', '1.07e25')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if abs(value) >= _LARGEST_DECIMAL:
        return _power_of_ten(value, digits)
    for factor, suffix in _COUNT_SUFFIXES:
        scaled = value / factor
        if abs(scaled) >= 1:
            text = f"{scaled:,.{_decimals(scaled, digits)}f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + suffix
    if float(value).is_integer():
        return f"{value:,.0f}"
    return decimal(value, digits)


def day(ordinal: float) -> datetime.date:
    """Return the day of a day number; who ends within a day ends on it.

    Examples
    --------
    >>> date(day(739_689.3))
    '15 Mar 2026'
    """
    return datetime.date.fromordinal(math.ceil(ordinal))


def date(day: datetime.date | None) -> str:
    """Return a date in words that no country reads the other way round: `14 Mar 2027`."""
    return UNKNOWN if day is None else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def date_span(first: datetime.date, last: datetime.date, beside: datetime.date | None = None) -> str:
    """Return two dates without saying the same year twice, nor that of a date that stands beside them.

    Examples
    --------
    >>> date_span(datetime.date(2027, 3, 6), datetime.date(2027, 3, 26))
    '6 Mar..26 Mar 2027'
    >>> date_span(datetime.date(2027, 7, 16), datetime.date(2028, 7, 30), datetime.date(2027, 10, 21))
    '16 Jul 2027..30 Jul 2028'
    """
    start, end = date(first), date(last)
    if first.year == last.year:
        start = start.removesuffix(f" {first.year}")
        if beside is not None and beside.year == last.year:
            end = end.removesuffix(f" {last.year}")
    return date(last) if first == last else f"{start}..{end}"
