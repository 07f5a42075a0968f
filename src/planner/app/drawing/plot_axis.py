"""One axis of a plot: its scale, linear or logarithmic, its ends, and where its ticks stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from planner.report.numbers import decimal

#: Steps between linear ticks, and multiples of a power of ten that a logarithmic axis marks.
_STEPS = (1.0, 2.0, 5.0, 10.0)
#: Room that linear data keep to the ends, as a share of what they span.
_MARGIN = 0.04
#: The same of a logarithmic axis, as a factor.
_LOG_MARGIN = 1.15


def _short(value: float) -> str:
    """Return a tick: the digits it has and no more."""
    return f"{value:,.6g}" if 1e-4 <= abs(value) < 1e7 or value == 0 else decimal(value, 1)


@dataclass(frozen=True)
class Axis:
    """What an axis shows; ends that are not given are taken from what is drawn."""

    title: str
    is_log: bool = False
    low: float | None = None
    high: float | None = None
    #: how a tick is written
    write: Callable[[float], str] = _short

    def takes(self, value: float) -> bool:
        """Return whether a value has a place: no unknown has one, nor zero on a logarithmic axis."""
        return math.isfinite(value) and (value > 0 or not self.is_log)

    def scale(self, values: Iterable[float]) -> Scale:
        """Return the scale that shows all these values, or reaches as far as the axis says."""
        taken = [value for value in values if self.takes(value)] or (
            [1.0, 10.0] if self.is_log else [0.0, 1.0]
        )
        low, high = float(min(taken)), float(max(taken))
        if self.is_log:
            low, high = low / _LOG_MARGIN, high * _LOG_MARGIN
        else:
            room = _MARGIN * (high - low) or abs(high) * 0.1 or 1.0
            # nothing that is all above zero is drawn as if it could be below
            low, high = (max(0.0, low - room) if low >= 0 else low - room), high + room
        return Scale(
            self.is_log, low if self.low is None else self.low, high if self.high is None else self.high
        )


@dataclass(frozen=True)
class Scale:
    """Ends of an axis; a value's share of it is 0 at the low end and 1 at the high one."""

    is_log: bool
    low: float
    high: float

    def share(self, value: float) -> float:
        """Return how far along the axis a value lies; not a number where it has no place."""
        if not math.isfinite(value) or (self.is_log and value <= 0):
            return math.nan
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, share: float) -> float:
        """Return what lies so far along the axis."""
        if self.is_log:
            return self.low * math.pow(self.high / self.low, share)
        return self.low + share * (self.high - self.low)

    def ticks(self, most: int) -> list[float]:
        """Return at most so many round values between the ends, two at least where there is room."""
        most = max(2, most)
        return self._log_ticks(most) if self.is_log else self._linear_ticks(most)

    def _linear_ticks(self, most: int) -> list[float]:
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next((factor * power for factor in _STEPS if factor * power >= rough), 10.0 * power)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]

    def _log_ticks(self, most: int) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for multiples in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
            found = [
                multiple * 10.0**power
                for power in range(first, last + 1)
                for multiple in multiples
                if self.low <= multiple * 10.0**power <= self.high
            ]
            if len(found) <= most:
                break
        if len(found) < 2:
            # less than a decade, in which no two of them lie
            return Scale(is_log=False, low=self.low, high=self.high).ticks(most)
        return found[:: -(-len(found) // most)]
