"""Predictions of published runs: what is missing is searched, then all runs are costed as one column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.estimate import RESIDUAL_STREAM
from planner.engine.inputs import (
    ChipInputs,
    Layouts,
    NetworkInputs,
    StackConstants,
    WorkloadInputs,
    stacked,
)
from planner.engine.step import StepTimes, step_times
from planner.engine.uncertainty import drawn_constants, standard_draws
from planner.engine.work import ModelWork, model_work
from planner.planning.run_cases import RunCase, with_layout
from planner.planning.run_job import job_of_run
from planner.planning.stack import FittedStack
from planner.validation.memory_fit import fit_of

#: Draws behind the band of one run.
RUN_DRAWS = 400


@dataclass(frozen=True, slots=True)
class CaseColumns:
    """Many runs as one record of arrays each, stacked once: a fit costs them thousands of times."""

    cases: tuple[RunCase, ...]
    measured: FloatArray
    chips: FloatArray
    work: ModelWork
    layout: Layouts
    chip: ChipInputs
    network: NetworkInputs
    workload: WorkloadInputs

    @classmethod
    def of(cls, cases: Sequence[RunCase]) -> CaseColumns:
        """Return the columns of some runs; an unmeasured one has nan."""
        measured = [case.measured if case.measured is not None else np.nan for case in cases]
        return cls(
            cases=tuple(cases),
            measured=np.array(measured),
            chips=np.array([used_chips(case) for case in cases]),
            work=stacked([model_work(case.architecture, case.workload) for case in cases]),
            layout=stacked([case.layout for case in cases]),
            chip=stacked([case.chip for case in cases]),
            network=stacked([case.network for case in cases]),
            workload=stacked([case.workload for case in cases]),
        )

    def step(self, constants: StackConstants) -> StepTimes:
        """Return every run's step under constants that broadcast against the column of runs."""
        return step_times(self.work, self.layout, self.chip, self.network, constants, self.workload)

    def tokens_per_step(self) -> FloatArray:
        """Return tokens of one step of every run."""
        return np.array(
            [
                float(case.workload.sequence_length) * float(case.workload.global_batch_sequences)
                for case in self.cases
            ]
        )


def used_chips(case: RunCase) -> float:
    """Return the chips that a run's rate is per: those that it says it ran on."""
    return case.chips


@dataclass(frozen=True, slots=True)
class RunPredictions:
    """Tokens per second and chip, predicted; (runs,) and (runs, draws)."""

    median: FloatArray
    p10: FloatArray
    p90: FloatArray


def predict(
    columns: CaseColumns,
    stacks: Sequence[FittedStack],
    *,
    draws: int = RUN_DRAWS,
    layout_log_spread: float = 0.0,
) -> RunPredictions:
    """Return the predictions of every run, each under its own stack's constants.

    `layout_log_spread` is what they scatter by since their layouts are not known. [-]
    """
    constants = stacked([stack.constants for stack in stacks])
    median = columns.tokens_per_step() / (columns.step(constants).total * columns.chips)
    low, high = np.empty(len(stacks)), np.empty(len(stacks))
    for row, (case, stack) in enumerate(zip(columns.cases, stacks, strict=True)):
        rate = scattered_rates(case, stack, draws=draws, layout_log_spread=layout_log_spread)
        low[row], high[row] = np.quantile(rate, [0.1, 0.9])
    return RunPredictions(median, np.minimum(low, median), np.maximum(high, median))


def scattered_rates(
    case: RunCase, stack: FittedStack, *, draws: int = RUN_DRAWS, layout_log_spread: float = 0.0
) -> FloatArray:
    """Return a run's rate over draws of the constants and of what they leave unexplained, (draws,)."""
    noise = standard_draws([RESIDUAL_STREAM], draws)[RESIDUAL_STREAM]
    spread = math.hypot(job_of_run(case, stack).residual_log_spread, layout_log_spread)
    return np.asarray(drawn_rates(case, stack, draws=draws) * np.exp(-spread * noise))


def drawn_rates(case: RunCase, stack: FittedStack, *, draws: int = RUN_DRAWS) -> FloatArray:
    """Return a run's rate over draws of the constants alone, (draws,); (1,) where they are certain."""
    columns = CaseColumns.of([case])
    step = columns.step(drawn_constants(stack.constants, stack.log_spreads, draws)).total
    return np.asarray(columns.tokens_per_step() / (step * columns.chips))


def completed(case: RunCase, stack: FittedStack) -> RunCase:
    """Return the case with whatever its source does not state filled by the layout search.

    What is published stays pinned; of the layouts that fit into memory the fastest is taken, and where none
    fits, the fastest of all: the run did run.
    """
    if case.known.is_complete:
        return case
    job = job_of_run(case, stack)
    missing = [field.name for field in fields(case.known) if not getattr(case.known, field.name)]
    found = job.search(keep=1)
    if len(found.rows) == 0:
        # it did run: what it held is not what the memory model thinks, and must not bound the search
        found = job.without_memory_limit.search(keep=1)
    if len(found.rows) == 0:
        return with_layout(case, case.layout, assumed=f"{', '.join(missing)}: defaults, nothing divides")
    layout = job.space.layouts(found.rows[0])
    return with_layout(case, layout, assumed=f"{', '.join(missing)}: searched")


def peak_memory_bytes(case: RunCase) -> float:
    """Return the predicted memory of a run's fullest chip, as the driver shows it. [B]."""
    work = model_work(case.architecture, case.workload)
    return fit_of(work, case.layout, case.workload, float(case.chip.memory_bytes)).seen_by("driver")
