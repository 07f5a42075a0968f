"""Everything that the engine is told of a training; how plans come to it, and `run_job` for runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from planner.catalog.layout_practice import shipped_practice
from planner.catalog.post_training_fit import shipped_post_training_fit
from planner.domain.layout_practice import LayoutPractice
from planner.domain.stack import Stack
from planner.engine.arrays import FloatArray
from planner.engine.estimate import LayoutEstimate, estimate_layout
from planner.engine.inputs import ArchitectureInputs, Layouts, WorkloadInputs
from planner.engine.layout_aspects import Place
from planner.engine.search import Found, Machine, search
from planner.engine.work import ModelWork
from planner.planning.chip import chip_inputs
from planner.planning.kept_searches import KeptSearches
from planner.planning.kernels import planned_year
from planner.planning.layout_space import LayoutSpace
from planner.planning.network import network_inputs
from planner.planning.plan_layouts import plan_space
from planner.planning.plausible_architecture import assumed_shape_log_spread
from planner.planning.practice import Context, Practice
from planner.planning.reach import Reach, band_stretch, beyond_the_data, later_software
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.shape import shape_of, work_of
from planner.planning.stack import FittedStack, Offered, software_columns, stack_constants
from planner.planning.workload import PhaseWorkload, workload_inputs

#: An answer is a few kilobytes; so many are of the points of a sweep, or of all that a sensitivity moves.
SEARCHES = KeptSearches(512)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """One training as the engine takes it: what is computed, on what, and which layouts are open."""

    architecture: ArchitectureInputs
    workload: WorkloadInputs
    #: what follows from the two above, whatever the layout
    work: ModelWork
    machine: Machine
    #: the machine's constants with their spreads and the runs behind them
    fitted: FittedStack
    #: spread of the logarithm of the whole step that the constants leave unexplained
    residual_log_spread: float
    #: of that, what steps of one source scatter by
    within_log_spread: float
    #: where it lies beyond what published runs cover: both spreads are wider for it
    beyond: tuple[Reach, ...]
    space: LayoutSpace
    #: what people run of such jobs; None where nothing but the step decides
    practice: Practice | None = None

    def search(self, *, keep: int = 10, cancelled: Callable[[], bool] = lambda: False) -> Found:
        """Return the layouts that fit into memory, the one first that people would run."""

        def searched() -> Found:
            return search(
                self.work,
                self.space.grid,
                self.machine,
                self.workload,
                keep=keep,
                cancelled=cancelled,
                fixed=self.space.fixed,
                others=self.space.others,
                preference=None if self.practice is None else self.practice.preference,
            )

        if cancelled():
            # not even an answer that is there: whoever asked wants none any more
            return searched()
        asked = (self.work, self.space, self.machine, self.workload, self.practice, keep)
        return SEARCHES.found(asked, searched)

    def estimate(self, layouts: Layouts) -> LayoutEstimate:
        """Return one layout's step and memory, at the medians and over the draws."""
        return estimate_layout(
            self.work,
            layouts,
            self.machine,
            self.workload,
            self.fitted.log_spreads,
        )

    def on_batch_of(self, row: FloatArray) -> Job:
        """Return the same job on the batch that goes with one candidate of the grid, a row of `Found`."""
        batch = float(self.space.grid.batches(row[:, None])[0])
        if batch == self.workload.global_batch_sequences:
            return self
        return replace(self, workload=replace(self.workload, global_batch_sequences=batch))

    def as_people_run(self, record: LayoutPractice, stack: Stack) -> Job:
        """Return the same job where the search knows what people run, who may run another layout yet."""
        practice = Practice.of(
            record,
            Context.of(self.architecture, stack, sequence_length=float(self.workload.sequence_length)),
            Place(domain_chips=float(self.machine.network.domain_chips)),
            open_share=self.space.open_share,
            variants=self.space.variants,
        )
        return replace(
            self,
            practice=practice,
            residual_log_spread=math.hypot(self.residual_log_spread, practice.log_spread),
            within_log_spread=math.hypot(self.within_log_spread, practice.log_spread),
        )

    @property
    def without_memory_limit(self) -> Job:
        """The same job on chips that hold anything."""
        chip = replace(self.machine.chip, memory_bytes=np.inf)
        return replace(self, machine=replace(self.machine, chip=chip))


def machine_of_pool(resolved: ResolvedPlan, pool: ResolvedPool) -> tuple[Machine, FittedStack]:
    """Return the chips, network and software of a plan's pool.

    Raises
    ------
    PlanError
        Where a profile lacks a figure that the estimate needs.
    """
    fitted = stack_constants(
        pool.stacks,
        pool.chip.generation,
        resolved.plan.operations.running_team,
        planned_year(pool.stacks, pool.pool.stack_release),
    )
    machine = Machine(
        chip=chip_inputs(pool.chip, resolved.plan.workload.precision),
        network=network_inputs(pool.chip, pool.system, pool.fabric, chips=float(pool.chips)),
        stack=fitted.constants,
    )
    return machine, fitted


def job_of_plan(resolved: ResolvedPlan, pool: ResolvedPool, phase: PhaseWorkload) -> Job:
    """Return one phase of a plan on one of its pools as the engine takes it.

    Raises
    ------
    PlanError
        Where a profile lacks a figure that the estimate needs, or what the plan pins contradicts itself.
    """
    machine, fitted = machine_of_pool(resolved, pool)
    shape = shape_of(resolved.architecture)
    architecture = shape.inputs
    workload = workload_inputs(
        pool.stacks,
        resolved.plan.workload.precision,
        resolved.plan.training,
        architecture,
        sequence_length=float(phase.sequence_length),
        global_batch_sequences=float(phase.global_batch_sequences),
        document_tokens=phase.document_tokens,
    )
    strategy = phase.strategy or resolved.plan.strategy
    space = plan_space(
        strategy,
        resolved.architecture,
        workload,
        chips=pool.chips,
        domain_chips=float(machine.network.domain_chips),
        software=software_columns(
            pool.stacks,
            pool.chip.generation,
            dispatcher=strategy.dispatcher,
            # adapters stand beside a router that was trained on something else
            has_free_routing=not float(workload.trains_all),
        ),
        batch_flex=phase.batch_flex,
        offered=Offered.by(pool.stacks),
    )
    is_mixture = resolved.architecture.mixture is not None
    length = float(phase.sequence_length)
    beyond: tuple[Reach, ...] = (
        *beyond_the_data(shape.counts, sequence_length=length, chips=float(pool.chips)),
        *later_software(pool.stacks, pool.pool.stack_release, resolved.plan.calendar.start),
    )
    stretch = band_stretch(beyond)
    residual = stretch * fitted.residuals.of(is_mixture=is_mixture)
    if resolved.plan.workload.kind == "fine-tuning":
        # no constant of a stack is fitted to such steps
        residual = max(residual, shipped_post_training_fit().fine_tuning_log_spread or 0.0)
    job = Job(
        architecture=architecture,
        workload=workload,
        work=work_of(resolved.architecture, workload),
        machine=machine,
        fitted=fitted,
        residual_log_spread=math.hypot(
            residual,
            assumed_shape_log_spread(is_mixture=is_mixture) if resolved.has_assumed_shape else 0.0,
        ),
        within_log_spread=stretch * fitted.within.of(is_mixture=is_mixture),
        beyond=beyond,
        space=space,
    )
    if space.is_given:
        return job
    return job.as_people_run(shipped_practice(), pool.stacks[0])
