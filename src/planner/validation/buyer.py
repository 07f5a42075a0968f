"""Published runs as a buyer asks for them: the job is known, the layout is searched, the best run answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from planner.catalog.catalog import Catalog
from planner.domain.layout_practice import LayoutPractice
from planner.domain.plan_strategy import Strategy
from planner.domain.run import Run, RunLayout, RunSoftware
from planner.domain.stack import Stack
from planner.domain.training import TrainingRecipe
from planner.planning.job import Job
from planner.planning.plan_layouts import plan_space
from planner.planning.run_cases import RunCase, run_case
from planner.planning.run_job import job_of_run
from planner.planning.stack import FittedStack, Offered, software_columns, stack_chain
from planner.planning.systems import systems_by_chip

#: How a row says that its source leaves the layout out.
_NO_LAYOUT = "parallel layout"


@dataclass(frozen=True, slots=True)
class BoughtJob:
    """One job that somebody ran, and how it looks to a buyer."""

    #: the best published run of the job
    best: RunCase
    #: the same as a buyer knows it: no layout, no recompute, no recipe, no features of the software
    asked: RunCase
    #: its stack first, then that one's parents
    stacks: tuple[Stack, ...]

    def job(self, fitted: FittedStack, practice: LayoutPractice | None = None) -> Job:
        """Return the job with everything that a plan leaves to the search left to it.

        Without a practice nothing but the step decides.
        """
        asked, architecture = self.asked, self.asked.run.architecture
        assert architecture is not None  # a run without one is no case
        job = job_of_run(asked, fitted)
        space = plan_space(
            Strategy(),
            architecture,
            asked.workload,
            chips=int(asked.chips),
            domain_chips=float(asked.network.domain_chips),
            software=software_columns(
                self.stacks, asked.generation, has_free_routing=not float(asked.workload.trains_all)
            ),
            offered=Offered.by(self.stacks),
        )
        job = replace(job, space=space)
        return job if practice is None else job.as_people_run(practice, asked.stack)


def bought_jobs(cases: Iterable[RunCase], catalog: Catalog) -> list[BoughtJob]:
    """Return the jobs of some measured runs, each with the fastest run that was published of it.

    A job is what a buyer knows: model, chip, count, batch, sequence, precision, whether all weights are
    trained, who runs it, and the stack. Runs that do not state their batch, and whole runs with their
    interruptions, are no such job.
    """
    systems = systems_by_chip(catalog)
    best: dict[tuple[object, ...], RunCase] = {}
    for case in cases:
        run = case.run
        if run.tier not in ("A", "B") or run.global_batch_sequences is None or case.measured is None:
            continue
        key = (
            run.architecture,
            run.hardware.chip,
            run.hardware.chip_count,
            run.global_batch_sequences,
            run.sequence_length,
            run.precision,
            run.team,
            case.stack.id,
            _asked_recipe(run),
        )
        if key not in best or case.measured > (best[key].measured or 0.0):
            best[key] = case
    found = ((case, run_case(as_asked(case.run), catalog, systems)) for case in best.values())
    return [
        BoughtJob(case, asked, tuple(stack_chain(asked.stack, catalog)))
        for case, asked in found
        if isinstance(asked, RunCase)
    ]


def as_asked(run: Run) -> Run:
    """Return a run without what only those know who ran it."""
    software = run.software
    return run.model_copy(
        update={
            "tier": "B",
            # the model is known to a buyer as far as to the source
            "missing": (*run.missing, _NO_LAYOUT),
            # what a rank is belongs to the chip
            "layout": RunLayout(ranks_per_chip=run.layout.ranks_per_chip),
            "recompute": None,
            "software": RunSoftware(framework=software.framework, name=software.name, year=software.year),
            "training": _asked_recipe(run),
            "assumed": (),
        }
    )


def _asked_recipe(run: Run) -> TrainingRecipe:
    """Return what of a recipe says which work is done: adapters are another job, an optimizer is not."""
    if run.trains_all:
        return TrainingRecipe()
    asked = ("method", "lora_rank", "lora_targets")
    return TrainingRecipe(**{name: getattr(run.training, name) for name in asked})
