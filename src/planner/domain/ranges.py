"""The range of a number in a file, beside its type: what lies outside is refused, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from planner.units import ForeignSpan, Span

#: Why a number is refused that is only too large, where its key says nothing better.
_TOO_LARGE = "nothing built or planned comes near it"
#: What a dollar buys of any currency at most: a bound of dollars holds for others that far up.
_MOST_FOR_A_DOLLAR = 1e5


@dataclass(frozen=True)
class Range:
    """Least and greatest value of a number, or of both ends of a span, in the field's own unit."""

    low: float
    high: float
    #: why nothing lies below, as the end of a sentence
    because: str
    #: why nothing lies above
    high_because: str = _TOO_LARGE

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read as the type does, and hold what was read to the range."""
        return core_schema.no_info_wrap_validator_function(self._checked, handler(source))

    def _checked(self, value: Any, read: core_schema.ValidatorFunctionWrapHandler) -> Any:
        # Python counts true as 1, and a person who writes it means no number
        if isinstance(value, bool):
            raise ValueError(f"is not a number; {self.expected_low}")
        found = read(value)
        low, high = (found.low, found.high) if isinstance(found, Span) else (found, found)
        if low < self.low:
            raise ValueError(self.expected_low)
        if high > self.high * (_MOST_FOR_A_DOLLAR if isinstance(found, ForeignSpan) else 1):
            raise ValueError(f"expected {_shown(self.high)} or less: {self.high_because}")
        return found

    @property
    def expected_low(self) -> str:
        """What messages say of a number that is too small."""
        return f"expected {_shown(self.low)} or more: {self.because}"


def _shown(number: float) -> str:
    """Return a bound as people read it: whole numbers in full, where their digits can be counted."""
    if number == int(number) and abs(number) < 1e12:
        return f"{int(number):,}"
    return f"{number:g}"
