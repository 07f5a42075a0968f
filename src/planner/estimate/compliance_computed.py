"""What an estimate tells the rules: computation, installed power and dates of all pools together."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from planner.domain.plan import Plan
from planner.domain.site import Site
from planner.planning.compliance_facts import ComputedFacts
from planner.planning.result import Band, Performance, PoolEstimate, Power
from planner.units import SECONDS_PER_DAY


def computed_facts(
    plan: Plan,
    site: Site | None,
    pools: Sequence[PoolEstimate],
    whole: Performance | None,
    training_flops: float,
) -> ComputedFacts:
    """Return the facts that only an estimate knows.

    Parameters
    ----------
    plan, site
        Where and when.
    pools
        All pools: a site carries them together, whichever of them the plan's figures are about. Where one
        pool cannot run, what all need together is unknown.
    whole
        The plan's figures; None where it is infeasible.
    training_flops
        Operations of the training as thresholds count them.
    """
    able = [pool.performance for pool in pools if pool.performance is not None]
    powers = [figures.power for figures in able] if len(able) == len(pools) else []
    return ComputedFacts(
        site=site,
        training_flops=training_flops,
        train_flop_capacity=_capacity_flops(plan, able, whole, training_flops),
        installed_it_power_w=_total([_rated_it_w(power) for power in powers]),
        peak_facility_power_w=_total([power.peak_facility_w for power in powers]),
        average_facility_power_w=_total([_middle(power.facility_w) for power in powers]),
        finish=whole.finish_date.p50 if whole is not None and whole.finish_date else None,
    )


def _rated_it_w(power: Power) -> float | None:
    """Return what the racks are rated for: the peak at the meter without the site's overhead."""
    facility_w, it_w = _middle(power.facility_w), _middle(power.it_w)
    if power.peak_facility_w is None or not facility_w or not it_w:
        return None
    return power.peak_facility_w * it_w / facility_w


def _capacity_flops(
    plan: Plan, able: Sequence[Performance], whole: Performance | None, training_flops: float
) -> float | None:
    """Return what the pools deliver in the planned time at the upper end of their estimated speed. [FLOP].

    The planned time is the training's, or lasts until the date that the plan must meet, where that is later.
    """
    if whole is None:
        return None
    planned_days = whole.training_days.p50
    start, until = plan.calendar.start, plan.targets.finish_by
    if start is not None and until is not None:
        planned_days = max(planned_days, (until - start) / datetime.timedelta(days=1))
    flops_per_s = sum(training_flops / (one.training_days.p10 * SECONDS_PER_DAY) for one in able)
    return flops_per_s * planned_days * SECONDS_PER_DAY


def _middle(band: Band | None) -> float | None:
    return None if band is None else band.p50


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
