"""What an estimate tells the rules."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from planner.domain.plan import Plan
from planner.estimate.compliance_computed import computed_facts
from planner.planning.result import Band, Estimate, Performance, PoolEstimate

FLOPS = 8.21e24


def plan(**tables: Any) -> Plan:
    pools = [{"id": "a", "system": "s", "chips": 8}]
    return Plan.model_validate(
        {
            "name": "A plan",
            "model": {"profile": "m"},
            "workload": {"tokens": 1e12},
            "cluster": {"pools": pools},
        }
        | tables
    )


@pytest.fixture
def figures(example_performance: Performance) -> Performance:
    """82.1 days at the upper end of the speed, 100 MW at the meter of which 80 MW are IT."""
    power = dataclasses.replace(
        example_performance.power,
        it_w=Band(70e6, 80e6, 90e6),
        facility_w=Band(90e6, 100e6, 110e6),
        peak_facility_w=125e6,
    )
    return dataclasses.replace(
        example_performance, training_days=Band(82.1, 90.0, 102.4), power=power, finish_date=None
    )


def pool(example_estimate: Estimate, figures: Performance | None) -> PoolEstimate:
    return dataclasses.replace(example_estimate.pools[0], performance=figures)


def test_capacity_is_the_upper_speed_over_the_training_or_until_the_target(
    example_estimate: Estimate, figures: Performance
) -> None:
    pools = [pool(example_estimate, figures)]
    facts = computed_facts(plan(), None, pools, figures, FLOPS)
    assert facts.train_flop_capacity == pytest.approx(1e23 * 90.0)
    start = datetime.date(2027, 1, 1)
    for days, planned in ((300, 300), (30, 90)):
        tables = {
            "calendar": {"start": start},
            "targets": {"finish_by": start + datetime.timedelta(days=days)},
        }
        facts = computed_facts(plan(**tables), None, pools, figures, FLOPS)
        assert facts.train_flop_capacity == pytest.approx(1e23 * planned)


def test_pools_add_up_and_one_that_cannot_run_leaves_the_power_unknown(
    example_estimate: Estimate, figures: Performance
) -> None:
    one, none = pool(example_estimate, figures), pool(example_estimate, None)
    facts = computed_facts(plan(), None, [one, one], figures, FLOPS)
    assert facts.peak_facility_power_w == 250e6
    assert facts.installed_it_power_w == pytest.approx(200e6)
    assert facts.average_facility_power_w == 200e6
    assert facts.train_flop_capacity == pytest.approx(1.8e25)
    facts = computed_facts(plan(), None, [one, none], figures, FLOPS)
    assert facts.peak_facility_power_w is None
    assert facts.installed_it_power_w is None
    facts = computed_facts(plan(), None, [none], None, FLOPS)
    assert facts.train_flop_capacity is None
    assert facts.training_flops == FLOPS
