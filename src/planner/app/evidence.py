"""What is looked at of the published runs: which are predicted, what of them is wanted, in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from planner.catalog.catalog import Catalog
from planner.catalog.runs import load_runs
from planner.domain.run import Run
from planner.domain.team import TEAMS, Team
from planner.planning.published import JobClass
from planner.report.run_rows import run_cells, run_line
from planner.validation.predictions import ClassBand, class_band, nearness, predicted_each
from planner.validation.run_scores import ScoredRun

#: So many runs are told at once: a plot that is drawn anew with each would hold up the keys.
BATCH = 40
#: So many of those that are like the plan are marked.
NEAREST = 12


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A predicted run as table and plot show it.

    What the engine was told of it goes, which is far more: whoever opens a run has it predicted again.
    """

    id: str
    chip: str
    vendor: str
    stack: str
    team: str
    source: str
    source_title: str
    #: of `run_rows.HEADER`
    cells: tuple[str, ...]
    line: str
    #: tokens per second and chip
    measured: float
    predicted: float
    error: float
    is_inside_band: bool

    @classmethod
    def of(cls, one: ScoredRun, measured: float) -> ShownRun:
        """Return what is shown of a prediction."""
        run = one.case.run
        return cls(
            run.id,
            run.hardware.chip,
            one.case.chip_profile.vendor,
            one.case.stack.id,
            run.team,
            run.source_key,
            run.source.title,
            run_cells(one),
            run_line(one),
            measured,
            one.predicted.p50,
            one.error or 0.0,
            bool(one.is_inside_band),
        )


What = Literal["chip", "stack", "team", "source"]
WHATS: tuple[What, ...] = ("chip", "stack", "team", "source")
Order = Literal["nearest", "error", "rate"]
ORDERS: dict[Order, str] = {
    "nearest": "nearest to the plan first",
    "error": "largest error first",
    "rate": "fastest first",
}


@dataclass(frozen=True)
class EvidenceWish:
    """What somebody wants to see of the runs."""

    words: str = ""
    chip: str = ""
    stack: str = ""
    team: str = ""
    source: str = ""
    order: Order = "nearest"


@dataclass
class Evidence:
    """Predicted runs, kept while the app is open: profiles that change make them anew."""

    #: by id, those with a measured rate
    by_id: dict[str, ShownRun] = field(default_factory=dict)
    #: how unlike the plan each run is
    distances: dict[str, float] = field(default_factory=dict)
    wish: EvidenceWish = field(default_factory=EvidenceWish)
    #: all of them have been looked at
    is_whole: bool = False
    #: of how many runs
    runs: int = 0
    #: the readings of the profiles that they were predicted with
    readings: int = -1

    def want(self, **changes: str) -> None:
        """Want something else."""
        self.wish = replace(self.wish, **changes)  # type: ignore[arg-type] # as EvidenceWish's fields are

    def take(self, found: Iterable[ShownRun]) -> None:
        """Keep more runs."""
        self.by_id |= {one.id: one for one in found}

    def nearest(self) -> list[str]:
        """Return the ids of the runs that are most like the plan."""
        known = [name for name in self.by_id if name in self.distances]
        return sorted(known, key=lambda name: (self.distances[name], name))[:NEAREST]

    def shown(self) -> list[ShownRun]:
        """Return what is wanted, in the order that it is wanted in."""
        wish = self.wish
        typed = wish.words.lower().split()
        kept = [
            one
            for one in self.by_id.values()
            if all(getattr(one, what) == getattr(wish, what) for what in WHATS if getattr(wish, what))
            and all(word in searched(one) for word in typed)
        ]
        far = max(self.distances.values(), default=0.0) + 1.0
        keys: dict[Order, Callable[[ShownRun], float]] = {
            "nearest": lambda one: self.distances.get(one.id, far),
            "error": lambda one: -abs(one.error),
            "rate": lambda one: -one.measured,
        }
        return sorted(kept, key=lambda one: (keys[wish.order](one), one.id))

    def band(self, plan_team: Team, is_mixture: bool | None) -> ClassBand | None:
        """Return the band of the class that is shown, else of the plan's own."""
        team = next((team for team in TEAMS if team == self.wish.team), plan_team)
        return class_band(team, is_mixture)


def searched(one: ShownRun) -> str:
    """Return what a search looks through."""
    return " ".join((one.id, one.source_title, one.stack, one.team, one.line)).lower()


def predict_all(
    runs: list[Run],
    catalog: Catalog,
    job: JobClass | None,
    tell: Callable[[list[ShownRun]], None],
    tell_distances: Callable[[dict[str, float]], None],
    is_cancelled: Callable[[], bool],
) -> bool:
    """Predict all runs, those like the plan first, in a worker's thread; return whether all were."""
    distances = {} if job is None else nearness(runs, job, catalog)
    tell_distances(distances)
    far = max(distances.values(), default=0.0) + 1.0
    batch: list[ShownRun] = []
    for one in predicted_each(sorted(runs, key=lambda run: distances.get(run.id, far)), catalog):
        if is_cancelled():
            return False
        if isinstance(one, ScoredRun) and one.measured is not None:
            batch.append(ShownRun.of(one, one.measured))
        if len(batch) >= BATCH:
            tell(batch)
            batch = []
    tell(batch)
    return True


def predicted_again(identifier: str, catalog: Catalog) -> ScoredRun | None:
    """Return one run's prediction with all that is behind it, read from its file; None where it went."""
    runs = [run for run in load_runs().runs if run.id == identifier]
    found = next(predicted_each(runs, catalog), None)
    return found if isinstance(found, ScoredRun) else None
