"""Lists the files of a profiles folder by kind and stem, without opening any."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from planner.catalog.kinds import KINDS
from planner.catalog.patience import within
from planner.catalog.search_path import Folder
from planner.files.reading import shown_path

#: How long a folder that is not the program's own may take to answer. [s]
PATIENCE_S = 3.0
MAXIMUM_FILES = 10_000
SOURCES_FILE = "sources.toml"
FIRST_PREDICTIONS_FILE = "first_predictions.toml"
LAYOUT_PRACTICE_FILE = "layout_practice.toml"
RL_FIRST_PREDICTIONS_FILE = "rl_first_predictions.toml"
POST_TRAINING_FILE = "post_training.toml"
UNLISTED_PARTS_FILE = "unlisted_parts.toml"

_STEM = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*")


@dataclass(frozen=True)
class Listing:
    """What lies in one folder: files by kind and stem, and what is wrong with the folder itself."""

    folder: Folder
    files: dict[str, dict[str, Path]]
    has_sources: bool = False
    has_unlisted_parts: bool = False
    #: why there is no such folder, where there is none
    absence: str = ""
    notices: tuple[str, ...] = ()


def list_folder(folder: Folder, *, patience_s: float = PATIENCE_S) -> Listing:
    """Return what lies in the folder; a missing, slow or unreadable one is empty, with a notice."""
    try:
        if folder.is_built_in:
            return _list_now(folder)
        return within(patience_s, lambda: _list_now(folder))
    except TimeoutError:
        reason = f"did not answer within {patience_s:g} s; its profiles are left out"
    except FileNotFoundError:
        if not (folder.is_asked_for or folder.is_built_in):
            return Listing(folder, {})
        return _absent(folder, "no such folder", "its profiles are left out")
    except (OSError, ValueError) as error:
        if why := _never_there(error):
            return _absent(folder, *why)
        reason = "cannot be read; its profiles are left out"
    return Listing(folder, {}, notices=(f"{shown_path(folder.path)}: {reason}",))


def _never_there(error: OSError | ValueError) -> tuple[str, str] | None:
    """Return why there is no such folder, and what follows; None where there is one that cannot be read."""
    if isinstance(error, NotADirectoryError):
        return "is not a folder", "expected a folder of profiles"
    if isinstance(error, ValueError) or error.errno == errno.ENAMETOOLONG:
        return "no folder can have that name", "its profiles are left out"
    return None


def _absent(folder: Folder, reason: str, consequence: str) -> Listing:
    where = f"{shown_path(folder.path)}: {reason}"
    return Listing(
        folder, {}, absence=f"{where}; expected a folder of profiles", notices=(f"{where}; {consequence}",)
    )


def _list_now(folder: Folder) -> Listing:
    present = {entry.name for entry in _limited(folder.path)}
    files: dict[str, dict[str, Path]] = {}
    notices = []
    for kind in KINDS:
        if kind not in present:
            continue
        try:
            entries = _limited(folder.path / kind)
        except OSError:
            notices.append(f"{shown_path(folder.path / kind)}: cannot be read; its profiles are left out")
            continue
        if len(entries) == MAXIMUM_FILES:
            notices.append(
                f"{shown_path(folder.path / kind)}: only the first {MAXIMUM_FILES:,} files are used"
            )
        files[kind] = _by_stem(entries)
    return Listing(
        folder,
        files,
        has_sources=SOURCES_FILE in present,
        has_unlisted_parts=UNLISTED_PARTS_FILE in present,
        notices=tuple(notices),
    )


def _limited(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for _, entry in zip(range(MAXIMUM_FILES), entries, strict=False)]


def _by_stem(entries: Iterable[os.DirEntry[str]]) -> dict[str, Path]:
    """Return the paths of what can be a profile by its name; the check of a folder names the others."""
    found = {}
    for entry in entries:
        stem, dot, suffix = entry.name.rpartition(".")
        if dot and suffix == "toml" and len(stem) <= 80 and _STEM.fullmatch(stem):
            found[stem] = Path(entry.path)
    return dict(sorted(found.items()))
