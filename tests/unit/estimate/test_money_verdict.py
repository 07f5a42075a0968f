"""A budget is missed as soon as the known part exceeds it, and is never met by what has no price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import MONEY_OF_WORDS, Plan
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import TargetVerdict
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder

MakePlan = Callable[..., Plan]


def judged(plan: Plan, catalog: Catalog) -> TargetVerdict:
    (verdict,) = (it for it in estimate_plan(plan, catalog).targets if it.target == "money_usd")
    return verdict


def test_a_cluster_whose_chips_exceed_the_budget_misses_it() -> None:
    plan = load_plan(shipped_plans_folder() / "pangu-ultra-135b-910b.toml")
    verdict = judged(apply_overrides(plan, ["targets.money_usd=60e6"]), load_catalog(include_user=False))
    assert verdict.verdict == "missed"
    assert verdict.quantity == "cost.capex"
    assert "of 60 M USD" in verdict.text


@pytest.mark.parametrize("kind", MONEY_OF_WORDS)
def test_nothing_is_met_by_what_has_no_price(make_plan: MakePlan, world: Catalog, kind: str) -> None:
    verdict = judged(make_plan(targets={"money_usd": 1e12, "money_of": kind}), world)
    assert verdict.verdict == "unknown"
    assert "without" in verdict.text


@pytest.mark.parametrize(("pool", "of"), [({}, "purchase"), ({"rental_usd_per_chip_hour": 2.0}, "this run")])
def test_a_budget_is_of_what_is_paid_first(
    make_plan: MakePlan, world: Catalog, pool: dict[str, Any], of: str
) -> None:
    assert judged(make_plan(pool, targets={"money_usd": 1.0}), world).text.startswith(f"{of}: ")


def test_a_rented_pool_has_no_purchase_to_judge(make_plan: MakePlan, world: Catalog) -> None:
    targets = {"money_usd": 1e12, "money_of": "purchase"}
    verdict = judged(make_plan({"rental_usd_per_chip_hour": 2.0}, targets=targets), world)
    assert (verdict.verdict, verdict.text) == ("unknown", "purchase: rented: nothing is bought")
