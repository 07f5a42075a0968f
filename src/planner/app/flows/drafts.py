"""Drafts: what was typed survives a kill, and is offered again when the plan is opened."""

from __future__ import annotations

import asyncio
from pathlib import Path

from planner.app.dialogs.question import Answer, Question
from planner.app.flows.host import Host
from planner.app.session import Session
from planner.errors import PlannerError
from planner.plans.drafts import Draft, discard_draft, find_drafts
from planner.report import numbers
from planner.text import safe

RESTORE = (
    Answer("restore", "Restore", "r"),
    Answer("discard", "Discard", "d"),
    Answer("cancel", "Later", "l"),
)


class Drafts:
    """The draft of the plan that is open."""

    def __init__(self, host: Host, session: Session) -> None:
        self.host = host
        self.session = session
        #: why no draft can be kept; empty: one can
        self.problem = ""

    def keep(self) -> None:
        """Write the draft, in a thread, and remember why it cannot be where that is so."""
        try:
            self.session.drafts.keep(self.session.unsaved)
        except PlannerError as error:
            self.problem = safe(str(error))
        else:
            self.problem = ""

    async def begin(self) -> None:
        """Offer what was typed before a crash: into the plan that is open, else into one without a file."""
        if self.session.path is not None:
            await self.offer(self.session.path)
        if not self.session.is_dirty:
            await self.offer(None)

    async def offer(self, path: Path | None) -> None:
        """Offer the drafts of sessions that ended in a crash, one by one, until one is restored."""
        found = await asyncio.to_thread(find_drafts, path)
        drafts = [draft for draft in found if not draft.is_in_use]
        for number, draft in enumerate(drafts, start=1):
            if draft.plan == self.session.plan:
                # somebody saved it since
                await asyncio.to_thread(discard_draft, draft)
                continue
            answer = await self.host.ask(Question("Unsaved work was found", _words(draft, path), RESTORE))
            if answer == "restore":
                await self.restore(draft, path)
                if number < len(drafts):
                    self.host.tell("There are other drafts of it: they are kept, and offered next time.")
                return
            if answer == "discard":
                await asyncio.to_thread(discard_draft, draft)

    async def restore(self, draft: Draft, path: Path | None) -> None:
        """Go on with a draft, which becomes this session's own."""
        if path == self.session.path:
            self.session.edit(draft.plan, "restore the draft", "")
        elif self.session.is_dirty:
            self.host.tell("What was typed here meanwhile stays; the draft is kept, and offered next time.")
            return
        else:
            self.session.start(draft.plan)
        await asyncio.to_thread(self.session.drafts.take_over, draft, self.session.unsaved)
        await self.host.show_session()


def _words(draft: Draft, path: Path | None) -> str:
    written = draft.written.astimezone()
    of = "" if path is not None else f" of '{safe(draft.plan.name, limit=80)}', a plan without a file,"
    return (
        f"A draft{of} of {numbers.date(written.date())}, {written:%H:%M} holds changes that were not saved."
    )
