"""What whole trainings lost beside failures: by source, shrunk to nothing lost, never less than that."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.engine.goodput import usual_goodput
from planner.planning.campaign import NO_CAMPAIGNS, PRIOR_LOG_SPREAD, CampaignLoss
from planner.planning.run_cases import RunCase
from planner.planning.stack import ResidualSpreads
from planner.validation.campaigns import (
    SOURCE_LOG_SPREAD,
    WholeRun,
    fitted_losses,
    held_out_whole_runs,
    whole_run,
    whole_runs,
)
from planner.validation.left_out import LeftOutRun
from planner.validation.run_preparation import prepare, shipped_stack
from planner.validation.run_scores import ScoredRun
from planner.validation.validation import score_case

#: A year of 64 chips at 1,000 tokens/s each.
WHOLE = {
    "tier": "E",
    "result__chip_hours": 64 * 8766.0,
    "result__tokens_total": 64 * 8766.0 * 3600 * 1000.0,
    "source__team": "reference",
}


def run(source: str, log_loss: float, *, operator: str = "first", is_steady: bool = True) -> WholeRun:
    return WholeRun(source, operator, log_loss, 0.01 if is_steady else 0.3, is_steady)


def case(catalog: Catalog, read_runs: Any, **changes: object) -> RunCase:
    (found,) = prepare(read_runs({**WHOLE, **changes}).runs, catalog).cases
    return found


def test_one_source_moves_the_factor_by_a_third_of_the_way_at_most() -> None:
    alone = fitted_losses([run("one", 0.3)] * 20)["first"]
    assert alone.share <= 1.0 / 3.0
    assert math.log(alone.median) <= 0.3 / 3.0
    assert (alone.runs, alone.sources) == (20, 1)
    several = fitted_losses([run(f"source {number}", 0.3) for number in range(20)])["first"]
    assert math.log(several.median) > 0.25


def test_each_operator_has_its_own_and_one_without_runs_the_prior() -> None:
    losses = fitted_losses([run("one", 0.3), run("two", 0.3)])
    assert losses["first"].median > 1.0
    assert losses["practised"] == NO_CAMPAIGNS["practised"] == CampaignLoss()


def test_a_rate_that_the_source_names_counts_before_one_that_is_predicted() -> None:
    named = [run(f"source {number}", 0.2) for number in range(5)]
    beside = [run(f"source {number}", -3.0, is_steady=False) for number in range(5)]
    assert fitted_losses([*named, *beside])["first"].median == fitted_losses(named)["first"].median
    unsure = [replace(one, log_spread=0.3, is_steady=False) for one in named]
    assert 1.0 < fitted_losses(unsure)["first"].median < fitted_losses(named)["first"].median


def test_sources_that_disagree_widen_the_spread() -> None:
    near = fitted_losses([run(f"source {number}", 0.1) for number in range(12)])["first"]
    far = fitted_losses([run(f"source {number}", 0.1 + (-1) ** number * 0.5) for number in range(12)])[
        "first"
    ]
    assert near.log_spread < SOURCE_LOG_SPREAD < far.log_spread < 0.5


def test_no_training_gains_time() -> None:
    early = fitted_losses([run(f"source {number}", -0.5) for number in range(9)])["first"]
    assert early.median == 1.0
    factors = early.factors()
    assert factors[0] == factors.min() == 1.0
    assert np.mean(factors[1:] > 1.0) == pytest.approx(0.5, abs=0.01)
    assert np.all(CampaignLoss(1.2, 0.0).factors(10) == pytest.approx(1.2))


def test_a_whole_run_is_held_against_the_rate_that_its_source_names_and_usual_failures(
    catalog: Catalog, read_runs: Any
) -> None:
    named = case(catalog, read_runs, result__steady_tokens_per_s_per_chip=1200.0, source__operator="first")
    (found,) = whole_runs([named], lambda it: shipped_stack(it, catalog))
    assert found.log_loss == pytest.approx(math.log(1.2 * float(usual_goodput(64, "first"))))
    assert found.is_steady
    silent = case(catalog, read_runs)
    (predicted,) = whole_runs([silent], lambda it: shipped_stack(it, catalog))
    assert (predicted.operator, predicted.is_steady) == ("practised", False)
    assert predicted.log_spread > PRIOR_LOG_SPREAD
    steady = case(catalog, read_runs, tier="A")
    assert list(whole_runs([steady], lambda it: shipped_stack(it, catalog))) == []


def test_a_whole_run_is_scored_with_what_such_campaigns_lose(catalog: Catalog, read_runs: Any) -> None:
    whole = case(catalog, read_runs)

    def scored(loss: CampaignLoss) -> ScoredRun:
        stack = replace(shipped_stack(whole, catalog), campaigns={"practised": loss})
        found = score_case(whole, lambda _: stack)
        assert isinstance(found, ScoredRun)
        return found

    none, some, unsure = (scored(CampaignLoss(*it)) for it in ((1.0, 0.0), (1.25, 0.0), (1.0, 0.5)))
    assert none.predicted.p50 == pytest.approx(1.25 * some.predicted.p50)
    assert unsure.predicted.p50 == none.predicted.p50
    assert unsure.predicted.p10 < none.predicted.p10
    assert none.goodput == some.goodput == pytest.approx(float(usual_goodput(64, "practised")))


def test_a_whole_run_held_out_is_told_what_other_sources_lost(catalog: Catalog, read_runs: Any) -> None:
    spreads = ResidualSpreads(0.2, 0.2)
    rates = np.full(101, 1000.0)

    def left_out(source: str, lost: float) -> LeftOutRun:
        changes = {"group": f"{source}/gpt", "result__steady_tokens_per_s_per_chip": 1000.0 * lost}
        return LeftOutRun(case(catalog, read_runs, **changes), rates)

    others = [left_out(f"source {number}", 2.0) for number in range(8)]
    own = left_out("own", 2.4)
    found = {run.case.run.source_key: run for run in held_out_whole_runs([*others, own], lambda _: spreads)}
    share = float(usual_goodput(64, "practised"))
    expected = fitted_losses([whole_run(run.case, 1000.0, 0.2) for run in others])["practised"]
    assert found["own"].predicted.p50 == pytest.approx(share * 1000.0 / expected.median)
    assert found["own"].goodput == share
    assert found["source 1"].predicted.p50 != found["own"].predicted.p50
    low, middle, high = (getattr(found["own"].predicted, name) for name in ("p10", "p50", "p90"))
    assert low < middle < high
