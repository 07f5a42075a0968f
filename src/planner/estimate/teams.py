"""Who runs a plan: what the same plan would take in other hands, and how many runs stand behind each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from planner.domain.plan_operations import TEAM_OPERATORS, OperatorName
from planner.domain.team import TEAMS, Team
from planner.engine.step import step_times
from planner.estimate.pilots import PilotEffect
from planner.planning.kernels import planned_year
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.stack import COMPUTE, stack_constants
from planner.planning.training import PhaseTraining, Training
from planner.quantities.calendar import days_at
from planner.quantities.evaluation import Figures
from planner.quantities.time import is_plain
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
    figures: Figures,
    pilots: PilotEffect | None = None,
) -> tuple[TeamView, ...]:
    """Return every class of teams with the days that it would take beside the plan's own.

    What the plan's team measured itself speaks of that team alone. Where the plan does not say who operates
    the cluster, it is such teams' usual operator.
    """
    if resolved.plan.workload.is_post_training:
        # what other hands make of a rollout nobody has published
        return ()
    running = resolved.plan.operations.running_team
    days = figures.number("training_days")
    if pilots is None or not pilots.pilots:
        unmeasured = days
        own = sum(_steps(phase) * float(phase.estimate.step.total.ravel()[0]) for phase in training.phases)
    else:
        unmeasured, own = pilots.days_without_pilots.p50, _seconds(training, pool, running)
    longer = _longer(figures)
    return tuple(
        TeamView(
            team,
            days
            if team == running
            else _days(figures, unmeasured / days * longer[team] * _seconds(training, pool, team) / own),
            *_behind(pool, team),
        )
        for team in TEAMS
    )


def _days(figures: Figures, longer: float) -> float:
    """Return the plan's days, were its work longer by a factor; waits of its calendar stay."""
    if is_plain(figures.setting):
        return figures.number("training_days") * longer
    return days_at(figures, 1.0 / longer)


def _longer(figures: Figures) -> dict[Team, float]:
    """Return the factor on the plan's days by which the operator of each team is held up. [-]."""
    operations = figures.setting.plan.operations
    of_team = {team: operations.operator or TEAM_OPERATORS[team] for team in TEAMS}
    factors = {name: _held_up(figures, name) for name in dict.fromkeys(of_team.values())}
    return {team: factors[name] for team, name in of_team.items()}


def _held_up(figures: Figures, operator: OperatorName) -> float:
    setting = figures.setting
    operations = setting.plan.operations
    if operator == operations.running_operator:
        return 1.0
    plan = setting.plan.model_copy(
        update={"operations": operations.model_copy(update={"operator": operator})}
    )
    others = Figures(replace(setting, resolved=replace(setting.resolved, plan=plan)))
    own, other = (_expected(each) for each in (figures, others))
    return own / other * others.number("campaign.factor") / figures.number("campaign.factor")


def _expected(figures: Figures) -> float:
    """Return the goodput at the medians, whatever the days. [-]."""
    return figures.number("goodput.working") * (1.0 - figures.number("goodput.maintenance"))


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
    year = planned_year(pool.stacks, pool.pool.stack_release)
    constants = stack_constants(pool.stacks, pool.chip.generation, team, year).constants
    machine = job.machine
    return float(
        step_times(job.work, phase.layouts, machine.chip, machine.network, constants, job.workload).total
    )


def _behind(pool: ResolvedPool, team: Team) -> tuple[int, int]:
    known = next((stack.teams[team] for stack in pool.stacks if team in stack.teams), {})
    factor = known.get(COMPUTE)
    return (0, 0) if factor is None else (factor.runs, factor.run_sources)
