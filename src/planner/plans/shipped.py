"""The plans that the program ships, and those of other folders."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from pathlib import Path

from planner.files.package_data import shipped_folder

_MAXIMUM_FILES = 10_000


def shipped_plans_folder() -> Path:
    """Return the folder of the plans that the program ships."""
    return shipped_folder("_saved_plans", "saved_plans")


def list_plans(folders: Iterable[Path] = ()) -> list[Path]:
    """Return the plan files of the folders, or of the shipped folder where none is given, by name.

    The files are not opened; a folder that is missing or unreadable holds none.
    """
    folders = tuple(folders) or (shipped_plans_folder(),)
    return [path for folder in folders for path in _plans_of(folder)]


def known_plans() -> list[Path]:
    """Return the plan files of the working folder, and those that the program ships."""
    folders = (Path.cwd(), Path.cwd() / "saved_plans", shipped_plans_folder())
    paths = list_plans(dict.fromkeys(folder.resolve() for folder in folders))
    return [path for path in dict.fromkeys(paths) if path.name != "pyproject.toml"]


def _plans_of(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, _MAXIMUM_FILES)]
    except (OSError, ValueError):
        return []
    return [folder / name for name in sorted(names) if name.endswith(".toml") and not name.startswith(".")]
