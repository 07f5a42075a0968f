"""What an estimate tells the rules."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.estimate.compliance_computed import computed_facts
from planner.estimate.result import Estimate, PoolEstimate
from planner.planning.resolve import ResolvedPlan, resolve
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band

FLOPS = 8.21e24
Resolve = Callable[..., ResolvedPlan]


@pytest.fixture
def resolved(make_plan: Callable[..., Plan], world: Catalog) -> Resolve:
    return lambda **tables: resolve(make_plan(**tables), world)


@pytest.fixture
def figures(make_figures: Callable[[Mapping[str, Any]], Figures]) -> Figures:
    """82.1 days at the upper end of the speed, 100 MW at the meter of which 80 MW are IT."""
    return make_figures(
        {
            "training_days": Band(82.1, 90.0, 102.4),
            "power.it_w": Band(70e6, 80e6, 90e6),
            "power.facility_w": Band(90e6, 100e6, 110e6),
            "power.peak_facility_w": 125e6,
            "site.pue": 1.25,
            "finish_date": None,
            "facts.training_flops": FLOPS,
        }
    )


def pool(example_estimate: Estimate, figures: Figures | None) -> PoolEstimate:
    return dataclasses.replace(example_estimate.pools[0], figures=figures)


def test_capacity_is_the_upper_speed_over_the_training_or_until_the_target(
    example_estimate: Estimate, figures: Figures, resolved: Resolve
) -> None:
    pools = [pool(example_estimate, figures)]
    facts = computed_facts(resolved(), pools, figures, figures)
    assert facts.train_flop_capacity == pytest.approx(1e23 * 90.0)
    start = datetime.date(2027, 1, 1)
    for days, planned in ((300, 300), (30, 90)):
        tables = {
            "calendar": {"start": start},
            "targets": {"finish_by": start + datetime.timedelta(days=days)},
        }
        facts = computed_facts(resolved(**tables), pools, figures, figures)
        assert facts.train_flop_capacity == pytest.approx(1e23 * planned)


def test_pools_add_up_and_one_that_cannot_run_leaves_the_power_unknown(
    example_estimate: Estimate, figures: Figures, resolved: Resolve
) -> None:
    one, none = pool(example_estimate, figures), pool(example_estimate, None)
    # the plan's figures are those of all its pools
    facts = computed_facts(resolved(), [one, one], figures, figures)
    assert facts.peak_facility_power_w == 125e6
    assert facts.installed_it_power_w == pytest.approx(200e6)
    assert facts.average_facility_power_w == 100e6
    assert facts.train_flop_capacity == pytest.approx(1.8e25)
    facts = computed_facts(resolved(), [one, none], figures, figures)
    assert facts.installed_it_power_w is None
    facts = computed_facts(resolved(), [none], None, figures)
    assert facts.train_flop_capacity is None
    assert facts.training_flops == FLOPS


def test_the_last_day_is_that_of_the_medians(
    example_estimate: Estimate, example_figures: Figures, resolved: Resolve
) -> None:
    facts = computed_facts(resolved(), example_estimate.pools, example_figures, example_figures)
    assert facts.finish == datetime.date(2027, 3, 14)
