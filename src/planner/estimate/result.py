"""What an estimate says: figures by the ids of the table of quantities, verdicts, warnings and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.planning.compliance_result import ComplianceReport
from planner.planning.resolve import ProfileUse
from planner.quantities.evaluation import Figures

#: likely: met on the median; met: even at the bad end
Verdict = Literal["met", "likely", "missed", "unknown"]


@dataclass(frozen=True, slots=True)
class TargetVerdict:
    """One target of the plan against its estimate."""

    target: str
    verdict: Verdict
    text: str


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
    is_roadmap: bool
    #: what is known of it; of its training only where it can run the job
    known: Figures
    #: None where the pool cannot run the job; the reasons say why
    figures: Figures | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """The answer to a plan.

    `figures` are the whole plan's and None where it is infeasible or not yet estimable as a whole; `reasons`
    then says why. `known` is there in any case: what follows from the plan without any training. `warnings`
    never block.
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
