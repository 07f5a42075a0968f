"""Plans of post-training: phases that sum up, the best split, two pools, and what is refused."""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.keys import find_key
from planner.domain.plan import Plan
from planner.domain.plan_acceptance import AcceptedResult
from planner.domain.plan_calendar import Delivery
from planner.engine.decoding import DecodingConstants
from planner.errors import InputError, PlanError
from planner.estimate.estimate import estimate_plan
from planner.estimate.explain import explain
from planner.estimate.result import Estimate
from planner.exploring.layouts import rank_layouts
from planner.planning.components import elasticity
from planner.planning.training import PhaseTraining
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.post_training import PHASES
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.post_training_section import timeline
from planner.report.terminal import terminal_text

COLOCATED = "grpo-qwen3-30b-a3b-h100"
TWO_POOLS = "grpo-qwen3-32b-910c-h100"
#: One layout of the update, so that a test searches little.
PINNED = ("strategy.tensor=1", "strategy.pipeline=1", "strategy.context=1", "strategy.expert=8")


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_with(*overrides: str, name: str = COLOCATED) -> Plan:
    return apply_overrides(load_plan(shipped_plans_folder() / f"{name}.toml"), list(overrides))


@cache
def estimated(*overrides: str, name: str = COLOCATED) -> Estimate:
    return estimate_plan(plan_with(*overrides, name=name), catalog())


def number(estimate: Estimate, name: str) -> float:
    assert estimate.figures is not None
    return estimate.figures.number(f"post_training.{name}")


def test_phases_sum_to_the_step_and_steps_to_the_days() -> None:
    found = estimated(*PINNED)
    step = number(found, "step_s")
    assert sum(number(found, f"parts.{name}") for name in PHASES) == pytest.approx(step)
    assert found.figures is not None
    seconds = found.figures.number("training_s")
    assert seconds == pytest.approx(500 * step)
    assert found.figures.number("tokens_per_second") == pytest.approx(2048 * 3203 / step)
    assert timeline(found.figures)[-1].ends == pytest.approx(step)


def test_a_split_has_two_sides_that_both_fill_the_step() -> None:
    found = estimated(*PINNED, "post_training.pools=split", "post_training.staleness=1")
    step = number(found, "step_s")
    between = number(found, "parts.transfer") + number(found, "parts.overhead")
    for side in ("rollout", "learning"):
        idle = number(found, f"idle_{'update' if side == 'learning' else side}_s")
        assert number(found, f"{side}_side_s") + idle + between == pytest.approx(step)
    assert number(found, "rollout_chips") + number(found, "update_chips") == 32
    assert number(found, "runner_up") >= 0
    given = estimated(*PINNED, "post_training.pools=split", "post_training.staleness=1",
                      "post_training.rollout_chips=8")  # fmt: skip
    assert number(given, "step_s") >= step
    assert number(given, "update_chips") == 24


def test_staleness_of_ages_hides_the_tail() -> None:
    fresh = estimated(*PINNED)
    old = estimated(*PINNED, "post_training.staleness=1000")
    assert number(fresh, "parts.tail") > 0
    # weights wait for the longest response of the last of a thousand steps
    assert number(old, "parts.tail") == pytest.approx(number(fresh, "parts.tail") / 1000)
    goes_on = estimated(*PINNED, "post_training.staleness=1", "post_training.partial_rollouts=true")
    assert number(goes_on, "parts.tail") == 0
    assert number(goes_on, "hidden_tail_s") == pytest.approx(number(fresh, "parts.tail"))


def test_an_engine_that_decodes_fewer_at_once_or_starts_each_operator_is_slower() -> None:
    plain = number(estimated(*PINNED), "parts.decode")
    assert number(estimated(*PINNED, "post_training.rollout_sequences=8"), "parts.decode") > plain
    assert number(estimated(*PINNED, "post_training.rollout_eager=true"), "parts.decode") > plain


def test_pairs_need_a_forward_pass_of_the_reference_and_no_rollout() -> None:
    found = estimated(*PINNED, "workload.kind=preference", "post_training.samples_per_prompt=1")
    assert number(found, "parts.decode") == 0
    assert number(found, "parts.transfer") == 0
    assert number(found, "parts.reference") > 0
    assert number(found, "sequences") == 256


def test_of_two_pools_each_way_is_told_and_money_is_of_both() -> None:
    found = estimated(name=TWO_POOLS)
    assert found.splits is not None
    assert [view.split for view in found.splits.views] == ["rollout", "rollout"]
    assert found.splits.is_stated
    assert found.figures is not None
    own = [pool.known.number("cost.capex") for pool in found.pools]
    assert found.figures.number("cost.capex") == pytest.approx(sum(own), rel=0.05)
    assert found.figures.number("power.chips_w") > max(
        pool.figures.number("power.chips_w") for pool in found.pools if pool.figures is not None
    ) * 0.5  # fmt: skip
    record = estimate_to_dict(found)
    assert record["post_training"]["rollout_chips"] == 64
    text = terminal_text(estimate_document(found), width=80)
    assert "ascend generates, h100 learns" in text
    assert "ONE STEP OF POST-TRAINING" in text


@pytest.mark.parametrize(("generates", "learns"), [("ascend", "h100"), ("h100", "ascend")])
def test_memory_is_told_of_the_pool_that_learns(generates: str, learns: str) -> None:
    found = estimated(f"post_training.rollout_pool={generates}", name=TWO_POOLS)
    assert found.figures is not None
    (chip,) = (pool.known.number("memory.capacity_bytes") for pool in found.pools if pool.id == learns)
    assert found.figures.number("memory.capacity_bytes") == chip
    ways = [way["pools"] for way in estimate_to_dict(found)["split"]["ways"] if way["pools"]]
    assert ways
    for one, other in ways:
        assert [one["memory_share"], other["memory_share"]].count(None) == 1
    told = terminal_text(estimate_document(found), width=400)
    rows = [line for line in told.split("\n") if line.lstrip().startswith("pool ") and "own part" in line]
    assert [" full" in row for row in rows] == [f"pool {learns}" in row for row in rows]


def test_a_step_is_explained_down_to_its_phases() -> None:
    tree = explain(estimated(*PINNED), "post_training.step_s")
    assert {child.symbol for child in tree.record.children} == set(PHASES)


@pytest.mark.parametrize(
    ("overrides", "part"),
    [
        (("post_training.rollout_pool=other", "post_training.pools=split"), "post_training.rollout_pool"),
        (("post_training.pools=split", "post_training.rollout_chips=32"), "post_training.rollout_chips"),
        (("post_training.rollout_tensor=64",), "post_training.rollout_tensor"),
    ],
)
def test_what_cannot_be_is_refused_by_its_key(overrides: tuple[str, ...], part: str) -> None:
    with pytest.raises(PlanError, match=part):
        estimate_plan(plan_with(*overrides), catalog())


@pytest.mark.parametrize(
    ("pools", "tensor", "told"),
    [("colocated", "1", "rollout_tensor = 1: no copy"), ("split", "", "post_training: no copy")],
)
def test_chips_that_hold_no_copy_to_generate_cannot_run_the_plan(pools: str, tensor: str, told: str) -> None:
    overrides = ("model.profile=llama-3-70b", "cluster.pools[0].system=dgx-1-v100", "workload.precision=fp16")
    given = [f"post_training.rollout_tensor={tensor}", f"post_training.pools={pools}", "training.method=lora"]
    if pools == "split":
        given.append("post_training.rollout_chips=2")
    estimate = estimate_plan(plan_with(*overrides, *given), catalog())
    assert not estimate.is_feasible
    assert told in estimate.reasons[0]


@pytest.mark.parametrize(
    "override",
    [
        "post_training.staleness=-1",
        "post_training.prompts_per_step=0",
        "post_training.mean_response_tokens=5000",
        "post_training.samples=10",
        "post_training.update_parts=4",
        "post_training.partial_rollouts=true",
        "workload.tokens=1T",
        "workload.kind=pre-training",
    ],
)
def test_what_contradicts_itself_is_no_plan(override: str) -> None:
    with pytest.raises(InputError):
        plan_with(override)


def test_ranked_layouts_are_refused_in_a_line() -> None:
    ranking = rank_layouts(plan_with(), catalog())
    assert not ranking.layouts
    assert "reinforcement" in ranking.reasons[0]


def phase_of(estimate: Estimate) -> PhaseTraining:
    assert estimate.figures is not None
    return estimate.figures.setting.phase


def test_a_slower_memory_slows_the_rollout_of_the_pool_that_generates() -> None:
    """Reading weights and caches is most of a step; matmuls are of the update alone."""
    phase = phase_of(estimated())
    memory, matmul = elasticity(phase, "memory"), elasticity(phase, "matmul")
    step = phase.post.found.step if phase.post is not None else None
    assert step is not None
    rollout = float(np.ravel(step.decode + step.tail)[0]) / float(np.ravel(step.total)[0])
    assert matmul < memory < rollout + 0.2
    # another pool generates, and waits for nobody who learns
    split = phase_of(estimated(name=TWO_POOLS))
    assert elasticity(split, "matmul") > elasticity(split, "memory") > 0.0


@pytest.mark.parametrize("component", ["memory", "step"])
def test_what_a_test_of_the_cluster_came_to_moves_the_steps_of_a_day(component: str) -> None:
    result = {
        "line": component,
        "component": component,
        "measured_over_expected": 0.8,
        "log_spread": 0.08,
        "log_error": 0.01,
    }
    plan = plan_with()
    measured = plan.acceptance.model_copy(update={"measured": (AcceptedResult.model_validate(result),)})
    figures = estimate_plan(plan.model_copy(update={"acceptance": measured}), catalog()).figures
    assert figures is not None
    before = estimated().figures
    assert before is not None
    steps, days = (
        figures.number(it) / before.number(it) for it in ("post_training.steps_per_day", "training_days")
    )
    assert 0.75 < steps < 0.98
    assert days == pytest.approx(1.0 / steps, rel=1e-3)


@pytest.mark.parametrize("overrides", [(), ("post_training.pools=split", "post_training.rollout_chips=16")])
def test_a_part_that_is_there_first_trains_if_it_can_hold_both_sides(overrides: tuple[str, ...]) -> None:
    plan = plan_with(*overrides)
    start = plan.calendar.start
    assert start is not None
    days = [
        Delivery(date=start, systems=1),
        Delivery(date=start + datetime.timedelta(days=30), systems=3),
    ]
    calendar = plan.calendar.model_copy(update={"deliveries": tuple(days)})
    plan = plan.model_copy(
        update={
            "calendar": calendar,
            "post_training": plan.post_training.model_copy(update={"steps": 20_000}),
        }
    )
    figures = estimate_plan(plan, catalog()).figures
    assert figures is not None
    whole = 20_000 / figures.number("post_training.steps_per_day")
    waited = figures.number("training_days") - whole
    if overrides:
        # 8 chips do not hold 16 that generate: the training begins when all are there
        assert waited == pytest.approx(0.0, abs=0.05 * whole)
        assert figures.number("finish_date") - start.toordinal() > 30.0 + 0.9 * whole
    else:
        assert 5.0 < waited < 30.0


@pytest.mark.parametrize(("count", "paces"), [(1, "ascend"), (8, "h100")])
def test_the_longer_side_sets_the_pace(count: int, paces: str) -> None:
    found = estimated(f"cluster.pools[ascend].count={count}", name=TWO_POOLS)
    text = " ".join(terminal_text(estimate_document(found), width=300).split())
    assert "sets the pace" in text
    before = text[: text.index("sets the pace")]
    assert before.rsplit(" pool ", 1)[1].startswith(paces)


@pytest.mark.parametrize(("fewest", "verdict"), [(1, "met"), (0.97, "likely"), (1.1, "missed")])
def test_a_target_of_steps_a_day_is_met_by_nine_outcomes_of_ten(fewest: float, verdict: str) -> None:
    steps = estimated(*PINNED).figure("post_training.steps_per_day").band
    assert steps is not None
    asked = steps.p10 if verdict == "met" else fewest * steps.p50
    (found,) = estimated(*PINNED, f"targets.steps_per_day={asked!r}").targets
    assert (found.target, found.verdict, found.limit) == ("steps_per_day", verdict, asked)
    assert found.text == f"{steps.p50:,.0f} of {asked:,g}"


def test_chips_idle_where_the_batch_of_a_step_would_have_to_flex() -> None:
    """A batch that flexed by a tenth would use them all: 528 sequences over 264 replicas."""
    (idle,) = (it for it in estimated("cluster.pools.count=33").warnings if "idle" in it)
    assert idle.startswith("pool 'both': 8 of 264 chips are idle: the layout uses 256 (data parallel 256 ")
    assert "the batch of 512, which does not flex: a step learns from its own samples)" in idle
    assert idle.endswith("a batch of 528 (+3.12 %) would use all")


def test_a_copy_s_chips_are_those_of_the_pool_that_is_said_to_generate() -> None:
    """A copy over more chips than the other pool has is of the pool that generates, and no mistake."""
    found = estimated("post_training.rollout_tensor=64", name=TWO_POOLS)
    assert number(found, "rollout_tensor") == 64
    assert found.splits is not None
    assert all(view.figures is not None for view in found.splits.views)
    with pytest.raises(PlanError, match="rollout_tensor = 128: expected the 64 chips"):
        estimate_plan(plan_with("post_training.rollout_tensor=128", name=TWO_POOLS), catalog())


@pytest.mark.parametrize(("flex", "is_told"), [("10%", True), ("0", False), ("5%", False)])
def test_a_flex_that_moves_nothing_is_said(flex: str, is_told: bool) -> None:
    warnings = estimated(f"workload.batch_flex={flex}").warnings
    assert any("moves nothing" in warning for warning in warnings) == is_told


def test_what_is_left_out_of_a_way_that_is_not_taken_changes_no_figure_of_the_plan() -> None:
    whole = estimated(name=TWO_POOLS)
    brief = estimate_plan(plan_with(name=TWO_POOLS), catalog(), tells_all=False)
    assert whole.figures is not None
    assert brief.figures is not None
    assert brief.pools[0].figures is None
    ids = ("training_days", "power.facility_w", "cost.total", "cost.capex", "post_training.steps_per_day")
    for identifier in (*ids, "energy_mwh", "goodput"):
        assert np.array_equal(whole.figures[identifier].values, brief.figures[identifier].values), identifier


def test_the_key_says_how_many_an_engine_decodes_at_once_where_nobody_says() -> None:
    key = find_key(Plan, "post_training.rollout_sequences").key
    assert key is not None
    assert key.absent == f"{DecodingConstants().most_live:,.0f}"
