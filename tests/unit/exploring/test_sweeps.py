"""Points of a sweep: each is the estimate of its plan, and what has none says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.exploring.axes import axes_of
from planner.exploring.sweeps import SWEPT, Point, points_of, refuse_impossible, swept
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan

PLAN = load_plan(Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def points(catalog: Catalog, *texts: str) -> list[Point]:
    return list(swept(PLAN, axes_of(PLAN, texts), catalog))


def test_each_point_is_what_its_plan_is_estimated_at(catalog: Catalog) -> None:
    texts = ("cluster.pools.count=128,256", "workload.tokens=1T..3T/3")
    found = points(catalog, *texts)
    assert points_of(axes_of(PLAN, texts)) == len(found) == 6
    # the last key goes round first
    assert [point.values for point in found[:4]] == [
        ("128", "1T"),
        ("128", "2T"),
        ("128", "3T"),
        ("256", "1T"),
    ]
    for point in found:
        count, tokens = point.values
        alone = apply_overrides(PLAN, [f"cluster.pools.count={count}", f"workload.tokens={tokens}"])
        estimate = estimate_plan(alone, catalog)
        assert point.plan == alone
        assert point.estimate is not None
        for identifier in SWEPT:
            assert point.estimate.figure(identifier).band == estimate.figure(identifier).band


def test_what_cannot_run_or_be_planned_says_why(catalog: Catalog) -> None:
    small, large = points(catalog, "cluster.pools.count=1,256")
    assert not small.is_feasible
    assert "memory: the leanest of" in small.reasons[0]
    assert large.is_feasible
    assert large.reasons == ()
    # the chip has no such rate
    known, unknown = points(catalog, "workload.precision=bf16,fp8")
    assert known.is_feasible
    assert unknown.estimate is None
    assert "fp8" in unknown.reasons[0]
    # rent and its term: neither of two points may stand alone
    by_term = points(
        catalog, "cluster.pools.rental_months=12", "cluster.pools.rental_usd_per_chip_hour=2,1..3"
    )
    assert [point.is_feasible for point in by_term] == [True, True]


def test_another_system_brings_what_goes_with_it(catalog: Catalog) -> None:
    same, other = points(catalog, "cluster.pools.system=dgx-a100-80,atlas-800t-a2")
    assert same.along == ()
    assert [change.name for change in other.along] == ["stack", "fabric"]
    assert other.is_feasible


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["cluster.pools.system=dgx-h100,dgx-h1000"], "no system is called so"),
        (["workload.tokens=1T,2X"], "has the unit 'X'"),
        (["cluster.pools.count=0"], "count"),
        (["workload.tokens=1T,2T", "cluster.pools.count=1,-3"], "count"),
        # months of nothing that is rented
        (["cluster.pools.rental_months=12"], "expected rental_usd_per_chip_hour too"),
        (["cluster.pools.count=4", "cluster.pools.chips=64"], "another --vary takes it away"),
    ],
)
def test_a_value_that_no_point_can_have_is_refused(catalog: Catalog, texts: list[str], told: str) -> None:
    with pytest.raises(PlanError, match=r"--vary") as caught:
        refuse_impossible(PLAN, axes_of(PLAN, texts), catalog)
    assert told in str(caught.value)


def test_a_sweep_stops_when_nobody_waits(catalog: Catalog) -> None:
    asked = iter([False, False, False, True])
    axes = axes_of(PLAN, ["workload.tokens=1T..9T/9"])
    found = list(swept(PLAN, axes, catalog, cancelled=lambda: next(asked, True)))
    assert len(found) <= 1


def test_the_first_point_waits_for_no_other(catalog: Catalog) -> None:
    axes = axes_of(PLAN, ["workload.tokens=1T..9T/9", "cluster.pools.count=1..99/99"])
    assert next(swept(PLAN, axes, catalog)).values == ("1T", "1")
