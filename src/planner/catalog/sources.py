"""Reads `sources.toml`: the documents that figures name, by key."""

from __future__ import annotations

from pathlib import Path

from pydantic import RootModel

from planner.catalog.listing import SOURCES_FILE
from planner.domain.base import SourceKey
from planner.domain.evidence import Source
from planner.files.reading import read_text, shown_path
from planner.files.validation import validate_text


class _Sources(RootModel[dict[SourceKey, Source]]):
    """The whole file: `[KEY] title, where, kind, read`."""


def read_sources(folder: Path) -> dict[str, Source]:
    """Return the sources that a profiles folder knows.

    Raises
    ------
    FileError, ProfileError
        Where the file is unreadable or invalid.
    """
    path = folder / SOURCES_FILE
    return validate_text(_Sources, read_text(path, inside=folder), where=shown_path(path)).root
