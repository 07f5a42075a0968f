"""Units: constants, quantities parsed as people write them, and their canonical text form."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from itertools import product

from planner.errors import QuantityError

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_HOUR = 3600.0
HOURS_PER_DAY = 24.0
SECONDS_PER_DAY = 86_400.0
DAYS_PER_YEAR = 365.25
HOURS_PER_YEAR = HOURS_PER_DAY * DAYS_PER_YEAR
MONTHS_PER_YEAR = 12.0
BITS_PER_BYTE = 8.0
JOULES_PER_KWH = 3.6e6
JOULES_PER_MWH = 3.6e9
WATTS_PER_KW = 1e3
WATTS_PER_MW = 1e6


def percent(share: float, decimals: int = 0) -> str:
    """Return a share in percent, in a sentence.

    Examples
    --------
    >>> percent(0.43), percent(0.0834, 1)
    ('43 %', '8.3 %')
    """
    return f"{100.0 * share:.{decimals}f} %"


_COUNT_SUFFIXES = {
    "": 1.0,
    "k": 1e3,
    "K": 1e3,
    "M": 1e6,
    "m": 1e6,
    "B": 1e9,
    "b": 1e9,
    "G": 1e9,
    "T": 1e12,
    "t": 1e12,
}
_DECIMAL = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}


def _with_prefixes(*units: str, scale: float = 1.0) -> dict[str, float]:
    return {prefix + unit: factor * scale for unit in units for prefix, factor in _DECIMAL.items()}


_BYTES = {
    **_with_prefixes("B"),
    "KB": 1e3,
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
    "TiB": 2.0**40,
}
_BYTES_PER_S = {
    **{f"{unit}/s": factor for unit, factor in _BYTES.items()},
    **_with_prefixes("b/s", "bit/s", "bps", scale=1 / BITS_PER_BYTE),
    # a bare `400G` on a link is how people write 400 Gb/s
    "G": 1e9 / BITS_PER_BYTE,
    "T": 1e12 / BITS_PER_BYTE,
}
_SECONDS = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "\N{MICRO SIGN}s": 1e-6,
    "ns": 1e-9,
    "min": SECONDS_PER_MINUTE,
    "minutes": SECONDS_PER_MINUTE,
    "h": SECONDS_PER_HOUR,
    "hour": SECONDS_PER_HOUR,
    "hours": SECONDS_PER_HOUR,
    "d": SECONDS_PER_DAY,
    "day": SECONDS_PER_DAY,
    "days": SECONDS_PER_DAY,
    "week": 7 * SECONDS_PER_DAY,
    "weeks": 7 * SECONDS_PER_DAY,
    "year": DAYS_PER_YEAR * SECONDS_PER_DAY,
    "years": DAYS_PER_YEAR * SECONDS_PER_DAY,
}
_USD = {
    suffix + unit: factor
    for unit in ("", "USD", "usd", "$")
    for suffix, factor in {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "B": 1e9, "bn": 1e9}.items()
}


@dataclass(frozen=True)
class Dimension:
    """A kind of quantity: its name in words, its units as factors to SI, and an example to show."""

    name: str
    units: dict[str, float] = field(hash=False)
    example: str
    preferred: tuple[str, ...] = ()
    #: whether an amount may say another currency than US dollars
    takes_currencies: bool = False

    @property
    def one(self) -> str:
        """The name with its article."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"

    @property
    def expected(self) -> str:
        """What messages say was expected: the name with its article, and the example."""
        return f"expected {self.one} such as {self.example}"


COUNT = Dimension("number", _COUNT_SUFFIXES, "8k", ("T", "B", "M", "k", ""))
TOKENS = Dimension(
    "number of tokens",
    {**_COUNT_SUFFIXES, **{f"{suffix}tokens": factor for suffix, factor in _COUNT_SUFFIXES.items()}},
    "13.2T",
    ("T", "B", "M", "k", ""),
)
FLOPS_PER_S = Dimension(
    "compute rate",
    {**_with_prefixes("FLOP/s", "FLOPS", "OP/s", "OPS")},
    "353.9 TFLOP/s",
    ("PFLOP/s", "TFLOP/s", "GFLOP/s"),
)
BYTES = Dimension("amount of memory", _BYTES, "64 GB or 80 GiB", ("TB", "GB", "GiB", "MB", "MiB", "kB", "B"))
BYTES_PER_S = Dimension("bandwidth", _BYTES_PER_S, "1.6 TB/s or 400 Gb/s", ("TB/s", "GB/s", "MB/s", "B/s"))
POWER = Dimension("power", _with_prefixes("W"), "400 W or 12 MW", ("GW", "MW", "kW", "W"))
TIME = Dimension("time", _SECONDS, "60 days or 2 us", ("days", "h", "s", "ms", "us", "ns"))
MONEY = Dimension("amount of money in USD", _USD, "60M USD", ("B USD", "M USD", "k USD", "USD"))
MONEY_PER_KWH = Dimension(
    "electricity price",
    {"USD/kWh": 1.0, "$/kWh": 1.0, "USD/MWh": 1e-3, "$/MWh": 1e-3},
    "0.08 USD/kWh",
    ("USD/kWh",),
)
MONEY_PER_HOUR = Dimension(
    "rental price", {"USD/h": 1.0, "$/h": 1.0, "USD/hour": 1.0}, "2.5 USD/h", ("USD/h",)
)
CARBON = Dimension(
    "carbon intensity", {"g/kWh": 1.0, "gCO2/kWh": 1.0, "kg/MWh": 1.0}, "582 g/kWh", ("g/kWh",)
)
WATER = Dimension("water use", {"L/kWh": 1.0, "l/kWh": 1.0, "m3/MWh": 1.0}, "1.8 L/kWh", ("L/kWh",))
#: Money of a plan, which may be in any currency: `250k EUR`.
ANY_MONEY, ANY_MONEY_PER_KWH, ANY_MONEY_PER_HOUR = (
    replace(dimension, takes_currencies=True) for dimension in (MONEY, MONEY_PER_KWH, MONEY_PER_HOUR)
)
AREA = Dimension("area", {"mm2": 1.0, "mm\N{SUPERSCRIPT TWO}": 1.0}, "814 mm2", ("mm2",))
FRACTION = Dimension("fraction", {"": 1.0, "%": 0.01}, "0.9 or 90 %", ("",))

_NUMBER = re.compile(r"\s*([+-]?(?:\d[\d_, ]*)?(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
MAXIMUM_LENGTH = 80
#: In which amounts are kept.
DOLLAR = "USD"
#: ISO 4217, where an amount or its first end has its unit.
_CURRENCY = re.compile(r"[A-Z]{3}(?=\s*(?:/|\.\.|$))")


@dataclass(frozen=True)
class Span:
    """An uncertain quantity: anywhere from `low` to `high`, both in the unit of its field."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """The midpoint, which stands for the span where one number is asked for."""
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class ForeignSpan(Span):
    """An amount of money in a currency that is not the US dollar, both ends of it."""

    currency: str


def middle_of(value: float | Span) -> float:
    """Return the number that stands for a quantity: a span's middle, or the number itself."""
    return value.middle if isinstance(value, Span) else value


def span_ends(value: float | Span) -> tuple[float, float]:
    """Return the ends of a span; of a number, twice itself."""
    return (value.low, value.high) if isinstance(value, Span) else (value, value)


def parse_quantity(text: str, dimension: Dimension, *, unit: str = "") -> float:
    """Return the number that `text` writes, in `unit` (a key of the dimension's units; default SI).

    A bare number is already in `unit`. Thousands may be grouped with commas, spaces or underscores.

    Raises
    ------
    QuantityError
        Where the text is not a finite quantity of that dimension.

    Examples
    --------
    >>> parse_quantity("13.2T", TOKENS)
    13200000000000.0
    >>> parse_quantity("400 Gb/s", BYTES_PER_S)
    50000000000.0
    >>> parse_quantity("500 kW", POWER, unit="MW")
    0.5
    """
    base = dimension.units[unit] if unit else 1.0
    expected = dimension.expected
    if len(text) > MAXIMUM_LENGTH:
        raise QuantityError(f"is too long for a quantity; {expected}")
    match = _NUMBER.fullmatch(text)
    digits = re.sub(r"[_, ]", "", match.group(1)) if match else ""
    if match is None or not any(character.isdigit() for character in digits):
        raise QuantityError(f"is not a quantity; {expected}")
    try:
        number = float(digits)
    except ValueError:
        raise QuantityError(f"is not a quantity; {expected}") from None
    suffix = match.group(2).replace(" ", "")
    if suffix == "":
        value = number
    elif suffix in dimension.units:
        value = _scaled(number, digits, dimension.units[suffix] / base)
    elif ".." in suffix:
        raise QuantityError(f"is a range; {expected}")
    else:
        raise QuantityError(f"has the unit '{suffix}'; {expected}")
    return check_number(value, dimension)


def _scaled(number: float, digits: str, factor: float) -> float:
    """Scale exactly where the factor is a power of ten: `13.2T` is 13.2e12, not a hair beside it."""
    exponent = round(math.log10(factor)) if factor > 0 else 0
    if factor > 0 and math.isclose(factor, 10.0**exponent, rel_tol=1e-12) and "e" not in digits.lower():
        return float(f"{digits}e{exponent}")
    return number * factor


def check_number(value: float, dimension: Dimension) -> float:
    """Return `value` if it is finite and of an allowed sign; raise QuantityError otherwise."""
    if not math.isfinite(value):
        raise QuantityError(f"is not finite; {dimension.expected}")
    if value < 0:
        raise QuantityError(f"is negative; {dimension.expected}")
    return value


def parse_span(text: str, dimension: Dimension, *, unit: str = "") -> float | Span:
    """Return a number, or the Span that `low..high` writes; a unit after the second part serves both.

    Examples
    --------
    >>> parse_span("4..8", MONEY)
    Span(low=4.0, high=8.0)
    >>> parse_span("250k EUR", ANY_MONEY)
    ForeignSpan(low=250000.0, high=250000.0, currency='EUR')
    """
    currency = _CURRENCY.search(text) if dimension.takes_currencies else None
    if currency and currency.group() != DOLLAR:
        code = currency.group()
        in_dollars = parse_span(text.replace(code, DOLLAR), dimension, unit=unit)
        return ForeignSpan(*span_ends(in_dollars), code)
    low_text, dots, high_text = text.partition("..")
    if not dots:
        return parse_quantity(text, dimension, unit=unit)
    high = parse_quantity(high_text, dimension, unit=unit)
    low_match = _NUMBER.fullmatch(low_text)
    high_match = _NUMBER.fullmatch(high_text)
    if low_match and high_match and not low_match.group(2):
        low_text = f"{low_text.strip()} {high_match.group(2)}"
    low = parse_quantity(low_text, dimension, unit=unit)
    if low > high:
        raise QuantityError(f"runs from {low:g} down to {high:g}; expected the lower end first")
    return Span(low, high) if low < high else low


def canonical_text(value: float, dimension: Dimension, *, unit: str = "") -> str:
    """Return the shortest text with a preferred unit that parses back to exactly `value`.

    Examples
    --------
    >>> canonical_text(13.2e12, TOKENS)
    '13.2T'
    >>> canonical_text(353.9e12, FLOPS_PER_S)
    '353.9 TFLOP/s'
    >>> canonical_text(81559 * 2.0**20, BYTES)
    '81559 MiB'
    """
    base = dimension.units[unit] if unit else 1.0
    for digits, name in product((6, 12, 17), dimension.preferred):
        factor = dimension.units[name.replace(" ", "")] / base
        scaled = value / factor
        if value == 0 or abs(scaled) >= 1:
            separator = " " if len(name) > 1 else ""
            text = f"{scaled:.{digits}g}"
            if "e" not in text and parse_quantity(f"{text}{separator}{name}", dimension, unit=unit) == value:
                return f"{text}{separator}{name}"
    return repr(value)


def foreign_text(value: ForeignSpan, dimension: Dimension, *, unit: str = "") -> str:
    """Return an amount in its own currency as text that parses back to exactly `value`.

    Examples
    --------
    >>> foreign_text(ForeignSpan(250e3, 300e3, "EUR"), MONEY)
    '250 k EUR..300 k EUR'
    >>> foreign_text(ForeignSpan(0.09, 0.09, "EUR"), MONEY_PER_KWH)
    '0.09 EUR/kWh'
    """
    texts = [
        text
        if DOLLAR in (text := canonical_text(end, dimension, unit=unit))
        else f"{text} {dimension.preferred[-1]}"
        for end in dict.fromkeys(span_ends(value))
    ]
    return "..".join(texts).replace(DOLLAR, value.currency)
