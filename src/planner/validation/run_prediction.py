"""Predictions of published runs: what is missing is searched, then all runs are costed as one column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.inputs import (
    ChipInputs,
    Layouts,
    NetworkInputs,
    StackConstants,
    WorkloadInputs,
    stacked,
)
from planner.engine.layouts import Grid, as_layouts, divisors, powers_of_two
from planner.engine.memory import RESERVED_SHARE, memory_parts
from planner.engine.search import Machine, search
from planner.engine.step import StepTimes, step_times
from planner.engine.uncertainty import drawn_constants, standard_draws
from planner.engine.work import ModelWork, model_work
from planner.planning.engine_inputs import FittedStack
from planner.planning.grid import RECOMPUTE
from planner.planning.run_cases import RunCase, with_layout

#: Draws behind the band of one run.
RUN_DRAWS = 400
#: Share of a published batch that may be rounding.
MOST_PADDING = 0.05
StackOf = Callable[[RunCase], FittedStack]


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
        workload = stacked([case.workload for case in cases])
        return cls(
            cases=tuple(cases),
            measured=np.array(measured),
            chips=np.array([used_chips(case) for case in cases]),
            work=model_work(stacked([case.architecture for case in cases]), workload),
            layout=stacked([case.layout for case in cases]),
            chip=stacked([case.chip for case in cases]),
            network=stacked([case.network for case in cases]),
            workload=workload,
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


def predict(columns: CaseColumns, stacks: Sequence[FittedStack], *, draws: int = RUN_DRAWS) -> RunPredictions:
    """Return the predictions of every run, each under its own stack's constants."""
    constants = stacked([stack.constants for stack in stacks])
    tokens = columns.tokens_per_step()
    median = tokens / (columns.step(constants).total * columns.chips)
    low, high = np.empty(len(stacks)), np.empty(len(stacks))
    noise = standard_draws(["residual"], draws)["residual"]
    for row, (case, stack) in enumerate(zip(columns.cases, stacks, strict=True)):
        drawn = drawn_constants(stack.constants, stack.log_spreads, draws)
        is_stated = case.known.is_complete and not case.run.result.is_convention_assumed
        residual = stack.residuals.of(is_stated=is_stated, is_mixture=case.is_mixture)
        step = CaseColumns.of([case]).step(drawn).total * np.exp(residual * noise)
        rate = tokens[row] / (step * columns.chips[row])
        low[row], high[row] = np.quantile(rate, [0.1, 0.9])
    return RunPredictions(median, np.minimum(low, median), np.maximum(high, median))


def completed(case: RunCase, stack: FittedStack) -> RunCase:
    """Return the case with whatever its source does not state filled by the layout search.

    What is published stays pinned; of the layouts that fit into memory the fastest is taken, and where none
    fits, the fastest of all: the run did run.
    """
    if case.known.is_complete:
        return case
    machine = Machine(chip=case.chip, network=case.network, stack=stack.constants)
    work = model_work(case.architecture, case.workload)
    fixed = {
        name: float(getattr(case.layout, name))
        for name in (
            "expert_tensor",
            "is_sequence_parallel",
            "shard_ranks",
            "has_tensor_overlap",
            "expert_capacity",
            "drops_unused_recompute",
            "is_eager",
        )
    }
    if case.known.recompute:
        fixed["recompute_matmul"] = float(case.layout.recompute_matmul)
    found = search(work, _grid(case), machine, case.workload, keep=1, fixed=fixed)
    missing = [field.name for field in fields(case.known) if not getattr(case.known, field.name)]
    if len(found.rows) == 0:
        # it did run: what it held is not what the memory model thinks, and must not bound the search
        boundless = Machine(
            chip=replace(case.chip, memory_bytes=np.inf), network=case.network, stack=stack.constants
        )
        found = search(work, _grid(case), boundless, case.workload, keep=1, fixed=fixed)
    if len(found.rows) == 0:
        return with_layout(case, case.layout, assumed=f"{', '.join(missing)}: defaults, nothing divides")
    layout = as_layouts(found.rows[:1].T.copy(), **fixed)
    single = type(layout)(**{c.name: float(np.ravel(getattr(layout, c.name))[0]) for c in fields(layout)})
    return with_layout(case, single, assumed=f"{', '.join(missing)}: searched")


def _grid(case: RunCase) -> Grid:
    layout, known = case.layout, case.known
    layers = int(case.architecture.layers)
    experts = int(case.architecture.experts)
    chips = int(case.chips)
    heads = int(case.architecture.heads)
    domain = int(min(float(case.network.domain_chips), chips, 64))

    def choice(is_known: bool, value: ArrayLike, choices: list[int]) -> list[int]:
        return [int(float(value))] if is_known else choices

    has_all_degrees = known.tensor and known.context and known.pipeline
    return Grid(
        chips=chips,
        layers=layers,
        global_batch_sequences=int(case.workload.global_batch_sequences),
        experts=experts,
        tensor=choice(known.tensor, layout.tensor, [d for d in powers_of_two(domain) if heads % d == 0]),
        context=choice(known.context, layout.context, powers_of_two(16)),
        expert=choice(
            known.expert,
            layout.expert,
            [d for d in powers_of_two(max(experts, 1)) if not experts or experts % d == 0],
        ),
        pipeline=choice(
            known.pipeline, layout.pipeline, [d for d in divisors(layers) if d <= min(chips, 64)]
        ),
        virtual_stages=choice(known.virtual_stages, layout.virtual_stages, [1, 2, 3, 4, 6]),
        microbatch=choice(known.microbatch, layout.microbatch, [1, 2, 4, 8]),
        # a framework that shards the weights by default need not do so under a pipeline
        zero=[int(layout.zero)] if known.zero else sorted({1, int(layout.zero)}),
        recompute=[(float(layout.recompute_attention), float(layout.recompute_layers))]
        if known.recompute
        else list(RECOMPUTE.values()),
        data=int(layout.data) if has_all_degrees else None,
        allow_sharded_pipeline=True,
        most_uneven=np.inf,
        # batches are published rounded ("2M tokens"), and need not divide as that of the run did
        most_padding=MOST_PADDING,
    )


def peak_memory_bytes(case: RunCase, stack: FittedStack) -> float:
    """Return the predicted memory of a run's fullest chip, the allocator's reserve included. [B]."""
    work = model_work(case.architecture, case.workload)
    parts = memory_parts(work, case.layout, case.chip, stack.constants, case.workload)
    return float(np.ravel(parts.total)[0]) + float(case.chip.memory_bytes) * RESERVED_SHARE
