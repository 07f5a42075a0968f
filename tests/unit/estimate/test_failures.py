"""What half of a cluster could be faster by: its compute alone bounds what its layout says, from below."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.estimate.failures import least_over_half, over_half
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan

PLAN = Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.mark.parametrize("recompute", ["none", "full"])
@pytest.mark.parametrize(
    ("tensor", "pipeline", "batch"), [(8, 4, 1024), (4, 8, 768), (8, 1, 512), (8, 10, 100), (8, 2, 2048)]
)
def test_compute_alone_is_a_lower_bound_of_what_half_is_slower_by(
    tensor: int, pipeline: int, batch: int, recompute: str
) -> None:
    layout = {"tensor": tensor, "pipeline": pipeline, "microbatch": 1, "zero": 3, "recompute": recompute}
    overrides = [f"strategy.{key}={value}" for key, value in layout.items()]
    overrides += [f"workload.global_batch_sequences={batch}", "workload.batch_flex=0"]
    figures = estimate_plan(apply_overrides(load_plan(PLAN), overrides), catalog()).figures
    assert figures is not None
    assert 0.2 < least_over_half(figures) <= over_half(figures)
