"""Who runs a plan: what the same plan would take in other hands, and how many runs stand behind each."""

from __future__ import annotations

from dataclasses import dataclass

from planner.domain.team import TEAMS, Team
from planner.engine.step import step_times
from planner.estimate.pilots import PilotEffect
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
    resolved: ResolvedPlan,
    pool: ResolvedPool,
    training: Training,
    days: float,
    pilots: PilotEffect | None = None,
) -> tuple[TeamView, ...]:
    """Return every class of teams with the days that it would take, where the plan's own takes `days`.

    What the plan's team measured itself speaks of that team alone.
    """
    running = resolved.plan.operations.running_team
    if pilots is None:
        unmeasured = days
        own = sum(_steps(phase) * float(phase.estimate.step.total.ravel()[0]) for phase in training.phases)
    else:
        unmeasured, own = pilots.days_without.p50, _seconds(training, pool, running)
    return tuple(
        TeamView(
            team,
            days if team == running else unmeasured * _seconds(training, pool, team) / own,
            *_behind(pool, team),
        )
        for team in TEAMS
    )


def _seconds(training: Training, pool: ResolvedPool, team: Team) -> float:
    """Return the seconds of all steps, in another team's hands."""
    return sum(_steps(phase) * _step_s(phase, pool, team) for phase in training.phases)


def _steps(phase: PhaseTraining) -> float:
    """Return what a phase's steps are in proportion to."""
    return middle_of(phase.workload.tokens) / (
        phase.workload.sequence_length * phase.workload.global_batch_sequences
    )


def _step_s(phase: PhaseTraining, pool: ResolvedPool, team: Team) -> float:
    job = phase.job
    constants = stack_constants(pool.stacks, pool.chip.generation, team).constants
    machine = job.machine
    return float(
        step_times(job.work, phase.layouts, machine.chip, machine.network, constants, job.workload).total
    )


def _behind(pool: ResolvedPool, team: Team) -> tuple[int, int]:
    known = next((stack.teams[team] for stack in pool.stacks if team in stack.teams), {})
    factor = known.get(COMPUTE)
    return (0, 0) if factor is None else (factor.runs, factor.run_sources)
