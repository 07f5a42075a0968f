"""The newest revision wins: work for a screen in a thread, debounced, cancelled and dropped once outdated."""

from __future__ import annotations

import asyncio
import math
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import platformdirs
from textual.timer import Timer
from textual.worker import Worker, active_worker, get_current_worker

from planner.app.layer import Layer
from planner.errors import PlannerError
from planner.text import safe

#: Wait that long after a key for the next one, where they come one upon the other.
DEBOUNCE_S = 0.05
#: A key that comes so long after the one before stands alone: the next one is no nearer. A held key comes far
#: sooner, and fast hands somewhat sooner. [s]
ALONE_S = 0.1
#: Say that work is under way only where it takes longer than that.
PATIENCE_S = 0.15
#: Whoever needs the newest answer waits that long for it.
SETTLE_S = 2.0

Result = TypeVar("Result")
News = TypeVar("News")


class Job:
    """One revision of the work, as the thread that does it knows it."""

    def __init__(self, runner: Runner[Any], revision: int, worker: Worker[Any]) -> None:
        self.runner = runner
        self.revision = revision
        self.worker = worker

    def is_cancelled(self) -> bool:
        """Return whether nobody wants the answer any more."""
        return self.worker.is_cancelled or self.revision != self.runner.revision

    def tell(self, hear: Callable[[News], None], news: News) -> None:
        """Let the screen hear something on the way, unless the work is outdated by then."""
        self.runner.screen.call_later(self.runner.pass_on, self.revision, hear, news)

    def end(self, hear: Callable[[News], None], news: News) -> None:
        """Let the screen hear the end."""
        if not self.is_cancelled():
            self.runner.screen.call_later(self.runner.take, self.revision, hear, news)


class Runner(Generic[Result]):
    """Does one kind of work for a screen.

    Parameters
    ----------
    screen
        Whose worker does it; what comes of it is heard there.
    group
        The name of the work: of each name one worker runs at a time.
    on_result, on_problem
        Hear what came of the newest revision: the result, or one line on why there is none.
    debounce_s
        How long to wait for a newer question before the work begins.
    alone_s
        A question that comes so long after the one before is not waited with.
    on_slow
        Hears that the newest revision takes its time.
    what
        What fails where the planner is at fault, in words.
    """

    def __init__(
        self,
        screen: Layer[Any],
        group: str,
        *,
        on_result: Callable[[Result], None],
        on_problem: Callable[[str], None],
        debounce_s: float = 0.0,
        alone_s: float = math.inf,
        on_slow: Callable[[], None] | None = None,
        what: str = "the estimate",
    ) -> None:
        self.screen = screen
        self.group = group
        self.on_result = on_result
        self.on_problem = on_problem
        self.debounce_s = debounce_s
        self.alone_s = alone_s
        #: when there was a question last
        self.asked_at = 0.0
        self.on_slow = on_slow
        self.what = what
        self.revision = 0
        self.timers: list[Timer] = []
        self.is_settled = asyncio.Event()
        self.is_settled.set()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is on its way."""
        return not self.is_settled.is_set()

    async def settled(self, seconds: float = SETTLE_S) -> None:
        """Wait until no answer is on its way, but not for ever."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.is_settled.wait(), seconds)

    def ask(self, work: Callable[[Job], Result], *, at_once: bool = False) -> None:
        """Ask for an answer; an earlier question that is still open is dropped."""
        self.drop()
        self.is_settled.clear()
        begin = partial(self.begin, work, self.revision)
        before, self.asked_at = self.asked_at, time.monotonic()
        is_alone = self.asked_at - before >= self.alone_s
        delay_s = 0.0 if at_once or is_alone else self.debounce_s
        if delay_s:
            self.timers.append(self.screen.set_timer(delay_s, begin))
        elif at_once:
            begin()
        else:
            # what was typed shows first: whoever estimates shares the interpreter with what paints
            self.screen.call_after_refresh(begin)
        if self.on_slow is not None:
            self.timers.append(self.screen.set_timer(delay_s + PATIENCE_S, self.on_slow))

    def drop(self) -> None:
        """Forget the question that is open."""
        self.revision += 1
        self.finish()

    def finish(self) -> None:
        """Expect nothing more of this revision."""
        for timer in self.timers:
            timer.stop()
        self.timers.clear()
        self.is_settled.set()

    def begin(self, work: Callable[[Job], Result], revision: int) -> None:
        """Start the worker; the one before is told to stop."""
        if revision != self.revision:
            return
        self.screen.run_worker(
            partial(self.run, work, revision),
            group=self.group,
            exclusive=True,
            thread=True,
            exit_on_error=False,
        )

    def run(self, work: Callable[[Job], Result], revision: int) -> None:
        """Do the work, in the worker's thread. A bug ends here as one line with the place of a report."""
        job = Job(self, revision, get_current_worker())
        try:
            result = work(job)
        except PlannerError as error:
            job.end(self.on_problem, str(error))
        except Exception as error:
            if not job.is_cancelled():
                job.end(self.on_problem, report_bug(error, self.what))
        else:
            job.end(self.on_result, result)
        finally:
            # the thread waits for other work, and would keep this worker with its screen, be that left
            active_worker.set(None)  # type: ignore[arg-type] # as Textual has no word for nobody

    def pass_on(self, revision: int, hear: Callable[[News], None], news: News) -> None:
        """Let something be heard that is of the newest revision."""
        if revision == self.revision and not self.screen.is_over:
            hear(news)

    def take(self, revision: int, hear: Callable[[News], None], news: News) -> None:
        """Let the end of the newest revision be heard."""
        if revision == self.revision and not self.screen.is_over:
            self.finish()
            hear(news)


def report_bug(error: Exception, what: str) -> str:
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
