"""Reads a file of what was fitted, of which each profiles folder has one: checked once, then kept."""

from __future__ import annotations

from pathlib import Path

from planner.catalog.search_path import built_in_folder
from planner.files.compiled import COMPILED, ModelType
from planner.files.reading import decoded, read_bytes, shown_path
from planner.files.validation import validate_text


def read_fitted(model_class: type[ModelType], name: str, folder: Path | None) -> ModelType:
    """Return what a profiles folder's file of that name says; None: the built-in folder's.

    Raises
    ------
    FileError, ProfileError
        Where the file is missing, unreadable or invalid.
    """
    folder = built_in_folder() if folder is None else folder
    path = folder / name
    content = read_bytes(path, inside=folder)

    def validated() -> ModelType:
        where = shown_path(path)
        return validate_text(model_class, decoded(content, where=where), where=where)

    return COMPILED.model(model_class, content, validated)
