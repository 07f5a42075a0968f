"""Claims of one's own: what they imply, and the four verdicts at their borders."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_runs
from planner.claims.jobs import NoPrediction, batch_sequences, claim_job
from planner.claims.judgement import contradiction_of, implied_by, judge_training, verdict_of
from planner.claims.plausible_architecture import plausible_architecture
from planner.domain.claim import TrainingStatement
from planner.engine.architecture import parameter_counts
from planner.errors import InputError, PlanError, ProfileError
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
    assert reached.scope == "generation"
    low, high = reached.lowest.mfu, reached.highest.mfu
    assert verdict_of(1.001, reached) == "impossible"
    assert verdict_of(1.0, reached) == "above anything published"
    assert verdict_of(high * 1.01, reached) == "above anything published"
    assert verdict_of(high, reached) == "plausible"
    assert verdict_of(low, reached) == "plausible"
    assert verdict_of(low * 0.98, reached) == "below what was published"
    assert verdict_of(0.5, None) == "plausible"
    assert verdict_of(1.5, None) == "impossible"


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
    assert all(run.chip.platform == "cann" for run in reached.runs)
    judgement = judge_training(other, catalog(), runs())
    assert any("none of them is on ascend-910c" in reason for reason in judgement.reasons)


def test_no_run_at_all_leaves_the_peak_as_the_bound() -> None:
    judgement = judge_training(statement(mfu=0.4), catalog(), ())
    assert judgement.reached is None
    assert judgement.verdict == "plausible"


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
        ({"model": None, "mfu": 0.4}, "either a model or parameters"),
        ({"parameters": 7e9, "mfu": 0.4}, "either a model or parameters"),
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
