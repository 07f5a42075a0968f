"""Reads JSON: bounded in depth and numbers, and with every refusal explained."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from planner.errors import FileError
from planner.files.lexing import MAXIMUM_DEPTH
from planner.files.toml import walk
from planner.text import safe

#: Of a number's text: more digits than any count has.
_MOST_DIGITS = 40


def parse_json(text: str, *, where: str) -> dict[str, Any]:
    """Return the object of JSON text; `where` begins each message.

    Raises
    ------
    FileError
        Where the text is not JSON, is no object, nests too deep, or holds what is no number.
    """

    def no_number(word: str) -> NoReturn:
        raise FileError(f"{where}: holds {word}; expected numbers")

    def whole(digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise FileError(f"{where}: holds a number of {len(digits):,} digits; expected a shorter one")
        return int(digits)

    try:
        data = json.loads(text, parse_constant=no_number, parse_int=whole)
    except json.JSONDecodeError as error:
        what = safe(error.msg, limit=100)
        raise FileError(f"{where}: line {error.lineno}: is not JSON: {what} (column {error.colno})") from None
    except ValueError as error:
        raise FileError(f"{where}: is not JSON: {safe(str(error), limit=100)}") from None
    except RecursionError:
        raise FileError(f"{where}: nests deeper than {MAXIMUM_DEPTH} levels") from None
    if not isinstance(data, dict):
        raise FileError(f"{where}: holds no object; expected {{ ... }} with keys and values")
    for key, _, depth in walk(data):
        if depth > MAXIMUM_DEPTH:
            raise FileError(f"{where}: {key}: nests deeper than {MAXIMUM_DEPTH} levels")
    return data
