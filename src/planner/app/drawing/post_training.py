"""One step of post-training as a timeline: the phases of both sides from left to right, and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.app.drawing.names import amount
from planner.app.drawing.numbers_asked import asked
from planner.app.drawing.pieces import HEADING, QUIET, STRONG, Lines, View, column, line, wrapped

if TYPE_CHECKING:
    from planner.report.post_training_section import Segment

_STEP = "post_training.step_s"
_LABEL = 18
_FIGURE = 18


def draw_post_training(view: View, width: int) -> Lines:
    """Return the timeline of a step; nothing of plans of other kinds."""
    figures = view.figures
    if figures is None or not figures.setting.plan.workload.is_post_training:
        return []
    # the engine comes with it; whoever draws an estimate has it already
    from planner.report.post_training_section import facts, timeline_rows  # noqa: PLC0415

    per_day = figures.p50("post_training.steps_per_day")
    rate = "" if per_day is None else f"  {per_day:.3g} a day"
    lines: Lines = [
        line(
            ("STEP OF POST-TRAINING ", HEADING),
            asked(line((amount(figures, _STEP, 3), STRONG)), _STEP),
            (rate, QUIET),
        )
    ]
    cells = max(width - _LABEL - _FIGURE, 8)
    for segment, bar, text in timeline_rows(figures, cells):
        lines.append(line("  ", column(segment.label, _LABEL - 2, QUIET), (bar, _style(segment)), " ", text))
    for label, text in facts(figures):
        lines += wrapped(text, width, first=(f"  {label.lower():<{_LABEL - 3}} ", QUIET))
    return lines


def _style(segment: Segment) -> str:
    return QUIET if segment.is_idle else STRONG
