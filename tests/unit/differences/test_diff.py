"""What a diff decides: better or worse, within uncertainty, comparable, and what made a plan impossible."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.diff import PlanDiff, compare_quantities, diff_plans, side_of
from planner.differences.quantities import QUANTITIES_BY_KEY, difference, figure_of
from planner.domain.plan import Pin, Plan
from planner.engine.arrays import FloatArray
from planner.errors import PlanError
from planner.planning.result import Band, Estimate, Performance
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan

SAVED = Path(__file__).parents[3] / "saved_plans"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def base() -> Plan:
    return load_plan(SAVED / "qwen2-72b-a100.toml")


def changed(base: Plan, catalog: Catalog, *overrides: str) -> PlanDiff:
    after = apply_overrides(base, overrides)
    return diff_plans(side_of("a", base, catalog), side_of("b", after, catalog), catalog)


def verdicts(before: Performance, after: Performance, estimate: Estimate) -> dict[str, str]:
    sides = [dataclasses.replace(estimate, performance=figures) for figures in (before, after)]
    return {change.key: change.verdict for change in compare_quantities(sides[0], sides[1], is_paired=True)}


def with_days(performance: Performance, middle: float, draws: FloatArray) -> Performance:
    low, high = np.quantile(draws, [0.1, 0.9])
    return dataclasses.replace(
        performance,
        training_days=Band(float(low), middle, float(high)),
        draws={**performance.draws, "training_days": draws},
    )


def test_a_paired_difference_is_told_apart_although_the_bands_overlap(
    example_performance: Performance, example_estimate: Estimate
) -> None:
    draws = np.linspace(60.0, 140.0, 1001)
    before = with_days(example_performance, 100.0, draws)
    after = with_days(example_performance, 98.0, draws * 0.98)
    assert verdicts(before, after, example_estimate)["training_days"] == "better"
    assert verdicts(after, before, example_estimate)["training_days"] == "worse"


def test_independent_errors_do_not_cancel(example_performance: Performance) -> None:
    draws = np.linspace(60.0, 140.0, 1001)
    quantity = QUANTITIES_BY_KEY["training_days"]
    before = figure_of(quantity, with_days(example_performance, 100.0, draws))
    after = figure_of(quantity, with_days(example_performance, 98.0, draws * 0.98))
    assert before is not None
    assert after is not None
    assert difference(before, after, is_paired=True).p90 < 0.0
    apart = difference(before, after, is_paired=False)
    assert apart.p10 < 0.0 < apart.p90


def test_more_is_better_for_rates_and_worse_for_costs(base: Plan, catalog: Catalog) -> None:
    told = {it.key: it.verdict for it in changed(base, catalog, "cluster.pools.count=256").quantities}
    assert told["tokens_per_second"] == "better"
    assert told["training_days"] == "better"
    assert told["facility_w"] == "worse"
    assert told["memory_per_chip_bytes"] in ("differs", "unchanged")


def test_sums_that_leave_out_different_things_are_not_comparable(catalog: Catalog) -> None:
    sides = [
        side_of(name, load_plan(SAVED / f"pangu-ultra-moe-718b-{name}.toml"), catalog)
        for name in ("910b", "cloudmatrix")
    ]
    diff = diff_plans(sides[0], sides[1], catalog)
    told = {it.key: it.verdict for it in diff.quantities}
    assert told["cost_total"] == "not comparable"
    assert told["training_days"] == "better"


def test_a_percent_is_blank_where_its_base_is_zero_or_unknown(
    example_performance: Performance, example_estimate: Estimate
) -> None:
    zero = dataclasses.replace(
        example_performance,
        interconnect=dataclasses.replace(example_performance.interconnect, fraction=0.0),
        energy_mwh=None,
    )
    sides = [dataclasses.replace(example_estimate, performance=it) for it in (zero, example_performance)]
    found = {it.key: it for it in compare_quantities(sides[0], sides[1], is_paired=True)}
    assert found["interconnect"].fraction is None
    assert found["interconnect"].change is not None
    assert (found["energy_mwh"].fraction, found["energy_mwh"].change) == (None, None)
    assert found["energy_mwh"].verdict == "unknown"


def test_a_system_is_exchanged_at_the_same_number_of_chips(catalog: Catalog) -> None:
    sides = [side_of(name, load_plan(SAVED / f"qwen2-72b-{name}.toml"), catalog) for name in ("910b", "a100")]
    diff = diff_plans(sides[0], sides[1], catalog)
    assert [change.name for change in diff.changes] == ["system", "chip count", "site"]
    shares = {share.changes[0]: share.amount for share in diff.causes["training_days"].shares}
    # half the chips take about twice as long; the better utilisation of the other chips gives some back
    assert shares["chip count"] > 0.0 > shares["system"]
    assert shares["site"] == 0.0
    assert diff.causes["training_days"].method == "all orders"


def test_what_makes_a_plan_impossible_is_named(base: Plan, catalog: Catalog) -> None:
    diff = changed(base, catalog, "cluster.pools.count=1", "site.pue=1.3")
    assert not diff.after.estimate.is_feasible
    assert diff.blockers == ("chip count",)
    assert diff.causes == {}


def test_steps_that_cannot_be_estimated_fall_back_and_say_so(base: Plan, catalog: Catalog) -> None:
    """An A100 has no fp8 rate, so the precision can only change after the system."""
    overrides = (
        "cluster.pools.system=dgx-h100",
        "cluster.pools.fabric=ib-ndr-400",
        "workload.precision=fp8",
    )
    diff = changed(base, catalog, *overrides)
    cause = diff.causes["training_days"]
    assert (cause.method, cause.orders) == ("some orders", 1)
    assert [share.changes for share in cause.shares] == [("system",), ("precision",)]


def test_what_moves_no_figure_is_no_cause(base: Plan, catalog: Catalog) -> None:
    diff = changed(base, catalog, "parties.buyer_country=CN")
    assert diff.has_differences
    assert (diff.changes, diff.causes) == ((), {})
    assert [change.note.id for change in diff.notes.changes] == ["US-TRAIN-D5"]


def test_drift_is_told_apart_from_changes(base: Plan, catalog: Catalog) -> None:
    pinned = base.model_copy(update={"pins": {"sites/ashburn-us": Pin(hash="0" * 16)}})
    diff = diff_plans(side_of("a", pinned, catalog), side_of("b", base, catalog), catalog)
    assert not diff.has_differences
    assert [item.profile for item in diff.before.drift] == ["sites/ashburn-us"]
    assert diff.after.drift == ()


def test_an_error_names_the_plan(base: Plan, catalog: Catalog) -> None:
    broken = apply_overrides(base, ["cluster.pools.system=no-such-system"])
    with pytest.raises(PlanError, match=r"^the second: cluster\.pools\[train\]\.system"):
        side_of("the second", broken, catalog)
