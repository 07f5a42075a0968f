"""Inputs are compared by meaning, whatever was typed."""

from __future__ import annotations

from typing import Any

import pytest

from planner.differences.plan_inputs import InputComparison, compare_inputs, plan_inputs
from planner.domain.plan import Plan
from planner.plans.plan_file import dump_plan, load_plan, plan_from_data
from planner.plans.shipped import shipped_plans_folder

POOL = {"id": "train", "system": "dgx-a100", "count": 16}
CHIPS = {"train": 128, "gpu": 128, "npu": 64}


def plan(**changes: Any) -> Plan:
    data: dict[str, Any] = {
        "name": "A plan",
        "model": {"profile": "llama-2-7b"},
        "workload": {"tokens": "2T"},
        "cluster": {"pools": [POOL]},
    }
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(data.get(key), dict) else value
    return plan_from_data(data, where="test")


def compared(before: Plan, after: Plan, **chips: int) -> InputComparison:
    return compare_inputs(before, after, CHIPS, {**CHIPS, **chips})


def told(comparison: InputComparison) -> list[str]:
    return [f"{change.mark} {change.key}" for change in comparison.changes]


@pytest.mark.parametrize("tokens", [2e12, 2_000_000_000_000, "2T", "2e12", "2,000B", " 2 T tokens"], ids=str)
def test_a_quantity_is_what_it_means(tokens: object) -> None:
    comparison = compared(plan(), plan(workload={"tokens": tokens}))
    assert told(comparison) == []
    assert comparison.unchanged == 5


def test_a_default_that_is_written_out_is_no_change() -> None:
    assert told(compared(plan(), plan(workload={"precision": "bf16"}))) == []


def test_a_default_is_marked_as_not_given() -> None:
    (change,) = compared(plan(), plan(workload={"sequence_length": 8192})).changes
    assert change.before is not None
    assert change.after is not None
    assert (change.mark, change.before.value, change.before.is_given) == ("~", 4096, False)
    assert (change.after.value, change.after.is_given) == (8192, True)


def test_added_and_removed() -> None:
    with_site = plan(site={"profile": "ulanqab-cn"})
    assert told(compared(plan(), with_site)) == ["+ site.profile"]
    assert told(compared(with_site, plan())) == ["- site.profile"]


def test_chips_and_the_systems_that_hold_them_mean_the_same() -> None:
    in_chips = plan(cluster={"pools": [{"id": "train", "system": "dgx-a100", "chips": 128}]})
    assert told(compared(plan(), in_chips)) == []
    assert told(compared(plan(), in_chips, train=64)) == [
        "- cluster.pools[train].count",
        "+ cluster.pools[train].chips",
    ]


def test_pools_match_by_id_not_by_place() -> None:
    gpu = {**POOL, "id": "gpu"}
    npu = {**POOL, "id": "npu", "system": "atlas-800t-a2", "count": 8}
    one = plan(cluster={"pools": [gpu, npu]})
    assert told(compared(one, plan(cluster={"pools": [npu, gpu]}))) == []
    more = plan(cluster={"pools": [npu, {**gpu, "count": 32}]})
    assert told(compared(one, more, gpu=256)) == ["~ cluster.pools[gpu].count"]


def test_the_only_pool_of_each_is_one_pool_renamed() -> None:
    renamed = plan(cluster={"pools": [{**POOL, "id": "gpu"}]})
    assert told(compared(plan(), renamed)) == ["~ cluster.pools[train].id"]


def test_phases_match_by_place() -> None:
    def phased(*tokens: str) -> Plan:
        data = dump_plan(plan())
        data["workload"] = {"phases": [{"tokens": amount} for amount in tokens]}
        return plan_from_data(data, where="test")

    changes = told(compared(phased("1T", "2T"), phased("1T", "3T", "4T")))
    assert changes == ["~ workload.phases[1].tokens", "+ workload.phases[2].tokens"]


def test_pins_are_no_inputs() -> None:
    pinned = plan(pins={"chips/a100-80gb": {"hash": "0123456789abcdef"}})
    comparison = compared(plan(), pinned)
    assert (told(comparison), comparison.texts) == ([], ())


def test_names_and_notes_are_texts_and_line_breaks_are_not() -> None:
    comparison = compared(plan(notes="one\ntwo"), plan(name="Another", notes="one two\n"))
    assert told(comparison) == []
    assert [(text.key, text.mark) for text in comparison.texts] == [("name", "~")]


def test_changes_stand_in_the_order_of_a_plan_file() -> None:
    other = plan(
        site={"pue": 1.2}, workload={"tokens": "3T"}, model={"profile": "qwen2-72b"}, as_of="2026-01-01"
    )
    sections = [change.key.partition(".")[0] for change in compared(plan(), other).changes]
    assert sections == ["as_of", "model", "workload", "site"]


def test_defaults_of_post_training_are_inputs_of_post_training_alone() -> None:
    def of_post_training(one: Plan) -> set[str]:
        return {key for key in plan_inputs(one) if key.startswith("post_training.")}

    assert not of_post_training(plan())
    post = load_plan(shipped_plans_folder() / "grpo-qwen3-30b-a3b-h100.toml")
    assert "post_training.epochs" in of_post_training(post)
