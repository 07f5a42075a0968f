"""A plan of several pools: what adds up is added up, and a part is never judged as the whole."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.compare import compare_plans
from planner.differences.diff import Side, compare_quantities
from planner.domain.plan import Plan
from planner.errors import InputError
from planner.estimate.estimate import estimate_plan
from planner.estimate.explain import explain
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.over_pools import OVER_POOLS
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.terminal import terminal_text

MakePlan = Callable[..., Plan]
START = {"start": datetime.date(2027, 1, 1)}
#: Takes 16 chips of the small world, of which 8 cannot hold it.
TOO_LARGE = {"profile": "qwen2-72b"}
THREE_STAGES = {"tensor": 8, "pipeline": 3, "data": 1}


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
        f"strategy.{name}" for name in ("tensor=8", "pipeline=1", "zero=1", "recompute=full", "microbatch=1")
    ]
    # what a pool's size costs it stays small: failures that stop all its chips, and waiting for the slowest
    layout += ["operations.chip_mtbf_hours=1e9", "model.profile=llama-2-7b"]
    pool = f'{{id="train", system="{system}", count={count}}}'
    plan = apply_overrides(plan, [f"cluster.pools=[{pool}]", "site.pue=1.2", *layout])
    double = [f"cluster.pools.count={2 * count}", f"workload.global_batch_sequences={128 * count}"]
    whole = estimate_plan(apply_overrides(plan, double), catalog)
    batch = [f"workload.global_batch_sequences={128 * count}"]
    halves = estimate_plan(in_two(apply_overrides(plan, batch), count, count), catalog)
    assert whole.figures is not None
    assert {"power.facility_w", "cost.capex", "energy_mwh", "carbon_t", "water_m3"} < set(OVER_POOLS)
    assert halves.figures is not None
    for identifier in (*OVER_POOLS, "training_days", "tokens_per_second", "mfu", "goodput"):
        expected = whole.figures.p50(identifier)
        if expected is None:
            # nobody rents this chip out
            assert (identifier, halves.over_pools(identifier).p50) == ("rent.of_run_usd", None)
            continue
        assert whole.over_pools(identifier).p50 == pytest.approx(expected, rel=1e-12)
        # two pools keep their spares apart, and buy as many more
        tolerance = 0.01 if identifier.startswith("cost.") else 0.005
        assert halves.over_pools(identifier).p50 == pytest.approx(expected, rel=tolerance), identifier


def test_power_is_judged_by_the_sum(make_plan: MakePlan, world: Catalog) -> None:
    def judged(limit_mw: float) -> dict[str, str]:
        site: dict[str, Any] = {"pue": 1.25, "power_cap_mw": limit_mw}
        plan = make_plan(site=site, targets={"power_mw": limit_mw})
        return verdicts(estimate_plan(in_two(plan, 2, 2), world))

    alone = estimate_plan(make_plan(site={"pue": 1.25}), world).over_pools("power.peak_facility_w").p50
    assert alone is not None
    for limit_w, verdict in ((alone * 1.01, "missed"), (alone * 2.01, "met")):
        assert judged(limit_w / 1e6) == {"power_mw": verdict, "site.power_cap_mw": verdict}


def test_date_and_money_are_judged_by_the_whole(make_plan: MakePlan, world: Catalog) -> None:
    targets = {"finish_by": datetime.date(2090, 1, 1), "money_usd": 1.0, "money_of": "run"}
    plan = make_plan(calendar=START, targets=targets)
    assert verdicts(estimate_plan(plan, world)) == {"finish_by": "met", "money_usd": "missed"}
    assert verdicts(estimate_plan(in_two(plan, 2, 2), world)) == {"finish_by": "met", "money_usd": "missed"}


def test_a_purchase_is_judged_by_the_sum(make_plan: MakePlan, world: Catalog) -> None:
    one = estimate_plan(make_plan(), world).over_pools("cost.capex").p50
    assert one is not None
    for limit, verdict in ((one * 1.5, "missed"), (one * 2.5, "unknown")):
        plan = in_two(make_plan(targets={"money_usd": limit}), 2, 2)
        assert verdicts(estimate_plan(plan, world)) == {"money_usd": verdict}


def test_a_pool_that_cannot_run_leaves_the_sum_unknown(make_plan: MakePlan, world: Catalog) -> None:
    strategy = {"split": "alone"}
    plan = make_plan(model=TOO_LARGE, site={"pue": 1.25}, targets={"power_mw": 1_000.0}, strategy=strategy)
    estimate = estimate_plan(in_two(plan, 1, 4), world)
    assert [pool.figures is None for pool in estimate.pools] == [True, False]
    assert estimate.pool_of_figures == "two"
    assert verdicts(estimate) == {"power_mw": "unknown"}
    assert estimate.targets[0].text == "all pools: power unknown, pool 'one' cannot run the plan"
    cluster = estimate_to_dict(estimate)["cluster"]
    assert cluster["figures_of_pool"] == "two"
    assert cluster["power"]["facility_w"] is None
    assert cluster["power"]["unknown"] == ["pool 'one' cannot run the plan"]
    # what it is rated for and costs is known all the same
    peaks = [pool.known.p50("power.peak_facility_w") for pool in estimate.pools]
    assert cluster["power"]["peak_facility_w"] == sum(peak for peak in peaks if peak is not None)
    assert estimate_to_dict(estimate)["split"]["loss"] is None
    assert "at the meter   unknown" in terminal_text(estimate_document(estimate))


def test_pools_that_cannot_run_alone_run_together(make_plan: MakePlan, world: Catalog) -> None:
    plan = make_plan(model=TOO_LARGE, site={"pue": 1.25})
    estimate = estimate_plan(in_two(plan, 1, 2), world)
    assert [pool.figures for pool in estimate.pools] == [None, None]
    assert estimate.is_feasible
    assert estimate.is_joint
    whole = estimate_plan(make_plan({"count": 3}, model=TOO_LARGE, site={"pue": 1.25}), world)
    assert whole.figures is not None
    days = whole.figures.number("training_days")
    told = {way["split"]: way for way in estimate_to_dict(estimate)["split"]["ways"]}
    assert told["data"]["training_days"]["p50"] == pytest.approx(days, rel=0.005)
    # stages of 27, 27 and 26 layers keep the batch that three replicas move from 64 to 63; one pool's own
    # search tries no three stages, as they divide no 80 layers
    assert [pool["layers"] for pool in told["pipeline"]["pools"]] == [[54], [26]]
    assert estimate.figure("training_days").p50 == told["pipeline"]["training_days"]["p50"]
    staged = make_plan({"count": 3}, model=TOO_LARGE, site={"pue": 1.25}, strategy=THREE_STAGES)
    figures = estimate_plan(staged, world).figures
    assert figures is not None
    assert estimate.figure("training_days").p50 == pytest.approx(figures.number("training_days"), rel=0.005)
    assert estimate_to_dict(estimate)["split"]["loss"] is None
    assert "loses unknown" in terminal_text(estimate_document(estimate))


def test_figures_are_those_of_the_whole(make_plan: MakePlan, world: Catalog) -> None:
    plan = make_plan(site={"pue": 1.25})
    estimate = estimate_plan(in_two(plan, 2, 2), world)
    assert estimate.figures is not None
    told = estimate_to_dict(estimate)
    assert told["cluster"]["power"]["facility_w"] == told["power"]["facility_w"]
    one = estimate.pools[0].figures
    assert one is not None
    assert told["power"]["facility_w"]["p50"] == pytest.approx(2 * one.number("power.facility_w"), rel=0.01)
    text = terminal_text(estimate_document(estimate))
    assert "Of all pools, data: shares of the batch" in text
    assert "SPLIT  2 pools, one training" in text
    alone = estimate_plan(plan, world)
    assert "cluster" not in estimate_to_dict(alone)
    assert "SPLIT" not in terminal_text(estimate_document(alone))
    assert alone.splits is None


def test_energy_is_that_of_the_pools_that_train(make_plan: MakePlan, world: Catalog) -> None:
    plan = in_two(make_plan(site={"pue": 1.25}), 2, 4)
    for split in ("data", "pipeline", "alone"):
        pinned = plan.model_copy(update={"strategy": plan.strategy.model_copy(update={"split": split})})
        estimate = estimate_plan(pinned, world)
        assert estimate.figures is not None
        assert estimate.joined is not None
        assert estimate.joined.split == split
        power = estimate.figure("power.facility_w").p50
        energy, days = (estimate.figures.number(name) for name in ("energy_mwh", "training_days"))
        assert power is not None
        share = energy * 3.6e9 / (days * 86400) / power
        if split == "alone":
            # power and purchase hold the pool that is there and does not train
            assert share == pytest.approx(4 / 6, rel=0.05)
        else:
            assert share == pytest.approx(1.0)
        cluster = estimate_to_dict(estimate)["cluster"]
        assert cluster["energy_mwh"]["p50"] == pytest.approx(energy)
        told = estimate_to_dict(estimate)["split"]
        assert told["chosen"] == split
        assert told["is_stated"]
        assert [way["split"] for way in told["ways"]] == ["data", "pipeline", "alone"]


def test_what_is_of_all_pools_is_explained_by_its_id(make_plan: MakePlan, world: Catalog) -> None:
    estimate = estimate_plan(in_two(make_plan(site={"pue": 1.25}), 2, 4), world)
    energy = explain(estimate, "cluster.energy")
    assert (energy.quantity, energy.pool_id) == ("cluster.energy_mwh", None)
    assert energy.record.equation == "pool_1 + pool_2"
    assert [child.symbol for child in energy.record.children] == ["pool_1", "pool_2"]
    assert sum(float(str(child.value)) for child in energy.record.children) == energy.record.value
    assert explain(estimate, "cluster.power").record.equation == "pool_1 + pool_2"
    assert explain(estimate, "energy_mwh").record.value == energy.record.value
    loss = explain(estimate, "split.loss").record
    assert loss.equation == "max(1 - rate / ideal, 0)"
    with pytest.raises(InputError, match="does not add up over pools; expected one of"):
        explain(estimate, "cluster.mfu")


def test_a_whole_is_compared_with_a_whole(make_plan: MakePlan, world: Catalog) -> None:
    plan = make_plan(site={"pue": 1.25})
    plans = (in_two(plan, 2, 2), plan)
    sides = [Side("x", one, estimate_plan(one, world)) for one in plans]
    rows = {row.id: row for row in compare_plans(sides).rows}
    power, days = rows["power.facility_w"], rows["training_days"]
    assert power.is_comparable
    assert days.is_comparable
    several, alone = (cell.band for cell in days.cells)
    assert several is not None
    assert alone is not None
    assert several.p50 <= alone.p50 * (1 + 1e-9)
    assert rows["split.loss"].cells[1].band is None
    changes = {
        change.id: change for change in compare_quantities(*(side.estimate for side in sides), is_paired=True)
    }
    assert changes["power.facility_w"].verdict == "better"
    assert changes["training_days"].verdict in ("worse", "unchanged")


@pytest.mark.parametrize("pool", [{}, {"rental_usd_per_chip_hour": 2.0}], ids=["bought", "rented"])
def test_what_a_plan_pays_for_all_of_it_is_paid_once(
    make_plan: MakePlan, world: Catalog, pool: dict[str, Any]
) -> None:
    stated = {"storage_usd": 3e5, "power_usd_per_month": 4e5, "staff_usd_per_year": 5e5, "egress_usd": 6e5}
    free = {**dict.fromkeys(stated, 0.0), "place": "own"}
    one, three = (in_two(make_plan(pool, money={**free, **money}), 1, 3) for money in ({}, stated))
    without, all_of_it = (estimate_plan(plan, world) for plan in (one, three))
    for name, lines in (
        ("ledger.storage", 3e5),
        ("ledger.egress", 6e5),
        ("ledger.staff", 5e5),
        ("ledger.grid", 12 * 4e5),
    ):
        found = [pool.figures.p50(name) for pool in all_of_it.pools if pool.figures]
        assert sum(amount for amount in found if amount is not None) == pytest.approx(lines), name
    if pool:
        more = all_of_it.over_pools("cost.total").p50, without.over_pools("cost.total").p50
        assert more[0] is not None
        assert more[1] is not None
        assert more[0] - more[1] == pytest.approx(9e5)
