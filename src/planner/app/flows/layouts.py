"""One of the best layouts chosen and pinned; a step of the history like any other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from planner.app.dialogs.layouts import LayoutsPage
from planner.app.flows.editing import Editing
from planner.app.flows.host import Host
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.domain.plan import Plan
from planner.text import safe

if TYPE_CHECKING:
    from planner.exploring.layouts import LayoutRanking


async def choose_layout(host: Host, editing: Editing, session: Session, shelf: Shelf) -> None:
    """Show the best layouts of the plan as it is, and pin the one that is chosen."""
    plan = session.plan
    page = LayoutsPage(f"Layouts of {safe(plan.name, limit=40)}", partial(_ranked, plan, shelf))
    chosen = await host.choose_from(page)
    if chosen is None:
        return
    changed, words = chosen
    session.end_step()
    editing.take(changed, f"layout {words}")
    host.tell(f"Pinned: {safe(words)}; ^Z takes it back.")


def _ranked(plan: Plan, shelf: Shelf, cancelled: Callable[[], bool]) -> LayoutRanking:
    # read when needed: NumPy comes with it, and the form opens without
    from planner.exploring.layouts import rank_layouts  # noqa: PLC0415

    return rank_layouts(plan, shelf.catalog(), cancelled=cancelled)
