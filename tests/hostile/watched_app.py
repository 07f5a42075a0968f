"""Runs the app as a person does, shut in a folder, and writes down what somebody's work is.

A program of its own: `watched_app.py RECORDS ROOT PLAN`. What is written down is pickled, one record after
the other, so that a kill loses none. A key that nobody has, F20, is answered by a record once it went the
way of every key: to whatever has the focus, and up from there.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from planner.domain.plan import Plan

What = Literal["plan", "left", "exit", "answer", "alive", "shown"]


@dataclass(frozen=True)
class Record:
    """Something that happened."""

    what: What
    #: when [s since the epoch]
    at: float
    #: the file of the plan, the plan, and whether it is unsaved: before it is left, and after other changes
    path: Path | None = None
    plan: Plan | None = None
    is_dirty: bool = False
    #: title of a question and what it was answered; kind of a screen that was shown, and title of a question;
    #: that somebody left, and no signal or bug ended the app
    words: tuple[str, ...] = ()


def read_records(path: Path, begin: int = 0) -> tuple[list[Record], int]:
    """Return the records from some byte on, and where the next one begins."""
    records: list[Record] = []
    if not path.exists():
        return records, begin
    with path.open("rb") as file:
        file.seek(begin)
        while True:
            try:
                records.append(Record(*pickle.load(file)))
            except (EOFError, pickle.UnpicklingError):
                # the last one is being written
                return records, begin
            begin = file.tell()


#: Events of the audit, and how many of their first arguments are files that are changed.
CHANGES = {"os.rename": 2, "os.link": 2, "os.symlink": 2}
CHANGES |= dict.fromkeys(("os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown"), 1)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def shut_in(root: Path) -> None:
    """Refuse every change of a file outside a folder: paths are typed at random."""
    real = os.path.realpath(root)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        paths: tuple[Any, ...] = ()
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES:
            paths = arguments[:1]
        elif event in CHANGES:
            paths = arguments[: CHANGES[event]]
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike):
                there = os.path.realpath(os.fsdecode(path))
                if not there.startswith((real + os.sep, "/dev/")):
                    raise PermissionError(13, "outside the test's folder", there)

    sys.addaudithook(refuse)


def watch(records: Path) -> None:
    """Write down every change of the plan, every answer, and every screen."""
    from planner.app.app import PlannerApp
    from planner.app.dialogs.question import Question
    from planner.app.session import Session

    file = records.open("ab", buffering=0)

    def record(what: What, session: Session | None = None, words: tuple[str, ...] = ()) -> None:
        path = None if session is None or session.path is None else session.path.absolute()
        found = (path, None, False) if session is None else (path, session.plan, session.is_dirty)
        file.write(pickle.dumps((what, time.time(), *found, words)))

    set_plainly, start, dismiss = Session.__setattr__, Session.start, Question.dismiss
    push, leave = PlannerApp.push_screen, PlannerApp.exit

    def set_and_record(session: Session, name: str, value: object) -> None:
        set_plainly(session, name, value)
        if name in ("plan", "path", "saved_plan") and hasattr(session, "redo_steps"):
            record("plan", session)

    def record_and_start(session: Session, plan: Plan) -> None:
        record("left", session)
        start(session, plan)

    def record_and_dismiss(question: Question, result: str | None = None) -> Any:
        if question.is_on_top:
            record("answer", words=(question.question_title, str(result)))
        return dismiss(question, result)

    def record_and_push(app: PlannerApp, screen: Any, *others: Any, **options: Any) -> Any:
        title = (screen.question_title,) if isinstance(screen, Question) else ()
        record("shown", words=(type(screen).__name__, *title))
        return push(app, screen, *others, **options)

    def record_and_exit(app: PlannerApp, *results: Any, **options: Any) -> None:
        record("exit", app.session, ("quit",) if app.session.drafts.is_ended else ())
        leave(app, *results, **options)

    def record_alive(app: PlannerApp) -> None:
        title = (app.screen.question_title,) if isinstance(app.screen, Question) else ()
        record("alive", words=(type(app.screen).__name__, *title))

    changed: dict[str, Any] = {"key_f20": record_alive}
    changed |= {"push_screen": record_and_push, "exit": record_and_exit}
    for name, value in changed.items():
        setattr(PlannerApp, name, value)
    Question.dismiss = record_and_dismiss  # type: ignore[method-assign,assignment]
    Session.__setattr__ = set_and_record  # type: ignore[method-assign,assignment]
    Session.start = record_and_start  # type: ignore[method-assign,assignment]


def tell_where(root: Path) -> None:
    """Write down, at the signal USR1, where every task stands: why a window does not answer."""

    def tell(_number: int, _frame: FrameType | None) -> None:
        with (root / "where").open("w", encoding="utf-8") as file:
            traceback.print_stack(_frame, file=file)
            with suppress(RuntimeError):  # no loop runs any more
                for task in asyncio.all_tasks():
                    task.print_stack(file=file)

    signal.signal(signal.SIGUSR1, tell)


def main() -> None:
    """Run the app on a plan."""
    records, root, *arguments = sys.argv[1:]
    shut_in(Path(root))
    tell_where(Path(root))
    from planner.cli.main import entry

    watch(Path(records))
    sys.argv[1:] = arguments
    entry()


if __name__ == "__main__":
    main()
