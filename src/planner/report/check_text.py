"""The answer of `planner check` as text."""

from __future__ import annotations

from collections.abc import Sequence

from planner.planning.result import Estimate
from planner.report.page import Page, cell_width


def check_to_text(
    path: str,
    estimate: Estimate,
    lacking: Sequence[tuple[str, str]],
    *,
    width: int = 80,
    is_coloured: bool = False,
) -> str:
    """Return that the plan is valid, whether it can run, and what it lacks: key and consequence."""
    page = Page(width, is_coloured=is_coloured)
    page.paragraph(f"{path}: valid: {estimate.plan_name}", indent=0, hanging=2, role="title")
    if estimate.is_feasible:
        page.entry("+", "can run", 1, role="good")
    for reason in estimate.reasons:
        page.entry("!" if estimate.is_feasible else "x", reason, 1, role="bad")
    for warning in estimate.warnings:
        page.entry("!", warning, 1, role="bad")
    if lacking:
        page.heading("LACKS", "nothing here is required; each makes the estimate say more")
        label_width = min(max(cell_width(key) for key, _ in lacking), page.width // 2)
        for key, consequence in lacking:
            page.entry(key, consequence, label_width)
    return page.text
