"""Who runs a plan: what the same plan would take in other hands, and how many runs stand behind each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.domain.team import TEAMS, Team
from planner.engine.arrays import FloatArray
from planner.engine.inputs import StackConstants, stacked
from planner.engine.step import step_times
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.stack import COMPUTE, stack_constants
from planner.planning.training import PhaseTraining, Training
from planner.units import middle_of


@dataclass(frozen=True, slots=True)
class TeamView:
    """One class of teams on a pool."""

    team: Team
    #: days of the whole training, on the median; in the layout of the estimate
    days: float
    #: published runs on the chip's platform that such teams ran, and the sources that they are of
    runs: int
    sources: int


def team_views(
    resolved: ResolvedPlan, pool: ResolvedPool, training: Training, days: float
) -> tuple[TeamView, ...]:
    """Return every class of teams with the days that it would take, where the plan's own takes `days`."""
    own = resolved.plan.operations.running_team
    others = [team for team in TEAMS if team != own]
    constants = stacked(
        [stack_constants(pool.stacks, pool.chip.generation, team).constants for team in others]
    )
    own_s = sum(_steps(phase) * float(phase.estimate.step.total.ravel()[0]) for phase in training.phases)
    others_s = sum(_steps(phase) * _step_s(phase, constants) for phase in training.phases)
    shares = dict(zip(others, np.broadcast_to(others_s / own_s, len(others)), strict=True))
    return tuple(TeamView(team, days * float(shares.get(team, 1.0)), *_behind(pool, team)) for team in TEAMS)


def _steps(phase: PhaseTraining) -> float:
    """Return what a phase's steps are in proportion to."""
    return middle_of(phase.workload.tokens) / (
        phase.workload.sequence_length * phase.workload.global_batch_sequences
    )


def _step_s(phase: PhaseTraining, constants: StackConstants) -> FloatArray:
    """Return one step of a phase with each of some constants. [s]."""
    job, machine = phase.job, phase.job.machine
    return step_times(job.work, phase.layouts, machine.chip, machine.network, constants, job.workload).total


def _behind(pool: ResolvedPool, team: Team) -> tuple[int, int]:
    known = next((stack.teams[team] for stack in pool.stacks if team in stack.teams), {})
    factor = known.get(COMPUTE)
    return (0, 0) if factor is None else (factor.runs, factor.run_sources)
