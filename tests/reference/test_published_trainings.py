"""Whole trainings that were published, against the shipped plans of them."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.plans.plan_file import load_plan
from planner.plans.shipped import list_plans

PLANS = {path.stem: path for path in list_plans()}


@functools.cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@functools.cache
def estimate(name: str) -> Estimate:
    return estimate_plan(load_plan(PLANS[name]), catalog())


def performance(name: str) -> Performance:
    found = estimate(name).performance
    assert found is not None, estimate(name).reasons
    return found


def chip_hours(name: str) -> float:
    chips = estimate(name).pools[0].chips
    return performance(name).training_days.p50 * 24 * chips


def test_llama_405b_takes_its_published_hours() -> None:
    # 30.84M H100 hours: Llama 3.1 model card, training energy table
    assert chip_hours("llama-3.1-405b-h100") == pytest.approx(30.84e6, rel=0.25)


def test_deepseek_v3_takes_its_published_hours() -> None:
    # 2.664M H800 hours of pre-training: DeepSeek-V3 Technical Report (arXiv 2412.19437), table 1
    assert chip_hours("deepseek-v3-h800") == pytest.approx(2.664e6, rel=0.25)


def test_pangu_ultra_reaches_its_published_utilisation() -> None:
    # 52 % by the abstract of Pangu Ultra (arXiv 2504.07866), 50 % by its section on the system
    assert 0.45 <= performance("pangu-ultra-135b-910b").mfu.band.p50 <= 0.60


def numbers(value: object, where: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield where, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from numbers(getattr(value, field.name), f"{where}.{field.name}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, f"{where}.{key}")


def bands(value: object, where: str = "") -> Iterator[tuple[str, Band]]:
    if isinstance(value, Band):
        yield where, value
    elif is_dataclass(value):
        for field in fields(value):
            yield from bands(getattr(value, field.name), f"{where}.{field.name}")


@pytest.mark.parametrize("path", PLANS.values(), ids=lambda path: path.stem)
def test_a_shipped_plan_is_finite_ordered_and_adds_up(path: Path) -> None:
    found = performance(path.stem)
    assert [where for where, number in numbers(found) if not math.isfinite(number)] == []
    assert [where for where, band in bands(found) if not 0 < band.p10 <= band.p50 <= band.p90] == []
    assert sum(found.step.parts.values()) == pytest.approx(found.step.seconds, rel=1e-3)
    assert all(part >= 0 for part in found.step.parts.values())
    assert sum(found.memory.parts.values()) == pytest.approx(found.memory.per_chip_bytes, rel=1e-3)
    assert found.memory.per_chip_bytes <= found.memory.capacity_bytes
    assert sum(found.interconnect.by_class.values()) == pytest.approx(found.interconnect.fraction)
    assert sum(found.interconnect.by_tier.values()) == pytest.approx(found.interconnect.fraction)
    # the share of the step that waits is that of the exposed traffic
    traffic = sum(found.step.parts[name] for name in found.interconnect.by_class)
    assert found.interconnect.fraction == pytest.approx(traffic / found.step.seconds)
    assert 0 < found.mfu.band.p50 < found.mfu_full_attention.band.p50 < 0.75
    assert found.mfu.band.p50 <= found.hfu.band.p50
    layout = found.layout
    assert (
        layout.chips_used
        == layout.tp * layout.cp * layout.pp * layout.dp
        <= estimate(path.stem).pools[0].chips
    )
    assert found.power.it_w is not None
    assert found.power.facility_w is not None
    assert found.power.it_w.p50 < found.power.facility_w.p50 < (found.power.peak_facility_w or 0)


@pytest.mark.parametrize("name", ["llama-3.1-405b-h100", "pangu-ultra-135b-910b"])
def test_two_estimates_of_a_plan_are_equal_in_every_figure(name: str) -> None:
    again = estimate_plan(load_plan(PLANS[name]), catalog()).performance
    assert again == performance(name)
