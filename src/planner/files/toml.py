"""Reads TOML: bounded in depth and numbers, and with every refusal explained."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from planner.errors import FileError
from planner.files import lexing
from planner.files.lexing import MAXIMUM_DEPTH
from planner.files.reading import read_text, shown_path
from planner.text import safe

#: What TOML promises of an integer.
_LARGEST_INTEGER = 2**63 - 1

_PLACE = re.compile(r"\s*\((?:at line (\d+), column (\d+)|at end of document)\)$")
#: How the parser begins what it says of a key, or a table, that a line begins anew.
_SAYS_TWICE = ("Cannot overwrite a value", "Cannot declare")
_BEGUN = re.compile(r"\s*\[{0,2}\s*([^\s=\]]+)")
_DATE_LIKE = re.compile(r"([A-Za-z0-9_.-]+)\s*=\s*(\d{1,4}-\d{1,2}-\d{1,2})\s*(?:#.*)?")


def read_toml(path: Path, *, inside: Path | None = None) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises
    ------
    FileError
        As `read_text`, and where the text is not TOML: `path: line N: what is wrong`.
    """
    return parse_toml(read_text(path, inside=inside), where=shown_path(path))


def parse_toml(text: str, *, where: str) -> dict[str, Any]:
    """Return the tables of TOML text; `where` begins each message."""
    line = lexing.too_deep_at(text)
    if line is not None:
        raise FileError(f"{where}: line {line}: nests deeper than {MAXIMUM_DEPTH} levels")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        from planner.files.other_formats import other_format

        other = other_format(text, where)
        if other is not None:
            raise FileError(f"{where}: is {other}") from None
        raise FileError(f"{where}: {_syntax_problem(str(error), text)}") from None
    except ValueError:
        # Python refuses to convert integers of thousands of digits.
        raise FileError(f"{where}: holds a number that is too long to read") from None
    except RecursionError:
        raise FileError(f"{where}: nests too deep") from None
    if _is_bounded(data):
        return data
    for key, value, depth in walk(data):
        if depth > MAXIMUM_DEPTH:
            raise FileError(f"{where}: {key}: nests deeper than {MAXIMUM_DEPTH} levels")
        if isinstance(value, int) and not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
            raise FileError(f"{where}: {key}: is larger than 64 bits; expected a smaller whole number")
    return data


def _is_bounded(data: Mapping[str, Any]) -> bool:
    """Return whether nothing is too deep or too large, without the names that a complaint would need."""
    stack: list[tuple[Any, int]] = [(data, 0)]
    while stack:
        value, depth = stack.pop()
        if isinstance(value, dict | list):
            if depth > MAXIMUM_DEPTH:
                return False
            stack.extend((item, depth + 1) for item in (value.values() if isinstance(value, dict) else value))
        elif isinstance(value, int) and not -_LARGEST_INTEGER - 1 <= value <= _LARGEST_INTEGER:
            return False
    return True


def _syntax_problem(message: str, text: str) -> str:
    match = _PLACE.search(message)
    line, column = text.count("\n") + 1, ""
    if match and match.group(1):
        line, column = int(match.group(1)), f" (column {match.group(2)})"
    # the parser stops inside a date that no calendar has, and says nothing of dates
    date = _DATE_LIKE.fullmatch(text.split("\n")[line - 1].strip()[:200])
    if date is not None and not _is_date(date[2]):
        key, value = (safe(part, limit=60) for part in date.groups())
        return f"line {line}: {key} = {value}: is not a date; expected one such as 2026-11-22"
    begun = _BEGUN.match(text.split("\n")[line - 1])
    if begun is not None and message.startswith(_SAYS_TWICE):
        return f"line {line}: {safe(begun[1], limit=60)}: stands there twice; expected it once"
    what = safe(_PLACE.sub("", message), limit=200) or "is not TOML"
    return f"line {line}: {what}{column}"


def _is_date(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def walk(data: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Yield every value with its dotted key and depth, without recursion."""
    stack: list[tuple[str, Any, int]] = [("", data, 0)]
    while stack:
        where, value, depth = stack.pop()
        if where:
            yield where, value, depth
        if depth > MAXIMUM_DEPTH:
            continue
        if isinstance(value, Mapping):
            for key, item in value.items():
                name = safe(str(key), limit=60)
                stack.append((f"{where}.{name}" if where else name, item, depth + 1))
        elif isinstance(value, list | tuple):
            stack.extend((f"{where}[{index}]", item, depth + 1) for index, item in enumerate(value))


def has_comments(source: Path | str) -> bool:
    """Return whether a TOML text, or the file of a path, holds comments that a rewrite would lose.

    Raises
    ------
    FileError
        Where a path cannot be read.
    """
    return lexing.has_comments(source if isinstance(source, str) else read_text(source))
