"""Whether the 80 % band holds 80 % of each class and group of left-out runs, and whose are outside."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.team import TEAMS
from planner.validation.error_sources import PROPERTIES
from planner.validation.run_scores import ScoredRun

#: Groups smaller than this tell nothing of a share.
FEWEST_RUNS, FEWEST_SOURCES = 20, 5
#: What a band that means 80 % may hold of a group's runs.
LEAST_HELD, MOST_HELD = 0.70, 0.90
#: Sources that are named of a group.
_NAMED = 3
#: Kinds of groups whose members have one name.
_NAMES: tuple[tuple[str, Callable[[ScoredRun], str]], ...] = (
    ("platform", lambda run: run.case.stack.platform),
    ("generation", lambda run: run.case.generation),
    ("chip", lambda run: run.chip),
    ("stack", lambda run: run.case.stack.id),
)


@dataclass(frozen=True, slots=True)
class Outside:
    """Runs of one source of a group that lie outside their bands."""

    source: str
    outside: int
    runs: int
    #: middle of the logarithms of predicted over measured, as a relative error
    error: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of a group's measured rates their bands hold."""

    group: str
    runs: int
    sources: int
    held: float
    #: median half width of the bands, and the size of error that 80 % of the runs stay within; logarithms
    half_width: float
    error_of_80: float
    #: those sources that have most runs outside
    outside: tuple[Outside, ...]

    @property
    def is_honest(self) -> bool:
        """Whether it holds about what it says."""
        return LEAST_HELD <= self.held <= MOST_HELD


def coverages(scored: Iterable[ScoredRun]) -> tuple[Coverage, ...]:
    """Return the coverage of every class and group that is large enough, the classes first."""
    measured = [run for run in scored if run.measured is not None]
    found = (_coverage(name, runs) for name, runs in _groups(measured))
    return tuple(group for group in found if group is not None)


def _groups(runs: Sequence[ScoredRun]) -> Iterator[tuple[str, list[ScoredRun]]]:
    yield "all", list(runs)
    for team in TEAMS:
        own = [run for run in runs if run.case.run.team == team]
        yield team, own
        yield f"{team}, dense", [run for run in own if not run.is_mixture]
        yield f"{team}, mixtures", [run for run in own if run.is_mixture]
    for kind, name_of in _NAMES:
        named: dict[str, list[ScoredRun]] = {}
        for run in runs:
            named.setdefault(name_of(run), []).append(run)
        yield from ((f"{kind} {name}", named[name]) for name in sorted(named))
    for name, has in PROPERTIES:
        yield name, [run for run in runs if has(run)]


def _coverage(name: str, runs: Sequence[ScoredRun]) -> Coverage | None:
    sources = Counter(run.case.run.source_key for run in runs)
    if len(runs) < FEWEST_RUNS or len(sources) < FEWEST_SOURCES:
        return None
    errors = np.array([math.log1p(run.error or 0.0) for run in runs])
    widths = [math.log(run.predicted.p90 / run.predicted.p10) / 2.0 for run in runs]
    return Coverage(
        name,
        len(runs),
        len(sources),
        float(np.mean([bool(run.is_inside_band) for run in runs])),
        float(np.median(widths)),
        float(np.quantile(np.abs(errors), 0.8)),
        tuple(_outside(runs, sources)),
    )


def _outside(runs: Sequence[ScoredRun], sources: Counter[str]) -> Iterator[Outside]:
    outside = Counter(run.case.run.source_key for run in runs if not run.is_inside_band)
    for source, count in outside.most_common(_NAMED):
        errors = [run.error or 0.0 for run in runs if run.case.run.source_key == source]
        yield Outside(source, count, sources[source], float(np.median(errors)))
