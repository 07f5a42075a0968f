"""The layout that a plan was estimated in, kept while something else changes: nobody has to give it up."""

from __future__ import annotations

from planner.errors import InfeasibleError, InputError
from planner.estimate.result import Estimate
from planner.exploring.question import Question
from planner.planning.layout_choice import DEGREES, WORDS


def kept_layout(joint: Estimate) -> tuple[str, ...]:
    """Return what keeps a plan's layout, as `--set` takes it; of several pools or phases nothing."""
    figures = joint.figures
    if figures is None or joint.has_several_pools or figures.phases():
        return ()
    degrees = (f"strategy.{key}={int(figures.number(f'strategy.{name}'))}" for key, name in DEGREES.items())
    words = (f"strategy.{name}={figures.words(f'strategy.{name}')}" for name in WORDS)
    return (*degrees, *words)


def in_kept_layout(changed: Question, layout: tuple[str, ...]) -> Estimate | None:
    """Return the estimate in the layout of before; None where there is none or no room for it.

    Layouts are chosen by what people run too, not by their step alone: a change for the better could lead to
    a slower one, which nobody takes who has the other.
    """
    if not layout:
        return None
    try:
        return changed.with_set(*layout).estimate()
    except (InfeasibleError, InputError):
        return None
