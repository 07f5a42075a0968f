"""What was measured for a plan, in words: pilots and tests beside what was expected, and what they did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import numbers
from planner.report.page import glue

if TYPE_CHECKING:
    from planner.estimate.pilots import AcceptedView, PilotEffect, PilotView
    from planner.quantities.figure import Band

#: What is off by less is told as what was expected. [-]
AS_EXPECTED = 5e-4


def pilot_lines(effect: PilotEffect, days: Band | None) -> Iterator[str]:
    """Yield a line for each pilot and each test, and one for what they did together to the days."""
    for view in effect.pilots:
        yield _measured(view)
    for test in effect.accepted:
        yield _tested(test)
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


def _tested(view: AcceptedView) -> str:
    whose = "" if view.pool is None else f" of pool '{view.pool}'"
    does = ", which generates" if view.generates else ""
    off = view.over_expected - 1.0
    if abs(off) < AS_EXPECTED:
        side, of_what = "as expected", "an error would be"
    else:
        side, of_what = f"{numbers.percent(abs(off))} {'above' if off > 0 else 'below'}", "that is"
    carried = (
        f"moves nothing, as {view.reason}"
        if view.reason
        else f"{numbers.percent(view.share)} of {of_what} carried over"
    )
    return f"test {view.number}, {view.line}{whose}{does}: {side}; {carried}"


def _rate(value: float) -> str:
    return glue(f"{numbers.count(value)} tokens/s a chip")
