"""What comes of exploring: a size that becomes the plan, as one step of the history."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner.app.dialogs.report_page import Printed, ReportPage
from planner.app.flows.export import copy
from planner.app.flows.host import Host
from planner.app.layer import Layer
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.app.widgets.key_bar import KeyBar
from planner.domain.plan import Plan
from planner.exploring.mixes import mix_id, systems_of_mix
from planner.report.terminal import terminal_text
from planner.text import safe

if TYPE_CHECKING:
    from planner.app.exploration import Answer, Exploration
    from planner.catalog.catalog import Catalog
    from planner.exploring.curve import Sized
    from planner.exploring.targets import Targets


@dataclass(frozen=True)
class ChosenSize:
    """A size that somebody wants in the plan."""

    plan: Plan
    #: what the step of the history is called: `92 x DGX H200`
    title: str
    #: what followed another system, a line each
    changes: Sequence[str] = ()


def chosen_size(exploration: Exploration, sized: Sized, shelf: Shelf) -> ChosenSize:
    """Return a size as a plan under a name of its own, with the targets that it was held to."""
    # read when needed: NumPy comes with it
    from planner.exploring.targets import name_of_answer, plan_of_answer  # noqa: PLC0415

    systems = zip(sized.counts, systems_of_mix(sized.system_id), strict=True)
    title = mix_id([f"{count:,} x {shelf.name('systems', system)}" for count, system in systems])
    name = name_of_answer(exploration.plan, title)
    plan = sized.plan.model_copy(update={"name": name, "pins": {}})
    if exploration.targets is not None:
        plan = plan_of_answer(plan, exploration.targets, name)
    answer = exploration.answers.get(sized.system_id)
    return ChosenSize(plan, title, () if answer is None else answer.changes)


def answer_page(plan_name: str, answer: Answer, targets: Targets, catalog: Catalog) -> ReportPage:
    """Return the page that proves an answer in full, or says why there is none."""

    def told() -> Printed:
        """Work out what a ranking does not hold, in the worker's thread."""
        # as above
        from planner.app.drawing.sizes import answers_document  # noqa: PLC0415

        document = answers_document(plan_name, [answer], targets, catalog)

        def printed(width: int, is_coloured: bool) -> str:
            return terminal_text(document, width=width, is_coloured=is_coloured)

        return printed

    return ReportPage(safe(answer.system_name), told)


async def copy_answers(
    screen: Layer[Any], key_bar: KeyBar, exploration: Exploration, answers: list[Answer], catalog: Catalog
) -> None:
    """Copy answers as Markdown; what a ranking does not hold of them is worked out in a thread."""
    # as above
    from planner.app.drawing.sizes import answers_document  # noqa: PLC0415
    from planner.report.markdown import markdown_text  # noqa: PLC0415

    name, targets, text = exploration.plan.name, exploration.targets, None
    if targets is not None and answers:
        text = markdown_text(await asyncio.to_thread(answers_document, name, answers, targets, catalog))
    copy(screen, key_bar, "table", text)


def take_size(screen: Layer[Any], host: Host, session: Session, chosen: ChosenSize | None) -> None:
    """Make a size the plan, where one was chosen."""
    if chosen is not None:
        screen.run_flow("explore", use_size(host, session, chosen))


async def use_size(host: Host, session: Session, chosen: ChosenSize) -> None:
    """Make a size the plan: one edit, which undo takes back whole, and say what changed along."""
    session.end_step()
    if not session.edit(chosen.plan, f"explored: {chosen.title}", ""):
        host.tell("The plan is that already.")
        return
    await host.show_session()
    along = f" Changed along: {safe('; '.join(chosen.changes))}." if chosen.changes else ""
    host.tell(f"The plan is now {safe(chosen.title)}; ^Z takes it back, ^S saves it.{along}")
