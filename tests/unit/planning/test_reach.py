"""A job beyond what published runs cover has a wider band, by how far beyond it lies."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from planner.domain.stack import Stack
from planner.engine.architecture import parameter_counts
from planner.engine.inputs import ArchitectureInputs
from planner.planning.reach import (
    MOST_CHIPS,
    VARIANCE_PER_YEAR,
    band_stretch,
    beyond_the_data,
    known_release,
    later_software,
)

SHAPE = ArchitectureInputs(
    layers=32, hidden=4096, heads=32, key_value_heads=32, head_dimension=128, feed_forward_width=11008
)
SMALL = replace(SHAPE, hidden=1024, layers=24, feed_forward_width=4096, heads=8, key_value_heads=8)


def stretch(length: float = 4096, chips: float = 512, shape: ArchitectureInputs = SHAPE) -> float:
    return band_stretch(beyond_the_data(parameter_counts(shape), sequence_length=length, chips=chips))


def test_a_usual_job_keeps_the_band_of_usual_jobs() -> None:
    assert stretch() == stretch(8192, MOST_CHIPS) == 1.0


@pytest.mark.parametrize(
    ("near", "far"),
    [
        ({"length": 16_384.0}, {"length": 131_072.0}),
        ({"chips": 8192.0}, {"chips": 131_072.0}),
        ({"shape": SMALL}, {"shape": replace(SMALL, layers=6)}),
    ],
)
def test_the_further_beyond_the_wider(near: dict[str, float], far: dict[str, float]) -> None:
    assert 1.0 < stretch(**near) < stretch(**far) < 3.0  # type: ignore[arg-type]


def stack(newest: str | None) -> Stack:
    return Stack(
        id="cuda-any", name="any", platform="cuda", framework="any", year=2024, newest_release=newest
    )


@pytest.mark.parametrize(
    ("release", "start", "years"),
    [
        (None, None, 0.0),
        ("2026-02", None, 0.0),
        ("2024-01", None, 0.0),
        ("2027-02", None, 1.0),
        (None, datetime.date(2026, 2, 28), 0.0),
        (None, datetime.date(2026, 8, 1), 0.5),
        # a plan that says what it runs is not asked about its start
        ("2026-02", datetime.date(2029, 8, 1), 0.0),
    ],
)
def test_software_newer_than_what_was_measured_widens_by_the_years(
    release: str | None, start: datetime.date | None, years: float
) -> None:
    found = later_software((stack("2026-02"),), release, start)
    assert band_stretch(found) ** 2 == pytest.approx(1.0 + VARIANCE_PER_YEAR * years)


def test_what_is_known_is_asked_of_the_stack_first_and_then_of_its_parents() -> None:
    assert known_release((stack("2023-11"), stack("2026-02"))) == "2023-11"
    assert known_release((stack(None), stack("2026-02"))) == "2026-02"
    assert known_release((stack(None),)) is None
    assert later_software((stack(None),), "2099-01", None) == ()
