"""What the cluster of the plan on the screen is accepted by, as `planner acceptance` prints it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from planner.app.dialogs.report_page import ReportPage
from planner.errors import PlanError

if TYPE_CHECKING:
    from planner.app.shelf import Shelf
    from planner.domain.plan import Plan
    from planner.estimate.result import Estimate


def acceptance_page(
    estimate: Estimate | None, plan: Plan | None, shelf: Shelf, *, state: str = ""
) -> ReportPage:
    """Return the page of an estimate's schedule; `state` says where the estimate is stale."""
    title = f"Acceptance - {state}" if state else "Acceptance"
    return ReportPage(title, partial(_told, estimate, plan, shelf))


def _told(estimate: Estimate | None, plan: Plan | None, shelf: Shelf) -> Callable[[int, bool], str]:
    from planner.acceptance.schedule import schedule_of  # noqa: PLC0415 - read when first asked for
    from planner.report.acceptance_document import acceptance_document  # noqa: PLC0415
    from planner.report.terminal import terminal_text  # noqa: PLC0415

    if estimate is None or plan is None:
        raise PlanError("the plan has no estimate yet")
    document = acceptance_document(schedule_of(estimate, shelf.catalog(), plan.acceptance))

    def printed(width: int, is_coloured: bool) -> str:
        return terminal_text(document, width=width, is_coloured=is_coloured)

    return printed
