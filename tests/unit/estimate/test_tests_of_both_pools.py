"""Tests of the pool that generates: what they come to moves its phases, and the step as far as it waits."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from planner.acceptance.after import revised
from planner.acceptance.explained import explain_line
from planner.acceptance.lines import ROLLOUT_PREFIX
from planner.acceptance.results import Measured, judged, read_results
from planner.acceptance.schedule import schedule_of
from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan_acceptance import Acceptance, AcceptedResult, ClusterComponent
from planner.errors import FileError, PlanError
from planner.estimate.estimate import estimate_plan
from planner.estimate.explain import explain
from planner.estimate.result import Estimate
from planner.exploring.system_plans import with_system
from planner.planning.components import elasticities, elasticity, seen_rates
from planner.planning.machine_parts import chip_with, rollouts_with, times
from planner.planning.post_training import post_trained
from planner.planning.post_training_plan import PostPhase
from planner.planning.training import PhaseTraining
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.quantities.figure import Band
from planner.quotes.promises import promised_work
from planner.report.acceptance_document import acceptance_document
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.promise_words import promised_text, promised_title, promised_to_dict
from planner.report.terminal import terminal_text

PLAN = shipped_plans_folder() / "grpo-qwen3-32b-910c-h100.toml"
#: Nothing is hidden: a step is the rollout, the update and what lies between.
SYNCHRONOUS = "post_training.staleness=0"
#: Of a test's error, what is the systems' own: by its spread and its error. [-]
KEPT = 0.08**2 / (0.08**2 + 0.01**2)


PORT = """ #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]
 8388608    5000             387.61             385.20            0.005740
"""
HEADER = (
    "#       size         count   type redop root    time  algbw  busbw #wrong    time  algbw  busbw #wrong\n"
)


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def came_to(component: str, ratio: float, pool: str = "ascend", place: int = 0) -> str:
    return (
        f'acceptance.measured[{place}]={{line="{component}", component="{component}", pool="{pool}", '
        f"measured_over_expected={ratio}, log_spread=0.08, log_error=0.01}}"
    )


@cache
def estimated(*overrides: str, plan: Path = PLAN) -> Estimate:
    return estimate_plan(apply_overrides(load_plan(plan), list(overrides)), catalog())


def phase_of(estimate: Estimate) -> PhaseTraining:
    assert estimate.figures is not None
    return estimate.figures.setting.phase


def rate(estimate: Estimate) -> Band:
    band = estimate.figure("tokens_per_second").band
    assert band is not None
    return band


@cache
def bare(tensor: int = 1) -> tuple[PhaseTraining, PostPhase]:
    """Return one sample after another on chips that generate without any overhead of an engine."""
    phase = phase_of(estimated(SYNCHRONOUS, f"post_training.rollout_tensor={tensor}"))
    assert phase.post is not None
    decoding = times(phase.post.constants.decoding, 0.0, "token_overhead_s", "sequence_overhead_s")
    spec = phase.post.spec.model_copy(update={"prompts_per_step": 1, "samples_per_prompt": 1})
    return phase, replace(phase.post, spec=spec, constants=replace(phase.post.constants, decoding=decoding))


def rollout(post: PostPhase) -> tuple[float, float, float]:
    """Return a token step, prefill and decoding. [s]."""
    phase, _ = bare()
    found = post_trained(
        post.spec, phase.job.architecture, phase.job.work, post.generating, post.updating, post.constants
    )
    return tuple(
        float(np.ravel(it)[0])
        for it in (found.rollout.token_step, found.rollout.prefill, found.rollout.decode)
    )  # type: ignore[return-value]


def test_a_tenth_less_memory_bandwidth_decodes_a_ninth_longer_and_reads_prompts_as_before() -> None:
    """One sample on one chip reads all weights for each token, 2 B x 32 G parameters, and its cache."""
    _, post = bare()
    before, after = (rollout(rollouts_with(post, "memory", factor)) for factor in (1.0, 0.9))
    assert after[0] / before[0] == pytest.approx(1.0 / 0.9)
    assert after[2] / before[2] == pytest.approx(1.0 / 0.9)
    assert after[1] == before[1]


def test_a_tenth_less_of_matmuls_reads_prompts_a_ninth_longer_and_decodes_as_before() -> None:
    _, post = bare()
    before, after = (rollout(rollouts_with(post, "matmul", factor)) for factor in (1.0, 0.9))
    assert after[1] / before[1] == pytest.approx(1.0 / 0.9)
    assert after[2] == before[2]


def test_where_delays_between_chips_decide_half_a_bus_bandwidth_is_twice_the_token_step() -> None:
    _, post = bare(tensor=8)
    side = post.generating
    assert side is not None
    # memory that takes no time leaves the two all-reduces of each layer
    quick = replace(side, chip=chip_with(chip_with(side.chip, "memory", 1e6), "matmul", 1e6), tensor=8.0)
    assert post.found.tensor == 8.0
    delayed = replace(post, generating=quick)
    before, after = (rollout(rollouts_with(delayed, "tensor", factor))[0] for factor in (1.0, 0.5))
    assert after / before == pytest.approx(2.0, rel=1e-5)
    # a pool that generates sends nothing of other classes
    others: tuple[ClusterComponent, ...] = ("data", "context", "expert", "pipeline_p2p")
    assert [rollout(rollouts_with(delayed, name, 0.5))[0] for name in others] == [before] * len(others)


def test_all_of_a_pool_slower_is_its_whole_rollout_slower() -> None:
    post = phase_of(estimated(SYNCHRONOUS)).post
    assert post is not None
    before, after = (rollout(rollouts_with(post, "step", factor)) for factor in (1.0, 0.8))
    assert [late / soon for late, soon in zip(after, before, strict=True)] == pytest.approx([1.25] * 3)


@pytest.mark.parametrize("ratio", [0.9, 0.6, 1.2])
def test_the_rate_moves_as_far_as_the_engine_says_less_what_the_test_is_unsure_of(ratio: float) -> None:
    before, after = estimated(SYNCHRONOUS), estimated(SYNCHRONOUS, came_to("memory", ratio))
    phase = phase_of(before)
    post = phase.post
    assert post is not None
    slower = rollouts_with(post, "memory", ratio)
    found = post_trained(
        post.spec, phase.job.architecture, phase.job.work, slower.generating, post.updating, post.constants
    )
    told = math.log(post.median_s / float(np.ravel(found.step.total)[0]))
    assert math.log(rate(after).p50 / rate(before).p50) == pytest.approx(KEPT * told, rel=0.02)


def test_what_came_out_as_expected_leaves_the_median_and_narrows_the_band() -> None:
    before, after = estimated(SYNCHRONOUS), estimated(SYNCHRONOUS, came_to("step", 1.0))
    assert rate(after).p50 == pytest.approx(rate(before).p50, rel=1e-9)
    assert rate(after).p90 / rate(after).p10 < rate(before).p90 / rate(before).p10


def test_a_rollout_that_hides_behind_the_update_moves_nothing_until_it_is_the_longer() -> None:
    hidden = estimated(came_to("memory", 0.95))
    assert rate(hidden).p50 == pytest.approx(rate(estimated()).p50, rel=1e-9)
    assert hidden.pilots is not None
    assert hidden.pilots.accepted[0].reason == "those that generate wait for those that learn"
    assert rate(estimated(came_to("memory", 0.2))).p50 < 0.97 * rate(estimated()).p50


def test_two_pools_that_both_fall_short_count_once_where_they_work_at_once() -> None:
    """Of two sides at once the longer one is the step: the sum of both errors is that of the later one."""
    phase = phase_of(estimated())
    given = [
        AcceptedResult(line="matmul", component="matmul", pool="h100", measured_over_expected=0.9,
                       log_spread=0.1, log_error=0.0),
        AcceptedResult(line="memory", component="memory", pool="ascend", measured_over_expected=0.2,
                       log_spread=0.1, log_error=0.0),
    ]  # fmt: skip
    moved = [
        math.fsum(
            gain * math.log(one.measured_over_expected)
            for gain, one in zip(elasticities(phase, some), some, strict=True)
        )
        for some in (given, given[::-1], given[:1], given[1:])
    ]
    assert moved[0] == pytest.approx(moved[1])
    assert moved[0] > moved[2] + moved[3]
    assert moved[0] <= min(moved[2:]) + 1e-12


def test_both_pools_of_one_system_each_move_their_own_side() -> None:
    same = (SYNCHRONOUS, "cluster.pools[ascend].system=dgx-h100", "cluster.pools[ascend].stack=cuda-megatron")
    phase = phase_of(estimated(*same))
    assert elasticity(phase, "memory", "ascend") > elasticity(phase, "memory", "h100") > 0.0
    assert elasticity(phase, "matmul", "h100") > 5.0 * elasticity(phase, "matmul", "ascend") > 0.0
    both = estimated(*same, came_to("memory", 0.9), came_to("memory", 0.9, "h100", 1))
    assert both.pilots is not None
    assert [view.generates for view in both.pilots.accepted] == [True, False]
    assert both.pilots.accepted[0].share > both.pilots.accepted[1].share > 0.0


def test_tests_of_both_pools_are_told_explained_and_in_json() -> None:
    found = estimated(SYNCHRONOUS, came_to("memory", 0.9), came_to("data", 0.9, place=1))
    text = " ".join(terminal_text(estimate_document(found), width=300).split())
    assert "memory of pool 'ascend', which generates: 10 % below;" in text
    assert "data of pool 'ascend', which generates: 10 % below; moves nothing, as chips that generate" in text
    record = estimate_to_dict(found)["pilots"]
    first, second = record["accepted"]
    assert (first["pool"], first["generates"], first["why_nothing"]) == ("ascend", True, None)
    assert second["share_carried_over"] == 0.0
    assert record["training_days_without"]["p50"] == pytest.approx(
        estimated(SYNCHRONOUS).figure("training_days").p50
    )
    symbols = {child.symbol for child in explain(found, "pilot.speed").record.children}
    assert {"accepted_1", "share_of_accepted_1"} <= symbols


def test_draws_of_a_test_are_those_of_the_side_that_it_is_of() -> None:
    phase = phase_of(estimated(SYNCHRONOUS))
    normal = np.random.default_rng(3).standard_normal(500)
    result = AcceptedResult.model_validate(
        {"line": "memory", "component": "memory", "measured_over_expected": 0.9, "log_spread": 0.3,
         "log_error": 0.0}
    )  # fmt: skip
    rows = [
        seen_rates(phase, [result.model_copy(update={"pool": pool})], 0.35, normal, normal).log_ratios[0, 1:]
        for pool in ("ascend", "h100")
    ]
    shared = [float(np.corrcoef(row, normal)[0, 1]) for row in rows]
    assert shared[0] > shared[1] > 0.0


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (came_to("memory", 0.9, "asend"), "acceptance.measured[0].pool = 'asend': no such pool"),
        (
            came_to("memory", 0.9).replace('pool="ascend", ', ""),
            "acceptance.measured[0].pool: expected whose",
        ),
    ],
)
def test_a_pool_that_is_not_there_is_refused_by_its_key(override: str, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        estimated(override)
    assert said in str(caught.value)
    assert "ascend, h100" in str(caught.value)


def test_on_other_systems_what_was_tested_of_that_pool_says_nothing() -> None:
    plan = apply_overrides(
        load_plan(PLAN), [came_to("memory", 0.9, "ascend", 0), came_to("matmul", 0.9, "h100", 1)]
    )
    changed, changes = with_system(plan, catalog(), 0, "dgx-h100")
    assert [one.pool for one in changed.acceptance.measured] == ["h100"]
    assert "acceptance.measured was dropped: other systems were tested" in changes
    assert len(with_system(plan, catalog(), 0, "atlas-800t-a3")[0].acceptance.measured) == 2


def test_the_schedule_has_lines_of_both_pools_and_results_of_one_keep_those_of_the_other(
    tmp_path: Path,
) -> None:
    found = estimated(SYNCHRONOUS, came_to("memory", 0.9))
    assert found.figures is not None
    plan = found.figures.setting.plan
    schedule = schedule_of(found, catalog(), Acceptance())
    assert schedule.untested == ()
    assert schedule.pools == ("h100", "ascend")
    of_rollouts = {
        line.id.removeprefix(ROLLOUT_PREFIX): line for line in schedule.lines if line.pool == "ascend"
    }
    assert set(of_rollouts) >= {"matmul", "memory", "tensor", "cache", "transfer", "port", "reference"}
    for line in of_rollouts.values():
        # both sides work one after the other: what is slower shows, but a cache that nobody fills and
        # collectives that take less than reading the weights
        assert line.cost.days > 0 or line.id in ("rollout-cache", "rollout-tensor")
        assert line.expected is not None
        assert line.expected.low <= line.expected.rate <= line.expected.high
    # a percent of the whole rollout costs a percent of the part of a step that it is
    figures = found.figures
    share = figures.number("post_training.rollout_side_s") / figures.number("post_training.step_s")
    assert of_rollouts["reference"].cost.days == pytest.approx(
        share * figures.number("training_days") / 99.0, rel=0.05
    )
    post = figures.setting.phase.post
    assert post is not None
    assert of_rollouts["reference"].expected is not None
    tokens = 256 * 16 * 6000 / figures.number("post_training.rollout_side_s")
    assert of_rollouts["reference"].expected.rate == pytest.approx(tokens)
    # a copy's memory holds as many responses at once as the plan counts on, or more
    assert of_rollouts["cache"].expected is not None
    assert of_rollouts["cache"].expected.rate >= figures.number("post_training.live") * 6300 * 0.999
    matmul = schedule.line("matmul")
    assert matmul is not None
    assert matmul.expected is not None
    results = [Measured("matmul", 0.95 * matmul.expected.rate, 0.01, 4, "results.toml")]
    measured = revised(plan, schedule, judged(schedule, results), found).acceptance.measured
    assert [(one.pool, one.line) for one in measured] == [("ascend", "memory"), ("h100", "matmul")]
    # results of the pool that generates are of its lines, and stand in place of older ones of it
    memory = of_rollouts["memory"].expected
    assert memory is not None
    written = tmp_path / "results.toml"
    fewer = 0.5 * of_rollouts["cache"].expected.rate
    written.write_text(
        "[[measured]]\nline = 'rollout-memory'\n"
        f"bytes_per_s = {0.8 * memory.rate}\n[[measured]]\nline = 'rollout-cache'\ntokens = {fewer}\n",
        encoding="utf-8",
    )
    read = read_results([written], schedule, sequence_length=8192, chips=32)
    lines = judged(schedule, read.measured)
    assert {one.line.id for one in lines if one.verdict == "failed"} == {"rollout-memory", "rollout-cache"}
    (result,) = revised(plan, schedule, lines, found).acceptance.measured
    assert (result.pool, result.component) == ("ascend", "memory")
    assert result.measured_over_expected == pytest.approx(0.8)
    # and what was measured of the other pool stays though nothing of it was tested again
    of_both = plan.acceptance.model_copy(update={"measured": measured})
    tested = plan.model_copy(update={"acceptance": of_both})
    kept = revised(tested, schedule, lines, found).acceptance.measured
    assert [(one.pool, one.line) for one in kept] == [("h100", "matmul"), ("ascend", "rollout-memory")]
    port = tmp_path / "port.txt"
    port.write_text(PORT, encoding="utf-8")
    both = read_results([written, port], schedule, sequence_length=8192, chips=32)
    assert "which pool's" in both.unused[0]


def test_a_table_that_one_tool_prints_on_both_pools_is_of_neither(tmp_path: Path) -> None:
    plan = load_plan(PLAN)
    first, second = plan.cluster.pools
    alike = plan.cluster.model_copy(update={"pools": (second.model_copy(update={"id": first.id}), second)})
    found = estimate_plan(
        apply_overrides(plan.model_copy(update={"cluster": alike}), [SYNCHRONOUS]), catalog()
    )
    schedule = schedule_of(found, catalog(), Acceptance())
    line = schedule.line("rollout-tensor")
    assert line is not None
    assert line.size_bytes is not None
    assert line.ranks is not None
    heads = "".join(f"#  Rank {rank:2d} Group  0 Pid\n" for rank in range(int(line.ranks)))
    size = int(line.size_bytes)
    table = f"   {size}  {size // 4}  float  sum  -1  21.0 250.5 438.5  0  21.0 250.5 438.5  0\n"
    printed = tmp_path / "nccl.txt"
    printed.write_text(
        f"# Collective test starting: all_reduce_perf\n{heads}{HEADER}{table}", encoding="utf-8"
    )
    with pytest.raises(FileError, match=r"does not say which pool's it is; expected .* 'rollout-tensor'"):
        read_results([printed], schedule, sequence_length=8192, chips=32)
    # beside a pool that another tool measures it is of the pool whose tool it is
    apart = schedule_of(estimated(SYNCHRONOUS), catalog(), Acceptance())
    with pytest.raises(FileError, match="no line asks for; expected one of") as caught:
        read_results([printed], apart, sequence_length=8192, chips=32)
    assert ROLLOUT_PREFIX not in str(caught.value)


def test_what_hides_behind_the_other_pool_costs_no_days_and_its_price_is_of_its_own_systems() -> None:
    found = estimated("post_training.staleness=4")
    schedule = schedule_of(found, catalog(), Acceptance())
    line = schedule.line("rollout-memory")
    assert line is not None
    assert line.cost.days == 0.0
    tree = explain_line(found, schedule, "acceptance.rollout-memory")
    assert tree.pool_id == "ascend"
    text = terminal_text(acceptance_document(schedule), width=100, is_coloured=False)
    assert "it waits for the other" in text
    assert "[2" in text
    assert "GB/s .." not in text, "a band says its unit once"


def test_what_is_promised_of_both_pools_is_told_in_steps_and_samples_a_day() -> None:
    """Memory that is half as fast as expected slows the rollout, and by no more than that the step."""
    plain = schedule_of(estimated(SYNCHRONOUS), catalog(), Acceptance())
    line = plain.line("rollout-memory")
    assert line is not None
    assert line.expected is not None
    promise = f'acceptance.lines[0]={{id="rollout-memory", promised={0.5 * line.expected.rate}}}'
    before, after = estimated(SYNCHRONOUS), estimated(SYNCHRONOUS, promise)
    work = promised_work(after, catalog())
    assert work is not None
    assert work.is_of_steps
    assert before.figures is not None
    steps = before.figures.number("post_training.steps_per_day")
    assert steps / 2.0 < work.per_day.p50 < 0.9 * steps
    title, (text, ends) = promised_title([work, None]), promised_text(work)
    assert title == "steps a day, as promised"
    assert "of 4,096 samples" in text
    assert ends.startswith("[")
    told = promised_to_dict(work)["promised"]
    assert told["samples_per_day"]["p50"] == pytest.approx(4096 * told["steps_per_day"]["p50"])
    assert "tokens_per_day" not in told
