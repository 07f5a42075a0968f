"""How much stands behind an estimate: published runs like its job, and what is said of the nearest one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.catalog.catalog import Catalog
from planner.domain.run import Run
from planner.estimate.explain import job_class
from planner.estimate.result import Estimate
from planner.planning.published import JobClass, PublishedRun, nearest_runs, published_runs
from planner.planning.run_cases import run_stack
from planner.planning.stack import RunsBehind
from planner.quantities.evaluation import Figures
from planner.validation.run_preparation import prepare, shipped_stack
from planner.validation.run_scores import ScoredRun
from planner.validation.validation import score_case


@dataclass(frozen=True, slots=True)
class Standing:
    """The runs behind a plan's figures."""

    is_mixture: bool
    chip_name: str
    #: None where the plan names none
    stack_id: str | None
    #: of the same kind on like chips: of this stack, and of all
    with_stack: RunsBehind
    on_chips: RunsBehind
    #: None where nobody has measured such a model
    nearest: PublishedRun | None
    #: tokens per second and chip that the model says of it; None where it can't be predicted
    said: float | None


def standing(estimate: Estimate, runs: Iterable[Run], catalog: Catalog) -> Standing | None:
    """Return what stands behind an estimate; None where the plan cannot run."""
    if estimate.figures is None:
        return None
    return _standing(estimate.figures, list(runs), catalog)


def _standing(figures: Figures, runs: Sequence[Run], catalog: Catalog) -> Standing:
    setting = figures.setting
    pool = setting.pool
    job = job_class(setting.resolved, pool, figures.of_phase(setting.phase_index).setting.workload)
    near = _published(job, runs, catalog)
    like = [run for run in near if job.is_on_like_chip(run)]
    stack = pool.stacks[0].id
    with_stack = [run for run in like if run_stack(run.run, run.chip.platform, catalog).id == stack]
    nearest = next(iter(nearest_runs(job, like or near, 1)), None)
    return Standing(
        job.is_mixture,
        pool.chip.name,
        None if pool.is_default_stack else stack,
        _behind(with_stack),
        _behind(like),
        nearest,
        None if nearest is None else _said(nearest.run, catalog),
    )


def _behind(runs: Sequence[PublishedRun]) -> RunsBehind:
    return RunsBehind(len(runs), len({run.run.source_key for run in runs}))


def _published(job: JobClass, runs: Sequence[Run], catalog: Catalog) -> tuple[PublishedRun, ...]:
    """Return the steady runs of the job's kind: on its chip's generation, else on any chip."""

    def generation(run: Run) -> str | None:
        entry = catalog.chips.get(run.hardware.chip)
        return None if entry is None else entry.profile.generation

    def is_alike(run: Run) -> bool:
        shape = run.architecture
        return run.tier in ("A", "B") and shape is not None and (shape.mixture is not None) == job.is_mixture

    kind = [run for run in runs if is_alike(run)]
    same = [run for run in kind if generation(run) == job.chip.generation]
    return published_runs(same, catalog) or published_runs(kind, catalog)


def _said(run: Run, catalog: Catalog) -> float | None:
    prepared = prepare([run], catalog)
    for case in prepared.cases:
        found = score_case(case, lambda it: shipped_stack(it, catalog))
        if isinstance(found, ScoredRun):
            return found.predicted.p50
    return None
