"""Where quantities are evaluated: a plan with its profiles, one of its pools, and its training there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from planner.domain.plan import Plan
from planner.errors import InfeasibleError
from planner.planning.mixed import Joined
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.shape import Shape, shape_of
from planner.planning.training import PhaseTraining, Training
from planner.planning.workload import PhaseWorkload, phase_workloads
from planner.units import middle_of


@dataclass(frozen=True, eq=False)
class Setting:
    """A plan on one of its pools; its step is told of one phase."""

    resolved: ResolvedPlan
    pool: ResolvedPool
    #: None where the pool cannot run the plan
    training: Training | None = None
    #: None: of the whole run; its step is that of the phase that trains most tokens
    chosen_phase: int | None = None
    #: that phase, where it was looked for before
    main_phase: int | None = None
    #: how the pools of the plan train together; None: this one by itself
    joined: Joined | None = None
    #: which of those that do this is; None: the whole of them, of which `pool` sets the pace
    member: int | None = None

    @property
    def plan(self) -> Plan:
        """The plan as it was written."""
        return self.resolved.plan

    @property
    def is_joined(self) -> bool:
        """Whether several pools train together: its step and its failures are those of all."""
        return self.joined is not None and len(self.joined.members) > 1

    @property
    def is_of_all_pools(self) -> bool:
        """Whether what adds up is told of all pools of the plan."""
        return self.joined is not None and self.member is None

    @cached_property
    def shape(self) -> Shape:
        """The model's shape, with its parameters."""
        return shape_of(self.resolved.architecture)

    @cached_property
    def phases(self) -> tuple[PhaseWorkload, ...]:
        """All phases of the plan."""
        return phase_workloads(self.plan)

    @property
    def phase_index(self) -> int:
        """Position of the phase whose step is told."""
        if self.chosen_phase is not None:
            return self.chosen_phase
        if self.main_phase is not None:
            return self.main_phase
        tokens = [middle_of(phase.tokens) for phase in self.phases]
        return tokens.index(max(tokens))

    @property
    def is_whole(self) -> bool:
        """Whether what is told of it is of several phases together."""
        return self.chosen_phase is None and len(self.phases) > 1

    @property
    def workload(self) -> PhaseWorkload:
        """The phase whose step is told."""
        return self.phases[self.phase_index]

    @property
    def trained(self) -> Training:
        """The training on the pool.

        Raises
        ------
        InfeasibleError
            Where the pool cannot run the plan.
        """
        if self.training is None:
            raise InfeasibleError(f"pool '{self.pool.pool.id}' cannot run the plan")
        return self.training

    @property
    def phase(self) -> PhaseTraining:
        """The training of the phase whose step is told."""
        return self.trained.phases[self.phase_index]

    @property
    def step_sequences(self) -> int:
        """Sequences of a step: of pools that share a batch, those of all."""
        if self.joined is not None and self.joined.split == "data":
            return sum(member.shares[self.phase_index] for member in self.joined.members)
        return self.phase.workload.global_batch_sequences


def main_setting(resolved: ResolvedPlan, pool: ResolvedPool, training: Training | None = None) -> Setting:
    """Return a pool's setting; its main phase is looked for once and not by every reading."""
    setting = Setting(resolved, pool, training)
    main = setting.phase_index
    return replace(setting, main_phase=main) if setting.is_whole else replace(setting, chosen_phase=main)
