"""Recovery drafts: what was typed since the last save, kept apart from the plan's own file."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from planner.domain.plan import Plan
from planner.errors import FileError, InputError
from planner.files.reading import shown_path
from planner.files.toml import read_toml
from planner.files.writing import write_toml_atomic
from planner.plans.plan_file import dump_plan, plan_from_data


@dataclass(frozen=True)
class Draft:
    """A recovered draft."""

    plan: Plan
    #: when it was written, in UTC
    written: datetime.datetime
    path: Path


def drafts_folder() -> Path:
    """Return where drafts are kept."""
    return Path(platformdirs.user_state_dir("planner", appauthor=False)) / "drafts"


def draft_path(path_of_plan: Path | None, *, folder: Path | None = None) -> Path:
    """Return the file of a plan's draft; None stands for a plan that has no file yet."""
    name = "untitled"
    if path_of_plan is not None:
        name = hashlib.sha256(os.fsencode(os.path.realpath(path_of_plan))).hexdigest()[:32]
    return (folder or drafts_folder()) / f"{name}.toml"


def write_draft(path_of_plan: Path | None, plan: Plan, *, folder: Path | None = None) -> Path:
    """Keep a draft of the plan, in place of an earlier one, and return its file.

    Raises
    ------
    FileError
        Where it cannot be written.
    """
    path = draft_path(path_of_plan, folder=folder)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise FileError(f"{shown_path(path.parent)}: cannot be made; no draft was kept") from None
    of = "" if path_of_plan is None else shown_path(path_of_plan)
    written = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    write_toml_atomic(path, {"of": of, "written": written, "plan": dump_plan(plan)})
    return path


def find_draft(path_of_plan: Path | None, *, folder: Path | None = None) -> Draft | None:
    """Return the draft of a plan, or None where there is none that can be read."""
    path = draft_path(path_of_plan, folder=folder)
    try:
        data = read_toml(path)
        plan, written = data.get("plan"), data.get("written")
        if not isinstance(plan, dict) or not isinstance(written, datetime.datetime):
            return None
        return Draft(plan_from_data(plan, where=shown_path(path)), written, path)
    except InputError:
        return None


def discard_draft(path_of_plan: Path | None, *, folder: Path | None = None) -> None:
    """Remove the draft of a plan, if there is one."""
    with contextlib.suppress(OSError):
        draft_path(path_of_plan, folder=folder).unlink(missing_ok=True)
