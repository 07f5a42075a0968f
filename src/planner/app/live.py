"""Live estimates: debounced, one worker at a time, cancellable, the newest revision wins."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import platformdirs
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import get_current_worker

from planner.app.messages import CatalogReady, EstimateFailed, EstimateReady
from planner.app.shelf import Shelf
from planner.domain.plan import Plan
from planner.errors import PlannerError
from planner.planning.result import Estimate
from planner.text import safe

Estimator = Callable[[Plan, Callable[[], bool]], Estimate]
#: Wait that long after a key for the next one.
DEBOUNCE_S = 0.05
#: Say that an estimate is under way only where it takes longer than that.
PATIENCE_S = 0.15
#: A save waits that long for the estimate whose profiles it pins.
SETTLE_S = 2.0
POLL_S = 0.02


class LiveEstimates:
    """Runs the estimator for a screen; results come back as messages with their revision."""

    def __init__(
        self, screen: Screen[None], estimator: Estimator, shelf: Shelf, on_slow: Callable[[], None]
    ) -> None:
        self.screen = screen
        self.estimator = estimator
        self.shelf = shelf
        self.on_slow = on_slow
        self.revision = 0
        self.shown_revision = 0
        self.debounce: Timer | None = None
        self.slow: Timer | None = None

    @property
    def is_pending(self) -> bool:
        """Whether a newer estimate is on its way."""
        return self.shown_revision < self.revision

    async def settled(self) -> None:
        """Wait, for a while, until no newer estimate is on its way."""
        for _ in range(int(SETTLE_S / POLL_S)):
            if not self.is_pending:
                return
            await asyncio.sleep(POLL_S)

    def ask(self, plan: Plan, *, at_once: bool = False) -> None:
        """Ask for the estimate of a plan; an earlier question that is still open is dropped."""
        self.revision += 1
        self.stop_timers()
        if at_once:
            self.begin(plan, self.revision)
        else:
            self.debounce = self.screen.set_timer(DEBOUNCE_S, partial(self.begin, plan, self.revision))
        self.slow = self.screen.set_timer(DEBOUNCE_S + PATIENCE_S, self.on_slow)

    def stop_timers(self) -> None:
        """Forget what was to happen later."""
        for timer in (self.debounce, self.slow):
            if timer is not None:
                timer.stop()
        self.debounce = self.slow = None

    def begin(self, plan: Plan, revision: int) -> None:
        """Start the worker; the one before is told to stop."""
        self.screen.run_worker(
            partial(self.work, plan, revision),
            group="estimate",
            exclusive=True,
            thread=True,
            exit_on_error=False,
        )

    def take(self, revision: int) -> bool:
        """Return whether a result is the newest one asked for, and remember that it came."""
        if revision != self.revision:
            return False
        self.shown_revision = revision
        self.stop_timers()
        return True

    def work(self, plan: Plan, revision: int) -> None:
        """Estimate, in the worker's thread. A bug ends here as one line with the place of a report."""
        worker = get_current_worker()
        is_first = not self.shelf.is_loaded
        try:
            if is_first:
                self.shelf.warm(plan)
                self.screen.post_message(CatalogReady())
            estimate = self.estimator(plan, lambda: worker.is_cancelled)
        except PlannerError as error:
            if not worker.is_cancelled:
                self.screen.post_message(EstimateFailed(revision, str(error)))
        except Exception as error:
            if not worker.is_cancelled:
                self.screen.post_message(EstimateFailed(revision, report_bug(error)))
        else:
            if not worker.is_cancelled:
                self.screen.post_message(EstimateReady(revision, estimate))


def report_bug(error: Exception, what: str = "the estimate") -> str:
    """Write what went wrong to a file and return one line that names it."""
    name = type(error).__name__
    try:
        folder = Path(platformdirs.user_state_dir("planner", appauthor=False))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "last-error.txt"
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return f"{what} failed ({name}); this is a mistake in the planner"
    return f"{what} failed ({name}); this is a mistake in the planner, written down in {safe(str(path))}"
