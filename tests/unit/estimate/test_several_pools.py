"""A plan of several pools: what adds up is added up, and a part is never judged as the whole."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.terminal import terminal_text

MakePlan = Callable[..., Plan]
ADDED = ("power.facility_w", "power.peak_facility_w", "cost.capex")
START = {"start": datetime.date(2027, 1, 1)}
#: Takes 16 chips of the small world, of which 8 cannot hold it.
TOO_LARGE = {"profile": "qwen2-72b"}


def in_two(plan: Plan, *counts: int) -> Plan:
    """Return the plan on two pools like its own, of other counts."""
    (pool,) = plan.cluster.pools
    pools = tuple(
        pool.model_copy(update={"id": name, "count": count})
        for name, count in zip(("one", "two"), counts, strict=True)
    )
    return plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": pools})})


def verdicts(estimate: Estimate) -> dict[str, str]:
    return {target.target: target.verdict for target in estimate.targets}


@pytest.mark.parametrize(
    ("system", "count"), [("atlas-800t-a2", 64), ("atlas-800t-a2", 128), ("dgx-h100", 128)]
)
def test_two_equal_pools_need_what_one_of_both_needs(system: str, count: int) -> None:
    """At equal work of each chip, and below the size at which one fabric needs another tier of switches."""
    catalog = load_catalog(include_user=False)
    plan = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    layout = [
        f"strategy.{name}" for name in ("tensor=8", "pipeline=1", "zero=3", "recompute=full", "microbatch=1")
    ]
    pool = f'{{id="train", system="{system}", count={count}}}'
    plan = apply_overrides(plan, [f"cluster.pools=[{pool}]", "site.pue=1.2", *layout])
    half = apply_overrides(plan, [f"workload.global_batch_sequences={2 * count}"])
    double = [f"cluster.pools.count={2 * count}", f"workload.global_batch_sequences={4 * count}"]
    whole = estimate_plan(apply_overrides(plan, double), catalog)
    halves = estimate_plan(in_two(half, count, count), catalog)
    assert whole.figures is not None
    for identifier in ADDED:
        expected = whole.figures.p50(identifier)
        assert expected is not None
        assert whole.over_pools(identifier).p50 == expected
        assert halves.over_pools(identifier).p50 == pytest.approx(expected, rel=0.005), identifier


def test_power_is_judged_by_the_sum(make_plan: MakePlan, world: Catalog) -> None:
    def judged(limit_mw: float) -> dict[str, str]:
        site: dict[str, Any] = {"pue": 1.25, "power_cap_mw": limit_mw}
        plan = make_plan(site=site, targets={"power_mw": limit_mw})
        return verdicts(estimate_plan(in_two(plan, 2, 2), world))

    alone = estimate_plan(make_plan(site={"pue": 1.25}), world).over_pools("power.peak_facility_w").p50
    assert alone is not None
    for limit_w, verdict in ((alone * 1.01, "missed"), (alone * 2.01, "met")):
        assert judged(limit_w / 1e6) == {"power_mw": verdict, "site.power_cap_mw": verdict}


def test_date_and_money_of_a_part_are_unknown(make_plan: MakePlan, world: Catalog) -> None:
    targets = {"finish_by": datetime.date(2090, 1, 1), "money_usd": 1e12}
    plan = make_plan(calendar=START, targets=targets)
    assert set(verdicts(estimate_plan(plan, world)).values()) == {"met"}
    several = estimate_plan(in_two(plan, 2, 2), world)
    assert verdicts(several) == {"finish_by": "unknown", "money_usd": "unknown"}
    assert {target.text for target in several.targets} == {"several pools are not estimated as a whole yet"}


def test_a_pool_that_cannot_run_leaves_the_sum_unknown(make_plan: MakePlan, world: Catalog) -> None:
    plan = make_plan(model=TOO_LARGE, site={"pue": 1.25}, targets={"power_mw": 1_000.0})
    estimate = estimate_plan(in_two(plan, 1, 4), world)
    assert [pool.figures is None for pool in estimate.pools] == [True, False]
    assert estimate.pool_of_figures == "two"
    assert verdicts(estimate) == {"power_mw": "unknown"}
    assert estimate.targets[0].text == "all pools: power unknown, pool 'one' cannot run the plan"
    cluster = estimate_to_dict(estimate)["cluster"]
    assert cluster["figures_of_pool"] == "two"
    assert cluster["power"] == {
        "facility_w": None,
        "peak_facility_w": None,
        "unknown": ["pool 'one' cannot run the plan"],
    }
    assert "at the meter   unknown" in terminal_text(estimate_document(estimate))


def test_the_sums_are_shown_beside_one_pools_figures(make_plan: MakePlan, world: Catalog) -> None:
    plan = make_plan(site={"pue": 1.25})
    estimate = estimate_plan(in_two(plan, 2, 2), world)
    assert estimate.figures is not None
    cluster = estimate_to_dict(estimate)["cluster"]
    one = estimate.figures.band("power.facility_w")
    assert one is not None
    assert cluster["power"]["facility_w"] == pytest.approx(
        {"p10": 2 * one.p10, "p50": 2 * one.p50, "p90": 2 * one.p90}
    )
    text = terminal_text(estimate_document(estimate))
    assert "Of pool 'one' alone; ALL POOLS adds up what all need" in text
    assert "ALL POOLS  what adds up" in text
    alone = estimate_plan(plan, world)
    assert "cluster" not in estimate_to_dict(alone)
    assert "ALL POOLS" not in terminal_text(estimate_document(alone))
