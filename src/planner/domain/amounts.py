"""Field types for quantities: numbers in the field's unit, or text with a unit, or `low..high`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from planner.errors import QuantityError
from planner.units import (
    AREA,
    BYTES,
    BYTES_PER_S,
    CARBON,
    COUNT,
    FLOPS_PER_S,
    FRACTION,
    MONEY,
    MONEY_PER_HOUR,
    MONEY_PER_KWH,
    POWER,
    TIME,
    TOKENS,
    WATER,
    Dimension,
    Span,
    canonical_text,
    check_number,
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


FlopsPerSecond = Annotated[float, _parser(FLOPS_PER_S, ""), _writer(FLOPS_PER_S, "")]
Bytes = Annotated[float, _parser(BYTES, ""), _writer(BYTES, "")]
BytesPerSecond = Annotated[float, _parser(BYTES_PER_S, ""), _writer(BYTES_PER_S, "")]
Watts = Annotated[float, _parser(POWER, ""), _writer(POWER, "")]
Seconds = Annotated[float, _parser(TIME, ""), _writer(TIME, "")]
#: A number of days; text may use any unit of time.
Days = Annotated[float, _parser(TIME, "days")]
SquareMillimetres = Annotated[float, _parser(AREA, "")]
Fraction = Annotated[float, _parser(FRACTION, "")]
Count = Annotated[float, _parser(COUNT, ""), _writer(COUNT, "")]
#: A number in megawatts; text may use any unit of power.
Megawatts = Annotated[float, _parser(POWER, "MW")]
Usd = Annotated[float, _parser(MONEY, ""), _writer(MONEY, "")]
#: A price that may be known only as a range.
UsdSpan = Annotated[float | Span, _span_parser(MONEY, ""), _writer(MONEY, "")]
UsdPerKwhSpan = Annotated[float | Span, _span_parser(MONEY_PER_KWH, ""), _plain_writer]
UsdPerHourSpan = Annotated[float | Span, _span_parser(MONEY_PER_HOUR, ""), _plain_writer]
GramsPerKwh = Annotated[float, _parser(CARBON, "")]
LitresPerKwh = Annotated[float, _parser(WATER, "")]
TokenCount = Annotated[float, _parser(TOKENS, ""), _writer(TOKENS, "")]
TokensSpan = Annotated[float | Span, _span_parser(TOKENS, ""), _writer(TOKENS, "")]
FractionSpan = Annotated[float | Span, _span_parser(FRACTION, ""), _plain_writer]
