"""Reads `unlisted_parts.toml`: parts that buyers ask for and that no profile has."""

from __future__ import annotations

from pathlib import Path

from planner.catalog.listing import UNLISTED_PARTS_FILE
from planner.domain.unlisted import UnlistedParts
from planner.files.reading import shown_path
from planner.files.toml import read_toml
from planner.files.validation import validate


def read_unlisted_parts(folder: Path) -> UnlistedParts:
    """Return the parts of a profiles folder.

    Raises
    ------
    FileError, ProfileError
        Where the file is unreadable or invalid.
    """
    path = folder / UNLISTED_PARTS_FILE
    return validate(UnlistedParts, read_toml(path, inside=folder), where=shown_path(path))
