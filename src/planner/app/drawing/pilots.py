"""What was measured for a plan: pilots and tests beside what was expected, and what they did."""

from __future__ import annotations

from planner.app.drawing.numbers_asked import asked
from planner.app.drawing.pieces import HEADING, Lines, View, line, wrapped
from planner.report.pilot_words import pilot_lines


def draw_pilots(view: View, width: int) -> Lines:
    """Return each pilot and test in words; nothing where nobody measured anything."""
    effect, figures = view.estimate.pilots, view.figures
    if effect is None or figures is None:
        return []
    heading = "PILOTS" if effect.pilots or effect.planned else "TESTS"
    lines: Lines = []
    for text in pilot_lines(effect, figures.band("training_days")):
        lines += [asked(row, "pilot.speed") for row in wrapped(text, width, first="  ")]
    return [line((heading, HEADING)), *lines]
