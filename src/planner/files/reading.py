"""Reads files: bounded, never waiting, and with every refusal explained."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from planner.errors import FileError
from planner.text import safe

MAXIMUM_BYTES = 2 * 1024 * 1024

_BYTE_ORDER_MARKS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\xef\xbb\xbf": "a byte order mark",
}


def shown_path(path: Path | str) -> str:
    """Return the path as it may be shown in a message."""
    return safe(str(path), limit=300)


def typed_path(text: str) -> Path:
    """Return the path that somebody typed; `~name` stays as it is where nobody has that name."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def files_of(path: Path) -> list[Path]:
    """Return a file, or those of a folder in the order of their names; hidden ones are left out.

    Raises
    ------
    FileError
        Where the folder cannot be read, or holds none.
    """
    try:
        if not path.is_dir():
            return [path]
        found = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
    except OSError as error:
        raise FileError(f"{shown_path(path)}: {system_reason(error)}") from None
    except ValueError:
        raise FileError(f"{shown_path(path)}: is not a file name") from None
    if not found:
        raise FileError(f"{shown_path(path)}: holds no file; expected some that tools wrote")
    return found


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
