"""Reads `first_predictions.toml`: what was said of published runs before any fit had seen them."""

from __future__ import annotations

from pathlib import Path

from planner.catalog.listing import FIRST_PREDICTIONS_FILE
from planner.catalog.search_path import built_in_folder
from planner.domain.first_prediction import FirstPredictions
from planner.files.reading import read_text, shown_path
from planner.files.validation import validate_text


def read_first_predictions(
    folder: Path | None = None, name: str = FIRST_PREDICTIONS_FILE
) -> FirstPredictions:
    """Return the record of a profiles folder; None: of the built-in one.

    `name` is that of pre-training or of post-training.

    Raises
    ------
    FileError, ProfileError
        Where the file is missing, unreadable or invalid.
    """
    folder = built_in_folder() if folder is None else folder
    path = folder / name
    return validate_text(FirstPredictions, read_text(path, inside=folder), where=shown_path(path))
