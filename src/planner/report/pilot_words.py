"""What was measured for a plan, in words: pilots and tests beside what was expected, and what they did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import numbers
from planner.report.page import glue

if TYPE_CHECKING:
    from planner.estimate.pilots import AcceptedView, PilotEffect, PilotView, PlannedView
    from planner.quantities.figure import Band

#: What is off by less is told as what was expected. [-]
AS_EXPECTED = 5e-4


def pilot_lines(effect: PilotEffect, days: Band | None) -> Iterator[str]:
    """Yield a line for each pilot and each test, and one for what they did together to the days."""
    for view in effect.pilots:
        yield _measured(view)
    for test in effect.accepted:
        yield _tested(test)
    if effect.pilots or effect.accepted:
        yield (
            f"{glue(f'{numbers.days(effect.days_without)} days')} without what was measured, "
            f"{glue(f'{numbers.days(days)} days')} with it"
        )
    for planned in effect.planned:
        yield from _planned(planned)


def _measured(view: PilotView) -> str:
    when = "" if view.date is None else f" on {numbers.date(view.date)}"
    off = view.measured / view.predicted - 1.0
    word = "faster" if off > 0 else "slower"
    measured, expected = (
        (_step(view.measured_s), _step(view.predicted_s))
        if view.is_whole_step
        else (_rate(view.measured), _rate(view.predicted))
    )
    return (
        f"pilot {view.number}, {_chips(view)}{when}: {measured} measured, {expected} "
        f"expected, {numbers.percent(abs(off))} {word}; {numbers.percent(view.share)} of that is carried over"
    )


def _planned(view: PlannedView) -> Iterator[str]:
    """Yield what is expected of a pilot that is planned, and what it would say."""
    # the app's form, which shows before anything is estimated, knows these words too
    from planner.quantities.table import TABLE  # noqa: PLC0415

    step = glue(numbers.banded(view.step_s, numbers.DURATION, 3))
    yield f"pilot {view.number}, {_chips(view)}, not measured yet: a step of {step} is expected"
    if view.phases_s:
        phases = ", ".join(
            glue(f"{TABLE[f'post_training.parts.{name}'].short} {_step(seconds)}")
            for name, seconds in view.phases_s.items()
        )
        yield f"{phases}; how each scatters alone is unknown: few were published"
    knows = f"{glue(f'{numbers.days(view.days)} days')} become {glue(f'{numbers.days(view.days_then)} days')}"
    if view.plan_step_s is not None and view.plan_step_then_s is not None:
        now, then = (
            glue(numbers.banded(one, numbers.DURATION, 3))
            for one in (view.plan_step_s, view.plan_step_then_s)
        )
        knows = f"the plan's step of {now} becomes {then}, {knows}"
    yield f"{numbers.percent(view.share)} of its error would be carried over; as expected, {knows}"


def _chips(view: PilotView | PlannedView) -> str:
    chips = "1 chip" if view.chips == 1 else f"{numbers.count(view.chips)} chips"
    if view.rollout_chips is None:
        return chips
    return f"{chips} beside {numbers.count(view.rollout_chips)} that generate"


def _step(seconds: float) -> str:
    return glue(numbers.quantity(seconds, numbers.DURATION, 3))


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
