"""What a plan should be told beside its figures: targets met or missed, warnings, and why nothing fits."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.domain.architecture import Architecture
from planner.domain.evidence import value_of
from planner.domain.maturity import WARNINGS, least_mature
from planner.domain.plan import Plan
from planner.domain.plan_workload import Precision
from planner.engine.memory import usable_bytes
from planner.engine.precisions import HALF_DATATYPES, PRECISIONS
from planner.estimate.best_published import best_of_class
from planner.estimate.idle_chips import idle_warnings
from planner.estimate.money_verdict import money_verdicts
from planner.estimate.result import PoolEstimate, TargetVerdict, Verdict, over_pools
from planner.planning.plausible_architecture import architecture_words
from planner.planning.reach import Beyond, Reach
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.stack import FittedStack
from planner.planning.training import NoTraining, Training
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.units import WATTS_PER_MW, percent


def _verdict(value: Band | None, limit: float) -> Verdict:
    if value is None:
        return "unknown"
    if value.p90 <= limit:
        return "met"
    return "likely" if value.p50 <= limit else "missed"


#: What a target is held against; what money is, the plan says.
_HELD_AGAINST = {
    "finish_by": "finish_date",
    "steps_per_day": "post_training.steps_per_day",
    "power_mw": "power.facility_w",
    "site.power_cap_mw": "power.facility_w",
}


def target_verdicts(plan: Plan, figures: Figures, pools: Sequence[PoolEstimate]) -> tuple[TargetVerdict, ...]:
    """Return each target of the plan against its estimate; a power cap of the site is one.

    All are judged by the whole: power and a purchase by the sum over all pools, the date and this run's money
    by those that train.
    """
    verdicts = []
    targets = plan.targets
    if targets.finish_by is not None:
        verdicts.append(_date_verdict(targets.finish_by, figures))
    if targets.steps_per_day is not None:
        verdicts.append(_steps_verdict(targets.steps_per_day, figures))
    limits = {"power_mw": targets.power_mw, "site.power_cap_mw": plan.site.power_cap_mw}
    for name, limit in limits.items():
        if limit is not None:
            verdicts.append(_power_verdict(name, limit, figures, pools))
    found = [
        replace(verdict, quantity=_HELD_AGAINST[verdict.target], limit=_limit(plan, verdict.target))
        for verdict in verdicts
    ]
    return (*found, *money_verdicts(targets, figures))


def _limit(plan: Plan, target: str) -> float | None:
    """Return how far a target lets its quantity go: W at the meter, the number of a day, or steps a day."""
    if target == "finish_by":
        return None if plan.targets.finish_by is None else float(plan.targets.finish_by.toordinal())
    if target == "steps_per_day":
        return plan.targets.steps_per_day
    megawatts = plan.targets.power_mw if target == "power_mw" else plan.site.power_cap_mw
    return None if megawatts is None else megawatts * WATTS_PER_MW


def _date_verdict(finish_by: datetime.date, figures: Figures) -> TargetVerdict:
    ends = figures.band("finish_date")
    if ends is None:
        return TargetVerdict("finish_by", "unknown", "no start date to count from")
    late = round(ends.p50) - finish_by.toordinal()
    text = f"{abs(late)} days {'after' if late > 0 else 'before'} {finish_by.isoformat()}"
    return TargetVerdict("finish_by", _verdict(ends, float(finish_by.toordinal())), text)


def _steps_verdict(fewest: float, figures: Figures) -> TargetVerdict:
    """Return the steps of a day against the fewest that are asked for."""
    steps = figures.band("post_training.steps_per_day")
    if steps is None:
        return TargetVerdict("steps_per_day", "unknown", "nobody knows them")
    # what is to be reached is met where its negative is not exceeded
    verdict = _verdict(Band(-steps.p90, -steps.p50, -steps.p10), -fewest)
    reached = f"{steps.p50:,.0f}" if steps.p50 >= 100.0 else f"{steps.p50:.3g}"
    return TargetVerdict("steps_per_day", verdict, f"{reached} of {fewest:,g}")


def _power_verdict(
    name: str, limit_mw: float, figures: Figures, pools: Sequence[PoolEstimate]
) -> TargetVerdict:
    """Return a power limit against the peak of all pools, which is what a breaker sees."""
    peak, average = (over_pools(figures, name) for name in ("power.peak_facility_w", "power.facility_w"))
    together = "" if len(pools) == 1 else "all pools: "
    if peak.p50 is None or average.band is None:
        missing = [gap.text for gap in (*peak.gaps, *average.gaps) if gap.kind == "unknown"]
        why = f", {missing[0]}" if together else ""
        return TargetVerdict(name, "unknown", f"{together}power unknown{why}")
    peak_mw, average_mw = peak.p50 / WATTS_PER_MW, average.band.p50 / WATTS_PER_MW
    text = f"{together}{average_mw:.3g} MW on average, {peak_mw:.3g} MW at peak, of {limit_mw:.3g} MW"
    if peak_mw <= limit_mw:
        return TargetVerdict(name, "met", text)
    return TargetVerdict(name, "likely" if average.band.p90 / WATTS_PER_MW <= limit_mw else "missed", text)


def pool_warnings(pool: ResolvedPool, training: Training, figures: Figures) -> list[str]:
    """Return what a person should know before trusting a pool's figures; nothing here blocks."""
    label = f"pool '{pool.pool.id}': "
    warnings = [*_chip_warnings(pool, label), *idle_warnings(pool, figures.setting.phase)]
    warnings += _stack_warnings(pool, training.fitted, label)
    ends = {_kind(end): end for phase in training.phases for end in phase.job.beyond}
    warnings += [f"{label}{end.words}: the band is wider" for end in ends.values()]
    return warnings


def _kind(end: Reach) -> str:
    """Return what of several phases is said once."""
    return end.name if isinstance(end, Beyond) else end.planned


def optimism_warnings(
    pool: ResolvedPool, architecture: Architecture, figures: Figures, precision: Precision
) -> list[str]:
    """Return a warning where a searched layout promises more than any published run of its class reached.

    Shares of the peak in use are compared. The best published are of 16-bit runs, which reach more of their
    peak than runs below 16 bit do of theirs: what exceeds them exceeds both.
    """
    if figures.words("strategy.origin") != "searched":
        return []
    best = best_of_class(pool, architecture)
    mfu = max(phase.number("mfu") for phase in figures.phases() or (figures,))
    if best is None or mfu <= best.mfu:
        return []
    is_16_bit = PRECISIONS[precision].datatype in HALF_DATATYPES
    of_peak = "" if is_16_bit else f" of the {figures.words('mfu.peak_datatype')} peak"
    at = "" if is_16_bit else " at 16 bit"
    return [
        f"pool '{pool.pool.id}': the layout found promises {percent(mfu)} MFU{of_peak}, above the best "
        f"published for this kind of chip and model, {percent(best.mfu)}{at} ({best.run})"
    ]


def _chip_warnings(pool: ResolvedPool, label: str) -> list[str]:
    warnings = []
    maturity = least_mature(pool.chip.maturity, pool.system.maturity)
    if WARNINGS[maturity]:
        warnings.append(f"{label}{pool.chip.name} {WARNINGS[maturity]}")
    if pool.systems != int(pool.systems):
        whole = pool.system.chips_per_system
        warnings.append(f"{label}uses {pool.chips % whole} of the {whole} chips of its last system")
    return warnings


def _stack_warnings(pool: ResolvedPool, fitted: FittedStack, label: str) -> list[str]:
    if fitted.runs == 0:
        return [
            f"{label}no published run is behind {pool.chip.name} on stack '{pool.stacks[0].id}': "
            "the band rests on a datasheet prior only"
        ]
    if pool.is_default_stack:
        return [f"{label}no stack is named: '{pool.stacks[0].id}' stands in, with its wider band"]
    return []


def model_warnings(resolved: ResolvedPlan) -> list[str]:
    """Return what is disputed or assumed about the plan's model."""
    if resolved.has_assumed_shape:
        return [f"shape assumed from the parameter count: {architecture_words(resolved.architecture)}"]
    model = resolved.model
    if model is None or model.reported_utilisation is None or not model.reported_utilisation.rivals:
        return []
    reported = model.reported_utilisation
    value = value_of(reported)
    values = [value] if value is not None else []
    values += [rival.value for rival in reported.rivals]
    shown = ", ".join(percent(number) for number in values)
    return [
        f"published utilisations of {model.name} contradict each other ({shown}): {reported.chosen_because}"
    ]


def batch_flex_warnings(plan: Plan) -> list[str]:
    """Return that a stated flex of the batch moves nothing, where that is so: of post-training."""
    workload = plan.workload
    usual = type(workload).model_fields["batch_flex"].default
    if not workload.is_post_training or workload.batch_flex in (0.0, usual):
        return []
    return [
        f"workload.batch_flex = {percent(workload.batch_flex)} moves nothing: a step of post-training learns "
        "from its own samples"
    ]


def infeasible_reasons(pool: ResolvedPool, outcome: NoTraining) -> tuple[str, ...]:
    """Return which limit a pool breaks, by how much, and what would fit."""
    label = f"pool '{pool.pool.id}': "
    if outcome.reason:
        return (f"{label}{outcome.reason}",)
    found = outcome.found
    batch = outcome.workload.global_batch_sequences
    if found.was_cancelled:
        return (f"{label}the search was cancelled before anything was found",)
    if found.leanest_row is None:
        return (
            f"{label}no layout of the allowed degrees divides {pool.chips:,} chips, the model's layers and a "
            f"batch of {batch:,} sequences",
        )
    usable = float(
        usable_bytes(np.asarray(outcome.job.machine.chip.memory_bytes), outcome.job.workload.hidden_share)
    )
    need = found.leanest_bytes
    reasons = [
        f"{label}memory: the leanest of {found.candidates:,} layouts needs {need / 1e9:,.1f} GB of the "
        f"{usable / 1e9:,.1f} GB usable on {pool.chip.name}"
    ]
    if outcome.job.space.is_given:
        reasons.append(f"{label}the layout is given; strategy.mode = 'auto' looks for one that fits")
    return tuple(reasons)
