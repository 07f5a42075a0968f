"""What a forecast stands on, as lines under its headline: who runs it, and what the team measured itself."""

from __future__ import annotations

from collections.abc import Iterator

from planner.estimate.pilots import PilotEffect
from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.report.document import Entry
from planner.report.pilot_words import pilot_lines
from planner.report.team_words import team_words


def grounds_entries(estimate: Estimate) -> Iterator[Entry]:
    """Yield the lines of an estimate."""
    yield Entry("Who runs it", team_words(estimate))
    if estimate.figures is not None:
        yield from pilot_entries(estimate.pilots, estimate.figures)


def pilot_entries(effect: PilotEffect | None, figures: Figures) -> Iterator[Entry]:
    """Yield the pilots of a pool; nothing where nobody measured anything."""
    lines = pilot_lines(effect, figures.band("training_days")) if effect else ()
    for place, text in enumerate(lines):
        yield Entry("" if place else "Pilots", text)
