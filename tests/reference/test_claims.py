"""The worked examples of `planner claim`: golden verdicts in words, and utilisations worked by hand."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_runs
from planner.claims.judgement import ClaimJudgement, judge_claim
from planner.planning.published import PublishedRun, published_runs

EXAMPLES = json.loads((Path(__file__).parent / "claims.json").read_text(encoding="utf-8"))["claims"]
BY_ID: dict[str, dict[str, Any]] = {example["id"]: example for example in EXAMPLES}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def runs() -> tuple[PublishedRun, ...]:
    return published_runs(load_runs().runs, catalog())


@cache
def judged(identifier: str) -> ClaimJudgement:
    return judge_claim(catalog().get("claims", identifier).profile, catalog(), runs())


@pytest.mark.parametrize("identifier", BY_ID)
def test_the_verdicts_are_the_golden_ones(identifier: str) -> None:
    judgement, example = judged(identifier), BY_ID[identifier]
    assert judgement.claim.finding.verdict == example["sources_say"]
    assert [training.verdict for training in judgement.training] == [
        training["verdict"] for training in example["training"]
    ]
    assert [ratio.verdict for ratio in judgement.ratios] == example["comparisons"]
    assert (judgement.contradiction is not None) == example["contradiction"]
    assert int(judgement.is_no) == example["exit"]


@pytest.mark.parametrize("identifier", [key for key, example in BY_ID.items() if example["training"]])
def test_the_implied_utilisation_is_what_a_hand_works_out(identifier: str) -> None:
    for training, example in zip(judged(identifier).training, BY_ID[identifier]["training"], strict=True):
        assert training.implied.mfu_6n == pytest.approx(example["mfu_6n"], rel=0.03)
        # attention and prediction modules come on top
        assert training.implied.mfu >= training.implied.mfu_6n * 0.98


def test_the_718b_statements_contradict_each_other_and_the_profile_says_so() -> None:
    judgement = judged("pangu-ultra-moe-718b-mfu")
    assert judgement.contradiction is not None
    assert "19 %, 19 %, 26 %" in judgement.contradiction
    said = " ".join(text for text, _ in judgement.training[0].disputes)
    for share in ("30.0 %", "41.0 %", "16.1 %"):
        assert share in said


def test_no_verdict_contradicts_what_the_finding_of_the_718b_claim_says() -> None:
    """30 % is the published figure and 41 % a claim of the vendor: neither is above what such chips reach."""
    judgement = judged("pangu-ultra-moe-718b-mfu")
    assert "30 % is the published one" in judgement.claim.finding.says
    for training in judgement.training[:2]:
        assert training.verdict == "plausible"
        assert any("not ours" in reason and "1.57 times" in reason for reason in training.reasons)
    # what the finding says of the count is what the numbers say
    assert judgement.training[0].implied.mfu == pytest.approx(judgement.training[2].implied.mfu, rel=0.01)


def test_a_model_older_than_the_chip_is_noticed() -> None:
    on_910b, on_a100 = judged("ernie-3.0-titan-on-910b").training
    assert any("came later" in warning for warning in on_910b.warnings)
    assert not any("came later" in warning for warning in on_a100.warnings)


def test_nodes_that_do_not_fit_the_servers_are_noticed() -> None:
    (training,) = judged("qwen2-72b-on-2048-910b").training
    assert any("1.65 a node" in warning and "hold 8" in warning for warning in training.warnings)


def test_what_the_model_predicts_is_told_beside_every_training_claim() -> None:
    for identifier in ("pangu-ultra-135b-mfu", "ernie-3.0-titan-on-910b"):
        for training in judged(identifier).training:
            assert any("the model predicts" in reason for reason in training.reasons)
            assert training.reached is not None
            assert training.reached.lowest.mfu <= training.reached.middle.mfu <= training.reached.highest.mfu


def test_every_shipped_claim_can_be_judged() -> None:
    for identifier in catalog().of_kind("claims"):
        assert judged(identifier).claim.id == identifier
