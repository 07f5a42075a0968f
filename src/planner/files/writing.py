"""Writes TOML: tables in the order given, verified by reading back, and files replaced whole."""

from __future__ import annotations

import contextlib
import datetime
import math
import os
import secrets
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli_w

from planner.errors import FileError
from planner.files.lexing import MAXIMUM_DEPTH
from planner.files.reading import shown_path, system_reason
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
    """Replace a file by TOML in the mapping's key order, wholly or not at all.

    The text is parsed back and compared first, lies in a temporary file of the same folder and on the
    disk before it takes the name. A link is written through; a file keeps its permissions.

    Raises
    ------
    FileError
        Where anything fails; the old file is then whole and the temporary one gone.
    """
    write_bytes_atomic(path, toml_text(mapping, where=shown_path(path)).encode("utf-8"))


def write_bytes_atomic(path: Path, content: bytes, *, confirm: Callable[[], None] | None = None) -> None:
    """Replace a file by `content`, wholly or not at all; as `write_toml_atomic`.

    Parameters
    ----------
    path, content
        The file and what it shall hold.
    confirm
        Called once the content lies on the disk beside the file; where it raises, the file stays as it is.
    """
    where = shown_path(path)
    try:
        target = path.resolve()
        temporary = target.with_name(f".planner-{secrets.token_hex(8)}.tmp")
        try:
            _write_durably(temporary, content, like=target)
            if confirm is not None:
                confirm()
            os.replace(temporary, target)  # noqa: PTH105 - named as the atomic step it is
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except (OSError, RuntimeError, ValueError) as error:
        reason = "is not a file name" if isinstance(error, ValueError) else system_reason(error)
        raise FileError(f"{where}: cannot be written: {reason}") from None


def _write_durably(path: Path, content: bytes, *, like: Path) -> None:
    # 0o666 less the umask, as any new file; O_EXCL so that nobody's file or link is followed
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        if like.exists():
            with contextlib.suppress(OSError):
                path.chmod(stat.S_IMODE(like.stat().st_mode))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk too, where the system lets a folder be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
