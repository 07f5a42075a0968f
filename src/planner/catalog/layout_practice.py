"""Reads `layout_practice.toml`: what layouts people run, as the program ships it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from planner.catalog.fitted_file import read_fitted
from planner.catalog.listing import LAYOUT_PRACTICE_FILE
from planner.domain.layout_practice import LayoutPractice


def read_layout_practice(folder: Path | None = None) -> LayoutPractice:
    """Return the practice of a profiles folder; None: of the built-in one.

    Raises
    ------
    FileError, ProfileError
        Where the file is missing, unreadable or invalid.
    """
    return read_fitted(LayoutPractice, LAYOUT_PRACTICE_FILE, folder)


@lru_cache(maxsize=1)
def shipped_practice() -> LayoutPractice:
    """Return the practice that the program ships, read once."""
    return read_layout_practice()
