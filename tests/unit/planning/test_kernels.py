"""Kernels of attention that a run names, beside those of its software's year."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import load_catalog
from planner.planning.stack import stack_chain, stack_constants

NAMED = ("compile", "flash-attention-2")


def efficiency(generation: str, *features: str) -> float:
    catalog = load_catalog(include_user=False)
    chain = stack_chain(catalog.get("stacks", "cuda-fsdp").profile, catalog)
    found = stack_constants(chain, generation, "reference", 2026, features)
    return float(found.constants.attention_efficiency)


@pytest.mark.parametrize(
    ("generation", "share"), [("ampere", 1.0), ("hopper", 1.0), ("blackwell", 0.5), ("blackwell-ultra", 0.5)]
)
def test_kernels_that_a_run_names_are_older_than_its_year(generation: str, share: float) -> None:
    catalog = load_catalog(include_user=False)
    kernels = catalog.get("stacks", "cuda").profile.kernels
    by_year = "second" if generation == "ampere" else "third"
    ratio = kernels["second"].median / kernels[by_year].median
    assert efficiency(generation, *NAMED) == pytest.approx(efficiency(generation) * ratio * share)
    assert efficiency(generation, "compile") == efficiency(generation)
