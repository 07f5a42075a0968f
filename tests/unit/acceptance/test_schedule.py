"""The schedule has the lines that a job needs, and results move its days as the schedule said."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.acceptance.after import after_results, revised
from planner.acceptance.effects import figures_with
from planner.acceptance.explained import explain_line
from planner.acceptance.results import Measured, Results, judged, read_results
from planner.acceptance.sampling import LONGEST_SOAK_H
from planner.acceptance.schedule import Schedule, schedule_of
from planner.acceptance.track import track_logs
from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.domain.plan_acceptance import Acceptance, AcceptedResult, ClusterComponent
from planner.engine.conditioning import measured_gains, measured_shift
from planner.engine.estimate import RESIDUAL_STREAM
from planner.engine.uncertainty import standard_draws
from planner.errors import FileError, InputError, PlanError, PlannerError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.planning.components import elasticity, seen_rates
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.setting import main_setting
from planner.report.acceptance_document import acceptance_document
from planner.report.markdown import markdown_text

PLAN = Path(__file__).parents[3] / "saved_plans" / "llama-3.1-405b-h100.toml"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(PLAN)


@pytest.fixture(scope="module")
def estimate(plan: Plan, catalog: Catalog) -> Estimate:
    return estimate_plan(plan, catalog)


@pytest.fixture(scope="module")
def schedule(estimate: Estimate, catalog: Catalog) -> Schedule:
    return schedule_of(estimate, catalog, Acceptance())


def figures_of(estimate: Estimate) -> Figures:
    assert estimate.figures is not None
    return estimate.figures


def days_with(estimate: Estimate, *results: AcceptedResult) -> Band:
    """Return the days where such results stand in the plan; its layout stays."""
    setting = figures_of(estimate).setting
    plan = setting.plan.model_copy(update={"acceptance": Acceptance(measured=results)})
    training = setting.trained
    found = Figures(main_setting(replace(setting.resolved, plan=plan), setting.pool, training)).band(
        "training_days"
    )
    assert found is not None
    return found


def result(line: str, ratio: float, *, spread: float = 0.10, error: float = 0.005) -> AcceptedResult:
    return AcceptedResult.model_validate(
        {
            "line": line,
            "component": line,
            "measured_over_expected": ratio,
            "log_spread": spread,
            "log_error": error,
        }
    )


def test_lines_are_those_of_the_layout_with_its_groups_and_messages(
    schedule: Schedule, estimate: Estimate
) -> None:
    figures = figures_of(estimate)
    layout = figures.setting.phase.layout
    ids = [line.id for line in schedule.lines]
    assert ids[:2] == ["matmul", "memory"]
    assert {"reference", "soak", "checkpoint", "availability", "port"} <= set(ids)
    assert ("expert" in ids) == (layout.ep > 1)
    assert ("pipeline" in ids) == (layout.pp > 1)
    tensor = schedule.line("tensor")
    assert tensor is not None
    assert tensor.ranks == layout.tp
    assert tensor.size_bytes == figures.number("step.tokens") * 2 * figures.setting.phase.job.work.hidden
    for line in schedule.lines:
        assert line.why
        assert line.cost.days is not None
        assert line.cost.days >= 0.0
        if line.expected is not None:
            assert line.sample is not None
            assert line.expected.low <= line.expected.rate <= line.expected.high


def test_one_node_needs_no_port_and_no_collective_across(plan: Plan, catalog: Catalog) -> None:
    small = apply_overrides(
        plan,
        [
            "model.profile=llama-3-8b",
            "cluster.pools.count=1",
            "workload.global_batch_sequences=64",
            "workload.tokens=1B",
        ],
    )
    found = schedule_of(estimate_plan(small, catalog), catalog, Acceptance())
    assert found.line("port") is None
    assert all(line.nodes == 1 for line in found.lines)


def test_a_measured_chip_has_its_sources_and_an_unknown_storage_is_asked_for(schedule: Schedule) -> None:
    matmul, checkpoint = schedule.line("matmul"), schedule.line("checkpoint")
    assert matmul is not None
    assert matmul.expected is not None
    assert matmul.expected.sources
    assert checkpoint is not None
    assert checkpoint.threshold is None
    assert checkpoint in schedule.asked


def test_what_was_agreed_stands_in_place_of_the_suggestion(estimate: Estimate, catalog: Catalog) -> None:
    agreed = Acceptance.model_validate(
        {"lines": [{"id": "data", "threshold": 40e9, "pays": "5 % of the price"}]}
    )
    line = schedule_of(estimate, catalog, agreed).line("data")
    assert line is not None
    assert (line.threshold, line.pays) == (40e9, "5 % of the price")


def test_costs_are_those_of_a_whole_estimate_with_a_slower_part(
    schedule: Schedule, estimate: Estimate
) -> None:
    before = figures_of(estimate).number("training_days")
    after = figures_with(figures_of(estimate), "step", 0.99).number("training_days")
    reference = schedule.line("reference")
    assert reference is not None
    assert reference.cost.days == pytest.approx(after - before)
    assert after / before == pytest.approx(1 / 0.99, rel=0.002)


def test_every_line_is_explained(schedule: Schedule, estimate: Estimate) -> None:
    for line in schedule.lines:
        found = explain_line(estimate, schedule, f"acceptance.{line.id}")
        assert found.quantity == f"acceptance.{line.id}"
        assert found.record.value == line.threshold
        parts = {record.symbol: record for record in found.record.children}
        assert parts["days_of_a_percent"].value == line.cost.days
        if line.threshold is not None:
            base, share = parts["base"].value, parts["share"].value
            assert isinstance(base, float)
            assert isinstance(share, float)
            assert base * share == pytest.approx(line.threshold)
            # either its documents, or the numbers of the plan that it is
            assert parts["base"].grounds is not None or parts["base"].children
    with pytest.raises(InputError, match="no such line"):
        explain_line(estimate, schedule, "acceptance.nothing")


def test_of_several_pools_what_is_not_tested_is_said_and_results_count(catalog: Catalog) -> None:
    plan = load_plan(PLAN.with_name("mixed-910b-a100.toml"))
    estimate = estimate_plan(plan, catalog)
    schedule = schedule_of(estimate, catalog, Acceptance())
    (untested,) = schedule.untested
    others = {pool.id for pool in estimate.pools} - {schedule.pool}
    assert all(f"'{name}'" in untested for name in others)

    def days_at(ratio: float) -> Band:
        found = [
            Measured(line.id, ratio * line.expected.rate, 0.01, 8, "results.toml", line.hours)
            for line in schedule.lines
            if line.expected is not None and not line.is_ceiling
        ]
        after = estimate_plan(revised(plan, schedule, judged(schedule, found), estimate), catalog)
        days = after.figure("training_days").band
        assert days is not None
        return days

    before = estimate.figure("training_days").band
    assert before is not None
    as_expected = days_at(1.0)
    assert as_expected.p50 == pytest.approx(before.p50, rel=0.005)
    assert as_expected.p90 - as_expected.p10 <= before.p90 - before.p10
    assert days_at(0.9).p50 > as_expected.p50


#: Lines that component tests are of.
COMPONENTS = ("matmul", "memory", "tensor", "context", "expert", "data")


@settings(max_examples=15)
@given(data=st.data())
def test_results_as_expected_leave_the_median_and_never_widen_the_band(
    schedule: Schedule, estimate: Estimate, data: st.DataObject
) -> None:
    before = figures_of(estimate).band("training_days")
    assert before is not None
    ids = [line.id for line in schedule.lines if line.id in COMPONENTS]
    names = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=6))
    spreads = st.floats(1e-3, 1.0)
    after = days_with(
        estimate,
        *(result(name, 1.0, spread=data.draw(spreads), error=data.draw(spreads)) for name in names),
    )
    assert after.p50 == pytest.approx(before.p50, rel=1e-9)
    assert after.p90 - after.p10 <= (before.p90 - before.p10) * (1 + 1e-12)


def test_all_lines_as_expected_narrow_the_band(
    plan: Plan, schedule: Schedule, estimate: Estimate, catalog: Catalog
) -> None:
    """The whole way of `planner measured`: every line, the reference run too."""
    before = figures_of(estimate).band("training_days")
    assert before is not None
    expected = [
        Measured(line.id, line.expected.rate, 0.01, 8, "results.toml", line.hours)
        for line in schedule.lines
        if line.expected is not None
    ]
    after = after_results(plan, estimate, schedule, judged(schedule, expected), catalog).days[1]
    assert after.p50 == pytest.approx(before.p50, rel=0.005)
    assert after.p90 - after.p10 < 0.95 * (before.p90 - before.p10)


@pytest.mark.parametrize("part", ["matmul", "tensor", "data"])
def test_a_result_a_tenth_low_moves_days_as_the_schedule_said(
    estimate: Estimate, part: ClusterComponent
) -> None:
    figures = figures_of(estimate)
    before = figures.number("training_days")
    told = figures_with(figures, part, 0.9).number("training_days") - before
    moved = days_with(estimate, result(part, 0.9)).p50 - before
    assert moved == pytest.approx(told, rel=0.10)
    assert told > 0


def test_the_posterior_covers_what_was_drawn(estimate: Estimate) -> None:
    """Of 2,000 clusters drawn as the engine draws them, eight of ten rates lie in the band after tests."""
    phase = figures_of(estimate).setting.phase
    residual = phase.job.residual_log_spread
    noise = -standard_draws([RESIDUAL_STREAM])[RESIDUAL_STREAM]
    rates = -np.log(phase.estimate.step.total)[1:] + residual * noise
    results = [result("matmul", 1.0, error=0.02), result("tensor", 1.0, spread=0.2), result("data", 1.0)]
    tests = seen_rates(phase, results, residual, noise, rates).log_ratios[:, 1:]
    gains = measured_gains(rates, tests)
    chosen = np.random.default_rng(5).integers(0, len(rates), 2000)
    inside = 0
    for truth in chosen:
        after = rates + measured_shift(rates, tests, tests[:, truth], gains)
        low, high = np.quantile(after, [0.1, 0.9])
        inside += low <= rates[truth] <= high
    assert 0.78 <= inside / len(chosen) <= 0.82


def test_a_step_goes_with_its_parts(estimate: Estimate) -> None:
    phase = figures_of(estimate).setting.phase
    names: tuple[ClusterComponent, ...] = ("matmul", "memory", "tensor", "pipeline_p2p", "data")
    parts = [elasticity(phase, name) for name in names]
    assert all(part >= 0 for part in parts)
    assert 0.5 < math.fsum(parts) <= 1.01
    assert elasticity(phase, "step") == 1.0


def read(folder: Path, schedule: Schedule, name: str, text: str, *more: Path) -> Results:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_results([path, *more], schedule, sequence_length=8192, chips=16_384)


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ('[[measured]]\nline = "data"\nbytes_per_s = 330\n', 2, "the unit is another's"),
        ('[[measured]]\nline = "matmul"\nflops_per_s = "900 PFLOP/s"\n', 2, "the unit is another's"),
        ('[[measured]]\nline = "reference"\ntokens_per_s = 0\n', 2, "the unit is another's"),
        ('[[measured]]\nline = "matmul"\nflops_per_s = 0\n', 3, "expected 1 or more"),
        ('[[measured]]\nline = "matmul"\nbytes_per_s = "1 GB/s"\n', 2, "is in B/s; expected FLOP/s"),
        ('[[measured]]\nline = "matmil"\nflops_per_s = "1 TFLOP/s"\n', 2, "did you mean 'matmul'"),
        (2 * '[[measured]]\nline = "matmul"\nflops_per_s = "700 TFLOP/s"\n', 5, "measured[0] is of it too"),
    ],
)
def test_results_of_another_unit_or_line_are_refused_by_their_line(
    tmp_path: Path, schedule: Schedule, text: str, line: int, expected: str
) -> None:
    with pytest.raises(PlannerError) as refused:
        read(tmp_path, schedule, "results.toml", text)
    told = str(refused.value)
    assert told.startswith(f"{tmp_path / 'results.toml'}: line {line}: "), told
    assert expected in told
    assert "\n" not in told


NCCL = """\
# Collective test starting: all_gather_perf
#  Rank  0 Group  0 Pid  100 on  host-a device  0 [0000:19:00] NVIDIA H100 80GB HBM3
#  Rank  1 Group  0 Pid  101 on  host-a device  1 [0000:3b:00] NVIDIA H100 80GB HBM3
#       size         count   type redop root    time  algbw  busbw #wrong    time  algbw  busbw #wrong
   536870912     134217728  float  none   -1  2140.0 250.55 438.46      0  2141.0 250.50 438.40      0
"""


def test_what_no_line_asks_for_is_told_and_alone_is_refused(tmp_path: Path, schedule: Schedule) -> None:
    """Tables of another plan: of two ranks where groups are of eight, or of no collective that is sent."""
    with pytest.raises(FileError, match=r"nccl.txt: line 5: all-gather of 2 ranks .* no line asks for"):
        read(tmp_path, schedule, "nccl.txt", NCCL)
    with pytest.raises(FileError, match="of which collective"):
        read(tmp_path, schedule, "some.txt", "\n".join(NCCL.splitlines()[1:]) + "\n")
    beside = tmp_path / "results.toml"
    beside.write_text('[[measured]]\nline = "matmul"\nflops_per_s = "700 TFLOP/s"\n', encoding="utf-8")
    found = read(tmp_path, schedule, "nccl.txt", NCCL, beside)
    assert [one.line for one in found.measured] == ["matmul"]
    assert len(found.unused) == 1
    eight = NCCL.replace(
        "#       size", "".join(f"#  Rank  {rank} Group\n" for rank in range(2, 8)) + "#       size"
    )
    found = read(tmp_path, schedule, "nccl.txt", eight)
    assert [(one.line, one.value) for one in found.measured] == [("tensor", 438.46e9)]


def test_of_post_training_a_percent_counts_rollouts_too_and_no_soak_takes_years(catalog: Catalog) -> None:
    plan = load_plan(PLAN.with_name("grpo-qwen3-30b-a3b-h100.toml"))
    found = schedule_of(estimate_plan(plan, catalog), catalog, Acceptance())
    matmul, memory, soak = (found.line(name) for name in ("matmul", "memory", "soak"))
    assert matmul is not None
    assert memory is not None
    # decoding, most of a step, reads weights and caches
    assert 0.0 < matmul.cost.days < memory.cost.days < 0.01 * found.days
    assert soak is not None
    assert soak.hours == LONGEST_SOAK_H
    assert soak.sample is not None
    assert not soak.sample.keeps_both
    text = markdown_text(acceptance_document(found))
    assert "a rollout reads weights and caches" in " ".join(text.split())


def test_what_was_agreed_in_another_unit_is_refused_and_of_no_line_is_told(
    estimate: Estimate, catalog: Catalog
) -> None:
    wrong = Acceptance.model_validate({"lines": [{"id": "data", "threshold": 330}]})
    with pytest.raises(PlanError, match=r"acceptance.lines\[0\].threshold = 330: data is in B/s"):
        schedule_of(estimate, catalog, wrong)
    none = Acceptance.model_validate({"lines": [{"id": "expert", "threshold": 3e11}]})
    found = schedule_of(estimate, catalog, none)
    assert found.not_needed == ("expert",)
    assert "Agreed, and not tested" in markdown_text(acceptance_document(found))


def test_a_log_at_more_than_the_chips_compute_is_of_another_plan(
    tmp_path: Path, schedule: Schedule, estimate: Estimate
) -> None:
    path = tmp_path / "run.csv"
    rows = "".join(f"{step},7.0,400000000\n" for step in range(1, 100))
    path.write_text("step,seconds,tokens\n" + rows, encoding="utf-8")
    figures = figures_of(estimate)
    job = figures.setting.phase.job
    with pytest.raises(PlanError, match=r"run.csv: .* of a peak of 989"):
        read_results([path], schedule, sequence_length=8192, chips=16_384, job=job)
    with pytest.raises(PlanError, match=r"run.csv: .* of a peak of 989"):
        track_logs("plan", figures, [path])
