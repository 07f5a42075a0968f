"""Field types for quantities: numbers in the field's unit, or text with a unit, or `low..high`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from planner.domain.ranges import Range
from planner.errors import QuantityError
from planner.units import (
    ANY_MONEY,
    ANY_MONEY_PER_HOUR,
    ANY_MONEY_PER_KWH,
    AREA,
    BYTES,
    BYTES_PER_S,
    CARBON,
    COUNT,
    FLOPS_PER_S,
    FRACTION,
    MONEY,
    MONEY_PER_KWH,
    POWER,
    TIME,
    TOKENS,
    WATER,
    Dimension,
    ForeignSpan,
    Span,
    canonical_text,
    check_number,
    foreign_text,
    parse_quantity,
    parse_span,
)


@dataclass(frozen=True)
class QuantityReader:
    """Reads a number in the field's unit, or a text with a unit; and a range, where the field takes one."""

    dimension: Dimension
    unit: str
    takes_span: bool = False

    def __call__(self, value: Any) -> float | Span:
        """Return the quantity; raise ValueError in words."""
        try:
            if self.takes_span and isinstance(value, Span):
                return value
            if isinstance(value, str):
                read = parse_span if self.takes_span else parse_quantity
                return read(value, self.dimension, unit=self.unit)
            return _number(value, self.dimension)
        except QuantityError as error:
            raise ValueError(str(error)) from None


def _parser(dimension: Dimension, unit: str) -> BeforeValidator:
    return BeforeValidator(QuantityReader(dimension, unit))


def _span_parser(dimension: Dimension, unit: str) -> BeforeValidator:
    return BeforeValidator(QuantityReader(dimension, unit, takes_span=True))


def _number(value: Any, dimension: Dimension) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuantityError(f"is not a quantity; {dimension.expected}")
    try:
        return check_number(float(value), dimension)
    except OverflowError:
        raise QuantityError(f"is too large; {dimension.expected}") from None


def _writer(dimension: Dimension, unit: str) -> PlainSerializer:
    def write(value: float | Span) -> str | float:
        if isinstance(value, ForeignSpan):
            return foreign_text(value, dimension, unit=unit)
        if not isinstance(value, Span):
            return canonical_text(value, dimension, unit=unit)
        text = f"{write(value.low)}..{write(value.high)}"
        # `500..2k` would read as 500 k: where a unit would reach the lower end, neither end has one
        with suppress(QuantityError):
            if parse_span(text, dimension, unit=unit) == value:
                return text
        return _plain_span(value)

    return PlainSerializer(write)


def _plain_span(value: float | Span) -> str | float:
    """Write a span in its field's own unit, and leave a number as it is."""
    return f"{value.low!r}..{value.high!r}" if isinstance(value, Span) else value


_plain_writer = PlainSerializer(_plain_span)


def _money_writer(dimension: Dimension) -> PlainSerializer:
    """Write dollars as plain numbers, and other currencies with their units."""

    def write(value: float | Span) -> str | float:
        return foreign_text(value, dimension) if isinstance(value, ForeignSpan) else _plain_span(value)

    return PlainSerializer(write)


def _one_amount(value: float | Span) -> float | Span:
    if isinstance(value, Span) and value.low != value.high:
        raise ValueError("is a range; expected one amount such as 60M")
    return value


#: What is measured is more than nothing, for estimates divide by it; what is unknown is left out.
_SOME = "leave the key out where it is unknown"

FlopsPerSecond = Annotated[
    float,
    _parser(FLOPS_PER_S, ""),
    _writer(FLOPS_PER_S, ""),
    Range(1, 1e24, f"a rate of 0 computes nothing; {_SOME}"),
]
Bytes = Annotated[
    float, _parser(BYTES, ""), _writer(BYTES, ""), Range(1, 1e18, f"a memory holds a byte; {_SOME}")
]
BytesPerSecond = Annotated[
    float,
    _parser(BYTES_PER_S, ""),
    _writer(BYTES_PER_S, ""),
    Range(1, 1e18, f"a rate of 0 moves nothing; {_SOME}"),
]
Watts = Annotated[
    float, _parser(POWER, ""), _writer(POWER, ""), Range(0.001, 1e9, f"what runs draws power; {_SOME}")
]
#: up to a hundred years
Seconds = Annotated[float, _parser(TIME, ""), _writer(TIME, ""), Range(0, 3.2e9, "no time is less than none")]
#: A time that may be known only as a range; each key adds its own range.
SecondsSpan = Annotated[float | Span, _span_parser(TIME, ""), _writer(TIME, "")]
#: A number of days; text may use any unit of time.
Days = Annotated[float, _parser(TIME, "days"), Range(1e-9, 1e12, "what takes no time was not done")]
#: Days that may be known only as a range; each key adds its own range.
DaysSpan = Annotated[float | Span, _span_parser(TIME, "days"), _plain_writer]
#: Of CO2 and what warms as much.
KilogramsOfCarbon = Annotated[float, Range(0.01, 1e9, f"what is made emits something; {_SOME}")]
SquareMillimetres = Annotated[float, _parser(AREA, ""), Range(0.01, 1e6, f"a die has an area; {_SOME}")]
#: A part of a whole.
Fraction = Annotated[
    float, _parser(FRACTION, ""), Range(0, 1, "no share is less than nothing", "a share is at most the whole")
]
#: A part of a whole that may be known only as a range.
FractionSpan = Annotated[
    float | Span,
    _span_parser(FRACTION, ""),
    _plain_writer,
    Range(0, 1, "no share is less than nothing", "a share is at most the whole"),
]
#: The part that is reached of a rate.
Efficiency = Annotated[
    float,
    _parser(FRACTION, ""),
    Range(0.001, 1, f"what works reaches some of its rate; {_SOME}", "nothing is faster than its own rate"),
]
#: One quantity by another, which may be the smaller.
Ratio = Annotated[float, _parser(FRACTION, ""), Range(0, 1000, "no ratio is less than nothing")]
#: A number in full or with a suffix; each key adds its own range.
Count = Annotated[float, _parser(COUNT, ""), _writer(COUNT, "")]
#: A number in megawatts; text may use any unit of power.
Megawatts = Annotated[float, _parser(POWER, "MW"), Range(1e-6, 1e6, f"nothing runs on no power; {_SOME}")]
#: What may be spent, in any currency; a bare number is in US dollars.
Budget = Annotated[
    float | Span,
    _span_parser(ANY_MONEY, ""),
    _writer(ANY_MONEY, ""),
    AfterValidator(_one_amount),
    Range(1, 1e15, f"no run is free; {_SOME}"),
]
#: What a plan says that something costs, in any currency, and may know only as a range.
PriceSpan = Annotated[
    float | Span,
    _span_parser(ANY_MONEY, ""),
    _writer(ANY_MONEY, ""),
    Range(0, 1e12, "no price is less than nothing"),
]
PricePerKwhSpan = Annotated[
    float | Span,
    _span_parser(ANY_MONEY_PER_KWH, ""),
    _money_writer(ANY_MONEY_PER_KWH),
    Range(0, 100, "no price is less than nothing", "no grid or generator asks so much"),
]
PricePerHourSpan = Annotated[
    float | Span,
    _span_parser(ANY_MONEY_PER_HOUR, ""),
    _money_writer(ANY_MONEY_PER_HOUR),
    Range(0, 1e6, "no rent is less than nothing"),
]
#: A price of a profile in US dollars that may be known only as a range.
UsdSpan = Annotated[
    float | Span, _span_parser(MONEY, ""), _writer(MONEY, ""), Range(0, 1e12, "no price is less than nothing")
]
#: A price in a currency that is said beside it.
AmountSpan = Annotated[
    float | Span, _span_parser(COUNT, ""), _writer(COUNT, ""), Range(0, 1e15, "no price is less than nothing")
]
UsdPerKwhSpan = Annotated[
    float | Span,
    _span_parser(MONEY_PER_KWH, ""),
    _plain_writer,
    Range(0, 100, "no price is less than nothing", "no grid or generator asks so much"),
]
GramsPerKwh = Annotated[
    float,
    _parser(CARBON, ""),
    Range(0, 10_000, "a grid takes nothing out of the air", "burning coal causes about 1,000"),
]
LitresPerKwh = Annotated[
    float, _parser(WATER, ""), Range(0, 1_000, "cooling makes no water", "cooling takes a few litres at most")
]
TokenCount = Annotated[float, _parser(TOKENS, ""), _writer(TOKENS, "")]
TokensSpan = Annotated[
    float | Span,
    _span_parser(TOKENS, ""),
    _writer(TOKENS, ""),
    Range(1, 1e18, "a training trains on a token", "all that people have written is less"),
]
_PUE_RANGE = Range(
    1, 10, "a facility draws at least what its IT does", "no facility draws ten times what its IT does"
)
Pue = Annotated[float, _parser(FRACTION, ""), _PUE_RANGE]
PueSpan = Annotated[float | Span, _span_parser(FRACTION, ""), _plain_writer, _PUE_RANGE]
