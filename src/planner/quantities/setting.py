"""Where quantities are evaluated: a plan with its profiles, one of its pools, and its training there."""

from __future__ import annotations

from dataclasses import dataclass

from planner.domain.plan import Plan
from planner.errors import InfeasibleError
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.training import PhaseTraining, Training


@dataclass(frozen=True, slots=True)
class Setting:
    """A plan on one of its pools; `phase` is the phase whose step is told, the main one of the pool."""

    resolved: ResolvedPlan
    pool: ResolvedPool
    #: None where the pool cannot run the plan
    training: Training | None = None
    #: position of the phase; None: the main one
    phase_index: int | None = None

    @property
    def plan(self) -> Plan:
        """The plan as it was written."""
        return self.resolved.plan

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
        """The phase whose step is told."""
        training = self.trained
        return training.main if self.phase_index is None else training.phases[self.phase_index]
