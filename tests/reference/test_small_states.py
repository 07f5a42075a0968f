"""Jobs that ran with small states: what they hold once their recipe is said."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.plan_file import load_plan

PLAN = """
schema_version = 1
name = "small states"
as_of = 2026-11-22

[model]
profile = "{model}"

[workload]
tokens = "1B"
sequence_length = {sequence}
global_batch_sequences = {batch}
precision = "bf16"

[[cluster.pools]]
id = "train"
system = "{system}"
chips = {chips}
stack = "{stack}"

[strategy]
mode = "auto"
{strategy}

[training]
{recipe}

[site]
profile = "ashburn-us"
"""
#: Weights, gradients and moments in 16 bit, and no second copy.
PURE = 'state_dtype = "bf16"\nmaster_weights = "none"\ngradient_dtype = "bf16"'
SHARDED = "tensor = 1\npipeline = 1\nzero = 3"


@functools.cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def estimate(folder: Path, **answers: object) -> Estimate:
    path = folder / "plan.toml"
    path.write_text(PLAN.format(**answers), encoding="utf-8")
    return estimate_plan(load_plan(path), catalog())


@pytest.mark.parametrize(
    "recipe",
    [
        'optimizer = "adamw-8bit"\nmaster_weights = "none"\ngradient_dtype = "bf16"',
        PURE + '\noffload = "optimizer"',
    ],
    ids=["8-bit", "offloaded"],
)
def test_llama_3_70b_fits_on_eight_a100(tmp_path: Path, recipe: str) -> None:
    # all parameters trained on eight A100 80 GB with a paged optimizer: torchtune issue 987, Llama 2 70B, in
    # fully sharded layers
    job = {"model": "llama-3-70b", "sequence": 2048, "batch": 8, "system": "dgx-a100", "chips": 8}
    usual = estimate(tmp_path, **job, stack="cuda-fsdp", strategy=SHARDED, recipe="")
    assert usual.figures is None
    small = estimate(tmp_path, **job, stack="cuda-fsdp", strategy=SHARDED, recipe=recipe)
    assert small.figures is not None, small.reasons


def test_qwen3_30b_a3b_trains_on_eight_h100(tmp_path: Path) -> None:
    # 12 k tokens a second and chip, as a team told; mixed precision called for recomputing, at 2.1 k
    job = {"model": "qwen3-30b-a3b", "sequence": 4096, "batch": 64, "system": "dgx-h100", "chips": 8}
    found = estimate(tmp_path, **job, stack="cuda-torchtitan", strategy="", recipe=PURE)
    assert found.figures is not None, found.reasons
    assert found.figures.number("tokens_per_second") / 8 == pytest.approx(12e3, rel=0.35)


def test_a_7b_in_pure_16_bit_trains_on_four_a100_of_40_gb(tmp_path: Path) -> None:
    # 29 GB on each, fully sharded, as a team told; not the length of its sequences, nor whether it recomputed
    job = {"model": "llama-2-7b", "sequence": 2048, "batch": 8, "system": "hgx-a100-40", "chips": 4}
    strategy = SHARDED + '\nmicrobatch = 1\nrecompute = "none"'
    found = estimate(tmp_path, **job, stack="cuda-fsdp", strategy=strategy, recipe=PURE)
    assert found.figures is not None, found.reasons
    held = found.figures.number("memory.per_chip_bytes")
    assert held == pytest.approx(29e9, rel=0.25)
    usual = estimate(tmp_path, **job, stack="cuda-fsdp", strategy=strategy, recipe="")
    assert usual.figures is not None, usual.reasons
    # twice the bytes of each of 6.7e9 parameters
    assert usual.figures.number("memory.per_chip_bytes") - held > 0.9 * 8 * 6.7e9 / 4
