"""The smallest pools of post-training against all sizes by hand, and the splits against the estimate."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.errors import InputError, PlanError
from planner.estimate.estimate import estimate_plan
from planner.exploring.pools_in_step import PoolsInStep
from planner.exploring.post_answers import PostSize, reached
from planner.exploring.post_sizes import PostSizes, post_training_size
from planner.exploring.post_splits import rank_splits
from planner.exploring.post_systems import PoolSystems, crossed, mixes_of, post_training_sizes, star_of
from planner.exploring.sizes import ranked
from planner.exploring.targets import Asked, Targets, targets_of
from planner.planning.exchange import with_pool
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.report.post_size_document import post_sizes_document, post_sizes_to_dict
from planner.report.post_splits_document import post_splits_document, post_splits_to_dict
from planner.report.terminal import terminal_text

COLOCATED = "grpo-qwen3-30b-a3b-h100"
TWO_POOLS = "grpo-qwen3-32b-910c-h100"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_with(name: str, *overrides: str) -> Plan:
    return apply_overrides(load_plan(shipped_plans_folder() / f"{name}.toml"), list(overrides))


def asked(plan: Plan, **what: Any) -> Targets:
    return targets_of(plan, Asked(**what), catalog())


def is_enough(plan: Plan, targets: Targets, *counts: int) -> bool:
    """Whether a size is, by the estimate and the targets alone."""
    for place, count in enumerate(counts):
        pool = plan.cluster.pools[place].model_copy(update={"count": count, "chips": None})
        plan = with_pool(plan, place, pool)
    figures = estimate_plan(plan, catalog()).figures
    if figures is None:
        return False
    is_slow = targets.steps_per_day is not None and reached(targets, figures) < targets.steps_per_day
    return not is_slow and all(held.is_met for held in targets.held(figures))


def text_of(*sizes: PostSize) -> str:
    return terminal_text(post_sizes_document(sizes, "plan"), width=100)


def test_both_pools_are_found_for_a_target_of_steps_a_day() -> None:
    plan = plan_with(TWO_POOLS)
    targets = asked(plan, steps_per_day=40.0)
    size = post_training_size(plan, catalog(), targets)
    assert size.found is not None
    generating, learning = size.found.counts
    assert is_enough(plan, targets, generating, learning)
    # no pool can be smaller, whatever the other is
    assert not any(one.is_enough for one in size.fewer)
    for count in range(1, generating):
        assert not is_enough(plan, targets, count, 4 * learning)
    for count in range(1, learning):
        assert not is_enough(plan, targets, 4 * generating, count)
    assert f"{generating} x atlas-800t-a3 + {learning} x dgx-h100" in text_of(size)
    assert "not enough" in text_of(size)
    (answer,) = post_sizes_to_dict([size], plan.name)["answers"]
    assert answer["found"]["counts"] == {"ascend": generating, "h100": learning}
    assert answer["systems"] == {"ascend": "atlas-800t-a3", "h100": "dgx-h100"}


def test_one_pool_is_as_small_as_all_counts_say() -> None:
    plan = plan_with(COLOCATED)
    targets = asked(plan, deadline_days=2.0)
    size = post_training_size(plan, catalog(), targets)
    assert size.found is not None
    least = next(count for count in range(1, 9) if is_enough(plan, targets, count))
    assert size.found.counts == (least,)


def test_what_no_size_reaches_names_the_nearest() -> None:
    plan = plan_with(TWO_POOLS)
    size = post_training_size(plan, catalog(), asked(plan, steps_per_day=1e5, confidence=0.5))
    assert size.found is None
    assert size.nearest is not None
    assert size.nearest.value is not None
    assert size.nearest.value < 1e5
    assert "no size that was tried" in text_of(size)
    assert post_sizes_to_dict([size], "plan")["answers"][0]["binds"] == "steps_per_day"
    other = plan_with("qwen2-72b-a100")
    with pytest.raises(PlanError, match="expected post-training"):
        post_training_size(other, catalog(), asked(other, deadline_days=1.0))


def test_a_limit_that_is_broken_is_named_with_what_is_within_it() -> None:
    plan = plan_with(COLOCATED)
    free = post_training_size(plan, catalog(), asked(plan, deadline_days=2.0)).found
    assert free is not None
    assert free.power_w is not None
    most = 0.7 * free.power_w / 1e6
    size = post_training_size(plan, catalog(), asked(plan, deadline_days=2.0, max_mw=most))
    assert size.found is None
    assert size.nearest is not None
    assert size.nearest.counts == free.counts
    assert size.nearest.broken is not None
    assert size.nearest.broken.limit.name == "power_mw"
    assert size.within is not None
    assert size.within.counts < free.counts
    (answer,) = post_sizes_to_dict([size], "plan")["answers"]
    assert answer["binds"] == "power_mw"
    assert answer["short_by"] > 0
    assert "the fewest in time" in answer["why"]


def test_each_mix_of_systems_is_answered_the_least_power_first() -> None:
    plan = plan_with(TWO_POOLS)
    targets = asked(plan, steps_per_day=20.0, confidence=0.5)
    mixes = mixes_of(plan, PoolSystems(learning=["dgx-h100", "dgx-a100"], generating=["dgx-h200"]))
    assert mixes == (("dgx-h200", "dgx-h100"), ("dgx-h200", "dgx-a100"))
    sizes = list(post_training_sizes(plan, catalog(), targets, mixes))
    assert [dict(size.systems)["ascend"] for size in sizes] == ["dgx-h200", "dgx-h200"]
    powers = [size.found.power_w for size in ranked(sizes) if size.found is not None]
    assert powers == sorted(power for power in powers if power is not None)
    assert len(powers) == 2
    # the stack of Ascend is none of a GPU's
    assert any("stack" in line for line in sizes[0].changes)
    assert "dgx-a100" in text_of(*sizes)


def test_each_system_beside_the_other_pools_own_then_the_best_of_both_together() -> None:
    plan = plan_with(TWO_POOLS)
    star = star_of(plan, ["dgx-a100", "dgx-h200"])
    own = ("atlas-800t-a3", "dgx-h100")
    assert star == (
        own,
        ("dgx-a100", "dgx-h100"),
        ("dgx-h200", "dgx-h100"),
        ("atlas-800t-a3", "dgx-a100"),
        ("atlas-800t-a3", "dgx-h200"),
    )
    wanted = asked(plan, steps_per_day=20.0, confidence=0.5)
    # nobody learns on the A100 here
    answers = list(post_training_sizes(plan, catalog(), wanted, [*star[:3], star[4]]))
    assert answers[0].system_name == "Atlas 800T A3 (8 x Ascend 910C) + DGX H100 (8 x H100 80 GB)"
    assert set(crossed(answers)) == {("dgx-a100", "dgx-h200"), ("dgx-h200", "dgx-h200")}
    assert not crossed([])
    # a pool without a system takes another's, and all the same where none has one
    pools = tuple(pool.model_copy(update={"system": None}) for pool in plan.cluster.pools)
    half, bare = (
        plan.model_copy(update={"cluster": plan.cluster.model_copy(update={"pools": kept})})
        for kept in ((plan.cluster.pools[0], pools[1]), pools)
    )
    assert star_of(half, [])[0] == ("atlas-800t-a3", "atlas-800t-a3")
    assert star_of(bare, ["dgx-a100"]) == (("dgx-a100", "dgx-a100"),)


def test_pools_grow_and_shrink_in_step_for_a_curve() -> None:
    plan = plan_with(TWO_POOLS)
    targets = asked(plan, steps_per_day=40.0)
    sizes = PoolsInStep(PostSizes(plan, catalog(), targets, lambda: False), (8, 4), targets)
    sized = sizes.sized(6)
    assert sized is not None
    assert (sized.counts, sized.count, sized.chips) == ((6, 3), 6, 72)
    figures = estimate_plan(sized.plan, catalog()).figures
    assert figures is not None
    assert sized.bands["steps"] == figures.band("post_training.steps_per_day")
    assert sized.sure["steps"] == reached(targets, figures)
    assert sized.is_in_time == sized.meets_all == (reached(targets, figures) >= 40.0)


@pytest.mark.parametrize(
    ("name", "overrides", "systems", "part"),
    [
        (COLOCATED, (), PoolSystems(generating=["dgx-h100"]), "has one pool"),
        (TWO_POOLS, ("post_training.rollout_pool=",), PoolSystems(learning=["dgx-h100"]), "is open"),
        (TWO_POOLS, (), PoolSystems(["dgx-h100"] * 21, ["dgx-h100"] * 21), "441 mixes"),
    ],
)
def test_systems_that_go_with_no_pool_are_refused(
    name: str, overrides: tuple[str, ...], systems: PoolSystems, part: str
) -> None:
    with pytest.raises(InputError, match=part):
        mixes_of(plan_with(name, *overrides), systems)


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
    text = " ".join(terminal_text(post_splits_document(ranking), width=100).split())
    assert first.words in text
    # of one split several layouts are told, and each apart
    assert all(split.choice.words in text for split in ranking.splits)
    assert post_splits_to_dict(ranking)["splits"][0]["step_s"] == first.step_s
    last = len(ranking.splits) - 1
    pinned = estimate_plan(ranking.with_pinned(last), catalog()).figures
    assert pinned is not None
    assert pinned.number("post_training.step_s") == pytest.approx(ranking.splits[last].step_s)
