"""Reads `layout_practice.toml`: what layouts people run, as the program ships it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from planner.catalog.listing import LAYOUT_PRACTICE_FILE
from planner.catalog.search_path import built_in_folder
from planner.domain.layout_practice import LayoutPractice
from planner.files.compiled import COMPILED
from planner.files.reading import decoded, read_bytes, shown_path
from planner.files.validation import validate_text


def read_layout_practice(folder: Path | None = None) -> LayoutPractice:
    """Return the practice of a profiles folder; None: of the built-in one.

    Raises
    ------
    FileError, ProfileError
        Where the file is missing, unreadable or invalid.
    """
    folder = built_in_folder() if folder is None else folder
    path = folder / LAYOUT_PRACTICE_FILE
    content = read_bytes(path, inside=folder)

    def validated() -> LayoutPractice:
        where = shown_path(path)
        return validate_text(LayoutPractice, decoded(content, where=where), where=where)

    return COMPILED.model(LayoutPractice, content, validated)


@lru_cache(maxsize=1)
def shipped_practice() -> LayoutPractice:
    """Return the practice that the program ships, read once."""
    return read_layout_practice()
