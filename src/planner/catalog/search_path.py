"""The folders that profiles are read from, in the order in which later ones win."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from planner.files.package_data import shipped_folder
from planner.text import safe

ENVIRONMENT_VARIABLE = "PLANNER_PROFILES"
#: What the folder of the program itself is called.
BUILT_IN = "built-in"


@dataclass(frozen=True)
class Folder:
    """A folder of profiles, and what the user calls it."""

    path: Path
    label: str
    #: shipped with the program: read without a time limit, and expected to exist
    is_built_in: bool = False
    #: the user asked for it by name, so its absence is worth a word
    is_asked_for: bool = False


def built_in_folder() -> Path:
    """Return the folder of the profiles that the program ships."""
    return shipped_folder("_profiles", "profiles")


def user_folder() -> Path:
    """Return the folder of the user's own profiles, which need not exist."""
    return Path(platformdirs.user_data_dir("planner", appauthor=False)) / "profiles"


def profile_folders(
    extra_folders: Iterable[Path | str] = (),
    *,
    include_user: bool = True,
    environment: Mapping[str, str] | None = None,
) -> tuple[Folder, ...]:
    """Return the search path: built in, the user's, `PLANNER_PROFILES`, then `extra_folders`.

    Parameters
    ----------
    extra_folders
        What `--profiles` named.
    include_user
        False leaves out what depends on the user: their folder and the environment variable.
    environment
        The environment to read; None: this process's.
    """
    folders = [Folder(built_in_folder(), BUILT_IN, is_built_in=True)]
    if include_user:
        folders.append(Folder(user_folder(), "yours"))
        listed = (os.environ if environment is None else environment).get(ENVIRONMENT_VARIABLE, "")
        folders += [_named(Path(part)) for part in listed.split(os.pathsep) if part.strip()]
    folders += [_named(Path(folder)) for folder in extra_folders]
    return tuple(folders)


def _named(path: Path) -> Folder:
    return Folder(path, safe(str(path), limit=200), is_asked_for=True)
