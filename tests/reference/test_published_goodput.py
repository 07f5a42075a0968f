"""What trainings published of the time that they lost, against plans that say what their sources say."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.plans.plan_file import plan_from_data
from planner.quantities.figure import Band


class PublishedGoodput(NamedTuple):
    """The share of the time that a run trained, and what its source says of its operation."""

    model: str
    system: str
    chips: int
    tokens: float
    sequence: int
    batch: int
    #: as published, or its bound
    low: float
    high: float
    operations: dict[str, Any]


RATE = "tokens_per_second"
CASES = {
    # The Llama 3 Herd of Models (arXiv 2407.21783), section 3.3.4: "higher than 90% effective training time"
    "llama 3": PublishedGoodput(
        "llama-3.1-405b", "dgx-h100", 16_384, 3e12, 8192, 2048, 0.90, 0.95, {"operator": "practised"}
    ),
    # MegaScale (arXiv 2402.15627), section 6.3: "over 90% effective training time rate" on over 10,000 chips
    "megascale": PublishedGoodput(
        "gpt3-175b", "dgx-a100", 12_288, 3e12, 2048, 6144, 0.90, 0.95, {"operator": "practised"}
    ),
    # Robust LLM Training Infrastructure at ByteDance (arXiv 2509.16293), abstract: 97 % over three months on
    # 9,600 chips, with warm standbys and checkpoints in memory
    "byterobust": PublishedGoodput(
        "llama-2-70b",
        "dgx-h100",
        9_600,
        20e12,
        4096,
        4800,
        0.97,
        0.97,
        {"operator": "practised"},
    ),
    # Huawei on clusters of ten thousand cards: a failure in more than 24 h, recovery below 10 min, 98 %
    "ascend": PublishedGoodput(
        "pangu-ultra-135b",
        "atlas-800t-a2",
        10_000,
        10e12,
        4096,
        5000,
        0.98,
        0.98,
        {"operator": "practised", "chip_mtbf_hours": 240_000, "restart_s": "0..600"},
    ),
    # OPT (arXiv 2205.01068), section 2.5, and its logbook: 33 days of steps at the published rate in 56 to 60
    "opt-175b": PublishedGoodput(
        "gpt3-175b", "dgx-a100", 992, 300e9, 2048, 992, 0.55, 0.59, {"operator": "first"}
    ),
}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def estimate_of(case: PublishedGoodput, **operations: Any) -> Estimate:
    plan = plan_from_data(
        {
            "name": case.model,
            "model": {"profile": case.model},
            "workload": {
                "tokens": case.tokens,
                "sequence_length": case.sequence,
                "global_batch_sequences": case.batch,
            },
            "cluster": {"pools": [{"id": "all", "system": case.system, "chips": case.chips}]},
            "operations": {**case.operations, **operations},
        },
        where=case.model,
    )
    return estimate_plan(plan, catalog())


def band_of(estimate: Estimate, identifier: str) -> Band:
    assert estimate.figures is not None
    found = estimate.figures.band(identifier)
    assert found is not None
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_was_published_lies_in_the_band(name: str) -> None:
    case = CASES[name]
    band = band_of(estimate_of(case), "goodput")
    assert band.p10 <= case.low
    assert case.high <= band.p90


def test_a_practised_operator_would_not_have_lost_what_opt_did() -> None:
    case = CASES["opt-175b"]
    assert band_of(estimate_of(case, operator="practised"), "goodput").p10 > case.high


def test_bloom_took_its_days() -> None:
    # 1,082,990 GPU-hours of 384 chips are 117.5 days (arXiv 2211.02001): a first large run
    bloom = PublishedGoodput("bloom-176b", "dgx-a100", 384, 366e9, 2048, 2048, 0, 1, {"operator": "first"})
    band = band_of(estimate_of(bloom), "training_days")
    assert band.p10 < 117.5 < band.p90


@pytest.mark.parametrize("operator", ["practised", "first"])
@pytest.mark.parametrize(
    ("model", "system", "batch", "powers"),
    [
        ("llama-2-70b", "dgx-h100", 8192, range(10, 21, 2)),
        ("deepseek-v3", "gb200-nvl72", 15_360, range(10, 21, 5)),
        pytest.param("deepseek-v3", "gb200-nvl72", 15_360, range(10, 21, 2), marks=pytest.mark.exhaustive),
    ],
)
def test_goodput_falls_from_a_thousand_chips_to_a_million(
    operator: str, model: str, system: str, batch: int, powers: range
) -> None:
    """Every size trains, each a smaller share of its time; at 131,072 the bad end is within three times."""
    found = []
    for power in powers:
        case = PublishedGoodput(model, system, 2**power // 72 * 72, 15e12, 4096, batch, 0, 1, {})
        estimate = estimate_of(case, operator=operator)
        goodput = band_of(estimate, "goodput")
        found.append(goodput)
        assert 0 < goodput.p10 <= goodput.p50 <= goodput.p90 <= 1
    for name in ("p10", "p50", "p90"):
        ends = [getattr(band, name) for band in found]
        assert all(later <= earlier for earlier, later in pairwise(ends))
    largest = PublishedGoodput(model, system, 131_040, 15e12, 4096, batch, 0, 1, {})
    goodput = band_of(estimate_of(largest, operator=operator), "goodput")
    assert goodput.p50 <= 3 * goodput.p10


@pytest.mark.parametrize("team", ["single", "reference", "vendor"])
@pytest.mark.parametrize(
    ("model", "system", "chips"),
    [("llama-3.1-405b", "dgx-h100", 131_072), ("deepseek-v3", "gb200-nvl72", 131_040)],
)
def test_the_bad_end_of_the_days_at_131_072_is_within_three_times_or_says_why(
    team: str, model: str, system: str, chips: int
) -> None:
    """Failures alone never make days three times longer; the rates of single teams nearly do."""
    case = PublishedGoodput(model, system, chips, 15e12, 4096, 15_360, 0, 1, {"team": team})
    estimate = estimate_of(case)
    days, goodput, rate = (band_of(estimate, name) for name in ("training_days", "goodput", RATE))
    assert goodput.p50 <= 3 * goodput.p10
    if days.p90 > 3 * days.p50:
        assert team == "single"
        # then it is the rate on so many chips, which no published run tells of, and that is said
        assert rate.p50 > 1.9 * rate.p10
        assert days.p90 < 4 * days.p50
        assert any("beyond what most published runs cover" in text for text in estimate.warnings)


@pytest.mark.parametrize("operator", ["practised", "first"])
@pytest.mark.parametrize(
    ("model", "system", "batch", "powers"),
    [
        ("llama-2-7b", "dgx-a100", 512, range(7, 22)),
        ("deepseek-v3", "gb200-nvl72", 15_360, range(9, 22, 4)),
        pytest.param("deepseek-v3", "gb200-nvl72", 15_360, range(7, 22), marks=pytest.mark.exhaustive),
    ],
)
def test_more_chips_take_no_longer_unless_it_is_said_why(
    operator: str, model: str, system: str, batch: int, powers: range
) -> None:
    before = float("inf")
    for power in powers:
        case = PublishedGoodput(model, system, 9 * 2**power, 15e12, 4096, batch, 0, 1, {})
        estimate = estimate_of(case, operator=operator)
        if estimate.figures is None:
            # so many chips that none of their failures is over when the next one comes
            assert any("fails faster than it restarts" in reason for reason in estimate.reasons)
            break
        days = band_of(estimate, "training_days").p50
        if days > before * (1 + 1e-9):
            # what people run may be slower than what is passed over, which is named then
            passed_over = estimate.figures.p50("strategy.runner_up")
            assert (passed_over or 0.0) < 0.0 or any(
                "a part of it is faster than the whole" in warning for warning in estimate.warnings
            )
        before = days
    assert before < float("inf")


def test_a_tail_of_few_long_restarts_is_in_the_days() -> None:
    """What is drawn about the closed form is on the mean what that says, and its tail is to the right."""
    case = CASES["opt-175b"]
    exact = {
        "failures_per_1000_server_days": 3.8,
        "own_failures_per_day": 0.5,
        "by_hand_share": 0.5,
        "by_hand_s": "1 day",
        "detection_s": 60,
        "diagnosis_s": 60,
        "warm_up_s": 60,
        "checkpoint_s": 10,
        "maintenance_share": 0,
    }
    figures = estimate_of(case, **exact).figures
    assert figures is not None
    assert figures["goodput.working"].band == Band(*[figures.number("goodput.working")] * 3)
    chance = figures["goodput.chance_s"].draws / 86_400
    share = chance.mean() / (figures.number("goodput.failures") * 0.5)
    assert abs(share) < 0.05
    low, high = sorted(chance)[100], sorted(chance)[900]
    assert low < 0 < high
    assert high > -low
