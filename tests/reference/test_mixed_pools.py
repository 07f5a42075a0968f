"""Published trainings over unlike chips: the ratios that they reached, and what such plans are told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import load_catalog
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.report.estimate_json import estimate_to_dict

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads(Path(__file__).with_name("mixed_pools.json").read_text())["cases"]
}


@cache
def trained(
    pools: tuple[tuple[str, int], ...], model: str, batch: int, sets: tuple[str, ...] = ()
) -> Estimate:
    """Return the estimate of a model on pools of so many systems."""
    listed = ", ".join(
        f'{{id="{name}", system="{system}", count={count}}}'
        for name, (system, count) in zip("abc", pools, strict=False)
    )
    changes = [f"cluster.pools=[{listed}]", f"model.profile={model}"]
    changes += [f"workload.global_batch_sequences={batch}", *sets]
    plan = apply_overrides(load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml"), changes)
    return estimate_plan(plan, load_catalog(include_user=False))


def rate(estimate: Estimate) -> float:
    assert estimate.figures is not None
    return estimate.figures.number("tokens_per_second")


def kept(estimate: Estimate) -> float:
    """Return the share of the sum of the pools' rates that is left."""
    chosen = estimate.splits and estimate.splits.chosen
    assert chosen
    assert chosen.loss is not None
    return 1.0 - chosen.loss


def own_rates(estimate: Estimate) -> Sequence[float]:
    return [pool.figures.number("tokens_per_second") for pool in estimate.pools if pool.figures]


@pytest.mark.parametrize("model", ["gpt3-175b", "llama-2-70b"])
def test_nothing_is_promised_beyond_the_sum_though_it_was_measured(model: str) -> None:
    estimate = trained((("atlas-800t-a2", 64), ("dgx-a100", 64)), model, 1024)
    assert estimate.splits is not None
    for view in estimate.splits.views:
        assert view.figures is not None
        promised = view.figures.number("tokens_per_second") / sum(own_rates(estimate))
        assert promised <= 1.0 < CASES["h2"]["most_over_the_sum"]


@pytest.mark.parametrize("model", ["llama-2-7b", "llama-2-13b", "mpt-30b"])
def test_unlike_gpus_do_about_what_as_many_peaks_of_one_kind_do(model: str) -> None:
    low, high = CASES["hexiscale"]["over_one_kind_of_the_same_peak"]
    mixed = trained((("dgx-a100", 8), ("dgx-h100", 4)), model, 512)
    one_kind = [trained((pool,), model, 512) for pool in (("dgx-a100", 16), ("dgx-h100", 8))]
    # half of each makes as many peaks
    assert low <= rate(mixed) / (sum(rate(one) for one in one_kind) / 2) <= high


def test_shares_by_speed_gain_over_equal_ones() -> None:
    estimate = trained((("dgx-a100", 8), ("dgx-h100", 8)), "llama-2-13b", 512)
    equal = 2 * min(own_rates(estimate))
    assert rate(estimate) / equal >= CASES["hexiseq"]["over_the_best_equal_method"][0]


def test_two_centres_far_apart_keep_most_of_the_sum() -> None:
    case = CASES["deeplink"]
    pools = (("atlas-800t-a2", 64), ("dgx-a100", 64))
    far = trained(pools, "gpt3-175b", 2048, (f"cluster.link_latency_s={case['latency_s']}",))
    near = trained(pools, "gpt3-175b", 2048)
    # it is published to two digits
    assert round(kept(far), 2) >= case["least_of_the_ideal"]
    assert rate(far) <= rate(near)


def test_two_vendors_keep_about_what_was_published() -> None:
    case = CASES["hethub"]
    estimate = trained((("mi300x-8", 16), ("dgx-a100", 80)), "llama-2-70b", 1536)
    assert sum(pool.chips for pool in estimate.pools) == 768
    assert kept(estimate) == pytest.approx(case["share_of_the_ideal"], abs=case["tolerance"])


def test_the_shipped_mixed_plan_tells_its_split_and_what_it_loses() -> None:
    plan = load_plan(shipped_plans_folder() / "mixed-910b-a100.toml")
    told = estimate_to_dict(estimate_plan(plan, load_catalog(include_user=False)))
    split, pools = told["split"], {pool["id"]: pool for pool in told["pools"]}
    assert split["chosen"] == "data"
    assert 0 < split["loss"] < 0.15
    assert told["strategy"]["split"] == {"npu": 2048, "gpu": 512}
    ways = {way["split"]: way for way in split["ways"]}
    assert set(ways) == {"data", "pipeline", "alone"}
    days = {name: way["training_days"]["p50"] for name, way in ways.items()}
    assert told["training_days"]["p50"] == min(days.values()) == days["data"]
    assert days["alone"] == min(pool["training_days"]["p50"] for pool in pools.values())
    ideal = sum(pool["tokens_per_second"]["p50"] for pool in pools.values())
    assert told["tokens_per_second"]["p50"] == pytest.approx((1 - split["loss"]) * ideal)
    assert [part["sequences"] for part in ways["data"]["pools"]] == [[768], [256]]
    assert sum(part["layers"][0] for part in ways["pipeline"]["pools"]) == 80
    assert any(text.startswith("link between the pools") for text in split["assumed"])
    assert any(
        "the pools that train together differ in platforms (cann, cuda)" in it for it in told["warnings"]
    )
