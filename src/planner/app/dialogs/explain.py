"""Explains a number of the plan on a page: its equation, its inputs down to documents, published runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from planner.app.dialogs.report_page import ReportPage
from planner.app.drawing.numbers_asked import NUMBER_TITLES, Number
from planner.app.shelf import PickItem, Shelf
from planner.domain.plan import Plan


def explain_page(plan: Plan, shelf: Shelf, number: Number) -> ReportPage:
    """Return the page of a number."""
    title = NUMBER_TITLES.get(number.quantity, number.quantity)
    work = partial(_explained, plan, shelf, number)
    return ReportPage(f"Why this number: {title}", work, hint="End published runs")


def _explained(plan: Plan, shelf: Shelf, number: Number) -> Callable[[int, bool], str]:
    from planner.estimate.explain import explain  # noqa: PLC0415 - the engine is read when first asked
    from planner.report.explain_document import explanation_document  # noqa: PLC0415
    from planner.report.terminal import terminal_text  # noqa: PLC0415

    catalog = shelf.catalog()
    explanation = explain(plan, catalog, number.quantity, shelf.published_runs(), pool_id=number.pool)
    document = explanation_document(explanation, catalog.sources)

    def printed(width: int, is_coloured: bool) -> str:
        return terminal_text(document, width=width, is_coloured=is_coloured)

    return printed


def number_items() -> list[PickItem]:
    """Return every quantity that can be explained, for a list to choose from."""
    return [
        PickItem(name, title, name, search=f"{title} {name} {name.replace('_', ' ')}".lower())
        for name, title in NUMBER_TITLES.items()
    ]
