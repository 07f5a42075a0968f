"""Published runs as a buyer asks for them: which are one job, what of it is told, and what its band holds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_runs
from planner.domain.run import Run
from planner.domain.training import TrainingRecipe
from planner.validation.bands import LayoutShift, layout_spreads
from planner.validation.buyer import BoughtJob, as_asked, bought_jobs
from planner.validation.run_preparation import prepare


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def run() -> Run:
    return next(run for run in load_runs().runs if run.tier == "A" and run.global_batch_sequences)


def jobs_of(runs: Sequence[Run], catalog: Catalog) -> list[BoughtJob]:
    return bought_jobs(prepare(runs, catalog).cases, catalog)


def rated(run: Run, rate: float, **changes: object) -> Run:
    result = run.result.model_copy(update={"tokens_per_s_per_chip": rate})
    return run.model_copy(update={"id": f"{run.id}-{rate:g}", "result": result, **changes})


def test_the_fastest_run_of_a_job_answers_for_it(run: Run, catalog: Catalog) -> None:
    other = run.layout.model_copy(update={"zero": 2})
    (job,) = jobs_of([rated(run, 10.0), rated(run, 30.0, layout=other), rated(run, 20.0)], catalog)
    assert job.best.measured == 30.0


def test_adapters_are_another_job_and_an_optimizer_is_not(run: Run, catalog: Catalog) -> None:
    lion = rated(run, 20.0, training=TrainingRecipe(method="full", optimizer="lion"))
    lora = rated(run, 30.0, training=TrainingRecipe(method="lora", lora_rank=16, optimizer="lion"))
    jobs = jobs_of([rated(run, 10.0), lion, lora], catalog)
    assert sorted(job.best.measured or 0.0 for job in jobs) == [20.0, 30.0]
    assert [job.asked.run.training for job in jobs] == [
        TrainingRecipe(),
        TrainingRecipe(method="lora", lora_rank=16),
    ]


def test_what_only_those_know_who_ran_it_is_not_told(run: Run) -> None:
    asked = as_asked(run)
    assert asked.recompute is None
    assert asked.software.features == ()
    assert {name for name in type(run.layout).model_fields if getattr(asked.layout, name) is not None} <= {
        "context_kind",
        "ranks_per_chip",
    }
    kept = ("model", "architecture", "hardware", "global_batch_sequences", "sequence_length", "precision")
    assert all(getattr(asked, name) == getattr(run, name) for name in kept)


def test_four_of_five_layouts_lie_within_what_the_band_takes_for_them() -> None:
    sizes = [0.01 * place for place in range(1, 101)]
    shifts = [LayoutShift(f"source {place}", False, size * (-1) ** place) for place, size in enumerate(sizes)]
    spreads = layout_spreads(shifts)
    within = sum(size <= 1.2816 * spreads.dense for size in sizes)
    assert within == pytest.approx(80, abs=1)
    assert math.isclose(spreads.mixtures, spreads.dense)
    assert layout_spreads([]).dense == 0.0
