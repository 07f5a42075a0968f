"""Runs a comparison in a worker: one at a time, told how far it is, stopped on demand, the newest wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from planner.app.comparing import Comparer, Entry, Outcome, Stopped, difference
from planner.app.live import report_bug
from planner.app.shelf import Shelf
from planner.differences.diff import PlanDiff
from planner.errors import PlannerError
from planner.text import safe


@dataclass
class Answer(Message):
    """Something about one run."""

    revision: int


@dataclass
class Progress(Answer):
    """How far a run is."""

    words: str


@dataclass
class TableDone(Answer):
    """The plans stand side by side."""

    outcome: Outcome
    #: whether a diff follows
    is_last: bool


@dataclass
class DiffDone(Answer):
    """The pair was taken apart."""

    diff: PlanDiff


@dataclass
class Failed(Answer):
    """There is no answer."""

    reason: str


class ComparisonRun:
    """What a screen asks for; answers come back to it as messages."""

    def __init__(self, screen: Screen[None], shelf: Shelf, comparer: Comparer) -> None:
        self.screen = screen
        self.shelf = shelf
        self.comparer = comparer
        self.revision = 0
        self.worker: Worker[None] | None = None
        #: what is under way, for people; empty where nothing is
        self.words = ""

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return bool(self.words)

    def start(self, entries: Sequence[Entry], pair: tuple[str, str]) -> None:
        """Compare plans and take the difference of a pair; what was under way is dropped."""
        self.stop()
        self.words = "estimating; Esc stops"
        self.worker = self.screen.run_worker(
            partial(self.work, tuple(entries), pair, self.revision),
            group="compare",
            thread=True,
            exclusive=True,
            exit_on_error=False,
        )

    def stop(self) -> None:
        """Drop what is under way."""
        self.revision += 1
        self.words = ""
        if self.worker is not None:
            self.worker.cancel()
            self.worker = None

    def take(self, answer: Answer) -> bool:
        """Return whether an answer is about the newest run, and remember how far that is."""
        if answer.revision != self.revision:
            return False
        if isinstance(answer, Progress):
            self.words = answer.words
        elif isinstance(answer, TableDone) and not answer.is_last:
            self.words = "taking the difference apart; Esc stops"
        else:
            self.words = ""
        return True

    def work(self, entries: tuple[Entry, ...], pair: tuple[str, str], revision: int) -> None:
        """Compare, in the worker's thread. A bug ends here as one line with the place of a report."""
        worker = get_current_worker()

        def is_cancelled() -> bool:
            return worker.is_cancelled

        def tell(words: str) -> None:
            self.screen.post_message(Progress(revision, f"{words}; Esc stops"))

        try:
            outcome = self.comparer.compare(
                entries,
                self.shelf.catalog(),
                lambda number, label: tell(f"estimating {number} of {len(entries)}: {safe(label)}"),
                is_cancelled,
            )
            before, after = (outcome.sides.get(key) for key in pair)
            is_last = before is None or after is None
            self.screen.post_message(TableDone(revision, outcome, is_last))
            if before is not None and after is not None:
                diff = difference(
                    before,
                    after,
                    self.shelf.catalog(),
                    lambda number: tell(f"taking the difference apart, estimate {number}"),
                    is_cancelled,
                )
                self.screen.post_message(DiffDone(revision, diff))
        except Stopped:
            return
        except PlannerError as error:
            self.screen.post_message(Failed(revision, str(error)))
        except Exception as error:
            self.screen.post_message(Failed(revision, report_bug(error)))
