"""What the next million buys: against estimates of the changed plan, and brute force over counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.moved import with_figures
from planner.errors import InfeasibleError
from planner.estimate.estimate import estimate_plan
from planner.exploring.next_million import LEAST_SAVED, Bought, NextMillion, bought, next_million
from planner.exploring.question import DAYS, Question, number_named
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan

SAVED = Path(__file__).parents[3] / "saved_plans"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def asked(catalog: Catalog, *overrides: str, name: str = "qwen2-72b-910b") -> Question:
    # a batch that stays makes stairs of the days, which is what is bought over
    plan = apply_overrides(load_plan(SAVED / f"{name}.toml"), ["workload.batch_flex=0", *overrides])
    return Question(plan, catalog, number_named("cost"))


def found(catalog: Catalog, *overrides: str, name: str = "qwen2-72b-910b") -> NextMillion:
    return next_million(asked(catalog, *overrides, name=name))


def of_kind(million: NextMillion, kind: str) -> list[Bought]:
    return [way for way in million.ways if way.upgrade.kind == kind]


def test_more_systems_are_those_that_save_first_and_the_last_that_do_not(catalog: Catalog) -> None:
    million = found(catalog)
    question = asked(catalog)
    plan = question.plan
    (now,) = (pool.count for pool in plan.cluster.pools)
    assert now is not None
    base = estimate_plan(plan, catalog).figure(DAYS).values[0]
    assert million.days.p50 == base

    def days(more: int) -> float:
        changed = apply_overrides(plan, [f"cluster.pools.count={now + more}"])
        return float(estimate_plan(changed, catalog).figure(DAYS).values[0])

    first = next(more for more in range(1, now + 1) if base - days(more) > LEAST_SAVED * base)
    counts = {way.upgrade.amount: way for way in of_kind(million, "systems")}
    assert {1, first - 1, first} <= set(counts)
    for count, way in counts.items():
        assert way.saved is not None
        assert way.saved.p50 == pytest.approx(base - days(count))
        assert way.does_nothing is (count < first)
        assert f"({count * 8:,} chips)" in way.upgrade.name
    # as many as a million buys
    price = counts[1].cost_usd
    assert price is not None
    assert any(count * price <= 1e6 < (count + 1) * price for count in counts)


def test_a_way_is_the_plan_with_its_keys_set(catalog: Catalog) -> None:
    question = asked(catalog, "operations.storage_bytes_per_s=20G", "operations.warm_spares=0")
    million = next_million(question)
    before = estimate_plan(question.plan, catalog)
    is_set = [way for way in million.ways if way.upgrade.overrides and way.upgrade.kind != "stack"]
    assert {way.upgrade.kind for way in is_set} >= {
        "systems",
        "fabric",
        "storage",
        "spares",
        "team",
        "operator",
    }
    for way in is_set:
        after = estimate_plan(apply_overrides(question.plan, way.upgrade.overrides), catalog)
        assert way.days is not None
        assert way.saved is not None
        assert way.days.p50 <= after.figure(DAYS).values[0] + 1e-9
        assert way.saved.p10 <= way.saved.p50 <= way.saved.p90
        if way.cost_usd is not None:
            paid = after.figure("cost.capex").values[0] - before.figure("cost.capex").values[0]
            assert way.cost_usd == pytest.approx(paid)
            assert way.saved_per_million == pytest.approx(way.saved.p50 / (paid / 1e6))


def test_what_has_no_price_is_called_unknown_and_never_free(catalog: Catalog) -> None:
    for way in found(catalog, "operations.storage_bytes_per_s=20G").ways:
        if way.upgrade.kind in ("fabric", "storage", "stack", "team", "operator") and way.upgrade.overrides:
            assert way.cost_usd is None
            assert way.cost_note
            assert way.saved_per_million is None
    # nobody sells a TPU
    million = found(
        catalog, "cluster.pools.system=tpu-v5p-pod", "cluster.pools.fabric=", "cluster.pools.stack="
    )
    systems = of_kind(million, "systems")
    assert systems
    for way in systems:
        assert way.cost_usd is None
        assert "no price of" in way.cost_note


def test_what_is_there_already_saves_nothing_and_costs_nothing(catalog: Catalog) -> None:
    million = found(catalog, "operations.team=vendor")
    there = [way for way in million.ways if way.upgrade.changes_nothing]
    assert {way.upgrade.kind for way in there} >= {
        "oversubscription",
        "storage",
        "spares",
        "operator",
        "team",
    }
    for way in there:
        assert way.does_nothing
        assert way.saved is not None
        assert way.saved.p50 == 0.0
        assert way.cost_usd is None


def test_what_helps_at_a_known_price_comes_first(catalog: Catalog) -> None:
    million = found(catalog, "operations.warm_spares=0")
    ranks = [
        (way.saved is None, way.does_nothing, way.saved_per_million is None, -(way.saved_per_million or 0.0))
        for way in million.ways
    ]
    assert ranks == sorted(ranks)
    assert million.ways[0].saved_per_million is not None


def test_a_fabric_that_blocks_is_looked_at_without(catalog: Catalog) -> None:
    blocking = with_figures(catalog, "fabrics", "roce-200g", {"oversubscription": 4.0})
    (way,) = of_kind(next_million(asked(blocking)), "oversubscription")
    assert not way.upgrade.changes_nothing
    assert way.saved is not None
    assert way.saved.p50 > 0
    assert "at 1:1, not 4:1" in way.upgrade.name


def test_a_rented_cluster_is_paid_by_the_run(catalog: Catalog) -> None:
    million = found(catalog, "cluster.pools.rental_usd_per_chip_hour=2")
    assert million.basis == "run"
    assert all(way.cost_usd is not None for way in of_kind(million, "systems"))


def test_each_pool_of_several_is_looked_at(catalog: Catalog) -> None:
    small = ["model.profile=llama-2-7b", "workload.global_batch_sequences=128"]
    small += ["cluster.pools[npu].count=8", "cluster.pools[gpu].count=4"]
    question = asked(catalog, *small, name="mixed-910b-a100")
    # one pool after the other; what comes behind them is of other tests
    names = (way.upgrade.name for way in bought(question, question.estimate()))
    assert any(name.startswith("pool npu: ") for name in names)
    assert any(name.startswith("pool gpu: ") for name in names)


def test_deliveries_are_of_the_systems_that_are_ordered(catalog: Catalog) -> None:
    late = "calendar.deliveries=[{date=2026-12-20, systems=128}, {date=2027-02-01, systems=128}]"
    million = found(catalog, late)
    for way in of_kind(million, "systems"):
        assert way.saved is None
        assert "deliveries" in way.reason


def test_a_plan_that_cannot_run_has_no_next_million(catalog: Catalog) -> None:
    with pytest.raises(InfeasibleError, match="the plan cannot run"):
        found(catalog, "cluster.pools.count=1")


def test_looking_stops_when_nobody_waits(catalog: Catalog) -> None:
    question = asked(catalog)
    waiting = iter(range(12))
    stopped = Question(
        question.plan, catalog, question.quantity, cancelled=lambda: next(waiting, None) is None
    )
    assert len(next_million(stopped).ways) < len(next_million(question).ways)
