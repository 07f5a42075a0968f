"""What matters most to a quantity: a tornado of all inputs, each moved alone, the widest swing first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from planner.exploring.question import Question
from planner.exploring.steps import USUAL_STEP, Step, steps_of
from planner.exploring.streams import Spread, spreads_of
from planner.quantities.figure import Band
from planner.quantities.table import TABLE, Quantity

#: Of the quantity itself: what moves it less is rounding.
NOTHING = 1e-9
#: spread: to its P10 and its P90; step: by a stated step, as nobody says how far it may be off.
MovedBy = Literal["spread", "step"]


@dataclass(frozen=True, slots=True)
class Swing:
    """One input and how far it moves a quantity: below its value, and above."""

    #: the quantity with the input at its lower and at its upper end; None where there is none
    low: float | None
    high: float | None
    #: how far apart the quantity is over both ends and the median
    width: float
    of: Spread | Step

    @property
    def moved_by(self) -> MovedBy:
        """How the input was moved."""
        return "spread" if isinstance(self.of, Spread) else "step"


@dataclass(frozen=True, slots=True)
class Tornado:
    """All inputs of a quantity, the widest swing first."""

    plan_name: str
    quantity: Quantity
    #: at the medians of all that is uncertain
    middle: float
    band: Band
    #: the step of inputs without a spread, as a share
    step: float
    #: those that move it
    swings: tuple[Swing, ...]
    #: those that move nothing, by name
    still: tuple[str, ...]
    #: steps that no estimate can be made at, by name, and why
    failed: tuple[tuple[str, str], ...]


def tornado(question: Question, *, step: float = USUAL_STEP) -> Tornado:
    """Return how far each input of a plan moves a quantity, all others staying as they are.

    Parameters and errors are those of `tornadoes`.
    """
    *_, whole = tornadoes(question, step=step)
    return whole


def tornadoes(question: Question, *, step: float = USUAL_STEP) -> Iterator[Tornado]:
    """Yield a tornado as it grows: of what is drawn first, then with each input that was moved by a step.

    What is drawn goes to its P10 and its P90, in the layout that was chosen; what has no spread goes a step
    either way, and everything is estimated anew, in the layout of before where a searched one is no better.

    Parameters
    ----------
    question
        The plan, and the quantity that is asked for.
    step
        By which share inputs without a spread are moved; 0 leaves them out.

    Raises
    ------
    InfeasibleError
        Where the plan cannot run, or nobody knows the quantity.
    PlanError, ProfileError
        As of `estimate_plan`.
    """
    joint = question.estimate()
    figure = joint.figure(question.quantity.id)
    band, middle = figure.band, float(figure.values[0])
    assert band is not None  # as asked
    least = NOTHING * (1.0 if TABLE[question.quantity.id].unit == "date" else abs(middle))
    swings = [_of_spread(spread, middle) for spread in spreads_of(question, joint)]
    failed: list[tuple[str, str]] = []

    def found() -> Tornado:
        moving = [swing for swing in swings if swing.width > least]
        return Tornado(
            question.plan.name,
            question.quantity,
            middle,
            band,
            step,
            tuple(sorted(moving, key=lambda swing: (-swing.width, swing.of.name))),
            tuple(swing.of.name for swing in swings if swing.width <= least and _is_whole(swing)),
            tuple(failed),
        )

    yield found()
    for one in steps_of(question, joint, step) if step > 0 else ():
        swings.append(_of_step(one, middle))
        failed += [(one.name, move.reason) for move in (one.less, one.more) if move.reason]
        yield found()


def _of_spread(spread: Spread, middle: float) -> Swing:
    return Swing(spread.low, spread.high, _width(middle, spread.low, spread.high), spread)


def _of_step(step: Step, middle: float) -> Swing:
    low, high = step.less.result, step.more.result
    return Swing(low, high, _width(middle, low, high), step)


def _width(middle: float, *ends: float | None) -> float:
    known = [middle, *(end for end in ends if end is not None)]
    return max(known) - min(known)


def _is_whole(swing: Swing) -> bool:
    """Return whether both ends are known: what has none may move anything."""
    return swing.low is not None and swing.high is not None
