"""What is left of a plan after its cluster was tested: forecast, causes of the gap, and the revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from planner.acceptance.price import PriceCut, price_cut
from planner.acceptance.results import Judged
from planner.acceptance.schedule import Schedule
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.domain.plan_acceptance import AcceptedResult, ClusterComponent
from planner.domain.plan_pilot import Pilot
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.quantities.figure import Band

#: What of a gap people name, and the parts of a cluster that are of it.
GAP_PARTS: dict[str, tuple[str, ...]] = {
    "compute": ("matmul", "rollout-matmul"),
    "memory": ("memory", "rollout-memory"),
    "network": ("tensor", "context", "expert", "pipeline", "data", "rollout-tensor"),
    "software": ("reference",),
}


@dataclass(frozen=True, slots=True)
class GapPart:
    """A part of the gap, in days at the medians."""

    name: str
    days: float


@dataclass(frozen=True, slots=True, eq=False)
class After:
    """A plan after its cluster was tested, beside the plan as it was."""

    schedule: Schedule
    lines: tuple[Judged, ...]
    before: Estimate
    after: Estimate
    #: the plan with what was measured in it
    revision: Plan
    gap: tuple[GapPart, ...]
    #: the price at which what was delivered is as good a buy; None where no price is known
    cut: PriceCut | None
    #: of each file of results that says nothing of any line, that and why
    unused: tuple[str, ...] = ()

    @property
    def days(self) -> tuple[Band, Band]:
        """Days before and after."""
        found = [one.figure("training_days").band for one in (self.before, self.after)]
        assert found[0] is not None  # known wherever a plan can run
        assert found[1] is not None
        return found[0], found[1]

    @property
    def failed(self) -> tuple[Judged, ...]:
        """Lines that failed."""
        return tuple(one for one in self.lines if one.verdict == "failed")


def after_results(
    plan: Plan,
    before: Estimate,
    schedule: Schedule,
    lines: Sequence[Judged],
    catalog: Catalog,
    *,
    unused: Sequence[str] = (),
) -> After:
    """Return what is left of a plan after its lines came to what they did.

    Raises
    ------
    PlanError
        Where the reference run is not of a layout that the plan's chips have.
    """
    revision = revised(plan, schedule, lines, before)
    after = estimate_plan(revision, catalog)
    gap = tuple(_gap(plan, schedule, lines, before, after, catalog))
    assert before.figures is not None  # as the schedule asked
    cut = None
    if after.figures is not None and not plan.workload.is_post_training:
        cut = price_cut(before.figures, after.figures)
    return After(schedule, tuple(lines), before, after, revision, gap, cut, tuple(unused))


def revised(plan: Plan, schedule: Schedule, lines: Sequence[Judged], estimate: Estimate) -> Plan:
    """Return the plan with what was measured: component tests as results, the reference run as a pilot."""
    pool = schedule.pool if len(plan.cluster.pools) > 1 else None
    # what was measured of pools that were not tested now stays
    tested = {one.line.pool or pool for one in lines if one.measured is not None}
    results = [one for one in plan.acceptance.measured if pool is not None and one.pool not in tested]
    for one in lines:
        ratio = one.over_expected
        if ratio is None or one.measured is None or one.line.expected is None:
            continue
        is_pilot = one.line.id == "reference" and pool is None and not plan.workload.is_post_training
        if one.line.id == "port" or one.line.part not in get_args(ClusterComponent) or is_pilot:
            # a port is in its collectives already, and a run of one pool is a step that was measured
            continue
        results.append(
            AcceptedResult.model_validate(
                {
                    "line": one.line.id,
                    "component": one.line.part,
                    "pool": one.line.pool or pool,
                    "measured_over_expected": ratio,
                    "log_spread": one.line.expected.log_spread,
                    "log_error": one.measured.log_error,
                    "file": one.measured.file,
                }
            )
        )
    acceptance = plan.acceptance.model_copy(update={"measured": tuple(results)})
    pilots = (*plan.pilot, *_reference_pilots(plan, lines, estimate, pool))
    return plan.model_copy(update={"acceptance": acceptance, "pilot": pilots})


def _reference_pilots(
    plan: Plan, lines: Sequence[Judged], estimate: Estimate, pool: str | None
) -> list[Pilot]:
    figures = estimate.figures
    reference = next((one for one in lines if one.line.id == "reference"), None)
    if figures is None or reference is None or reference.measured is None:
        return []
    if pool is not None or plan.workload.is_post_training:
        # a run of several pools is no step of one of them, and one of post-training is not laid out by the
        # plan's strategy alone: both count as a result on the whole
        return []
    phase = figures.of_phase(figures.setting.phase_index).setting.phase
    chips = phase.layout.chips_used
    return [
        Pilot.model_validate(
            {
                "chips": chips,
                "global_batch_sequences": phase.layout.batch,
                "sequence_length": int(phase.workload.sequence_length),
                "tokens_per_s_per_chip": reference.measured.value / chips,
                "layout": plan.strategy,
                "notes": f"reference run of the acceptance, {reference.measured.file}",
            }
        )
    ]


def _gap(
    plan: Plan,
    schedule: Schedule,
    lines: Sequence[Judged],
    before: Estimate,
    after: Estimate,
    catalog: Catalog,
) -> list[GapPart]:
    """Return what each kind of part moves alone; what component tests do not explain is the software's."""

    def moved(names: Sequence[str]) -> float:
        some = [one for one in lines if one.line.id in names]
        if not any(one.over_expected for one in some):
            return 0.0
        alone = estimate_plan(revised(plan, schedule, some, before), catalog)
        return _days(alone) - _days(before)

    parts = [GapPart(name, moved(names)) for name, names in GAP_PARTS.items() if name != "software"]
    rest = _days(after) - _days(before) - sum(part.days for part in parts)
    return [*parts, GapPart("software", rest)]


def _days(estimate: Estimate) -> float:
    value = estimate.figure("training_days").p50
    assert value is not None  # known wherever a plan can run
    return value
