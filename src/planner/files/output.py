"""Writes a file that the program makes, never over another without being told."""

from __future__ import annotations

from pathlib import Path

from planner.errors import ConflictError, FileError
from planner.files.reading import shown_path


def write_output(path: Path, content: bytes, *, replaces: bool, remedy: str = "") -> None:
    """Write a file, wholly or not at all.

    Parameters
    ----------
    path, content
        The file and what it shall hold.
    replaces
        Whether it may take the place of one that is there.
    remedy
        Said where there is one: how to have it replaced.

    Raises
    ------
    ConflictError
        Where there is one already.
    FileError
        Where it cannot be written.
    """
    from planner.files.replacing import write_bytes_atomic

    def check() -> None:
        check_output(path, replaces=replaces, remedy=remedy)

    check()
    write_bytes_atomic(path, content, confirm=check)


def check_output(path: Path, *, replaces: bool, remedy: str = "") -> None:
    """Refuse a place where `write_output` would write nothing.

    Raises
    ------
    ConflictError, FileError
        As `write_output`.
    """
    where = shown_path(path)
    try:
        if path.is_dir():
            raise FileError(f"{where}: cannot be written: it is a folder")
        if path.exists() and not replaces:
            raise ConflictError(f"{where}: exists already; nothing was overwritten{remedy}")
        if not path.parent.is_dir():
            raise FileError(f"{where}: cannot be written: no such folder")
    except (OSError, ValueError):
        raise FileError(f"{where}: cannot be written: is no name of a file here") from None
