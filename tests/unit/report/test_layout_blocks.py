"""The layout in an estimate: whether it is the fastest or what people would run, and what was passed over."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import load_catalog
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.report.estimate_document import estimate_document
from planner.report.estimate_json import estimate_to_dict
from planner.report.terminal import terminal_text

PLAN = Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml"
#: As slow as layouts come that people run, and one of which little is left open.
PLANS = {"searched": (), "pinned": ("strategy.recompute=none", "strategy.tensor=8", "strategy.pipeline=4")}


@cache
def estimate(name: str) -> Estimate:
    plan = apply_overrides(load_plan(PLAN), list(PLANS[name]))
    return estimate_plan(plan, load_catalog(include_user=False))


@pytest.mark.parametrize("name", PLANS)
def test_what_was_passed_over_is_told_with_its_price_and_reason(name: str) -> None:
    found = estimate(name)
    assert found.figures is not None
    behind = found.figures.p50("strategy.runner_up")
    assert behind is not None
    text = " ".join(terminal_text(estimate_document(found), width=160).split())
    assert ("what people would run of" in text) == (behind < 0.0)
    assert ("the fastest of" in text) == (behind >= 0.0)
    layout = found.figures.words("strategy.runner_up_layout")
    reason = found.figures.words("strategy.runner_up_seldom")
    assert f"passed over: {layout};" in text
    assert reason in text
    assert reason.startswith("people seldom run such jobs with ") == (behind < 0.0)


def test_json_names_the_layout_that_was_passed_over() -> None:
    found = estimate("searched")
    assert found.figures is not None
    strategy = estimate_to_dict(found)["strategy"]
    assert strategy["runner_up_layout"] == found.figures.words("strategy.runner_up_layout")
    assert strategy["runner_up_seldom"] == found.figures.words("strategy.runner_up_seldom")
