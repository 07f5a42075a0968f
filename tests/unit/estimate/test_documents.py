"""Attention over packed documents costs what the documents do, and the tree says of which length they are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures

PLAN = Path(__file__).parents[3] / "saved_plans" / "qwen2-72b-a100.toml"
LAYOUT = ["strategy.tensor=8", "strategy.pipeline=4", "strategy.microbatch=1", "strategy.recompute=selective"]


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def figures(*more: str) -> Figures:
    found = estimate_plan(apply_overrides(load_plan(PLAN), [*LAYOUT, *more]), catalog()).figures
    assert found is not None
    return found


def test_documents_shorten_the_attention_of_a_long_window_alone() -> None:
    long, window = "workload.sequence_length=32768", "workload.global_batch_sequences=256"
    whole, packed = figures(long, window), figures(long, window, "workload.document_tokens=2048")
    for name, ratio in (("model.attention_flops", 1 / 16), ("step.matmul_s", 1.0)):
        assert packed.number(name) == pytest.approx(ratio * whole.number(name))
    assert packed.number("training_days") < 0.8 * whole.number("training_days")
    # what the model needs of one token is less by what attention does, and memory holds as much
    assert packed.number("flops_per_token") < whole.number("flops_per_token")
    assert packed.number("memory.per_chip_bytes") == whole.number("memory.per_chip_bytes")


def test_documents_as_long_as_the_sequence_change_nothing() -> None:
    assert figures("workload.document_tokens=4096").number("training_days") == figures().number(
        "training_days"
    )


def test_the_tree_says_how_long_documents_are() -> None:
    record = figures("workload.document_tokens=2048").record("model.mean_context")
    assert [(child.symbol, child.value) for child in record.children if child.symbol == "documents"] == [
        ("documents", 2048.0)
    ]
    assert "documents" not in [child.symbol for child in figures().record("model.mean_context").children]
