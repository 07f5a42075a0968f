"""Replaces files whole or not at all: a temporary file that is on the disk before it takes the name."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from planner.errors import FileError, ProtectedFileError
from planner.files.attributes import carry_over, is_write_protected, link_again
from planner.files.holding import hold_new
from planner.files.leftovers import remove_leftovers, temporary_path
from planner.files.reading import shown_path, system_reason

#: What systems allow where they do not say. [bytes]
_USUAL_NAME_LIMIT = 255


def write_bytes_atomic(
    path: Path,
    content: bytes,
    *,
    confirm: Callable[[], None] | None = None,
    tell: Callable[[str], None] | None = None,
    replaces_protected: bool = False,
) -> None:
    """Replace a file by `content`, wholly or not at all.

    The content lies in a temporary file of the same folder and on the disk before it takes the name. A link
    is written through; a file keeps its permissions, owner, group, extended attributes and the other names
    that it has in its folder, where the system lets it. What killed writers left in the folder is removed.

    Parameters
    ----------
    path, content
        The file and what it shall hold.
    confirm
        Called once the content lies on the disk beside the file; where it raises, the file stays as it is.
    tell
        Hears, a line each, what could not be kept of the old file.
    replaces_protected
        Whether a file may be replaced whose permissions say that this user should not write it.

    Raises
    ------
    ProtectedFileError
        Where the file is write-protected, and that was not allowed.
    FileError
        Where anything fails; the old file is then whole and the temporary one gone.
    """
    where = shown_path(path)
    check_file_name(path)
    try:
        target = path.resolve()
        if not replaces_protected and is_write_protected(target):
            raise ProtectedFileError(
                f"{where}: is write-protected; nothing was written; expected a file with write permission"
            )
        lost = _replace(target, content, confirm)
        _sync_folder(target.parent)
        remove_leftovers(target.parent)
    except (OSError, RuntimeError, ValueError) as error:
        reason = "is not a file name" if isinstance(error, ValueError) else system_reason(error)
        raise FileError(f"{where}: cannot be written: {reason}") from None
    if tell is not None:
        for what in lost:
            tell(f"{where}: the save could not keep {what}")


def check_file_name(path: Path) -> None:
    """Refuse a name that is longer than its folder allows.

    Raises
    ------
    FileError
        Telling the limit.
    """
    length, limit = len(os.fsencode(path.name)), _name_limit(path.parent)
    if length > limit:
        raise FileError(
            f"{shown_path(path)}: the file's name is {length} bytes long; expected at most {limit} bytes"
        )


def _name_limit(folder: Path) -> int:
    try:
        return os.pathconf(folder, "PC_NAME_MAX")
    except (OSError, ValueError, AttributeError):
        return _USUAL_NAME_LIMIT


def _replace(target: Path, content: bytes, confirm: Callable[[], None] | None) -> list[str]:
    """Return in words what could not be kept of the old file."""
    name = partial(temporary_path, target.parent)
    descriptor, temporary = hold_new(name)
    # held until all its names are right, so that nobody takes them for leftovers
    with os.fdopen(descriptor, "wb") as file:
        try:
            old = target.stat() if target.exists() else None
            lost = [] if old is None else list(carry_over(old, target, descriptor))
            file.write(content)
            file.flush()
            os.fsync(descriptor)
            if confirm is not None:
                confirm()
            if sys.platform == "win32":
                # which renames no open file
                file.close()
            os.replace(temporary, target)  # noqa: PTH105 - named as the atomic step it is
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        return lost if old is None else [*lost, *link_again(old, target, name)]


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk too, where the system lets a folder be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
