"""Published runs as utilisations: what a class of chip, model and precision reached, and what is nearest."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog
from planner.domain.architecture import Architecture
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
PER_E_OF_SEQUENCE = 0.3
PER_E_OF_CHIPS = 0.2
#: Fewer comparable runs than these say nothing of what a class reaches.
FEWEST_RUNS = 3
#: Chips of one generation with peaks further apart than this factor fill their matmul units unlike: an H20
#: reaches shares of its 148 TFLOP/s that an H100 cannot.
SAME_RATE = 1.5
#: Shapes, each at a length, whose sizes are kept: three in four runs have one that another run has.
_KEPT = 1024


def is_about(one: float, other: float, factor: float) -> bool:
    """Return whether two amounts lie within a factor of each other.

    Examples
    --------
    >>> is_about(96, 128, 1.5), is_about(8, 128, 1.5)
    (True, False)
    """
    return other <= one * factor and one <= other * factor


def arithmetic_of(precision: str | None) -> str:
    """Return what a precision multiplies, in words; runs are held against each other within one alone."""
    datatype = PRECISIONS[precision or USUAL_PRECISION].datatype
    return "16 bit" if datatype in HALF_DATATYPES else datatype.upper()


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """A measured run: what it ran on and what it reached."""

    run: Run
    chip: Chip
    chips: int
    parameters: float
    active_parameters: float
    is_mixture: bool
    arithmetic: str
    #: of the chip's profile, dense, at the run's own precision. [FLOP/s]
    peak_flops_per_s: float
    tokens_per_second_per_chip: float
    #: causal convention, against that peak
    mfu: float


@dataclass(frozen=True, slots=True)
class JobClass:
    """What a plan or a claim is, as far as published runs are like it."""

    chip: Chip
    is_mixture: bool
    precision: str
    active_parameters: float
    #: tokens
    sequence_length: int
    chips: int

    @property
    def arithmetic(self) -> str:
        """What its matmuls multiply."""
        return arithmetic_of(self.precision)

    def is_on_like_chip(self, run: PublishedRun) -> bool:
        """Return whether a run's chip is of the job's generation and of about its rate."""
        peak = known_rate(self.chip, PRECISIONS[self.precision].datatype, *HALF_DATATYPES)
        if run.chip.generation != self.chip.generation or peak is None:
            return False
        return is_about(run.peak_flops_per_s, peak, SAME_RATE)


@dataclass(frozen=True, slots=True)
class Reached:
    """What the published runs of a class reached, the least first."""

    #: the class in words
    label: str
    #: how near the class is to what was asked; runs compare on like chips alone
    scope: Literal["like chips", "platform", "any chip"]
    runs: tuple[PublishedRun, ...]
    #: of like chips, be they too few
    comparable: int
    #: of all chips, of the same kind and arithmetic
    best_anywhere: PublishedRun

    @property
    def is_comparable(self) -> bool:
        """Whether the runs say what a job like this reaches."""
        return self.scope == "like chips"

    @property
    def low(self) -> PublishedRun:
        """The run at the tenth percentile: the last of the slowest tenth."""
        return self.runs[(len(self.runs) - 1) // 10]

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
    if not run.trains_all:
        return None
    chip = entry.profile
    precision = PRECISIONS[run.precision or USUAL_PRECISION]
    peak = known_rate(chip, precision.datatype, *HALF_DATATYPES)
    if peak is None or run.hardware.chip_count is None:
        return None
    parameters, active_parameters, flops_per_token = _sizes(run.architecture, run.sequence_length)
    return PublishedRun(
        run=run,
        chip=chip,
        chips=run.hardware.chip_count,
        parameters=parameters,
        active_parameters=active_parameters,
        is_mixture=run.architecture.mixture is not None,
        arithmetic=arithmetic_of(run.precision),
        peak_flops_per_s=peak,
        tokens_per_second_per_chip=rate,
        mfu=flops_per_token * rate / peak,
    )


@lru_cache(maxsize=_KEPT)
def _sizes(architecture: Architecture, sequence_length: int) -> tuple[float, float, float]:
    """Return a shape's parameters, those that a token meets, and the FLOP of training on one token."""
    inputs = architecture_inputs(architecture)
    counts = parameter_counts(inputs)
    flops_per_token = training_flops_per_token(inputs, float(sequence_length))
    return float(counts.total), float(counts.active), float(flops_per_token)


def reached_by(job: JobClass, runs: Sequence[PublishedRun]) -> Reached | None:
    """Return what runs of the job's kind and arithmetic reached: on like chips, else its platform, else any.

    A narrower class of fewer than `FEWEST_RUNS` gives way to the wider one. None where no run at all is of
    its kind and arithmetic.
    """
    alike = sorted(
        (run for run in runs if run.is_mixture == job.is_mixture and run.arithmetic == job.arithmetic),
        key=lambda run: run.mfu,
    )
    if not alike:
        return None
    kind = "mixture-of-experts" if job.is_mixture else "dense"
    same = tuple(run for run in alike if job.is_on_like_chip(run))
    near = tuple(run for run in alike if run.chip.platform == job.chip.platform)

    def reached(
        where: str, scope: Literal["like chips", "platform", "any chip"], of: Iterable[PublishedRun]
    ) -> Reached:
        label = f"{kind} models on {where} at {job.arithmetic}"
        return Reached(label, scope, tuple(of), len(same), alike[-1])

    if len(same) >= FEWEST_RUNS:
        return reached(job.chip.generation, "like chips", same)
    if len(near) >= FEWEST_RUNS:
        return reached(f"any {job.chip.platform} chip", "platform", near)
    return reached("any chip", "any chip", alike)


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
    apart += OTHER_PRECISION * (run.arithmetic != job.arithmetic)
    apart += PER_E_OF_PARAMETERS * abs(math.log(run.active_parameters / job.active_parameters))
    length = run.run.sequence_length or job.sequence_length
    apart += PER_E_OF_SEQUENCE * abs(math.log(length / job.sequence_length))
    return float(apart + PER_E_OF_CHIPS * abs(np.log(run.chips / job.chips)))
