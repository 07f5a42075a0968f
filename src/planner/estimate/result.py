"""What an estimate says: figures by the ids of the table of quantities, verdicts, warnings and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.domain.maturity import Maturity
from planner.domain.plan_operations import TEAM_OPERATORS, OperatorName
from planner.domain.team import USUAL_TEAM, Team
from planner.errors import InfeasibleError
from planner.estimate.calendar import CalendarView
from planner.estimate.pilots import PilotEffect
from planner.estimate.splits import Splits
from planner.estimate.teams import TeamView
from planner.planning.compliance_result import ComplianceReport
from planner.planning.mixed import Joined
from planner.planning.resolve import ProfileUse
from planner.planning.stack import NOTHING_BEHIND, RunsBehind
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Figure, Gap, unknown

#: likely: met on the median; met: even at the bad end. Money is never likely: what has no price could be all.
Verdict = Literal["met", "likely", "missed", "unknown"]


@dataclass(frozen=True, slots=True)
class TargetVerdict:
    """One target of the plan against its estimate."""

    target: str
    verdict: Verdict
    text: str
    #: id of the quantity that it is held against, and how far that may go, in its unit; a day as its number
    quantity: str = ""
    limit: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PoolEstimate:
    """One pool of the plan."""

    id: str
    system_id: str
    system_name: str
    chip_id: str
    chip_name: str
    chips: int
    systems: float
    fabric_id: str
    stack_id: str
    maturity: Maturity
    #: what is known of it; of its training only where it can run the job
    known: Figures
    #: None where the pool cannot run the job; the reasons say why
    figures: Figures | None
    reasons: tuple[str, ...] = ()
    #: the same training in the hands of each class of teams
    teams: tuple[TeamView, ...] = ()
    #: what the team measured itself on such chips, and what that did
    pilots: PilotEffect | None = None
    #: the chip's generation, and what is behind its constants and the stack's
    generation: str = ""
    behind_chips: RunsBehind = NOTHING_BEHIND
    behind_stack: RunsBehind = NOTHING_BEHIND


def over_pools(figures: Figures | None, identifier: str) -> Figure:
    """Return a figure of all pools of a plan; unknown where none of them can run it."""
    if figures is None:
        return unknown((Gap("unknown", "other", "no pool can run the plan"),))
    return figures[identifier]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """The answer to a plan.

    `figures` are the plan's and None where it is infeasible; `reasons` then says why. Of a plan of several
    pools they are those of the whole in the way that is taken of `splits`; what is no sum (layout, memory,
    parts of a step) is told of the pool that sets the pace, `pool_of_figures`. `known` is there in any case:
    what follows from the plan without any training. `warnings` never block.
    """

    plan_name: str
    is_feasible: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    known: Figures
    figures: Figures | None
    pools: tuple[PoolEstimate, ...]
    targets: tuple[TargetVerdict, ...]
    compliance: ComplianceReport
    candidates: int
    seconds: float
    profiles: tuple[ProfileUse, ...]
    #: who runs it, and whether the plan says so
    team: Team = USUAL_TEAM
    is_team_stated: bool = False
    #: how it lies in the calendar; None where the plan says no date
    calendar: CalendarView | None = None
    #: who keeps it alive, and whether the plan says so
    operator: OperatorName = TEAM_OPERATORS[USUAL_TEAM]
    is_operator_stated: bool = False
    #: how several pools train together; None of a single one
    splits: Splits | None = None
    #: what was measured for a step that two pools share, one of which generates
    shared_pilots: PilotEffect | None = None

    @property
    def teams(self) -> tuple[TeamView, ...]:
        """What other teams would take on the pool that trains; none where several do, or none can."""
        whole = self.whole_pool
        return () if whole is None or self.is_joint else whole.teams

    @property
    def pilots(self) -> PilotEffect | None:
        """What was measured did to the plan's figures; None without any, and where several pools train.

        Of post-training it is told of both pools together.
        """
        whole = self.whole_pool
        return self.shared_pilots if whole is None or self.is_joint else whole.pilots

    @property
    def whole_pool(self) -> PoolEstimate | None:
        """The pool whose layout the plan's figures tell; None where there are none."""
        return next((pool for pool in self.pools if pool.id == self.pool_of_figures), None)

    @property
    def has_several_pools(self) -> bool:
        """Whether the plan has several pools."""
        return len(self.pools) > 1

    @property
    def joined(self) -> Joined | None:
        """How the plan's pools train, in the way that is taken; None of a single pool."""
        chosen = self.splits.chosen if self.splits else None
        return None if chosen is None else chosen.joined

    @property
    def is_joint(self) -> bool:
        """Whether several pools train together."""
        return self.joined is not None and len(self.joined.members) > 1

    @property
    def pool_of_figures(self) -> str | None:
        """The pool whose layout the plan's figures tell; None where there are none."""
        if self.figures is None:
            return None
        if self.splits is None:
            return next((pool.id for pool in self.pools if pool.figures is self.figures), None)
        return self.figures.setting.pool.pool.id

    def figure(self, identifier: str) -> Figure:
        """Return a figure of the plan where there are any.

        Raises
        ------
        InfeasibleError
            Where the plan cannot run.
        """
        if self.figures is None:
            raise InfeasibleError("the plan cannot run")
        return self.figures[identifier]

    def over_pools(self, identifier: str) -> Figure:
        """Return a figure of all pools; unknown where one pool's is."""
        return over_pools(self.figures, identifier)

    def forget(self, *kept: str) -> None:
        """Keep the draws of these quantities alone: whoever holds many estimates shows few of each."""
        held = [self.known, *(pool.known for pool in self.pools)]
        held += [
            view.figures for view in (self.splits.views if self.splits else ()) if view.figures is not None
        ]
        held += [it for it in (self.figures, *(pool.figures for pool in self.pools)) if it is not None]
        for figures in {id(it): it for it in held}.values():
            figures.forget(*kept)
