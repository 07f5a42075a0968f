"""Predictions of published runs one at a time, how near each is to a plan, and the band of a class."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.domain.run import Run
from planner.domain.team import Team
from planner.engine.step import TRAFFIC
from planner.files.json_text import parse_json
from planner.files.package_data import shipped_folder
from planner.files.reading import read_text, shown_path
from planner.planning.published import JobClass, distance, published_runs
from planner.planning.run_cases import Unpredictable
from planner.validation.run_prediction import CaseColumns
from planner.validation.run_preparation import prepared_each, shipped_stack
from planner.validation.run_scores import ScoredRun
from planner.validation.validation import SkippedRun, score_case

#: What sources that no fit had seen came to, by class and group; written with docs/accuracy.md.
HELD_OUT_FILE = "accuracy_held_out.json"
#: Parts of a step in the order in which they are told.
STEP_PARTS = ("compute", "memory_bound", *TRAFFIC, "bubble", "optimizer", "jitter")


@dataclass(frozen=True, slots=True)
class ClassBand:
    """How far the rates of a class lie from their predictions where its sources were left out of the fit."""

    label: str
    runs: int
    sources: int
    #: the factor, either way, within which 80 % of them are
    factor: float


def predicted_each(runs: Iterable[Run], catalog: Catalog) -> Iterator[ScoredRun | SkippedRun]:
    """Yield the prediction of each run under the stacks of the catalog, or why it has none."""
    for case in prepared_each(runs, catalog):
        found = (
            case
            if isinstance(case, Unpredictable)
            else score_case(case, lambda it: shipped_stack(it, catalog))
        )
        if isinstance(found, Unpredictable):
            yield SkippedRun(found.run.id, found.reason, found.run)
        else:
            yield found


def nearness(runs: Sequence[Run], job: JobClass, catalog: Catalog) -> dict[str, float]:
    """Return how unlike a job each run is, by its id; those whose utilisation is unknown are left out."""
    return {one.run.id: distance(job, one) for one in published_runs(runs, catalog)}


def step_shares(scored: ScoredRun, catalog: Catalog) -> dict[str, float]:
    """Return the share of each part of the predicted step, those of nothing left out. [-]."""
    stack = shipped_stack(scored.case, catalog)
    step = CaseColumns.of([scored.case]).step(stack.constants)
    total = float(step.total.ravel()[0])
    shares = {part: float(getattr(step, part).ravel()[0]) / total for part in STEP_PARTS}
    return {part: share for part, share in shares.items() if share > 0.0005}


def class_band(team: Team | None, is_mixture: bool | None) -> ClassBand | None:
    """Return the band of a class; the wider class where it has too few runs, None where nothing is recorded.

    Parameters
    ----------
    team
        Who ran them; None: anybody.
    is_mixture
        Whether mixtures or dense models alone; None: both.
    """
    kind = "" if is_mixture is None else ", mixtures" if is_mixture else ", dense"
    recorded = _recorded()
    for label in (f"{team or 'all'}{kind}", team or "all", "all"):
        found = recorded.get(label)
        if found is not None:
            return ClassBand(label, int(found["runs"]), int(found["sources"]), math.exp(found["error_of_80"]))
    return None


def _recorded() -> dict[str, dict[str, float | int]]:
    path = shipped_folder("_accuracy", "docs") / HELD_OUT_FILE
    bands = parse_json(read_text(path), where=shown_path(path))["bands"]
    return dict(bands)
