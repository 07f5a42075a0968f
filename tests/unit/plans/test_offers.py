"""`[[offers]]` of a plan: read, kept, told in a diff, and made plans of their own."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from planner.differences.plan_inputs import compare_inputs
from planner.errors import InputError, PlanError
from planner.plans.offers import check_number, offered_plans
from planner.plans.plan_file import dump_plan, plan_from_data, plan_text

OFFERS = (
    {"name": "bought", "set": ["cluster.pools.price_usd=300k"]},
    {
        "name": "by the hour",
        "set": ["cluster.pools[train].rental_usd_per_chip_hour=2.1..3", "operations.setup_days=2 h"],
    },
    {"name": "as it stands"},
)


def data(*offers: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "small",
        "model": {"profile": "llama-2-7b"},
        "workload": {"tokens": 1e10},
        "cluster": {"pools": [{"id": "train", "system": "dgx-h100", "count": 2}]},
        "offers": list(offers),
    }


def test_each_offer_is_the_plan_with_what_it_sets() -> None:
    plan = plan_from_data(data(*OFFERS), where="plan")
    found = dict(offered_plans(plan, "plan"))
    assert list(found) == ["bought", "by the hour", "as it stands"]
    assert found["bought"].cluster.pools[0].price_usd == 300_000
    assert found["by the hour"].operations.setup_days == pytest.approx(2 / 24)
    assert found["as it stands"] == plan.model_copy(update={"offers": ()})
    assert not any(offered.offers for offered in found.values())
    plain = plan_from_data(data(), where="plan")
    assert offered_plans(plain, "plan") == [("small", plain)]


def test_offers_are_kept_by_the_plans_file() -> None:
    plan = plan_from_data(data(*OFFERS), where="plan")
    assert plan_from_data(dump_plan(plan), where="plan") == plan
    assert plan_from_data(tomllib.loads(plan_text(plan)), where="plan") == plan


def test_a_diff_tells_what_an_offer_says_otherwise() -> None:
    before = plan_from_data(data(*OFFERS), where="before")
    other = {"name": "bought", "set": ["cluster.pools.price_usd=280k"]}
    after = plan_from_data(data(other, *OFFERS[1:]), where="after")
    found = compare_inputs(before, after, {"train": 16}, {"train": 16})
    assert [(change.key, change.mark) for change in found.changes] == [("offers[0].set", "~")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cluster.pools.prise_usd=1", r"a.toml: offers\[0\].set cluster.pools\[0\].prise_usd: .*'price_usd'"),
        ("cluster.pools.price_usd", r"a.toml: offers\[0\].set .*: expected KEY=VALUE"),
        ("operations.setup_days=-1", r"a.toml: offers\[0\].set: .*operations.setup_days = -1"),
        ("operations.debugging_share=0.95", r"operations.debugging_share"),
    ],
)
def test_what_an_offer_sets_amiss_is_told_with_its_place(text: str, expected: str) -> None:
    plan = plan_from_data(data({"name": "one", "set": [text]}), where="plan")
    with pytest.raises(PlanError, match=expected):
        offered_plans(plan, "a.toml")


def test_more_than_six_offers_are_no_plan() -> None:
    with pytest.raises(PlanError, match="offers"):
        plan_from_data(data(*({"name": str(number)} for number in range(7))), where="plan")
    for number in (0, 1, 7):
        with pytest.raises(InputError, match="expected 2 to 6"):
            check_number(number)
    for number in (2, 6):
        check_number(number)
