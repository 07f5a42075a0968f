"""The diff of the plan that is open here and the one that somebody else wrote into its file."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from planner.app.dialogs.report_page import ReportPage
from planner.app.shelf import Shelf
from planner.domain.plan import Plan
from planner.errors import PlannerError
from planner.plans.plan_file import load_plan, plan_text
from planner.report.document import GAP, Document, Item, Items, Paragraph, Role
from planner.report.terminal import terminal_text
from planner.text import safe

MINE = "yours"
_ROLES: dict[str, Role] = {"+": "good", "-": "bad"}


def conflict_page(plan: Plan, path: Path, shelf: Shelf) -> ReportPage:
    """Return the page of what separates a plan from what lies in a file."""
    return ReportPage(f"On disk -> {MINE}", partial(_compared, plan, path, shelf))


def _compared(plan: Plan, path: Path, shelf: Shelf) -> Callable[[int, bool], str]:
    # read when needed: most sessions meet no conflict
    from planner.differences.diff import diff_plans, side_of  # noqa: PLC0415
    from planner.report.diff_document import diff_document  # noqa: PLC0415

    theirs = load_plan(path)
    catalog = shelf.catalog()
    try:
        label = f"{safe(path.name)} on disk"
        diff = diff_plans(side_of(label, theirs, catalog), side_of(MINE, plan, catalog), catalog)
        document = diff_document(diff)
    except PlannerError as error:
        document = _by_line(plan, theirs, str(error))

    def printed(width: int, is_coloured: bool) -> str:
        return terminal_text(document, width=width, is_coloured=is_coloured)

    return printed


def _by_line(mine: Plan, theirs: Plan, problem: str) -> Document:
    """Return what differs line by line, where one of the plans cannot be estimated."""
    before, after = (plan_text(plan).splitlines() for plan in (theirs, mine))
    rows = list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:]
    items = tuple(Item(row, role=_ROLES.get(row[:1], "quiet")) for row in rows)
    said = Paragraph(f"Only the texts can be compared: {problem}", indent=0)
    return Document((said, GAP, Items(items, indent=0)))
