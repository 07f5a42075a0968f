"""A job beyond what published runs cover has a wider band, by how far beyond it lies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.engine.inputs import ArchitectureInputs
from planner.planning.reach import MOST_CHIPS, band_stretch, beyond_the_data

SHAPE = ArchitectureInputs(
    layers=32, hidden=4096, heads=32, key_value_heads=32, head_dimension=128, feed_forward_width=11008
)
SMALL = replace(SHAPE, hidden=1024, layers=24, feed_forward_width=4096, heads=8, key_value_heads=8)


def stretch(length: float = 4096, chips: float = 512, shape: ArchitectureInputs = SHAPE) -> float:
    return band_stretch(beyond_the_data(shape, sequence_length=length, chips=chips))


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
