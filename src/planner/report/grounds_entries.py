"""What a forecast stands on, as lines under its headline: who runs it, how many runs, what was measured."""

from __future__ import annotations

from collections.abc import Iterator

from planner.estimate.pilots import PilotEffect
from planner.estimate.result import Estimate, PoolEstimate
from planner.quantities.evaluation import Figures
from planner.report.document import Entry
from planner.report.pilot_words import pilot_lines
from planner.report.standing_words import counted
from planner.report.team_words import team_words


def grounds_entries(estimate: Estimate) -> Iterator[Entry]:
    """Yield the lines of an estimate."""
    yield Entry("Who runs it", team_words(estimate))
    if estimate.whole_pool is not None and estimate.figures is not None:
        yield Entry("Stands on", _runs_behind(estimate.whole_pool, estimate.figures))
        yield from pilot_entries(estimate.pilots, estimate.figures)


def pilot_entries(effect: PilotEffect | None, figures: Figures) -> Iterator[Entry]:
    """Yield what was measured for a pool; nothing where nobody measured anything."""
    if effect is None:
        return
    label = "Pilots" if effect.pilots or effect.planned else "Tests"
    for place, text in enumerate(pilot_lines(effect, figures.band("training_days"))):
        yield Entry("" if place else label, text)


def _runs_behind(pool: PoolEstimate, figures: Figures) -> str:
    """Return the runs that a pool's constants were fitted on; which are nearest, only a search tells."""
    release = figures.words("stack.release")
    of_release = f" (software of {release})" if release is not None else ""
    chips, stack = (counted(it.runs, it.sources) for it in (pool.behind_chips, pool.behind_stack))
    return (
        f"{chips} on {pool.generation or 'such'} chips, {stack} on stack '{pool.stack_id}'{of_release}; "
        "planner explain PLAN training_days names the nearest jobs, measured and predicted"
    )
