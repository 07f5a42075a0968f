"""When drafts are written, and what is said of them: nothing changes with a key while all goes well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from textual.worker import WorkerError

from planner.app.flows.drafts import Drafts
from planner.app.layer import Layer
from planner.text import safe

#: A draft is written so long after an edit. [s]
DRAFT_S = 0.2
#: It is on disk by then: writing it takes time too, and much where much goes on. [s]
PROMISE_S = 1.0


class DraftKeeper:
    """Writes the drafts of a screen's plan.

    Parameters
    ----------
    show
        Hears what is to be said of drafts. That is the same before and after one is written, for it says what
        becomes of edits and not what lies on disk; who would have to worry is told.
    """

    def __init__(self, screen: Layer[None], drafts: Drafts, show: Callable[[str], None]) -> None:
        self.screen = screen
        self.drafts = drafts
        self.show = show
        #: begins to write what is asked for
        self.timer: asyncio.TimerHandle | None = None
        #: says that it is not there in time
        self.alarm: asyncio.TimerHandle | None = None
        #: not one of those that estimates keep busy, where a draft would have to wait
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="draft")
        self.asked = 0
        #: which of those that were asked for are on their way for longer than was promised
        self.late: set[int] = set()

    def words(self) -> str:
        """Return what is true of drafts now, of one that is written and of one that soon will be."""
        if not self.drafts.session.is_dirty:
            return ""
        if self.drafts.problem:
            return f"no draft: {safe(self.drafts.problem, limit=80)}"
        return "draft is late" if self.late else f"draft within {PROMISE_S:g} s"

    def ask(self) -> None:
        """Ask for a draft of the plan as it will be in a moment."""
        self.show(self.words())
        if self.timer is None:
            self.asked += 1
            # the screen's own timers wait for whatever it does, and miss their turn on a busy machine
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(DRAFT_S, self.begin)
            self.alarm = loop.call_later(PROMISE_S, self.be_late, self.asked)

    def be_late(self, asked: int) -> None:
        """Say that a draft is not there yet."""
        self.late.add(asked)
        self.show(self.words())

    def begin(self) -> None:
        """Write the draft beside everything else."""
        self.timer = None
        if self.screen.is_over or self.screen.app.return_code is not None:
            # whoever ends the app keeps what is unsaved
            self.drop()
            return
        self.screen.run_worker(self.write(self.asked, self.alarm), group="draft", exit_on_error=False)

    async def write(self, asked: int, alarm: asyncio.TimerHandle | None) -> None:
        """Write the draft in a thread that does nothing else, and say what is otherwise than before."""
        before = self.drafts.problem
        try:
            await asyncio.get_running_loop().run_in_executor(self.thread, self.drafts.keep)
        finally:
            if alarm is not None:
                alarm.cancel()
        was_late = asked in self.late
        self.late.discard(asked)
        if was_late or self.drafts.problem != before:
            self.show(self.words())

    def drop(self) -> None:
        """Write no draft of what was asked for last."""
        for handle in (self.timer, self.alarm):
            if handle is not None:
                handle.cancel()
        self.timer = self.alarm = None

    async def finish(self) -> None:
        """Write no further draft of what was just saved, and wait for one that is being written."""
        if self.timer is not None and not self.drafts.session.is_dirty:
            self.drop()
        writing = [worker for worker in self.screen.workers if worker.group == "draft"]
        if writing:  # no workers at all would mean all workers, this one too
            with suppress(WorkerError):
                await self.screen.workers.wait_for_complete(writing)

    def close(self) -> None:
        """Keep what is unsaved, even where the screen is gone by then."""
        self.thread.submit(self.drafts.keep)
