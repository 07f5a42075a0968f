"""Writes TOML: tables in the order given, verified by reading back."""

from __future__ import annotations

import datetime
import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli_w

from planner.errors import FileError
from planner.files.lexing import MAXIMUM_DEPTH
from planner.files.reading import shown_path
from planner.files.replacing import write_bytes_atomic
from planner.files.toml import walk
from planner.text import safe


class InlineTable(dict[str, Any]):
    """A table that is written on one line, as the value of its key."""


def toml_text(mapping: Mapping[str, Any], *, where: str) -> str:
    """Return TOML text in the mapping's key order, parsed back and found equal.

    Within a table plain values come before tables, as TOML needs it; lists of tables are written as
    `[[list]]`, one line per value, so that a review shows what changed.

    Raises
    ------
    FileError
        Where the mapping holds what TOML or this program refuses: None, NaN, an infinity, ...
    """
    _check_writable(mapping, where)
    try:
        text = "\n".join(_table(mapping, "")).strip("\n") + "\n"
        parsed = tomllib.loads(text)
        text.encode("utf-8")
    except (TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{where}: cannot be written as TOML: {safe(str(error), limit=200)}") from None
    if parsed != _plain(mapping):
        raise FileError(f"{where}: would not read back as it was written; nothing was written")
    return text


def _check_writable(mapping: Mapping[str, Any], where: str) -> None:
    for key, value, depth in walk(mapping):
        if depth > MAXIMUM_DEPTH:
            raise FileError(f"{where}: {key}: nests deeper than {MAXIMUM_DEPTH} levels; nothing was written")
        if isinstance(value, float) and not math.isfinite(value):
            raise FileError(f"{where}: {key}: is not a finite number; nothing was written")
        if not isinstance(value, str | int | float | Mapping | list | tuple | datetime.date | datetime.time):
            raise FileError(f"{where}: {key}: has no form in TOML; nothing was written")


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the lines of a table's values, then those of the tables inside it with their headers."""
    nested = {key: value for key, value in table.items() if _is_section(value)}
    yield from (_key_value(key, value) for key, value in table.items() if key not in nested)
    for key, value in nested.items():
        inner = f"{path}.{_key(key)}" if path else _key(key)
        if isinstance(value, Mapping):
            # a table of nothing but tables is named by their headers
            if not value or not all(_is_section(item) for item in value.values()):
                yield f"\n[{inner}]"
            yield from _table(value, inner)
        else:
            for item in value:
                yield f"\n[[{inner}]]"
                yield from _table(item, inner)


def _is_section(value: Any) -> bool:
    if isinstance(value, InlineTable):
        return False
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping)


def _key_value(key: str, value: Any) -> str:
    if isinstance(value, InlineTable):
        inside = ", ".join(_key_value(inner, item) for inner, item in value.items())
        return f"{_key(key)} = {{ {inside} }}" if inside else f"{_key(key)} = {{}}"
    return tomli_w.dumps({key: value}, multiline_strings=True).rstrip("\n")


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")


def _plain(value: Any) -> Any:
    """Return the value as the parser would give it: dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def write_toml_atomic(path: Path, mapping: Mapping[str, Any]) -> None:
    """Replace a file by TOML in the mapping's key order, parsed back and compared first.

    Raises
    ------
    FileError
        As `toml_text` and `write_bytes_atomic`.
    """
    write_bytes_atomic(path, toml_text(mapping, where=shown_path(path)).encode("utf-8"))
