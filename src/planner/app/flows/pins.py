"""Profiles that changed since a plan was pinned: what to do is asked, and pins are written on a save."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from planner.app.dialogs.question import Answer, Question
from planner.app.flows.host import Host
from planner.app.session import Session
from planner.app.shelf import Shelf
from planner.domain.plan import Plan
from planner.errors import PlannerError

if TYPE_CHECKING:
    from planner.app.drawing.drift import DriftFound

KEEP = Answer("keep", "Keep the pinned values", "k")
TAKE = Answer("take", "Take the new ones", "t")
LATER = Answer("cancel", "Later", "l")


class Pins:
    """The flow around pins; the kept ones are those of the shelf."""

    def __init__(self, host: Host, session: Session, shelf: Shelf) -> None:
        self.host = host
        self.session = session
        self.shelf = shelf

    async def settle(self, *, comes_unasked: bool = True) -> None:
        """Ask whether the plan keeps its pinned values, where profiles say something else now."""
        plan = self.session.plan
        if not plan.pins:
            self.tell_nothing("This plan pins no values yet; a save pins them.", comes_unasked=comes_unasked)
            return
        found = await asyncio.to_thread(look, plan, self.shelf)
        if found is None or self.session.plan.pins != plan.pins:
            self.tell_nothing("No profile changed since this plan was pinned.", comes_unasked=comes_unasked)
            return
        # read once something changed: NumPy comes with it, and the form opens without
        from planner.app.drawing.drift import drift_lines  # noqa: PLC0415
        from planner.planning.drift import WHOLE_CONTENT, WHOLE_PROFILE  # noqa: PLC0415

        can_keep = any(item.field not in (WHOLE_CONTENT, WHOLE_PROFILE) for item in found.items)
        question = Question(
            "Profiles changed",
            lambda width: drift_lines(found, width),
            (KEEP, TAKE, LATER) if can_keep else (TAKE, LATER),
            comes_unasked=comes_unasked,
        )
        answer = await self.host.ask(question)
        if answer == "keep":
            await self.keep(plan)
        elif answer == "take":
            await self.take()

    def tell_nothing(self, text: str, *, comes_unasked: bool) -> None:
        """Say that there is no question, to somebody who asked."""
        if not comes_unasked:
            self.host.tell(text)

    async def keep(self, plan: Plan) -> None:
        """Estimate with the pinned values from now on."""
        await asyncio.to_thread(self.shelf.keep_pins, plan)
        await self.host.show_session()
        self.host.show_status("pinned values kept")

    async def take(self) -> None:
        """Estimate with the values of now, and pin those; the plan is unsaved until it is written."""
        self.shelf.drop_pins()
        plan = self.session.plan
        try:
            changed = await asyncio.to_thread(_pinned_to_now, plan, self.shelf)
        except PlannerError as error:
            self.host.tell(f"Pins not renewed: {error}", is_warning=True)
            changed = plan
        if self.session.plan is plan:
            self.session.plan = changed
        await self.host.show_session()
        self.host.show_status("values of now")

    def pinned(self, plan: Plan) -> Plan:
        """Return the plan pinned to what its estimate used; as it is where there is no estimate of it."""
        estimate = self.session.estimate
        if estimate is None or not estimate.profiles or self.session.estimated_plan != plan:
            return plan
        from planner.planning.pins import pinned  # noqa: PLC0415 - as above

        try:
            return pinned(plan, estimate.profiles, self.shelf.catalog())
        except PlannerError:
            # a profile has gone meanwhile: the old pins say more than none
            return plan


def look(plan: Plan, shelf: Shelf) -> DriftFound | None:
    """Return what changed since the plan was pinned, with its effect, or None where nothing did."""
    from planner.app.drawing.drift import DriftFound  # noqa: PLC0415
    from planner.differences.drift_effects import drift_effects  # noqa: PLC0415 - the engine is read when needed
    from planner.estimate.estimate import estimate_plan  # noqa: PLC0415
    from planner.planning.drift import drift  # noqa: PLC0415
    from planner.planning.pins import pinned_catalog  # noqa: PLC0415

    try:
        catalog = shelf.present_catalog()
        items = tuple(drift(plan, catalog))
    except PlannerError:
        return None
    if not items:
        return None
    try:
        present = estimate_plan(plan, catalog)
        effects = drift_effects(estimate_plan(plan, pinned_catalog(plan, catalog)), present)
    except PlannerError as error:
        return DriftFound(items, (), str(error))
    return DriftFound(items, effects)


def _pinned_to_now(plan: Plan, shelf: Shelf) -> Plan:
    from planner.estimate.estimate import estimate_plan  # noqa: PLC0415 - as above
    from planner.planning.pins import pinned  # noqa: PLC0415

    catalog = shelf.present_catalog()
    return pinned(plan, estimate_plan(plan, catalog).profiles, catalog)
