"""Utilisations are shares of the peak in use; of another than the 16-bit one that is told as well."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures
from planner.report.estimate_json import estimate_to_dict

PLANS = Path(__file__).parents[3] / "saved_plans"


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def estimate_of(precision: str) -> Estimate:
    plan = load_plan(PLANS / "llama-3.1-405b-gb200.toml")
    return estimate_plan(apply_overrides(plan, [f"workload.precision={precision}"]), catalog())


def figures_of(precision: str) -> Figures:
    found = estimate_of(precision).figures
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("precision", "datatype", "peak", "times"),
    [
        ("bf16", "bf16", 2500e12, 1.0),
        ("fp16", "bf16", 2500e12, 1.0),
        ("fp8", "fp8", 5000e12, 2.0),
        ("mxfp8", "fp8", 5000e12, 2.0),
        ("nvfp4", "fp4", 10e15, 4.0),
        ("tf32", "tf32", 1250e12, 0.5),
    ],
)
def test_a_utilisation_is_a_share_of_the_peak_in_use(
    precision: str, datatype: str, peak: float, times: float
) -> None:
    found = figures_of(precision)
    for identifier in ("mfu", "mfu_full_attention", "hfu"):
        share = found.number(identifier)
        assert 0 < share < 1
        assert found.words(f"{identifier}.peak_datatype") == datatype
        assert found.number(f"{identifier}.peak_flops_per_s") == peak
        of_16_bit = found.p50(f"{identifier}.of_16_bit")
        told = estimate_to_dict(estimate_of(precision))[identifier]
        if times == 1.0:
            assert of_16_bit is None
            assert "of_16_bit" not in told
        else:
            assert told["of_16_bit"] == of_16_bit == pytest.approx(times * share)
    flops = found.number("flops_per_token") * found.number("tokens_per_second_per_chip")
    assert found.number("mfu") == pytest.approx(flops / peak)


def test_no_end_of_a_band_is_above_the_peak() -> None:
    # a busy layout of a chip of which little was published: the model's own scatter would reach further
    plan = load_plan(PLANS / "qwen2-72b-a100.toml")
    asked = ["model.profile=olmo-3-32b", "workload.sequence_length=32768", "strategy.recompute=full"]
    pool = ["cluster.pools.system=tpu-v3-pod", "cluster.pools.chips=64", "cluster.pools.stack=xla-maxtext"]
    found = estimate_plan(apply_overrides(plan, [*pool, *asked]), catalog()).figures
    assert found is not None
    assert found["hfu"].draws.max() == pytest.approx(1.0)
