"""A phase in cells: where on the time of a step it lies, by signs and not by colours."""

from __future__ import annotations

from planner.report.document import Phase

#: What is taken, what waits, and the rest of a step.
MARKS = ("#", ".", "-")


def phase_bar(phase: Phase, cells: int, marks: tuple[str, str, str] = MARKS) -> str:
    """Return a phase's place on the time of a step, so many cells wide; `marks` are as `MARKS`.

    Examples
    --------
    >>> phase_bar(Phase("update", 0.5, 0.25, "2 s", "25 %"), 8)
    '----##--'
    """
    works, waits, rests = marks
    first = min(int(phase.begins * cells), cells - 1)
    count = min(max(round(phase.share * cells), 1), cells - first)
    return rests * first + (waits if phase.is_idle else works) * count + rests * (cells - first - count)
