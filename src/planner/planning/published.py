"""Published runs as utilisations: what a class of chip, model and precision reached, and what is nearest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog
from planner.domain.chip import Chip
from planner.domain.run import Run
from planner.engine.architecture import parameter_counts
from planner.engine.flops import training_flops_per_token
from planner.engine.precisions import HALF_DATATYPES, PRECISIONS, USUAL_PRECISION
from planner.planning.chip import known_rate

#: Weights of the distance between a plan and a run: what moves the rate most comes first.
OTHER_GENERATION = 2.0
OTHER_PLATFORM = 2.0
OTHER_KIND = 2.0
OTHER_PRECISION = 1.0
PER_E_OF_PARAMETERS = 0.5
PER_E_OF_CHIPS = 0.2


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """A measured run: what it ran on and what it reached."""

    run: Run
    chip: Chip
    chips: int
    parameters: float
    active_parameters: float
    is_mixture: bool
    is_low_precision: bool
    tokens_per_second_per_chip: float
    #: causal convention, against the dense peak of the run's own precision in the chip's profile
    mfu: float


@dataclass(frozen=True, slots=True)
class JobClass:
    """What a plan or a claim is, as far as published runs are like it."""

    chip: Chip
    is_mixture: bool
    is_low_precision: bool
    active_parameters: float
    chips: int


@dataclass(frozen=True, slots=True)
class Reached:
    """What the published runs of a class reached."""

    #: the class in words
    label: str
    #: how near the class is to what was asked
    scope: Literal["generation", "platform", "any chip"]
    runs: tuple[PublishedRun, ...]

    @property
    def lowest(self) -> PublishedRun:
        """The run of the least utilisation."""
        return self.runs[0]

    @property
    def middle(self) -> PublishedRun:
        """The run in the middle; of two, the lower."""
        return self.runs[(len(self.runs) - 1) // 2]

    @property
    def highest(self) -> PublishedRun:
        """The run of the greatest utilisation."""
        return self.runs[-1]


def published_runs(runs: Iterable[Run], catalog: Catalog) -> tuple[PublishedRun, ...]:
    """Return the runs whose utilisation can be computed: a rate, a shape, and a chip with a known peak."""
    found = (_published(run, catalog) for run in runs)
    return tuple(run for run in found if run is not None)


def _published(run: Run, catalog: Catalog) -> PublishedRun | None:
    rate = run.result.tokens_per_s_per_chip
    entry = catalog.chips.get(run.hardware.chip)
    if run.architecture is None or run.sequence_length is None or rate is None or entry is None:
        return None
    chip = entry.profile
    precision = PRECISIONS[run.precision or USUAL_PRECISION]
    peak = known_rate(chip, precision.datatype, *HALF_DATATYPES)
    if peak is None or run.hardware.chip_count is None:
        return None
    architecture = architecture_inputs(run.architecture)
    counts = parameter_counts(architecture)
    flops = float(training_flops_per_token(architecture, float(run.sequence_length)))
    return PublishedRun(
        run=run,
        chip=chip,
        chips=run.hardware.chip_count,
        parameters=float(counts.total),
        active_parameters=float(counts.active),
        is_mixture=run.architecture.mixture is not None,
        is_low_precision=precision.is_low,
        tokens_per_second_per_chip=rate,
        mfu=flops * rate / peak,
    )


def reached_by(job: JobClass, runs: Sequence[PublishedRun]) -> Reached | None:
    """Return what runs of the job's class reached: of its generation, else its platform, else any chip.

    None where no run at all is of its kind and precision.
    """
    alike = sorted(
        (
            run
            for run in runs
            if run.is_mixture == job.is_mixture and run.is_low_precision == job.is_low_precision
        ),
        key=lambda run: run.mfu,
    )
    kind = "mixture-of-experts" if job.is_mixture else "dense"
    bits = "below 16 bit" if job.is_low_precision else "at 16 bit"
    same = tuple(run for run in alike if run.chip.generation == job.chip.generation)
    if same:
        return Reached(f"{kind} models on {job.chip.generation} {bits}", "generation", same)
    near = tuple(run for run in alike if run.chip.platform == job.chip.platform)
    if near:
        return Reached(f"{kind} models on any {job.chip.platform} chip {bits}", "platform", near)
    return Reached(f"{kind} models on any chip {bits}", "any chip", tuple(alike)) if alike else None


def nearest_runs(job: JobClass, runs: Sequence[PublishedRun], limit: int = 3) -> tuple[PublishedRun, ...]:
    """Return the runs most like the job, nearest first; of one group of runs only the nearest."""
    found: dict[str, PublishedRun] = {}
    for run in sorted(runs, key=lambda run: (distance(job, run), run.run.id)):
        found.setdefault(run.run.group, run)
        if len(found) == limit:
            break
    return tuple(found.values())


def distance(job: JobClass, run: PublishedRun) -> float:
    """Return how unlike a job and a run are; zero for the same class, size and chips. [-]."""
    apart = OTHER_GENERATION * (run.chip.generation != job.chip.generation)
    apart += OTHER_PLATFORM * (run.chip.platform != job.chip.platform)
    apart += OTHER_KIND * (run.is_mixture != job.is_mixture)
    apart += OTHER_PRECISION * (run.is_low_precision != job.is_low_precision)
    apart += PER_E_OF_PARAMETERS * abs(math.log(run.active_parameters / job.active_parameters))
    return float(apart + PER_E_OF_CHIPS * abs(np.log(run.chips / job.chips)))
