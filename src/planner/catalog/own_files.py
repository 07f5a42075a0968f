"""Profile files of one's own: copied, begun and written into a folder that is not the program's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planner.catalog.catalog import Catalog
from planner.catalog.kinds import KINDS
from planner.catalog.listing import SOURCES_FILE
from planner.catalog.search_path import Folder
from planner.errors import ConflictError, FileError, ProfileError
from planner.files.locking import folder_lock
from planner.files.reading import decoded, read_bytes, shown_path, system_reason
from planner.files.replacing import check_file_name, write_bytes_atomic
from planner.files.toml import parse_toml
from planner.files.values import shown_value
from planner.files.writing import toml_text

#: As the kinds' identifiers are written, capitals for those that fold them.
_ID = re.compile(r"[A-Za-z0-9]+(?:[.+-][A-Za-z0-9]+)*")
_ID_LINE = re.compile(r"^id\s*=.*$", re.MULTILINE)
_LONGEST_ID = 80


def own_folders(catalog: Catalog) -> tuple[Folder, ...]:
    """Return the folders that somebody may write into, those that win first."""
    return tuple(folder for folder in reversed(catalog.folders) if not folder.is_built_in)


def own_path(kind: str, identifier: str, folder: Path) -> Path:
    """Return the file of a profile in a folder.

    Raises
    ------
    ProfileError
        Where no profile can be called so.
    """
    stem = identifier.lower() if KINDS[kind].folds_id else identifier
    is_written_so = _ID.fullmatch(identifier) and (KINDS[kind].folds_id or identifier == identifier.lower())
    if not is_written_so or len(identifier) > _LONGEST_ID:
        expected = "lower-case letters and digits joined by '-', '.' or '+', such as h100-quote-3"
        raise ProfileError(f"{shown_value(identifier)} is no id; expected {expected}")
    path = folder / kind / f"{stem}.toml"
    check_file_name(path)
    return path


def copied_text(path: Path, identifier: str) -> str:
    """Return the text of a profile's file under another id; remarks in it stay.

    Raises
    ------
    FileError
        Where the file cannot be read, or does not say its id on a line of its own.
    """
    where = shown_path(path)
    text = decoded(read_bytes(path), where=where)
    old = parse_toml(text, where=where)
    if old.get("id") == identifier:
        return text
    changed = _ID_LINE.sub(f'id = "{identifier}"', text, count=1)
    if parse_toml(changed, where=where) != {**old, "id": identifier}:
        raise FileError(f"{where}: does not say its id on a line of its own; nothing was copied")
    return changed


def state_of(path: Path) -> str:
    """Return a hash of what a file holds; empty where there is none."""
    return hashlib.sha256(read_bytes(path)).hexdigest() if path.exists() else ""


def write_own(path: Path, text: str, expected: str) -> str:
    """Write a profile's file, wholly or not at all, and return its new state.

    Parameters
    ----------
    path, text
        The file and what it shall hold; its folders are made.
    expected
        `state_of` the file when it was last read; empty: there must be none yet.

    Raises
    ------
    ConflictError
        Where it holds something else by now.
    FileError
        Where it cannot be written.
    """
    where = shown_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{where}: cannot be written: {system_reason(error)}") from None

    def confirm() -> None:
        if state_of(path) != expected:
            reason = "changed since it was opened" if expected else "exists already"
            raise ConflictError(f"{where}: {reason}; nothing was overwritten")

    confirm()
    with folder_lock(path):
        write_bytes_atomic(path, text.encode("utf-8"), confirm=confirm)
    return state_of(path)


def add_sources(folder: Path, sources: Mapping[str, Mapping[str, Any]]) -> None:
    """Add documents to the `sources.toml` of a folder; those that it has stay as they are, remarks too.

    Raises
    ------
    FileError, ConflictError
        Where the file cannot be read or written.
    """
    if not sources:
        return
    path = folder / SOURCES_FILE
    where = shown_path(path)
    before = decoded(read_bytes(path), where=where) if path.exists() else ""
    known = parse_toml(before, where=where)
    new = {key: source for key, source in sources.items() if key not in known}
    if new:
        text = f"{before.rstrip()}\n\n" if before.strip() else ""
        write_own(path, text + toml_text(new, where=where), state_of(path))
