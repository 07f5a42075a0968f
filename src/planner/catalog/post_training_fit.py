"""Reads `post_training.toml`: what rollout engines and training loops reach, as the program ships it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from planner.catalog.listing import POST_TRAINING_FILE
from planner.catalog.search_path import built_in_folder
from planner.domain.post_training_fit import PostTrainingFit
from planner.files.compiled import COMPILED
from planner.files.reading import decoded, read_bytes, shown_path
from planner.files.validation import validate_text


def read_post_training_fit(folder: Path | None = None) -> PostTrainingFit:
    """Return the constants of a profiles folder; None: of the built-in one.

    Raises
    ------
    FileError, ProfileError
        Where the file is missing, unreadable or invalid.
    """
    folder = built_in_folder() if folder is None else folder
    path = folder / POST_TRAINING_FILE
    content = read_bytes(path, inside=folder)

    def validated() -> PostTrainingFit:
        where = shown_path(path)
        return validate_text(PostTrainingFit, decoded(content, where=where), where=where)

    return COMPILED.model(PostTrainingFit, content, validated)


@lru_cache(maxsize=1)
def shipped_post_training_fit() -> PostTrainingFit:
    """Return the constants that the program ships, read once."""
    return read_post_training_fit()
