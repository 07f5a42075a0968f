"""Claims of one's own: what they imply, and the four verdicts at their borders."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_runs
from planner.claims.jobs import NoPrediction, batch_sequences, claim_job
from planner.claims.judgement import contradiction_of, implied_by, judge_training
from planner.claims.ratios import judge_throughput, published_ratios
from planner.claims.verdicts import verdict_of
from planner.domain.claim import ThroughputStatement, TrainingStatement
from planner.engine.architecture import parameter_counts
from planner.errors import InputError, PlanError, ProfileError
from planner.planning.plausible_architecture import plausible_architecture
from planner.planning.published import PublishedRun, nearest_runs, published_runs, reached_by
from planner.planning.systems import systems_by_chip


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def runs() -> tuple[PublishedRun, ...]:
    return published_runs(load_runs().runs, catalog())


def statement(**values: Any) -> TrainingStatement:
    return TrainingStatement(**{"chip": "h100-sxm", "chips": 1024, "model": "llama-2-70b", **values})


def test_days_rate_and_utilisation_say_the_same() -> None:
    by_days = implied_by(claim_job(statement(tokens=2e12, days=30), catalog()))
    assert by_days.tokens_per_second == pytest.approx(2e12 / (30 * 86_400))
    by_rate = implied_by(
        claim_job(statement(tokens=2e12, tokens_per_second=by_days.tokens_per_second), catalog())
    )
    by_share = implied_by(claim_job(statement(tokens=2e12, mfu=by_days.mfu), catalog()))
    for other in (by_rate, by_share):
        assert other.mfu == pytest.approx(by_days.mfu)
        assert other.days == pytest.approx(30)
        assert other.tokens_per_second_per_chip == pytest.approx(by_days.tokens_per_second / 1024)


def test_utilisation_is_against_the_dense_peak() -> None:
    job = claim_job(statement(mfu=0.4), catalog())
    assert (job.peak_flops_per_s, job.peak_datatype) == (989e12, "bf16")
    sparse = implied_by(claim_job(statement(mfu=0.4, peak_flops_per_s=1979e12), catalog()))
    assert sparse.mfu == pytest.approx(0.4 * 1979 / 989)


def test_the_verdicts_at_their_borders() -> None:
    reached = reached_by(claim_job(statement(mfu=0.4), catalog()).job_class, runs())
    assert reached is not None
    assert reached.is_comparable
    low, high = reached.low.mfu, reached.highest.mfu
    assert sum(run.mfu <= low for run in reached.runs) == pytest.approx(len(reached.runs) / 10, abs=1)
    assert verdict_of(1.001, reached) == "impossible"
    assert verdict_of(1.0, reached) == "above anything published"
    assert verdict_of(high * 1.11, reached) == "above anything published"
    assert verdict_of(high * 1.09, reached) == "plausible"
    assert verdict_of(low / 1.09, reached) == "plausible"
    assert verdict_of(low / 1.11, reached) == "modest: others got more"
    assert verdict_of(0.5, None) == "cannot be judged"
    assert verdict_of(1.5, None) == "impossible"


def test_without_comparable_runs_the_best_of_any_chip_bounds_it_and_a_peak_from_memory_does_not() -> None:
    reached = reached_by(claim_job(statement(chip="gaudi3", mfu=0.4), catalog()).job_class, runs())
    assert reached is not None
    assert (reached.is_comparable, reached.comparable) == (False, 0)
    best = reached.best_anywhere.mfu
    assert verdict_of(best * 1.11, reached) == "above anything published"
    assert verdict_of(best, reached) == verdict_of(0.01, reached) == "cannot be judged"
    assert verdict_of(best * 1.11, reached, is_peak_from_memory=True) == "cannot be judged"
    assert verdict_of(1.2, reached, is_peak_from_memory=True) == "cannot be judged"
    assert verdict_of(1.3, reached, is_peak_from_memory=True) == "impossible"


def test_forty_two_percent_is_not_above_a_best_of_forty() -> None:
    like = [replace(run, mfu=mfu) for run, mfu in zip(hopper_runs(), (0.30, 0.35, 0.40), strict=True)]
    assert judge_training(statement(mfu=0.42), catalog(), like).verdict == "plausible"
    assert judge_training(statement(mfu=0.45), catalog(), like).verdict == "above anything published"
    # two comparable runs say nothing
    assert judge_training(statement(mfu=0.42), catalog(), like[:2]).verdict == "cannot be judged"


def hopper_runs() -> list[PublishedRun]:
    found = [
        run
        for run in runs()
        if run.chip.id == "h100-sxm" and run.arithmetic == "16 bit" and not run.is_mixture
    ]
    return found[:3]


@pytest.mark.parametrize(("precision", "arithmetic"), [("bf16", "16 bit"), ("fp8", "FP8"), ("nvfp4", "FP4")])
def test_precisions_are_never_pooled(precision: str, arithmetic: str) -> None:
    job = claim_job(statement(chip="gb300", mfu=0.3, precision=precision), catalog()).job_class
    reached = reached_by(job, runs())
    assert reached is not None
    assert {run.arithmetic for run in reached.runs} == {reached.best_anywhere.arithmetic} == {arithmetic}
    assert reached.label.endswith(f" at {arithmetic}")


def test_a_slow_bin_is_not_held_against_its_fast_sister() -> None:
    """An H20 has a seventh of the H100's rate beside more bandwidth: it fills its matmul units otherwise."""
    job = claim_job(statement(chip="h20-96", mfu=0.4), catalog()).job_class
    assert not any(job.is_on_like_chip(run) for run in runs() if run.chip.id in ("h100-sxm", "h200-sxm"))
    assert any(
        job.is_on_like_chip(replace(run, chip=job.chip, peak_flops_per_s=148e12)) for run in runs()[:1]
    )


def test_an_impossible_claim_says_what_it_would_need() -> None:
    judgement = judge_training(statement(tokens=15e12, days=10), catalog(), runs())
    assert judgement.verdict == "impossible"
    assert "no chip does more than 100 %" in judgement.reasons[0]


def test_a_sparse_peak_is_warned_of_with_its_reason() -> None:
    judgement = judge_training(statement(mfu=0.3, peak_flops_per_s=1979e12), catalog(), runs())
    assert any("structured sparsity" in warning for warning in judgement.warnings)
    fine = judge_training(statement(mfu=0.3, peak_flops_per_s=989e12), catalog(), runs())
    assert fine.warnings == ()


def test_a_class_without_runs_of_its_chip_says_so() -> None:
    other = statement(chip="ascend-910c", mfu=0.4)
    reached = reached_by(claim_job(other, catalog()).job_class, runs())
    assert reached is not None
    assert reached.scope == "platform"
    assert not reached.is_comparable
    assert all(run.chip.platform == "cann" for run in reached.runs)
    judgement = judge_training(other, catalog(), runs())
    assert any("none of them on ascend-910c" in reason for reason in judgement.reasons)


def test_no_run_at_all_leaves_the_peak_as_the_bound() -> None:
    judgement = judge_training(statement(mfu=0.4), catalog(), ())
    assert judgement.reached is None
    assert judgement.verdict == "cannot be judged"
    assert judge_training(statement(mfu=1.2), catalog(), ()).verdict == "impossible"


def test_what_cannot_run_has_no_prediction_and_says_why() -> None:
    judgement = judge_training(statement(chips=1, mfu=0.4), catalog(), runs())
    assert isinstance(judgement.prediction, NoPrediction)
    assert "memory" in judgement.prediction.reason


def test_the_nearest_runs_are_of_the_same_chip_and_kind() -> None:
    dense = claim_job(statement(mfu=0.4), catalog()).job_class
    for run in nearest_runs(dense, runs()):
        assert run.chip.generation == "hopper"
        assert not run.is_mixture
    experts = claim_job(statement(model="deepseek-v3", mfu=0.4), catalog()).job_class
    assert all(run.is_mixture for run in nearest_runs(experts, runs()))


def test_statements_that_differ_by_less_than_a_tenth_agree() -> None:
    def judged(share: float) -> Any:
        return judge_training(statement(mfu=share), catalog(), ())

    assert contradiction_of([judged(0.40), judged(0.43)]) is None
    assert contradiction_of([judged(0.40), judged(0.45)]) is not None
    assert contradiction_of([]) is None


@pytest.mark.parametrize(
    ("parameters", "active"),
    [(1e8, None), (7e9, None), (70e9, None), (405e9, None), (47e9, 13e9), (671e9, 37e9), (1e13, 1e11)],
)
def test_a_plausible_shape_counts_what_was_asked(parameters: float, active: float | None) -> None:
    architecture = plausible_architecture(parameters, active)
    counts = parameter_counts(architecture_inputs(architecture))
    assert float(counts.total) == pytest.approx(parameters, rel=0.1)
    assert float(counts.active) == pytest.approx(active or parameters, rel=0.1)
    assert (architecture.mixture is None) == (active is None)


@pytest.mark.parametrize(("parameters", "active"), [(1e6, None), (1e16, None), (7e9, 8e9), (1e14, 1e7)])
def test_no_shape_is_made_of_what_no_model_has(parameters: float, active: float | None) -> None:
    with pytest.raises(InputError):
        plausible_architecture(parameters, active)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model": None, "mfu": 0.4}, "expected a model, or parameters"),
        ({"flops_convention": "6n", "days": 3, "tokens": 1e12}, "a FLOPs convention belongs to an MFU"),
        ({"flops_convention": "6n", "flops_per_token": 1e12, "mfu": 0.4}, "not both"),
        ({}, "expected one of days"),
        ({"mfu": 0.4, "tokens_per_second": 1e6}, "expected one of days"),
        ({"days": 3}, "days say nothing without tokens"),
        ({"days": 3, "tokens": 1e12, "peak_flops_per_s": 1e15}, "a peak belongs to an MFU"),
        ({"mfu": 0.4, "active_parameters": 1e9}, "a model knows its own"),
        ({"chips": 0, "mfu": 0.4}, "expected 1 or more: a claim is about a chip"),
    ],
)
def test_a_statement_that_cannot_be_judged_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        statement(**values)


def test_unknown_chips_and_models_name_the_nearest() -> None:
    with pytest.raises(ProfileError, match="did you mean 'h100-"):
        claim_job(statement(chip="h100-smx", mfu=0.4), catalog())
    with pytest.raises(ProfileError, match="ids that hold it are 'llama-2-70b'"):
        claim_job(statement(model="llama-2-70", mfu=0.4), catalog())
    with pytest.raises(PlanError, match="has no rate for it"):
        claim_job(statement(chip="a100-80-sxm", mfu=0.4, precision="fp8"), catalog())


def test_the_batch_grows_with_the_cluster() -> None:
    assert batch_sequences(8, 4096) == 1024
    assert batch_sequences(8192, 4096) == 4096
    assert batch_sequences(1, 10**8) == 1


def test_the_smallest_system_stands_in() -> None:
    assert systems_by_chip(catalog())["ascend-910b"].id == "atlas-800t-a2"


def test_a_stated_convention_is_read_as_ours() -> None:
    """Llama 2 70B at 4,096 tokens: full attention adds to a token what causal attention adds once more."""
    ours = claim_job(statement(mfu=0.4), catalog())
    by_parameters, by_full, by_hand = (
        judge_training(statement(mfu=0.4, **counted), catalog(), runs())
        for counted in (
            {"flops_convention": "6n"},
            {"flops_convention": "6n-full"},
            {"flops_per_token": 2 * ours.flops_per_token},
        )
    )
    assert by_full.implied.mfu < 0.4 < by_parameters.implied.mfu
    assert by_hand.implied.mfu == pytest.approx(0.2)
    for judgement in (by_parameters, by_full, by_hand):
        assert any("its FLOPs convention is not ours" in reason for reason in judgement.reasons)
    ours_said = judge_training(statement(mfu=0.4, flops_convention="6n-causal"), catalog(), runs())
    assert ours_said.implied.mfu == pytest.approx(0.4)
    assert not any("convention" in reason for reason in ours_said.reasons)


def test_a_silent_convention_is_told_where_it_matters() -> None:
    long = judge_training(statement(model="mpt-7b", sequence_length=32768, mfu=0.3), catalog(), runs())
    assert any("does not say which FLOPs" in reason for reason in long.reasons)
    short = judge_training(statement(sequence_length=2048, mfu=0.3), catalog(), runs())
    assert not any("does not say which FLOPs" in reason for reason in short.reasons)


def test_a_claim_that_repeats_a_published_utilisation_is_read_by_what_its_source_counts() -> None:
    pangu = {"chip": "ascend-910b", "chips": 6000, "model": "pangu-ultra-moe-718b"}
    repeated = claim_job(statement(**pangu, mfu=0.30), catalog(), runs())
    assert repeated.count.words is not None
    # 0.30 x 353.9 TFLOP/s of a chip over the 243.3 tokens/s that the paper prints beside it
    assert repeated.count.flops_per_token == pytest.approx(0.30 * 353.9e12 / 243.333, rel=1e-4)
    assert claim_job(statement(**pangu, mfu=0.29), catalog(), runs()).count.words is None


def test_other_parameters_than_the_profile_are_told() -> None:
    def reasons(**values: Any) -> str:
        return " ".join(judge_training(statement(mfu=0.3, **values), catalog(), runs()).reasons)

    assert "it counts parameters of 80B, the model's profile of 68.98B" in reasons(parameters=80e9)
    assert "it counts" not in reasons(parameters=70e9)
    assert "37B active" in reasons(model="mixtral-8x7b", parameters=47e9, active_parameters=37e9)


def test_parameters_in_place_of_a_model_count_as_claimed() -> None:
    job = claim_job(statement(model=None, parameters=70e9, mfu=0.4), catalog())
    assert job.flops_per_token_6n == 6 * 70e9
    assert job.flops_per_token > job.flops_per_token_6n - 6 * 1.1e9


def test_chips_are_compared_by_the_same_job_alone() -> None:
    h100, a100 = (catalog().get("chips", chip).profile for chip in ("h100-sxm", "a100-80-sxm"))
    pairs = published_ratios(h100, a100, runs())
    assert len(pairs) >= 3
    for pair in pairs:
        one, other = pair.run, pair.against
        assert one.run.architecture == other.run.architecture
        assert one.run.sequence_length == other.run.sequence_length
        assert one.run.workload == other.run.workload
        assert {one.arithmetic, other.arithmetic} == {"16 bit"}
        assert 2 / 3 <= one.chips / other.chips <= 1.5
    ratios = [pair.ratio for pair in pairs]
    assert compared(ratios[-1] * 1.05) == compared(ratios[0] / 1.05) == "plausible"
    assert compared(ratios[-1] * 1.2) == "above anything published"
    assert compared(ratios[0] / 1.2) == "modest: others got more"


def compared(ratio: float) -> str:
    made = ThroughputStatement(
        chip="h100-sxm", against="a100-80-sxm", ratio=ratio, model="llama-2-7b", chips=64
    )
    return judge_throughput(made, catalog(), runs()).verdict


def test_only_a_claim_about_the_original_training_hears_that_its_chip_is_younger() -> None:
    old = {"model": "gpt3-175b", "mfu": 0.4}
    assert not any("came later" in text for text in judge_training(statement(**old), catalog(), ()).warnings)
    told = judge_training(statement(**old, is_original_training=True), catalog(), ())
    assert any("came later" in text for text in told.warnings)
