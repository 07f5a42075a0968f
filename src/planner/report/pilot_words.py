"""A plan's pilots, in words: what each measured, what was expected of it, and what it did to the days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import numbers
from planner.report.page import glue

if TYPE_CHECKING:
    from planner.estimate.pilots import PilotEffect, PilotView
    from planner.quantities.figure import Band


def pilot_lines(effect: PilotEffect, days: Band | None) -> Iterator[str]:
    """Yield a line for each pilot, and one for what they did together to the days."""
    for view in effect.pilots:
        yield _measured(view)
    yield (
        f"{glue(f'{numbers.days(effect.days_without)} days')} without what was measured, "
        f"{glue(f'{numbers.days(days)} days')} with it"
    )


def _measured(view: PilotView) -> str:
    when = "" if view.date is None else f" on {numbers.date(view.date)}"
    chips = "1 chip" if view.chips == 1 else f"{numbers.count(view.chips)} chips"
    off = view.measured / view.predicted - 1.0
    word = "faster" if off > 0 else "slower"
    return (
        f"pilot {view.number}, {chips}{when}: {_rate(view.measured)} measured, {_rate(view.predicted)} "
        f"expected, {numbers.percent(abs(off))} {word}; {numbers.percent(view.share)} of that is carried over"
    )


def _rate(value: float) -> str:
    return glue(f"{numbers.count(value)} tokens/s a chip")
