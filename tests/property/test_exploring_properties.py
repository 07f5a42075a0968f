"""Random plans explored: a tornado, a next million and a sweep of each hold what an estimate says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.property.test_random_plans import TODAY, Draw, catalog

from planner.domain.plan import Plan
from planner.errors import InfeasibleError, InputError, PlanError
from planner.estimate.estimate import estimate_plan
from planner.exploring.axes import axes_of
from planner.exploring.next_million import next_million
from planner.exploring.question import DAYS, Question, number_named
from planner.exploring.sensitivity import Tornado, tornado
from planner.exploring.streams import Spread
from planner.exploring.sweeps import swept
from planner.plans.plan_file import plan_from_data
from planner.report.estimate_json import json_text
from planner.report.sensitivity_document import sensitivity_document
from planner.report.sensitivity_json import sensitivity_to_dict
from planner.report.sweep_document import sweep_document
from planner.report.sweep_json import sweep_csv, sweep_to_dict
from planner.report.terminal import terminal_text
from planner.text import first_unsafe

FEW, MANY = 12, 600
BLOCK = 100


def random_plan(seed: int) -> Plan | None:
    try:
        return plan_from_data(Draw(seed).plan(), where=f"seed {seed}")
    except PlanError:
        return None


def check_explored(seed: int) -> None:
    """Hold the exploration of a random plan to its estimate."""
    plan = random_plan(seed)
    if plan is None:
        return
    # what takes long is held to in some of the plans
    if seed % 4 == 0:
        _check_sweep(plan, seed)
    of = (DAYS, "cost.total", "power.facility_w")[seed % 3]
    question = Question(plan, catalog(), number_named(of), today=TODAY)
    try:
        before = question.estimate().figure(of)
        found = tornado(question, step=0.0)
    except (InfeasibleError, InputError):
        return
    assert np.array_equal(before.values, question.estimate().figure(of).values), seed
    assert found.middle == before.values[0], seed
    widths = [swing.width for swing in found.swings]
    assert widths == sorted(widths, reverse=True), seed
    assert all(math.isfinite(width) for width in widths), seed
    for swing in found.swings:
        assert isinstance(swing.of, Spread)
        assert -1.0 <= swing.of.rank_correlation <= 1.0, seed
    if seed % 4 == 1:
        _check_million(question, found, seed)


def _check_million(question: Question, found: Tornado, seed: int) -> None:
    million = next_million(question)
    for way in million.ways:
        assert way.saved is None or way.saved.p10 <= way.saved.p50 <= way.saved.p90, seed
        assert way.cost_usd is None or way.upgrade.overrides or way.upgrade.catalog, seed
    text = terminal_text(sensitivity_document(found, million))
    assert first_unsafe(text, multiline=True) is None, seed
    json_text(sensitivity_to_dict(found, million))


def _check_sweep(plan: Plan, seed: int) -> None:
    pool = plan.cluster.pools[0]
    key = f"cluster.pools[{pool.id}].{'count' if pool.chips is None else 'chips'}"
    now = pool.count or pool.chips or 1
    axes = axes_of(plan, [f"{key}={now},{2 * now}", "site.pue=1..1.4/2"])
    points = list(swept(plan, axes, catalog(), today=TODAY))
    assert len(points) == len(axes[0].values) * 2
    for point in points:
        assert point.is_feasible is not bool(point.reasons and all(point.reasons)), seed
        if point.plan is None or point.estimate is None:
            continue
        alone = estimate_plan(point.plan, catalog(), today=TODAY)
        assert alone.is_feasible is point.is_feasible, seed
        if point.is_feasible:
            assert point.estimate.figure(DAYS).band == alone.figure(DAYS).band, seed
    text = terminal_text(sweep_document(plan.name, axes, points))
    assert first_unsafe(text, multiline=True) is None, seed
    assert sweep_csv(axes, points).count("\n") == len(points) + 1, seed
    json_text(sweep_to_dict(plan.name, axes, points))


def test_few_random_plans_are_explored() -> None:
    for seed in range(FEW):
        check_explored(seed)


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("first", range(FEW, MANY, BLOCK))
def test_many_random_plans_are_explored(first: int) -> None:
    for seed in range(first, first + BLOCK):
        check_explored(seed)
