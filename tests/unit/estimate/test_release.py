"""A plan shows the release of its software; one newer than what was measured widens its band alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.errors import PlannerError
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.figure import Band
from planner.report.grounds_entries import grounds_entries

PLAN = Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml"
LAYOUT = ["strategy.tensor=8", "strategy.pipeline=4", "strategy.microbatch=1", "strategy.recompute=selective"]
RELEASE = "cluster.pools[0].stack_release"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def estimate(*more: str) -> Estimate:
    return estimate_plan(apply_overrides(load_plan(PLAN), [*LAYOUT, *more]), catalog())


def rate(*more: str) -> Band:
    band = estimate(*more).figure("tokens_per_second").band
    assert band is not None
    return band


def shown(found: Estimate) -> str:
    assert found.figures is not None
    return str(found.figures.words("stack.release"))


def test_the_newest_release_of_the_stacks_runs_is_the_default_and_is_shown() -> None:
    known = catalog().stacks[estimate().pools[0].stack_id].profile.newest_release
    assert known is not None
    assert shown(estimate()) == known
    assert shown(estimate(f"{RELEASE}=2031-05")) == "2031-05"
    (stands,) = (str(entry.text) for entry in grounds_entries(estimate()) if entry.label == "Stands on")
    assert f"(software of {known})" in stands


@pytest.mark.parametrize("later", [f"{RELEASE}=2031-05", "calendar.start=2031-05-02"])
def test_newer_software_widens_the_band_and_leaves_the_median(later: str) -> None:
    usual, newer = rate(f"{RELEASE}=2021-01"), rate(later)
    assert newer.p50 == pytest.approx(usual.p50)
    assert newer.p90 / newer.p10 > 1.1 * usual.p90 / usual.p10
    assert any("software of 2031-05 is newer" in warning for warning in estimate(later).warnings)
    assert not any("is newer than" in warning for warning in estimate(f"{RELEASE}=2021-01").warnings)


@pytest.mark.parametrize("written", ["2026", "2026-13", "August 2026", "1999-01"])
def test_a_release_is_a_year_and_a_month(written: str) -> None:
    with pytest.raises(PlannerError, match="expected a year and a month, such as '2026-08'"):
        apply_overrides(load_plan(PLAN), [f"{RELEASE}={written}"])
