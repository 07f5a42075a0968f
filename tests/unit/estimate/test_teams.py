"""Who runs a plan moves its days and its band, and the estimate shows the days in other hands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.team import Team
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.report.team_words import team_words

PLAN = Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml"
LAYOUT = ["strategy.tensor=8", "strategy.pipeline=4", "strategy.microbatch=1", "strategy.recompute=selective"]


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def estimate(*more: str) -> Estimate:
    return estimate_plan(apply_overrides(load_plan(PLAN), [*LAYOUT, *more]), catalog())


def test_a_plan_that_does_not_say_is_a_single_teams_and_says_so() -> None:
    silent, single = estimate(), estimate("operations.team=single")
    assert (silent.team, silent.is_team_stated) == ("single", False)
    assert silent.figure("training_days").band == single.figure("training_days").band
    assert "as the plan does not say (operations.team)" in team_words(silent)
    assert "as the plan does not say" not in team_words(single)


@pytest.mark.parametrize("team", ["vendor", "reference"])
def test_the_days_in_other_hands_are_those_of_a_plan_that_names_them(team: Team) -> None:
    days = {view.team: view.days for view in estimate().teams}
    own = estimate(f"operations.team={team}").figure("training_days").band
    assert own is not None
    # all but the goodput, which follows the days of the step alone
    assert days[team] == pytest.approx(own.p50, rel=0.02)


def test_a_vendors_own_run_is_faster_and_better_known_than_a_single_teams() -> None:
    vendor, single = (
        estimate(f"operations.team={team}").figure("training_days").band for team in ("vendor", "single")
    )
    assert vendor is not None
    assert single is not None
    assert vendor.p50 < single.p50
    assert vendor.p90 / vendor.p10 < single.p90 / single.p10


def test_each_class_tells_the_runs_and_sources_behind_it() -> None:
    for view in estimate().teams:
        assert 0 < view.sources < view.runs
        assert f"{view.runs} runs of {view.sources} sources" in team_words(estimate())
