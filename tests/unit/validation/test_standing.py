"""An estimate says how many runs of how many sources stand behind it, and what is said of the nearest."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.catalog.runs import load_runs
from planner.estimate.estimate import estimate_plan
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.report.standing_words import standing_words
from planner.validation.standing import Standing, standing

PLANS = Path(__file__).parents[3] / "saved_plans"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def found(name: str, *overrides: str) -> Standing:
    plan = apply_overrides(load_plan(PLANS / f"{name}.toml"), overrides)
    result = standing(estimate_plan(plan, catalog()), load_runs().runs, catalog())
    assert result is not None
    return result


def test_the_nearest_job_is_of_the_same_kind_on_like_chips_and_is_predicted() -> None:
    it = found("llama-3.1-405b-h100")
    assert it.nearest is not None
    assert it.said is not None
    assert it.nearest.run.source_key == "llama3-herd"
    assert it.said == pytest.approx(it.nearest.tokens_per_second_per_chip, rel=0.2)
    words = standing_words(it)
    assert it.nearest.run.id in words
    assert f"{it.on_chips.runs} runs of {it.on_chips.sources} sources" in words
    assert "we say" in words


def test_a_stack_is_counted_where_the_plan_names_one() -> None:
    named = found("qwen2-72b-a100")
    assert 0 < named.with_stack.runs < named.on_chips.runs
    assert "'cuda-megatron'" in standing_words(named)
    unnamed = found("qwen2-72b-a100", "cluster.pools.stack=")
    assert "stack" not in standing_words(unnamed)
    assert unnamed.on_chips == named.on_chips


def test_mixtures_and_dense_models_stand_on_runs_of_their_own() -> None:
    mixture = found("deepseek-v3-h800")
    assert mixture.is_mixture
    assert mixture.nearest is not None
    assert mixture.nearest.is_mixture
    assert "mixtures of experts" in standing_words(mixture)
