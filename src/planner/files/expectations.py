"""What was expected of a bad value, in words, for each kind of error that pydantic reports."""

from __future__ import annotations

from typing import Any

from pydantic_core import ErrorDetails

from planner.files.values import nearest, shown_value

_WORDS = {
    "bool": "expected true or false",
    "int": "expected a whole number",
    "float": "expected a number",
    "decimal": "expected a number",
    "finite": "expected a finite number",
    "string": "expected text in quotes",
    "model": "expected a table",
    "dict": "expected a table",
    "mapping": "expected a table",
    "dataclass": "expected a table",
    "list": "expected a list",
    "tuple": "expected a list",
    "set": "expected a list",
    "frozen": "expected a list",
    "date": "expected a date such as 2026-11-22",
    "datetime": "expected a date and time such as 2026-11-22T08:00:00Z",
    "none": "expected nothing here",
}
# The patterns of the domain's text types, by what they stand for.
_PATTERNS = {
    r"^[a-z0-9]+(?:[.+-][a-z0-9]+)*$": (
        "expected lower-case letters and digits joined by '-', '.' or '+', such as 'ascend-910b'"
    ),
    r"^[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*$": (
        "expected letters and digits joined by '-', '_', '.' or '+', such as 'S12'"
    ),
    r"^20\d{2}-(?:0[1-9]|1[0-2])$": "expected a year and a month, such as '2026-08'",
    r"^[A-Z]{2}$": "expected a country of two capital letters, such as 'CN'",
    r"^[A-Z]{2}-[A-Z0-9]{1,3}$": "expected a region of a country, such as 'US-TX'",
    r"^[0-9a-f]{8,64}$": "expected a content hash of 8 to 64 hexadecimal digits",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "expected {} or more"),
    "greater_than": ("gt", "expected more than {}"),
    "less_than_equal": ("le", "expected {} or less"),
    "less_than": ("lt", "expected less than {}"),
    "multiple_of": ("multiple_of", "expected a multiple of {}"),
    "string_too_long": ("max_length", "expected at most {} characters"),
    "string_too_short": ("min_length", "expected {} or more characters"),
    "too_long": ("max_length", "expected at most {} entries"),
    "too_short": ("min_length", "expected {} or more entries"),
}


def expectation(details: ErrorDetails) -> str:  # noqa: PLR0911 - one return per kind
    """Return what was expected where pydantic found `details`."""
    kind = details["type"]
    context: dict[str, Any] = details.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", details["msg"]))
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return words.format(_plain_number(context.get(name)))
    if kind in ("literal_error", "enum"):
        return _one_of(details["input"], str(context.get("expected", "")))
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        return _PATTERNS.get(pattern, f"expected text of the form {pattern}")
    if kind == "int_parsing_size":
        return "is too large; expected a smaller whole number"
    if kind == "float_type" and isinstance(details["input"], int):
        return "is too large; expected a smaller number"
    return _WORDS.get(kind.partition("_")[0], details["msg"])


def _plain_number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else shown_value(value)


def _one_of(value: Any, expected: str) -> str:
    """Return `expected 'a', 'b' or 'c'`, with the nearest one named where there is one."""
    words = f"expected {expected}"
    options = [option.strip("'\"") for option in expected.replace(" or ", ", ").split(", ")]
    near = nearest(value, options) if isinstance(value, str) and len(options) > 1 else None
    return f"{words}; did you mean '{near}'?" if near else words
