"""What an estimate tells the rules: computation, installed power and dates of all pools together."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from planner.domain.plan import Plan
from planner.estimate.result import PoolEstimate, over_pools
from planner.planning.compliance_facts import ComputedFacts
from planner.planning.resolve import ResolvedPlan
from planner.quantities.evaluation import Figures
from planner.units import SECONDS_PER_DAY


def computed_facts(
    resolved: ResolvedPlan, pools: Sequence[PoolEstimate], whole: Figures | None, known: Figures
) -> ComputedFacts:
    """Return the facts that only an estimate knows.

    Parameters
    ----------
    resolved
        Where and when.
    pools
        All pools: a site carries them together, whichever of them the plan's figures are about. Where one
        pool cannot run, what all need together is unknown.
    whole
        The plan's figures; None where it is infeasible.
    known
        What follows from the plan in any case: operations of the training as thresholds count them.
    """
    able = [pool.figures for pool in pools if pool.figures is not None]
    powered = able if len(able) == len(pools) else []
    finish = whole.band("finish_date") if whole is not None else None
    training_flops = known.number("facts.training_flops")
    return ComputedFacts(
        site=resolved.site,
        training_flops=training_flops,
        train_flop_capacity=_capacity_flops(resolved.plan, able, whole, training_flops),
        installed_it_power_w=_total([_rated_it_w(figures) for figures in powered]),
        peak_facility_power_w=over_pools(whole, "power.peak_facility_w").p50,
        average_facility_power_w=over_pools(whole, "power.facility_w").p50,
        finish=None if finish is None else datetime.date.fromordinal(round(finish.p50)),
    )


def _rated_it_w(figures: Figures) -> float | None:
    """Return what the racks are rated for: the peak at the meter without the site's overhead."""
    peak, pue = figures.p50("power.peak_facility_w"), figures.p50("site.pue")
    return None if peak is None or pue is None else peak / pue


def _capacity_flops(
    plan: Plan, able: Sequence[Figures], whole: Figures | None, training_flops: float
) -> float | None:
    """Return what the pools deliver in the planned time at the upper end of their estimated speed. [FLOP].

    The planned time is the training's, or lasts until the date that the plan must meet, where that is later.
    """
    if whole is None:
        return None
    planned_days = whole.number("training_days")
    start, until = plan.calendar.start, plan.targets.finish_by
    if start is not None and until is not None:
        planned_days = max(planned_days, (until - start) / datetime.timedelta(days=1))
    shortest = (figures.band("training_days") for figures in able)
    flops_per_s = sum(training_flops / (days.p10 * SECONDS_PER_DAY) for days in shortest if days is not None)
    return flops_per_s * planned_days * SECONDS_PER_DAY


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
