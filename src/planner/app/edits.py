"""One typed text into one changed plan, or a sentence that says what is wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from planner.domain.keys import rivals
from planner.domain.plan import Plan, Pool
from planner.errors import InputError, QuantityError
from planner.text import first_unsafe
from planner.units import (
    COUNT,
    MONEY,
    Dimension,
    ForeignSpan,
    Span,
    canonical_text,
    foreign_text,
    parse_quantity,
    parse_span,
)

FieldKind = Literal[
    "whole", "quantity", "text", "date", "code", "choice", "flag", "profile", "paragraphs", "lines"
]
PathPart = str | int
FieldPath = tuple[PathPart, ...]

DATE_FORMATS = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d.%m.%Y", "%Y/%m/%d")
FLAG_VALUES = {"yes": True, "no": False}
MAXIMUM_TYPED = 200


@dataclass(frozen=True)
class Reading:
    """How the text of a field is read: what kind of value, its unit, and whether it may be empty."""

    kind: FieldKind
    is_required: bool = False
    dimension: Dimension | None = None
    unit: str = ""
    is_span: bool = False
    #: what an empty text stands for: of a text that may be one, itself
    empty: str | None = None


def read_text(text: str, reading: Reading) -> Any:
    """Return the value that `text` writes, mostly None where it is empty; raise InputError in words."""
    if reading.kind == "paragraphs":
        # of any length, over lines; the plan's own type says what is wrong with it
        return text.rstrip()
    if reading.kind == "lines":
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    typed = text.strip()
    if not typed:
        if reading.is_required:
            raise InputError("must be filled in")
        return reading.empty
    if len(typed) > MAXIMUM_TYPED:
        raise InputError(f"is longer than {MAXIMUM_TYPED} characters")
    unsafe = first_unsafe(typed)
    if unsafe is not None:
        raise InputError(f"holds the character {unsafe[1]}; expected plain text")
    try:
        return _READERS[reading.kind](typed, reading)
    except QuantityError as error:
        raise InputError(f"'{typed}' {error}") from None


def _read_whole(typed: str, _reading: Reading) -> int:
    number = parse_quantity(typed, COUNT)
    if number != int(number):
        raise InputError(f"'{typed}' is not a whole number; expected one such as 1,024 or 8k")
    if number < 1:
        raise InputError(f"'{typed}' is less than 1; expected a whole number such as 1,024 or 8k")
    return int(number)


def _read_quantity(typed: str, reading: Reading) -> float | Span:
    dimension = reading.dimension or COUNT
    if reading.is_span:
        return parse_span(typed, dimension, unit=reading.unit)
    return parse_quantity(typed, dimension, unit=reading.unit)


def _read_date(typed: str, _reading: Reading) -> datetime.date:
    for form in DATE_FORMATS:
        try:
            return datetime.datetime.strptime(typed, form).date()
        except ValueError:
            continue
    raise InputError(f"'{typed}' is not a date; expected one such as 2026-12-14")


def _read_code(typed: str, _reading: Reading) -> str:
    code = typed.upper()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise InputError(f"'{typed}' is not a country; expected two letters such as CN, US or DE")
    return code


def _read_flag(typed: str, _reading: Reading) -> bool:
    try:
        return FLAG_VALUES[typed.lower()]
    except KeyError:
        raise InputError(f"'{typed}' is neither yes nor no; leave it empty where unknown") from None


def _read_as_is(typed: str, _reading: Reading) -> str:
    return typed


_READERS = {
    "whole": _read_whole,
    "quantity": _read_quantity,
    "text": _read_as_is,
    "date": _read_date,
    "code": _read_code,
    "choice": _read_as_is,
    "flag": _read_flag,
    "profile": _read_as_is,
}


def write_value(value: Any, reading: Reading) -> str:  # noqa: PLR0911 - one return per kind
    """Return the text that stands in the field for `value`: what `read_text` reads back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "\n".join(map(str, value))
    if isinstance(value, ForeignSpan):
        return foreign_text(value, reading.dimension or MONEY, unit=reading.unit)
    if isinstance(value, Span):
        return f"{write_value(value.low, reading)}..{write_value(value.high, reading)}"
    if isinstance(value, int | float) and reading.kind in ("whole", "quantity"):
        is_whole = reading.kind == "whole"
        dimension = reading.dimension or COUNT
        return f"{value:,}" if is_whole else canonical_text(float(value), dimension, unit=reading.unit)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def get_value(plan: Plan, path: FieldPath) -> Any:
    """Return what stands at `path`, for instance ``("cluster", "pools", 0, "count")``."""
    found: Any = plan
    for part in path:
        found = found[part] if isinstance(part, int) else getattr(found, part)
    return found


def with_value(plan: Plan, path: FieldPath, value: Any) -> Plan:
    """Return the plan with `value` at `path`, validated at every level; raise InputError in words."""
    try:
        changed = _rebuilt(plan, path, value)
    except ValidationError as error:
        raise InputError(first_problem(error)) from None
    assert isinstance(changed, Plan)
    return changed


def _rebuilt(node: Any, path: FieldPath, value: Any) -> Any:
    """Rebuild models from their attributes: a dump would turn spans and overrides into text and back."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(node, tuple):
        assert isinstance(part, int)
        return (*node[:part], _rebuilt(node[part], rest, value), *node[part + 1 :])
    assert isinstance(node, BaseModel)
    assert isinstance(part, str)
    fields = {name: getattr(node, name) for name in type(node).model_fields}
    fields[part] = _rebuilt(fields[part], rest, value)
    if value is not None:
        # a plan may hold only one of them
        for rival in rivals(type(node)).get(part, ()):
            fields[rival] = type(node).model_fields[rival].get_default()
    return type(node).model_validate(fields)


def with_pools(plan: Plan, pools: Sequence[Pool]) -> Plan:
    """Return the plan with other pools."""
    return with_value(plan, ("cluster", "pools"), tuple(pools))


def first_problem(error: ValidationError) -> str:
    """Return the first complaint of pydantic in words."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "string_pattern_mismatch":
        return "holds characters that are not allowed here; expected small letters, digits and dashes"
    return message[:1].lower() + message[1:]
