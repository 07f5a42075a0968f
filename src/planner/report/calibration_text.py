"""A calibration as text: what it was fitted on, and which constants it moves."""

from __future__ import annotations

from collections.abc import Sequence

from planner.report.numbers import decimal
from planner.report.page import Page
from planner.validation.calibration import Calibration

#: One constant of a stack that moved: the stack, the constant, its median before (None: new) and after.
Change = tuple[str, str, float | None, float]


def calibration_to_text(
    calibration: Calibration,
    changes: Sequence[Change],
    runs: int,
    *,
    width: int = 80,
    is_coloured: bool = False,
) -> str:
    """Return what a refit changes against the catalog's stacks, the largest moves first."""
    page = Page(width, is_coloured=is_coloured)
    page.heading(
        "CALIBRATION",
        f"{len(calibration.parameters)} parameters on {runs} runs; "
        f"unexplained spread {100 * calibration.residuals.stated:.1f} %",
    )
    if not changes:
        page.paragraph("nothing moves: the catalog's stacks hold this fit")
        return page.text
    ordered = sorted(changes, key=lambda change: (-_move(change), change[:2]))
    page.table(
        ("stack", "constant", "was", "is", "change"),
        [
            (stack, name, "-" if was is None else decimal(was, 4), decimal(now, 4), _shown_move(was, now))
            for stack, name, was, now in ordered
        ],
        right=frozenset({2, 3, 4}),
    )
    return page.text


def _move(change: Change) -> float:
    _, _, was, now = change
    return float("inf") if was is None else abs(now / was - 1.0)


def _shown_move(was: float | None, now: float) -> str:
    return "new" if was is None else f"{100 * (now / was - 1.0):+.1f} %"
