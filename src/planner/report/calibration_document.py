"""A calibration: what it was fitted on, and which constants it moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.report.constants_document import constants_blocks
from planner.report.document import Block, Heading, Paragraph, Table, cells, document
from planner.report.numbers import decimal
from planner.validation.calibration import Calibration
from planner.validation.effects import SOURCE

#: One constant of a stack that moved: the stack, the constant, its median before (None: new) and after.
Change = tuple[str, str, float | None, float]


@document
def calibration_document(calibration: Calibration, changes: Sequence[Change], runs: int) -> Iterator[Block]:
    """Yield what a refit changes against the catalog's stacks, the largest moves first."""
    yield Heading(
        "Calibration",
        f"{sum(parameter.level != SOURCE for parameter in calibration.parameters)} parameters on {runs} runs",
    )
    yield Table(
        ("who runs it", "dense", "mixtures"),
        cells(
            (team, _percent(spreads.dense), _percent(spreads.mixtures))
            for team, spreads in calibration.residuals.items()
        ),
        right=frozenset({1, 2}),
    )
    yield Paragraph("spread of sources that were left out, beside the constants' own", role="quiet")
    yield from constants_blocks(calibration)
    if not changes:
        yield Paragraph("nothing moves: the catalog's stacks hold this fit")
        return
    ordered = sorted(changes, key=lambda change: (-_move(change), change[:2]))
    rows = cells(
        (stack, name, "-" if was is None else decimal(was, 4), decimal(now, 4), _shown_move(was, now))
        for stack, name, was, now in ordered
    )
    yield Table(("stack", "constant", "was", "is", "change"), rows, right=frozenset({2, 3, 4}))


def _percent(log_spread: float) -> str:
    return f"{100 * log_spread:.1f} %"


def _move(change: Change) -> float:
    _, _, was, now = change
    return float("inf") if was is None else abs(now / was - 1.0)


def _shown_move(was: float | None, now: float) -> str:
    return "new" if was is None else f"{100 * (now / was - 1.0):+.1f} %"
