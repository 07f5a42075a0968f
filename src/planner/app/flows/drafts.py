"""Drafts: what was typed survives a kill, and is offered again when the plan is opened."""

from __future__ import annotations

import asyncio

from planner.app.dialogs.question import Answer, Question
from planner.app.flows.host import Host
from planner.app.session import Session
from planner.errors import PlannerError
from planner.plans.drafts import discard_draft, find_draft, write_draft
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
        """Write the draft, in a worker's thread; a draft that cannot be kept is said once."""
        try:
            if self.session.is_dirty:
                write_draft(self.session.path, self.session.plan)
                status = "draft saved"
            else:
                discard_draft(self.session.path)
                status = ""
            self.problem = ""
        except PlannerError as error:
            self.problem = safe(str(error))
            status = "no draft: " + safe(str(error), limit=80)
        self.host.hear_from_thread(self.host.show_status, status)

    async def offer(self) -> None:
        """Offer what was typed before a crash, where it differs from the file."""
        draft = await asyncio.to_thread(find_draft, self.session.path)
        if draft is None or draft.plan == self.session.plan:
            return
        written = draft.written.astimezone()
        text = (
            f"A draft of {numbers.date(written.date())}, {written:%H:%M} holds changes that were not saved."
        )
        answer = await self.host.ask(Question("Unsaved work was found", text, RESTORE))
        if answer == "restore":
            self.session.edit(draft.plan, "restore the draft", "")
            await self.host.show_session()
        elif answer == "discard":
            await asyncio.to_thread(discard_draft, self.session.path)
