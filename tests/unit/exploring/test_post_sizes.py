"""The smallest pools of post-training against all sizes by hand, and the splits against the estimate."""

from __future__ import annotations

from functools import cache

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.exploring.post_sizes import Pace, post_training_size
from planner.exploring.post_splits import rank_splits
from planner.planning.exchange import with_pool
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.report.post_size_document import post_size_document, post_size_to_dict
from planner.report.post_splits_document import post_splits_document, post_splits_to_dict
from planner.report.terminal import terminal_text

COLOCATED = "grpo-qwen3-30b-a3b-h100"
TWO_POOLS = "grpo-qwen3-32b-910c-h100"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_with(name: str, *overrides: str) -> Plan:
    return apply_overrides(load_plan(shipped_plans_folder() / f"{name}.toml"), list(overrides))


def reached(plan: Plan, pace: Pace, *counts: int) -> float | None:
    for place, count in enumerate(counts):
        pool = plan.cluster.pools[place].model_copy(update={"count": count, "chips": None})
        plan = with_pool(plan, place, pool)
    figures = estimate_plan(plan, catalog()).figures
    return None if figures is None else pace.value(figures)


def test_both_pools_are_found_for_a_target_of_steps_a_day() -> None:
    plan, pace = plan_with(TWO_POOLS), Pace(40.0, None, 0.8)
    size = post_training_size(plan, catalog(), pace)
    assert size.found is not None
    generating, learning = size.found.counts
    assert size.found.value == pytest.approx(reached(plan, pace, generating, learning))
    assert pace.is_met(size.found.value)
    # no pool can be smaller, whatever the other is
    assert not any(pace.is_met(one.value) for one in size.fewer)
    for count in range(1, generating):
        assert not pace.is_met(reached(plan, pace, count, 4 * learning))
    for count in range(1, learning):
        assert not pace.is_met(reached(plan, pace, 4 * generating, count))
    text = terminal_text(post_size_document(size, plan.name), width=80)
    assert f"{generating} ascend, {learning} h100" in text
    assert post_size_to_dict(size, plan.name)["found"]["counts"] == {"ascend": generating, "h100": learning}


def test_one_pool_is_as_small_as_all_counts_say() -> None:
    plan, pace = plan_with(COLOCATED), Pace(None, 2.0, 0.8)
    size = post_training_size(plan, catalog(), pace)
    assert size.found is not None
    least = next(count for count in range(1, 9) if pace.is_met(reached(plan, pace, count)))
    assert size.found.counts == (least,)


def test_what_no_size_reaches_names_the_nearest() -> None:
    size = post_training_size(plan_with(TWO_POOLS), catalog(), Pace(1e5, None, 0.5))
    assert size.found is None
    assert size.nearest is not None
    assert size.nearest.value is not None
    assert size.nearest.value < 1e5
    assert "no size that was tried" in terminal_text(post_size_document(size, "plan"), width=80)
    with pytest.raises(PlanError, match="expected post-training"):
        post_training_size(plan_with("qwen2-72b-a100"), catalog(), Pace(1.0, None, 0.5))


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        (COLOCATED, ()),
        (COLOCATED, ("post_training.pools=split",)),
        (TWO_POOLS, ("post_training.rollout_pool=",)),
    ],
)
def test_the_first_split_is_that_of_the_estimate_and_can_be_pinned(
    name: str, overrides: tuple[str, ...]
) -> None:
    plan = plan_with(name, *overrides)
    ranking = rank_splits(plan, catalog(), top=4)
    figures = estimate_plan(plan, catalog()).figures
    assert figures is not None
    first = ranking.splits[0]
    assert first.step_s == pytest.approx(figures.number("post_training.step_s"))
    assert first.update_chips == figures.number("post_training.update_chips")
    assert ranking.tried >= ranking.fitting >= 1
    text = terminal_text(post_splits_document(ranking), width=100)
    assert first.words in " ".join(text.split())
    assert post_splits_to_dict(ranking)["splits"][0]["step_s"] == first.step_s
    last = len(ranking.splits) - 1
    pinned = estimate_plan(ranking.with_pinned(last), catalog()).figures
    assert pinned is not None
    assert pinned.number("post_training.step_s") == pytest.approx(ranking.splits[last].step_s)
