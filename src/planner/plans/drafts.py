"""Recovery drafts: what a session typed since its last save, kept apart from the plan's own file.

A draft is a session's own: two windows on one plan keep two. A session holds a file beside its draft as long
as it lives, so that another one can tell the drafts of a crash from those of a window that is still open.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from planner.errors import FileError, InputError
from planner.files.holding import hold_new, is_held, look
from planner.files.reading import shown_path

if TYPE_CHECKING:
    from planner.domain.plan import Plan

_DRAFT, _HELD = ".toml", ".session"
#: How drafts of plans without a file are called.
_UNTITLED = "untitled"


@dataclass(frozen=True)
class Draft:
    """A draft that was found."""

    plan: Plan
    #: when it was written, in UTC
    written: datetime.datetime
    path: Path
    #: the session that writes it still lives
    is_in_use: bool
    #: the plan's file; None where it has none, or where the draft does not say which
    of: Path | None = None

    @property
    def is_untitled(self) -> bool:
        """Whether the plan has no file yet."""
        return self.path.name.startswith(_UNTITLED)


class SessionDrafts:
    """The draft of one session: no other one writes or removes it while this one lives.

    There is at most one, of the plan that is open. Any thread may call: one at a time has its turn.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._turn = threading.Lock()
        self._draft: Path | None = None
        #: what the session holds while it lives
        self._held: tuple[int, Path] | None = None
        #: what is unsaved may go
        self.is_ended = False

    def keep(self, unsaved: Callable[[], tuple[Path | None, Plan | None]]) -> Path | None:
        """Write the draft of a plan, in place of this session's earlier one, and return its file.

        Parameters
        ----------
        unsaved
            Returns the plan's file (None: it has none yet) and the plan, or None in its place where nothing
            is unsaved: the draft is then removed. It is asked when the turn comes, so that a draft that had
            to wait does not replace a newer one.

        Raises
        ------
        FileError
            Where the draft cannot be written.
        """
        from planner.files.writing import write_toml_atomic  # read with the first draft
        from planner.plans.plan_file import dump_plan

        with self._turn:
            path_of_plan, plan = unsaved()
            path = None
            if plan is not None and not self.is_ended:
                path = self._path(path_of_plan)
                of = "" if path_of_plan is None else shown_path(path_of_plan)
                written = datetime.datetime.now(datetime.UTC)
                write_toml_atomic(path, {"of": of, "written": written, "plan": dump_plan(plan)})
            self._move_to(path)
            return path

    def end(self) -> None:
        """Remove this session's draft, if there is one, and keep none any more: nothing is unsaved."""
        with self._turn:
            self.is_ended = True
            self._move_to(None)

    def take_over(self, draft: Draft, unsaved: Callable[[], tuple[Path | None, Plan | None]]) -> None:
        """Keep a draft of one's own in place of that of a session that ended, whose work goes on here.

        The other one stays where none can be written: whatever was typed since is not in it.
        """
        with contextlib.suppress(FileError):
            if self.keep(unsaved) is not None:
                discard_draft(draft)

    def release(self) -> None:
        """End: a draft that is left is one of a session that is no more."""
        with self._turn:
            self._draft = None
            if self._held is not None:
                descriptor, path = self._held
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                os.close(descriptor)
                self._held = None

    def _move_to(self, path: Path | None) -> None:
        if self._draft is not None and self._draft != path:
            with contextlib.suppress(OSError):
                self._draft.unlink(missing_ok=True)
        self._draft = path

    def _path(self, path_of_plan: Path | None) -> Path:
        """Return where a plan's draft goes; a session is seen to live before its first draft is seen."""
        folder = self._folder or drafts_folder()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._held is None:
                _forget_ended(folder)
                self._held = hold_new(partial(_new_session, folder))
        except OSError:
            raise FileError(f"{shown_path(folder)}: cannot be made; no draft was kept") from None
        return folder / f"{_plan_name(path_of_plan)}-{self._held[1].stem}{_DRAFT}"


def find_drafts(path_of_plan: Path | None, *, folder: Path | None = None) -> list[Draft]:
    """Return the drafts of a plan that can be read, of whatever session, the newest first."""
    place = folder or drafts_folder()
    found = _drafts(place.glob(f"{_plan_name(path_of_plan)}*{_DRAFT}"))
    return sorted(found, key=lambda draft: draft.written, reverse=True)


def drafts_left(*, folder: Path | None = None) -> list[Draft]:
    """Return the drafts of all sessions that ended in a crash, the newest first.

    One of a file that it does not name is left out: it is offered when that file is opened.
    """
    found = _drafts((folder or drafts_folder()).glob(f"*{_DRAFT}"))
    left = [draft for draft in found if not draft.is_in_use and (draft.of is not None or draft.is_untitled)]
    return sorted(left, key=lambda draft: draft.written, reverse=True)


def discard_draft(draft: Draft) -> None:
    """Remove a draft of a session that ended."""
    with contextlib.suppress(OSError):
        draft.path.unlink(missing_ok=True)


def drafts_folder() -> Path:
    """Return where drafts are kept."""
    return Path(platformdirs.user_state_dir("planner", appauthor=False)) / "drafts"


def _drafts(paths: Iterator[Path]) -> Iterator[Draft]:
    from planner.files.toml import read_toml
    from planner.plans.plan_file import plan_from_data
    from planner.plans.recent import is_of_our_time

    for path in paths:
        try:
            data = read_toml(path)
            plan, written = data.get("plan"), data.get("written")
            if isinstance(plan, dict) and isinstance(written, datetime.datetime) and is_of_our_time(written):
                session = path.stem.rpartition("-")[2]
                in_use = is_held(path.with_name(f"{session}{_HELD}"))
                of = _file_of(data.get("of"), path)
                yield Draft(plan_from_data(plan, where=shown_path(path)), written, path, in_use, of)
        except InputError:
            continue


def _file_of(said: object, draft: Path) -> Path | None:
    """Return the file that a draft says it is of, where its own name says the same."""
    if not isinstance(said, str) or not said or "\0" in said:
        return None
    path = Path(said)
    return path if draft.name.startswith(_plan_name(path)) else None


def _forget_ended(folder: Path) -> None:
    """Remove the files that sessions held which were killed."""
    for path in folder.glob(f"*{_HELD}"):
        with look(path) as held:
            if held is False:
                path.unlink(missing_ok=True)


def _new_session(folder: Path) -> Path:
    return folder / f"{secrets.token_hex(8)}{_HELD}"


def _plan_name(path_of_plan: Path | None) -> str:
    if path_of_plan is None:
        return _UNTITLED
    return hashlib.sha256(os.fsencode(os.path.realpath(path_of_plan))).hexdigest()[:32]
