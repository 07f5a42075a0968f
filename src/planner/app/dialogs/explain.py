"""Explains a number of the plan on a page: its equation, its inputs down to documents, published runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from planner.app.dialogs.report_page import ReportPage
from planner.app.drawing.names import asked_about, quantity
from planner.app.drawing.numbers_asked import Number
from planner.app.shelf import PickItem, Shelf
from planner.errors import PlanError

if TYPE_CHECKING:
    from planner.estimate.result import Estimate
    from planner.quantities.table import Quantity


def explain_page(estimate: Estimate | None, shelf: Shelf, number: Number, *, state: str = "") -> ReportPage:
    """Return the page of a number of an estimate, which is on the screen; `state` says where it is stale."""
    work = partial(_explained, estimate, shelf, number)
    title = f"Why this number: {quantity(number.quantity).title}"
    return ReportPage(f"{title} - {state}" if state else title, work, hint="End published runs")


def _explained(estimate: Estimate | None, shelf: Shelf, number: Number) -> Callable[[int, bool], str]:
    from planner.estimate.explain import explain  # noqa: PLC0415 - the engine is read when first asked
    from planner.report.explain_document import explanation_document  # noqa: PLC0415
    from planner.report.terminal import terminal_text  # noqa: PLC0415

    if estimate is None:
        raise PlanError("the plan has no estimate yet")
    # a worker's thread: the record is at hand, but the published runs are read when first asked for
    explanation = explain(estimate, number.quantity, shelf.published_runs(), pool_id=number.pool)
    document = explanation_document(explanation, shelf.catalog().sources)

    def printed(width: int, is_coloured: bool) -> str:
        return terminal_text(document, width=width, is_coloured=is_coloured)

    return printed


def number_items() -> list[PickItem]:
    """Return every quantity that can be explained, for a list to choose from."""
    return [_item(made) for made in asked_about()]


def _item(made: Quantity) -> PickItem:
    names = (made.short, made.title, made.id, *made.aliases)
    aside = made.title if made.title != made.short else ""
    return PickItem(made.id, made.short, aside, search=" ".join(names).lower())
