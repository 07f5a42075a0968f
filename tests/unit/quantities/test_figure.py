"""Figures: medians, draws and bands, and what is missing, left out or assumed."""

from __future__ import annotations

import numpy as np
import pytest

from planner.quantities.figure import Band, Figure, Gap, known, together, unknown

OPTICS = Gap("left out", "power", "power of fabric 'wire'")
PUE = Gap("assumed", "power", "PUE of the site")
PRICE = Gap("unknown", "money", "systems of pool 'train'")


def test_the_medians_come_before_the_draws() -> None:
    figure = Figure(np.array([3.0, *np.arange(101.0)]))
    assert figure.p50 == 3.0
    assert figure.draws.tolist() == list(range(101))
    # what is at the medians stays inside the band
    assert figure.band == Band(3.0, 3.0, 90.0)


def test_what_chance_has_no_part_in_is_its_own_band() -> None:
    figure = known(7.0)
    assert figure.draws.tolist() == [7.0]
    assert figure.band == Band(7.0, 7.0, 7.0)
    assert figure.is_known


def test_what_is_unknown_has_no_number() -> None:
    figure = unknown((PUE, PRICE))
    assert not figure.is_known
    assert (figure.p50, figure.band) == (None, None)
    assert np.all(np.isnan(figure.values))


@pytest.mark.parametrize("gap", [OPTICS, PUE])
def test_what_is_left_out_or_assumed_leaves_a_number(gap: Gap) -> None:
    assert Figure(np.array([1.0]), (gap,)).p50 == 1.0


def test_gaps_are_told_by_family_and_once() -> None:
    gaps = together((OPTICS, PUE), (PRICE, OPTICS))
    assert gaps == (OPTICS, PUE, PRICE)
    figure = unknown(gaps)
    assert figure.gaps_of("power") == ("power of fabric 'wire'", "PUE of the site")
    assert figure.gaps_of("money") == ("systems of pool 'train'",)
    assert figure.gaps_of("other") == ()
