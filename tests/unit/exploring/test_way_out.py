"""Ways out of what does not fit, each of which fits, and cliffs."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.cli.inputs import load_named_plan
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.exploring.way_out import ways_out, with_ways_out
from planner.plans.overrides import apply_overrides


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_of(name: str, *overrides: str) -> Plan:
    return apply_overrides(load_named_plan(name), overrides)


def test_every_way_out_fits_and_one_system_fewer_does_not(catalog: Catalog) -> None:
    plan = plan_of("llama-3.1-405b-h100", "cluster.pools.count=4")
    ways = {way.kind: way for way in ways_out(plan, catalog)}
    assert set(ways) == {"count", "setting", "system"}
    for way in ways.values():
        assert estimate_plan(way.plan, catalog).is_feasible, way.text
    least = ways["count"].plan.cluster.pools[0].count
    assert least is not None
    assert ways["count"].text.startswith(f"{least:,} x DGX H100")
    assert f"{least - 1:,} do not" in ways["count"].text
    fewer = plan_of("llama-3.1-405b-h100", f"cluster.pools.count={least - 1}")
    assert not estimate_plan(fewer, catalog).is_feasible
    assert ways["system"].plan.cluster.pools[0].system != "dgx-h100"
    assert ways["setting"].plan.cluster == plan.cluster


def test_what_is_pinned_may_be_the_way_out(catalog: Catalog) -> None:
    plan = plan_of(
        "llama-3.1-405b-h100", "cluster.pools.count=32", "strategy.mode=given", "strategy.tensor=8"
    )
    setting = next(way for way in ways_out(plan, catalog) if way.kind == "setting")
    assert "nothing pinned" in setting.text


def test_reasons_hold_the_ways_out_and_warnings_a_cliff(catalog: Catalog) -> None:
    plan = plan_of("llama-3.1-405b-h100", "cluster.pools.count=4")
    told = with_ways_out(estimate_plan(plan, catalog), plan, catalog)
    assert told.reasons[0].startswith("pool 'train': memory: the leanest of ")
    assert [reason.startswith("a way out: ") for reason in told.reasons] == [False, True, True, True]
    beside = plan_of("deepseek-v3-h800", "cluster.pools.count=255")
    warnings = with_ways_out(estimate_plan(beside, catalog), beside, catalog).warnings
    assert any("one system more makes each chip 2 times as fast" in warning for warning in warnings)
    whole = plan_of("deepseek-v3-h800")
    estimate = estimate_plan(whole, catalog)
    assert with_ways_out(estimate, whole, catalog) is estimate


def test_looking_for_a_way_out_can_be_stopped(catalog: Catalog) -> None:
    plan = plan_of("llama-3.1-405b-h100", "cluster.pools.count=4")
    estimate = estimate_plan(plan, catalog)
    assert with_ways_out(estimate, plan, catalog, lambda: True).reasons == estimate.reasons
