"""What comes of exploring: a size that becomes the plan, as one step of the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.app.flows.host import Host
from planner.app.session import Session
from planner.domain.plan import Plan
from planner.text import safe

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class ChosenSize:
    """A size that somebody wants in the plan."""

    plan: Plan
    #: what the step of the history is called: `92 x DGX H200`
    title: str
    #: what followed another system, a line each
    changes: Sequence[str] = ()


async def use_size(host: Host, session: Session, chosen: ChosenSize) -> None:
    """Make a size the plan: one edit, which undo takes back whole, and say what changed along."""
    session.end_step()
    if not session.edit(chosen.plan, f"explored: {chosen.title}", ""):
        host.tell("The plan is that already.")
        return
    await host.show_session()
    along = f" Changed along: {safe('; '.join(chosen.changes))}." if chosen.changes else ""
    host.tell(f"The plan is now {safe(chosen.title)}; ^Z takes it back, ^S saves it.{along}")
