"""Axes of a sweep: a key of a plan with the values that it takes, from `KEY=V1,V2,...` and ranges."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.files.values import shown_value
from planner.plans.overrides import MAXIMUM_LENGTH, Held, apply_overrides, held_at
from planner.text import safe

OPTION = "--vary"
#: Of one sweep: each is estimated, which takes some seconds for a thousand.
MOST_POINTS = 1_000
_RANGE = re.compile(r"(?P<low>.+?)\.\.(?P<high>.+?)/(?P<points>\d{1,9})(?P<geometric>\*?)", re.DOTALL)
_EXPECTED = "expected KEY=V1,V2,..., such as cluster.pools.count=256,512 or cluster.pools.count=128..1024/8"
#: What stands between two ends of a range is rounded to so many digits: nobody asks for a count of tokens
#: to the last.
_DIGITS = 4
_OPENING = {"[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Axis:
    """A key and the values that it takes, as `--set` takes them."""

    key: str
    values: tuple[str, ...]


def axes_of(plan: Plan, texts: Sequence[str]) -> tuple[Axis, ...]:
    """Return the axes that texts of `--vary` mean for a plan.

    Values are split at commas outside quotes and brackets. `a..b/n` are n of them, evenly spaced from a to b
    (numbers in any unit of the key, or days), `a..b/n*` evenly by factors; ends are as they were typed,
    whole numbers and days stay whole, and what comes out twice counts once. `4..8` without a number of
    points is one value: anything from 4 to 8.

    Raises
    ------
    PlanError
        Where a text is none, a key is unknown (naming the nearest) or given twice, a range has no ends, or
        there are more points than `MOST_POINTS`.
    """
    axes: list[Axis] = []
    for text in texts:
        key, equals, values = text.partition("=")
        key = key.strip()
        if not equals or not key or not values.strip():
            raise PlanError(f"{OPTION} {shown_value(text)}: {_EXPECTED}")
        if len(values) > MAXIMUM_LENGTH:
            raise PlanError(f"{OPTION} {safe(key, limit=80)}: is longer than {MAXIMUM_LENGTH:,} characters")
        held = held_at(plan, key, where=OPTION)
        where = f"{OPTION} {safe(key, limit=80)}"
        if any(axis.key == key for axis in axes):
            raise PlanError(f"{where}: is varied twice; expected all its values in one")
        found = (value for part in _parts(key, values) for value in _values(plan, key, part, held))
        # ranges of ranges would go on for hours
        some = list(islice(found, MOST_POINTS + 1))
        if len(some) > MOST_POINTS:
            raise PlanError(f"{where}: makes more than {MOST_POINTS:,} points; {_at_most()}")
        axes.append(Axis(key, tuple(dict.fromkeys(some))))
        points = math.prod(len(axis.values) for axis in axes)
        if points > MOST_POINTS:
            raise PlanError(f"{where}: makes {points:,} points; {_at_most()}")
    return tuple(axes)


def _at_most() -> str:
    return f"expected {MOST_POINTS:,} at most"


def _parts(key: str, text: str) -> Iterator[str]:
    """Yield what stands between commas outside quotes and brackets."""
    waiting: list[str] = []
    quote = part = ""
    for character in f"{text},":
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in _OPENING:
            waiting.append(_OPENING[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
        elif character == "," and not waiting:
            if not part.strip():
                raise PlanError(f"{OPTION} {safe(key, limit=80)}: a value is empty; {_EXPECTED}")
            yield part.strip()
            part = ""
            continue
        part += character
    if part.strip(","):
        raise PlanError(f"{OPTION} {safe(key, limit=80)}: a quote or a bracket is open; {_EXPECTED}")


def _values(plan: Plan, key: str, text: str, held: Held) -> Iterator[str]:
    match = _RANGE.fullmatch(text)
    if match is None:
        yield text
        return
    where = f"{OPTION} {safe(key, limit=80)} = {shown_value(text)}"
    points = int(match["points"])
    if points < 2:
        raise PlanError(f"{where}: expected 2 points or more")
    if points > MOST_POINTS:
        raise PlanError(f"{where}: makes {points:,} points; {_at_most()}")
    ends = [match[name].strip() for name in ("low", "high")]
    low, high = (_number(plan, key, end, where) for end in ends)
    if isinstance(low, datetime.date) is not isinstance(high, datetime.date):
        raise PlanError(f"{where}: expected two days or two numbers")
    yield ends[0]
    for inner in _between(low, high, points, where, is_geometric=bool(match["geometric"])):
        yield _written(plan, key, inner, is_whole=held.is_whole)
    yield ends[1]


def _number(plan: Plan, key: str, end: str, where: str) -> float | datetime.date:
    """Return what an end of a range means: a number in the field's unit, or a day."""
    value = held_at(apply_overrides(plan, [f"{key}={end}"], where=OPTION), key, where=OPTION).value
    if isinstance(value, bool) or not isinstance(value, int | float | datetime.date):
        raise PlanError(f"{where}: expected a range of numbers or days; {shown_value(end)} is none")
    return value


def _between(low: Any, high: Any, points: int, where: str, *, is_geometric: bool) -> Iterator[Any]:
    """Yield what lies between the ends of a range."""
    is_of_days = isinstance(low, datetime.date)
    if is_geometric and (is_of_days or min(low, high) <= 0):
        raise PlanError(f"{where}: expected numbers above 0, as {shown_value('*')} goes by factors")
    if is_of_days:
        low, high = low.toordinal(), high.toordinal()
    for place in range(1, points - 1):
        share = place / (points - 1)
        value = low * (high / low) ** share if is_geometric else low + (high - low) * share
        yield datetime.date.fromordinal(round(value)) if is_of_days else value


def _written(plan: Plan, key: str, value: Any, *, is_whole: bool) -> str:
    """Return a value as a plan file writes it."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if is_whole:
        return str(round(value))
    plain = repr(float(f"{value:.{_DIGITS}g}"))
    written = held_at(apply_overrides(plan, [f"{key}={plain}"], where=OPTION), key, where=OPTION).written
    return f"{written:g}" if isinstance(written, float) else str(written)
