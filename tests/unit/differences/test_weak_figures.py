"""Weak figures: what moves them, by how much, and what is never asked for."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.weak_figures import ANSWERS, CONSTANTS, MAY_BE_OFF, Doubts, doubts_about, may_be_off
from planner.domain.evidence import Rival, Sourced
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(shipped_plans_folder() / "pangu-ultra-135b-910b.toml")


@pytest.fixture(scope="module")
def doubts(plan: Plan, catalog: Catalog) -> Doubts:
    return doubts_about(plan, catalog)


def test_a_move_is_that_of_an_estimate_with_the_other_figure(
    plan: Plan, catalog: Catalog, doubts: Doubts
) -> None:
    """The price of electricity may be typed into the plan as well, and must say the same."""
    weak = next(one for one in doubts.weak if one.key == "electricity_usd_per_kwh")
    site = catalog.sites[weak.profile].profile
    assert site.electricity_usd_per_kwh is not None
    price = site.electricity_usd_per_kwh.value
    assert isinstance(price, float)
    dearer = plan.model_copy(
        update={
            "site": plan.site.model_copy(update={"electricity_usd_per_kwh": price * (1 + weak.may_be_off)})
        }
    )
    before, after = (estimate_plan(one, catalog).figures for one in (plan, dearer))
    assert before is not None
    assert after is not None
    moved = after.number("cost.total") / before.number("cost.total") - 1
    assert weak.effects["cost.total"] == pytest.approx(moved, rel=1e-9)
    assert weak.effects["training_days"] == 0


def test_only_what_is_weak_or_disputed_is_asked_for_and_the_heaviest_first(
    doubts: Doubts, catalog: Catalog
) -> None:
    weights = [one.weight for one in doubts.weak]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0
    for one in doubts.weak:
        assert set(one.effects) <= set(ANSWERS)
        assert one.key == CONSTANTS or one.evidence in MAY_BE_OFF
    assert sum(one.key == CONSTANTS for one in doubts.weak) == 1


def test_what_has_no_price_is_asked_for_first(doubts: Doubts) -> None:
    assert all(missing.gap.kind in ("left out", "unknown") for missing in doubts.missing)
    assert any("storage" in missing.gap.text for missing in doubts.missing)


def test_a_figure_may_be_off_by_its_kind_or_its_farthest_rival() -> None:
    def figure(*rivals: Rival[float], kind: str = "datasheet") -> Sourced[float]:
        return Sourced[float].model_validate(
            {"kind": kind, "sources": ["a"], "value": 100.0, "rivals": rivals, "chosen_because": "it is"}
        )

    other = Rival[float](kind="claim", sources=("b",), value=120.0)
    wrong = Rival[float](kind="claim", sources=("b",), value=200.0, wrong_because="it is sparse")
    assert may_be_off(figure()) == 0
    assert may_be_off(figure(kind="memory")) == MAY_BE_OFF["memory"]
    assert may_be_off(figure(wrong)) == 0
    assert may_be_off(figure(wrong, other)) == pytest.approx(0.2)


def test_a_pool_that_cannot_run_has_no_answer_to_move(plan: Plan, catalog: Catalog) -> None:
    pool = plan.cluster.pools[0].model_copy(update={"count": 1})
    tiny = plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": (pool,)})})
    found = doubts_about(tiny, catalog)
    assert found.weak == ()
    assert found.uses
