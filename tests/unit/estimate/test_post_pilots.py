"""Pilots of post-training: a share of both pools, its phases, what it says, and what it may not say."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.post_training_fit import shipped_post_training_fit
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.estimate.explain import explain
from planner.estimate.pilots import PlannedView
from planner.estimate.result import Estimate
from planner.planning.post_training_plan import PostPhase
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.figure import Band
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.terminal import terminal_text

TWO_POOLS = "grpo-qwen3-32b-910c-h100"
COLOCATED = "grpo-qwen3-30b-a3b-h100"
#: A quarter of the chips that learn, with a quarter of the rest.
QUARTER = "chips=8, global_batch_sequences=256"
#: All of them, in the plan's own layout.
WHOLE = "chips=32, global_batch_sequences=1024, layout={tensor=4, pipeline=2, data=4}"
SYNCHRONOUS = "post_training.staleness=0"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def estimated(*pilots: str, name: str = TWO_POOLS, more: tuple[str, ...] = ()) -> Estimate:
    overrides = [f"pilot[{place}]={{{pilot}}}" for place, pilot in enumerate(pilots)]
    plan = load_plan(shipped_plans_folder() / f"{name}.toml")
    return estimate_plan(apply_overrides(plan, [*more, *overrides]), catalog())


def planned(estimate: Estimate) -> PlannedView:
    assert estimate.pilots is not None
    return estimate.pilots.planned[0]


def post_of(estimate: Estimate) -> PostPhase:
    assert estimate.figures is not None
    post = estimate.figures.setting.phase.post
    assert post is not None
    return post


def step_of(estimate: Estimate) -> Band:
    band = estimate.figure("post_training.forecast_step_s").band
    assert band is not None
    return band


def width(band: Band) -> float:
    return math.log(band.p90 / band.p10)


def test_a_pilot_of_all_chips_in_the_plans_layout_is_the_plans_own_step() -> None:
    found = estimated(WHOLE)
    view, step = planned(found), post_of(found).found.step
    assert view.rollout_chips == 64
    assert view.step_s.p50 == pytest.approx(float(np.ravel(step.total)[0]))
    for name, seconds in view.phases_s.items():
        assert seconds == pytest.approx(float(np.ravel(getattr(step, name))[0]))


def test_a_share_of_both_pools_generates_as_long_as_the_whole() -> None:
    """A quarter of the chips with a quarter of the samples has copies as full as the plan's."""
    found = estimated(QUARTER)
    view, step = planned(found), post_of(found).found.step
    assert view.rollout_chips == 16
    assert view.phases_s["decode"] == pytest.approx(float(step.decode), rel=0.01)
    assert view.phases_s["prefill"] == pytest.approx(float(step.prefill), rel=0.01)
    # a fixed part of each step stays, the tail is that of a quarter of the samples, or all hidden
    assert view.phases_s["overhead"] == pytest.approx(float(step.overhead))
    assert view.phases_s.get("tail", 0.0) <= float(step.tail) * 1.01
    more = planned(estimated(f"{QUARTER}, rollout_chips=32", more=(SYNCHRONOUS,)))
    less = planned(estimated(QUARTER, more=(SYNCHRONOUS,)))
    assert more.step_s.p50 < less.step_s.p50


def test_one_pool_that_takes_turns_is_a_pilot_of_so_many_of_its_chips() -> None:
    found = estimated("chips=16, global_batch_sequences=256", name=COLOCATED)
    view = planned(found)
    assert view.rollout_chips is None
    assert view.phases_s["swap"] > 0.0
    assert view.phases_s["decode"] == pytest.approx(float(post_of(found).found.step.decode), rel=0.05)


def test_what_it_would_say_is_what_it_says_where_it_comes_out_as_expected() -> None:
    before = estimated()
    view = planned(estimated(QUARTER))
    met = estimated(f"{QUARTER}, step_s={view.step_s.p50!r}")
    assert step_of(met).p50 == pytest.approx(step_of(before).p50, rel=1e-6)
    assert width(step_of(met)) < 0.97 * width(step_of(before))
    assert view.plan_step_s == step_of(before)
    assert view.plan_step_then_s is not None
    assert width(view.plan_step_then_s) == pytest.approx(width(step_of(met)), rel=1e-6)


@pytest.mark.parametrize("slower", [0.9, 1.3])
def test_the_step_moves_by_the_share_of_the_error_that_is_carried_over(slower: float) -> None:
    view = planned(estimated(QUARTER))
    found = estimated(f"{QUARTER}, step_s={slower * view.step_s.p50!r}")
    assert found.pilots is not None
    share = found.pilots.pilots[0].share
    assert share == pytest.approx(view.share)
    moved = math.log(step_of(found).p50 / step_of(estimated()).p50)
    assert moved == pytest.approx(share * math.log(slower), rel=1e-6)


def test_what_a_pilot_shares_is_what_pairs_of_published_steps_do() -> None:
    """What two steps of one job do not share is theirs alone: 1 - (w / s)^2, and what inputs add to s."""
    fit = shipped_post_training_fit()
    assert fit.pair_log_spread is not None
    assert fit.pairs >= 8
    most = 1.0 - (fit.pair_log_spread / fit.log_spread) ** 2
    assert most - 0.01 < planned(estimated(QUARTER)).share < most + 0.1


def test_of_two_the_second_says_less_and_is_expected_as_the_first_came_out() -> None:
    first = planned(estimated(QUARTER))
    found = estimated(f"{QUARTER}, step_s={1.3 * first.step_s.p50!r}", QUARTER)
    second = planned(found)
    assert second.share < 0.8 * first.share
    assert first.step_s.p50 < second.step_s.p50 < 1.3 * first.step_s.p50
    assert width(second.step_s) < width(first.step_s)


def test_pilots_are_told_explained_and_in_json() -> None:
    found = estimated(f"{QUARTER}, step_s=900", QUARTER)
    text = " ".join(terminal_text(estimate_document(found), width=300).split())
    assert "pilot 1, 8 chips beside 16 that generate: 15.0 min measured" in text
    assert "pilot 2, 8 chips beside 16 that generate, not measured yet: a step of" in text
    assert "how each scatters alone is unknown" in text
    assert "As measured" in text
    record = estimate_to_dict(found)
    first, second = record["pilots"]["measured"][0], record["pilots"]["planned"][0]
    assert (first["measured_step_s"], first["rollout_chips"]) == (pytest.approx(900.0), 16)
    assert set(second["phases_s"]) >= {"decode", "update"}
    assert record["post_training"]["forecast_step_s"]["p50"] == pytest.approx(step_of(found).p50)
    symbols = {child.symbol for child in explain(found, "pilot.speed").record.children}
    assert {"measured_1", "predicted_1", "share_1"} <= symbols


@pytest.mark.parametrize(
    ("pilot", "said"),
    [
        (f"{QUARTER}, tokens_per_s_per_chip=900", "pilot[0].tokens_per_s_per_chip: is of a pilot of a"),
        (f"{QUARTER}, sequence_length=4096", "pilot[0].sequence_length: is of a pilot of a training"),
        (f"{QUARTER}, pool='ascend'", "pilot[0].pool = 'ascend': is the pool that generates; expected"),
        (f"{QUARTER}, pool='other'", "pilot[0].pool = 'other': no such pool; expected one of ascend, h100"),
        (f"{QUARTER}, step_s=0", "step_s"),
        (f"{QUARTER}, step_s=-5", "step_s"),
        (f"{QUARTER}, step_s=1", "TFLOP/s of a peak of"),
        (f"{QUARTER}, rollout_chips=0", "rollout_chips"),
        (f"{QUARTER}, prompts_per_step=-1", "prompts_per_step"),
        (f"{QUARTER}, layout={{tensor=7}}", "pilot[0]: layout.tensor = 7: does not divide"),
    ],
)
def test_what_cannot_be_a_pilot_is_one_clear_line(pilot: str, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        estimated(pilot)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_pilot_says_whose_chips_learn_where_the_plan_leaves_it_open() -> None:
    plan = apply_overrides(
        load_plan(shipped_plans_folder() / f"{TWO_POOLS}.toml"), [f"pilot[0]={{{QUARTER}}}"]
    )
    spec = plan.post_training.model_copy(update={"rollout_pool": None})
    with pytest.raises(
        PlanError, match=r"pilot\[0\].pool: expected whose chips learned, one of ascend, h100"
    ):
        estimate_plan(plan.model_copy(update={"post_training": spec}), catalog())


def test_chips_that_hold_no_copy_are_no_pilot() -> None:
    with pytest.raises(
        PlanError, match=r"pilot\[0\]: post_training.rollout_tensor = 8: expected the 4 chips"
    ):
        estimated(f"{QUARTER}, rollout_chips=4", more=("post_training.rollout_tensor=8",))


def test_chips_that_generate_are_those_of_a_split_alone() -> None:
    with pytest.raises(PlanError, match=r"pilot\[0\].rollout_chips: belongs to post_training.pools"):
        estimated("chips=16, global_batch_sequences=256, rollout_chips=8", name=COLOCATED)


def test_beside_a_pilot_a_test_says_less_of_the_same_sign() -> None:
    """What a pilot leaves open is a part of the scatter: a test is carried over by that part."""
    test = (
        'acceptance.measured[0]={line="memory", component="memory", pool="ascend", '
        "measured_over_expected=0.6, log_spread=0.08, log_error=0.01}"
    )
    alone, beside = (
        estimated(*pilots, more=(SYNCHRONOUS, test)) for pilots in ((), (f"{QUARTER}, step_s=1500",))
    )
    assert alone.pilots is not None
    assert beside.pilots is not None
    fit = shipped_post_training_fit()
    assert fit.pair_log_spread is not None
    left = 1.0 - (1.0 - (fit.pair_log_spread / fit.log_spread) ** 2) ** 2
    shares = [one.pilots.accepted[0].share for one in (alone, beside) if one.pilots]
    assert shares[1] == pytest.approx(left * shares[0], rel=0.25)
