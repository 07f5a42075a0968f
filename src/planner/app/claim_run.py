"""Judges claims in a worker: one at a time, the newest wins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import get_current_worker

from planner.app.live import DEBOUNCE_S, report_bug
from planner.app.shelf import Shelf
from planner.catalog.runs import load_runs
from planner.claims.judgement import ClaimJudgement, TrainingJudgement, judge_claim, judge_training
from planner.domain.claim import Claim, TrainingStatement
from planner.errors import PlannerError
from planner.planning.published import PublishedRun, published_runs


@dataclass
class Judged(Message):
    """The verdict on one revision of the claim."""

    revision: int
    judgement: TrainingJudgement | ClaimJudgement


@dataclass
class NotJudged(Message):
    """Why there is no verdict on one revision of the claim."""

    revision: int
    reason: str


class ClaimRun:
    """What a screen asks for; verdicts come back to it as messages."""

    def __init__(self, screen: Screen[None], shelf: Shelf) -> None:
        self.screen = screen
        self.shelf = shelf
        self.revision = 0
        self.shown_revision = 0
        self.runs: tuple[PublishedRun, ...] | None = None
        self.debounce: Timer | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a verdict is on its way."""
        return self.shown_revision < self.revision

    def ask(self, asked: TrainingStatement | Claim) -> None:
        """Ask for a verdict; an earlier question that is still open is dropped."""
        self.drop()
        self.revision += 1
        begin = partial(self.begin, asked, self.revision)
        self.debounce = self.screen.set_timer(DEBOUNCE_S, begin)

    def drop(self) -> None:
        """Forget the question that is open."""
        self.revision += 1
        self.shown_revision = self.revision
        if self.debounce is not None:
            self.debounce.stop()
            self.debounce = None

    def take(self, revision: int) -> bool:
        """Return whether a verdict is about the newest question, and remember that it came."""
        if revision != self.revision:
            return False
        self.shown_revision = revision
        return True

    def begin(self, asked: TrainingStatement | Claim, revision: int) -> None:
        """Start the worker; the one before is told to stop."""
        self.screen.run_worker(
            partial(self.work, asked, revision),
            group="claim",
            thread=True,
            exclusive=True,
            exit_on_error=False,
        )

    def work(self, asked: TrainingStatement | Claim, revision: int) -> None:
        """Judge, in the worker's thread. A bug ends here as one line with the place of a report."""
        worker = get_current_worker()
        try:
            judgement = self.judged(asked)
        except PlannerError as error:
            answer: Message = NotJudged(revision, str(error))
        except Exception as error:
            answer = NotJudged(revision, report_bug(error))
        else:
            answer = Judged(revision, judgement)
        if not worker.is_cancelled:
            self.screen.post_message(answer)

    def judged(self, asked: TrainingStatement | Claim) -> TrainingJudgement | ClaimJudgement:
        """Return the verdict; published runs are read once."""
        catalog = self.shelf.catalog()
        if self.runs is None:
            self.runs = published_runs(load_runs().runs, catalog)
        if isinstance(asked, Claim):
            return judge_claim(asked, catalog, self.runs)
        return judge_training(asked, catalog, self.runs)
