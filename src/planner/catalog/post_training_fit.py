"""Reads `post_training.toml`: what rollout engines and training loops reach, as the program ships it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from planner.catalog.fitted_file import read_fitted
from planner.catalog.listing import POST_TRAINING_FILE
from planner.domain.post_training_fit import PostTrainingFit


def read_post_training_fit(folder: Path | None = None) -> PostTrainingFit:
    """Return the constants of a profiles folder; None: of the built-in one.

    Raises
    ------
    FileError, ProfileError
        Where the file is missing, unreadable or invalid.
    """
    return read_fitted(PostTrainingFit, POST_TRAINING_FILE, folder)


@lru_cache(maxsize=1)
def shipped_post_training_fit() -> PostTrainingFit:
    """Return the constants that the program ships, read once."""
    return read_post_training_fit()
