"""The ledger of the estimate that is on the screen: every line of money, as `planner ledger` prints it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from planner.app.dialogs.report_page import ReportPage
from planner.errors import PlanError

if TYPE_CHECKING:
    from planner.estimate.result import Estimate


def ledger_page(estimate: Estimate | None, *, state: str = "") -> ReportPage:
    """Return the page of an estimate's ledger; `state` says where the estimate is stale."""
    return ReportPage(f"Ledger - {state}" if state else "Ledger", partial(_told, estimate))


def _told(estimate: Estimate | None) -> Callable[[int, bool], str]:
    from planner.ledger.ledger import ledger_of  # noqa: PLC0415 - read when first asked for
    from planner.report.ledger_document import ledger_document  # noqa: PLC0415
    from planner.report.terminal import terminal_text  # noqa: PLC0415

    if estimate is None:
        raise PlanError("the plan has no estimate yet")
    document = ledger_document(estimate, ledger_of(estimate))

    def printed(width: int, is_coloured: bool) -> str:
        return terminal_text(document, width=width, is_coloured=is_coloured)

    return printed
