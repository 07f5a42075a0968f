"""Reads TOML files: bounded, never waiting, and with every refusal explained."""

from __future__ import annotations

import datetime
import errno
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from planner.errors import FileError
from planner.files import lexing
from planner.files.lexing import MAXIMUM_DEPTH
from planner.text import safe

MAXIMUM_BYTES = 2 * 1024 * 1024
#: What TOML promises of an integer.
_LARGEST_INTEGER = 2**63 - 1

_PLACE = re.compile(r"\s*\((?:at line (\d+), column (\d+)|at end of document)\)$")
_DATE_LIKE = re.compile(r"([A-Za-z0-9_.-]+)\s*=\s*(\d{1,4}-\d{1,2}-\d{1,2})\s*(?:#.*)?")
_BYTE_ORDER_MARKS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\xef\xbb\xbf": "a byte order mark",
}


def shown_path(path: Path | str) -> str:
    """Return the path as it may be shown in a message."""
    return safe(str(path), limit=300)


def read_text(path: Path, *, inside: Path | None = None) -> str:
    """Return the text of a regular UTF-8 file of at most `MAXIMUM_BYTES`.

    Parameters
    ----------
    path
        The file.
    inside
        A folder that the file must lie in once links are followed; None: anywhere.

    Raises
    ------
    FileError
        Where the file is missing, not a regular file, too large, unreadable or not UTF-8.
    """
    return decoded(read_bytes(path, inside=inside), where=shown_path(path))


def decoded(content: bytes, *, where: str) -> str:
    """Return the text of a file's bytes; raise FileError where they are not plain UTF-8."""
    for mark, name in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            raise FileError(f"{where}: line 1: begins with {name}; expected plain UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{where}: line {line}: holds a byte that is not UTF-8; expected plain UTF-8"
        ) from None


def read_bytes(path: Path, *, inside: Path | None = None) -> bytes:
    """Return the bytes of a regular file of at most `MAXIMUM_BYTES`; as `read_text` otherwise."""
    where = shown_path(path)
    try:
        if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
            raise FileError(f"{where}: is a link out of its folder; expected a file inside it")
        _check_regular(os.stat(path), where)  # noqa: PTH116 - the same call as fstat below
        # Between the look and the open somebody may have put a pipe there: never wait for one.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            _check_regular(os.fstat(file.fileno()), where)
            content = file.read(MAXIMUM_BYTES + 1)
    except (OSError, RuntimeError) as error:
        raise FileError(f"{where}: {system_reason(error)}") from None
    except ValueError:
        raise FileError(f"{where}: is not a file name") from None
    if len(content) > MAXIMUM_BYTES:
        raise FileError(f"{where}: is larger than {MAXIMUM_BYTES // 1024**2} MiB; expected a smaller file")
    return content


def _check_regular(status: os.stat_result, where: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileError(f"{where}: is a folder; expected a file")
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"{where}: is a pipe, socket or device; expected a regular file")
    if status.st_size > MAXIMUM_BYTES:
        raise FileError(f"{where}: is larger than {MAXIMUM_BYTES // 1024**2} MiB; expected a smaller file")


def system_reason(error: OSError | RuntimeError) -> str:
    """Say in words why the system refused."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "permission denied"
    if isinstance(error, RuntimeError) or error.errno == errno.ELOOP:
        return "is a link to itself"
    return safe(error.strerror or "cannot be read", limit=200)


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
