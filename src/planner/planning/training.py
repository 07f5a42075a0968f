"""Training on one pool: the layout of each phase, its step, and the time that all phases take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from planner.engine.arrays import FloatArray
from planner.engine.estimate import LayoutEstimate
from planner.engine.inputs import Layouts
from planner.engine.search import Found
from planner.errors import InfeasibleError, PlanError
from planner.planning.fleet import parts_with_rollouts
from planner.planning.job import Job, job_of_plan
from planner.planning.layout_choice import LayoutChoice, layout_choice
from planner.planning.pilots import PilotStep, pilot_steps, split_by_measured
from planner.planning.pool_names import refuse_results_elsewhere
from planner.planning.post_pilots import post_pilot_steps
from planner.planning.post_training_plan import (
    PostPhase,
    best_of,
    post_phase,
    refuse_what_is_not_told,
    splits_to_try,
)
from planner.planning.practice import against
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.stack import FittedStack
from planner.planning.workload import PhaseWorkload, phase_workloads

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The layout that was passed over: the fastest where people would not run it, else the second best."""

    layout: LayoutChoice
    #: its step over the chosen one's; below 1 where people's practice spoke against it. [-]
    step_ratio: float
    #: what of it people run less gladly than what was chosen; none where it is slower
    seldom: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PhaseTraining:
    """One phase on one pool."""

    #: on the batch that goes with the layout
    workload: PhaseWorkload
    #: the batch that the plan states
    stated_batch: int
    #: what the engine was told, and the one layout that it chose
    job: Job
    layouts: Layouts
    #: the same layout as people read it
    layout: LayoutChoice
    estimate: LayoutEstimate
    found: Found
    runner_up: RunnerUp | None = None
    #: the rest of a step of post-training; None of other kinds
    post: PostPhase | None = None

    @property
    def as_stated(self) -> PhaseWorkload:
        """The phase on the batch that the plan states."""
        return replace(self.workload, global_batch_sequences=self.stated_batch)


@dataclass(frozen=True, slots=True, eq=False)
class PartTraining:
    """The same on so many of the pool's chips as are there before all are."""

    pool: ResolvedPool
    #: None where so few cannot run the plan
    training: Training | None
    #: where another pool generates, as much of that one as is there
    rollouts: ResolvedPool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """All phases on one pool."""

    phases: tuple[PhaseTraining, ...]
    #: steps that the team measured on such chips, and those that it plans to measure
    pilots: tuple[PilotStep, ...] = ()
    planned: tuple[PilotStep, ...] = ()
    #: on parts of the pool, the smallest first, where it is delivered in parts
    parts: tuple[PartTraining, ...] = ()

    @property
    def without_pilots(self) -> Training:
        """The same where nothing was measured, on parts of the pool too."""
        parts = tuple(
            replace(part, training=part.training and part.training.without_pilots) for part in self.parts
        )
        return replace(self, pilots=(), parts=parts)

    @property
    def rollout_pool(self) -> ResolvedPool | None:
        """The pool that generates for this one; None where there is no such."""
        post = self.phases[0].post
        return None if post is None else post.rollout_pool

    @property
    def fitted(self) -> FittedStack:
        """The stack's constants with what they rest on: the same for all phases."""
        return self.phases[0].job.fitted


@dataclass(frozen=True, slots=True, eq=False)
class NoTraining:
    """Why a pool cannot run the plan, and how far it is from it."""

    workload: PhaseWorkload
    job: Job
    found: Found
    #: why, where it is not for want of a layout
    reason: str = ""


def train(
    resolved: ResolvedPlan, pool: ResolvedPool, *, cancelled: Cancelled, keep: int = 2
) -> Training | NoTraining:
    """Return the training of all phases on one pool, or why there is none.

    Of each phase the `keep` best layouts are kept in what its search found.

    Raises
    ------
    PlanError
        Where a profile lacks a figure that the estimate needs, or what the plan pins contradicts itself.
    """
    refuse_results_elsewhere(resolved.plan)
    whole = _train_phases(resolved, pool, cancelled, keep)
    parts = tuple(parts_with_rollouts(resolved, pool))
    if isinstance(whole, NoTraining):
        return whole
    pilots, planned = split_by_measured(_pilots_of(resolved, pool, whole.phases[0]))
    trained = (_part_trained(resolved, *part, pilots, cancelled) for part in parts)
    return replace(whole, pilots=pilots, planned=planned, parts=tuple(trained))


def _pilots_of(resolved: ResolvedPlan, pool: ResolvedPool, phase: PhaseTraining) -> tuple[PilotStep, ...]:
    if phase.post is None:
        return pilot_steps(resolved, pool)
    return post_pilot_steps(resolved, pool, phase.workload, phase.post)


def _part_trained(
    resolved: ResolvedPlan,
    part: ResolvedPool,
    rollouts: ResolvedPool | None,
    pilots: tuple[PilotStep, ...],
    cancelled: Cancelled,
) -> PartTraining:
    """Return what a part of a pool trains; nothing where it is too small for the plan."""
    there = resolved if rollouts is None else replace(resolved, pools=(part, rollouts))
    try:
        found = _train_phases(there, part, cancelled, 1)
    except PlanError:
        # all of the pool can: of post-training, a part may not hold both sides
        if not resolved.plan.workload.is_post_training:
            raise
        return PartTraining(part, None, rollouts)
    return PartTraining(
        part, replace(found, pilots=pilots) if isinstance(found, Training) else None, rollouts
    )


def _train_phases(
    resolved: ResolvedPlan, pool: ResolvedPool, cancelled: Cancelled, keep: int
) -> Training | NoTraining:
    phases = []
    if resolved.plan.workload.is_post_training:
        return _post_train(resolved, pool, cancelled, keep)
    for workload in phase_workloads(resolved.plan):
        outcome = _train_phase(workload, job_of_plan(resolved, pool, workload), cancelled, keep)
        if isinstance(outcome, NoTraining):
            return outcome
        phases.append(outcome)
    return Training(tuple(phases))


def _post_train(
    resolved: ResolvedPlan, pool: ResolvedPool, cancelled: Cancelled, keep: int
) -> Training | NoTraining:
    """Return post-training on one pool, on all of its chips in turns or split into both sides."""
    tried, unable = post_trainings(resolved, pool, cancelled, keep)
    best = best_of(tried)
    if best is None:
        return unable[-1]
    return Training((with_post(best[1], best[0]),))


def post_trainings(
    resolved: ResolvedPlan, pool: ResolvedPool, cancelled: Cancelled, keep: int
) -> tuple[list[tuple[PostPhase, PhaseTraining]], list[NoTraining]]:
    """Return every split of a pool's chips, each with the update in its best layout, and what fits in none.

    Of two pools this one learns, and the other generates: there is one way.

    Raises
    ------
    PlanError
        As of `train`, or where the plan says what no step of post-training is known for.
    """
    refuse_what_is_not_told(resolved)
    (workload,) = phase_workloads(resolved.plan)
    spec = resolved.plan.post_training
    other = next((one for one in resolved.pools if one.pool.id != pool.pool.id), None)
    able: list[tuple[PostPhase, PhaseTraining]] = []
    unable: list[NoTraining] = []
    whole = (other or pool).chips
    for rollout_chips in splits_to_try(spec, pool) if spec.pools == "split" and other is None else (whole,):
        learning = pool
        if spec.pools == "split" and other is None:
            chips = pool.chips - rollout_chips
            learning = replace(pool, chips=chips, systems=chips / pool.system.chips_per_system)
        outcome = _train_phase(workload, job_of_plan(resolved, learning, workload), cancelled, keep)
        if isinstance(outcome, NoTraining):
            unable.append(outcome)
            continue
        try:
            post = post_phase(
                resolved,
                learning,
                outcome.job,
                outcome.layouts,
                outcome.estimate,
                rollouts=other or pool,
                rollout_chips=rollout_chips,
            )
        except InfeasibleError as error:
            unable.append(NoTraining(workload, outcome.job, outcome.found, str(error)))
            continue
        able.append((post, outcome))
    return able, unable


def with_post(phase: PhaseTraining, post: PostPhase) -> PhaseTraining:
    """Return a phase with the rest of its step, and with what such steps scatter by."""
    job = replace(phase.job, residual_log_spread=post.log_spread, within_log_spread=post.within_log_spread)
    return replace(phase, job=job, post=post)


def _train_phase(
    workload: PhaseWorkload, job: Job, cancelled: Cancelled, keep: int
) -> PhaseTraining | NoTraining:
    found = job.search(keep=keep, cancelled=cancelled)
    if len(found.rows) == 0:
        return NoTraining(workload, job, found)
    return trained_phase(workload, job, found, found.rows[0], _runner_up(found, job))


def trained_phase(
    workload: PhaseWorkload, job: Job, found: Found, row: FloatArray, runner_up: RunnerUp | None = None
) -> PhaseTraining:
    """Return one phase in one of the layouts that its search found."""
    layouts = job.space.layouts(row)
    chosen = job.on_batch_of(row)
    return PhaseTraining(
        workload=replace(workload, global_batch_sequences=int(chosen.workload.global_batch_sequences)),
        stated_batch=workload.global_batch_sequences,
        job=chosen,
        layouts=layouts,
        layout=layout_choice(row, job.space),
        estimate=chosen.estimate(layouts),
        found=found,
        runner_up=runner_up,
    )


def _runner_up(found: Found, job: Job) -> RunnerUp | None:
    """Return the layout that was passed over; None where there was only one."""
    chosen, step_s = found.rows[0], float(found.step_s[0])
    if job.practice is not None and found.fastest_row is not None and found.fastest_s < step_s:
        layout = layout_choice(found.fastest_row, job.space)
        return RunnerUp(layout, found.fastest_s / step_s, against(job.practice, found.fastest_row, chosen))
    if len(found.rows) < 2:
        return None
    return RunnerUp(layout_choice(found.rows[1], job.space), float(found.step_s[1]) / step_s, ())
