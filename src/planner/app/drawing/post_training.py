"""One step of post-training as a timeline: the phases of both sides from left to right, and what waits."""

from __future__ import annotations

from textual.content import Content

from planner.app.drawing.names import amount
from planner.app.drawing.numbers_asked import asked
from planner.app.drawing.pieces import HEADING, QUIET, STRONG, Lines, View, column, line, wrapped
from planner.report.page import cell_width, pad
from planner.report.timeline import phase_bar

_STEP = "post_training.step_s"
#: What works, what waits, and the rest of a step.
_MARKS = ("\u2588", "\u2591", "\u00b7")
#: So wide is a bar at least that leaves room for its share of the step.
_LEAST_BAR = 12


def draw_post_training(view: View, width: int) -> Lines:
    """Return the timeline of a step; nothing of plans of other kinds."""
    figures = view.figures
    if figures is None or not figures.setting.plan.workload.is_post_training:
        return []
    # the engine comes with it; whoever draws an estimate has it already
    from planner.report.post_training_section import facts, phases  # noqa: PLC0415

    per_day = figures.p50("post_training.steps_per_day")
    rate = "" if per_day is None else f"  {per_day:.3g} a day"
    lines: Lines = [
        line(
            ("STEP OF POST-TRAINING ", HEADING),
            asked(line((amount(figures, _STEP, 3), STRONG)), _STEP),
            (rate, QUIET),
        )
    ]
    told, shown = list(facts(figures)), phases(figures)
    label = 1 + max(map(cell_width, [*(phase.label for phase in shown), *(name for name, _ in told)]))
    seconds = max(cell_width(phase.seconds) for phase in shown)
    share = max(cell_width(phase.percent) for phase in shown)
    cells = width - 2 - label - 1 - seconds
    has_share = cells - 2 - share >= _LEAST_BAR
    cells = max(cells - (2 + share if has_share else 0), 1)
    for phase in shown:
        bar = Content(text := phase_bar(phase, cells, _MARKS)).stylize(QUIET)
        if not phase.is_idle:
            bar = bar.stylize("$part-1", text.index(_MARKS[0]), text.rindex(_MARKS[0]) + 1)
        figure = f" {pad(phase.seconds, seconds, is_right=True)}"
        aside = f"  {pad(phase.percent, share, is_right=True)}" if has_share else ""
        lines.append(line("  ", column(phase.label, label, QUIET), bar, figure, (aside, QUIET)))
    for name, text in told:
        lines += wrapped(text, width, first=(f"  {pad(name.lower(), label)}", QUIET))
    return lines
