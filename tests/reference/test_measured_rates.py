"""Measured collectives and matmuls lie where sound systems are expected, each source left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.measured_rates import Curve
from planner.engine.collective_tests import TimedGroup, nominal_bus_bytes_per_s
from planner.planning.expected_rates import expected_chip_rate, expected_collective
from planner.planning.measured_rates import TimedCollective, chip_rates, timed_points
from planner.validation.measured_rates import RatesValidation, validate_rates


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@pytest.fixture(scope="module")
def validation(catalog: Catalog) -> RatesValidation:
    return validate_rates(catalog)


H100 = TimedCollective("all_reduce", 16, 2, 2, 450e9, 450e9, 400e9, can_add=True)


def test_three_of_four_measured_rates_lie_in_the_band_without_their_source(
    validation: RatesValidation,
) -> None:
    assert len(validation.scored) > 100
    assert validation.covered_share >= 0.75
    assert validation.median_error <= 0.12
    for kind, one in validation.by_kind.items():
        assert one.covered_share >= 0.75, kind
        # what failing fabrics came to lies far below, as it should
        sound = RatesValidation(tuple(row for row in one.scored if row.is_sound), ())
        assert sound.median_error <= 0.12, kind


def test_makers_whose_power_limits_hold_the_clock_are_told_apart(validation: RatesValidation) -> None:
    """An MI300X reaches half of what is on paper, an H100 four fifths: by others than its source."""
    amd = [one for one in validation.scored if one.kind == "matmuls" and "mi3" in one.file]
    assert len({one.file for one in amd}) >= 5
    assert all(abs(one.error) < 0.12 for one in amd)


def test_bands_are_not_bought_by_being_wide(validation: RatesValidation) -> None:
    widths = [one.expected.log_spread for one in validation.scored if one.expected.grounding == "curve"]
    assert float(np.median(widths)) < 0.15


def test_each_demanded_value_is_placed(validation: RatesValidation) -> None:
    shares = {
        (place.scored.file, place.scored.what, round(place.scored.rate / 1e9)): place.scored.share
        for place in validation.demanded
    }
    assert shares["alayanccl-h100-sxm", "all-reduce 8", 460] == pytest.approx(0.96, abs=0.02)
    assert shares["gchs-h200-sxm", "all-reduce 16", 250] < 0.65  # a gate for broken nodes, no contract value
    assert all(0.1 < share < 1.5 for share in shares.values())


def test_failing_fabrics_lie_below_the_band_and_in_no_expectation(validation: RatesValidation) -> None:
    failing = [one for one in validation.scored if not one.is_sound]
    assert failing
    assert all(one.rate < one.expected.rate for one in failing)
    assert sum(one.rate < one.expected.low for one in failing) >= 3


def test_a_measurement_near_by_narrows_the_band_and_says_where_it_is_from(catalog: Catalog) -> None:
    points = timed_points(catalog)
    near, nothing = expected_collective(H100, 2**33, points), expected_collective(H100, 2**33, ())
    assert near.log_spread < nothing.log_spread / 2
    assert (near.grounding, nothing.grounding) == ("curve", "engine")
    assert {"AWSNCCL", "OCITS", "NCCLT-309"} & set(near.sources)
    assert near.rate == pytest.approx(465e9, rel=0.06)


def test_what_is_octaves_away_says_so(catalog: Catalog) -> None:
    far = TimedCollective("all_reduce", 4096, 512, 512, 450e9, 450e9, 400e9, can_add=True)
    expected = expected_collective(far, 2**33, timed_points(catalog))
    assert expected.grounding == "carried"
    assert "octaves" in expected.basis


def test_a_chip_that_nobody_measured_has_the_width_of_all(catalog: Catalog) -> None:
    rates = chip_rates(catalog)
    own = expected_chip_rate(
        "matmul", "fp8", chip="h100-sxm", maker="NVIDIA", generation="hopper", rated=1979e12, rates=rates
    )
    none = expected_chip_rate(
        "matmul", "fp8", chip="x", maker="x", generation="x", rated=1979e12, rates=rates
    )
    assert own.log_spread < none.log_spread / 2
    assert (own.grounding, none.grounding) == ("curve", "engine")


@pytest.mark.parametrize(
    ("convention", "printed", "bus"),
    [("bus", 100.0, 100.0), ("algorithm", 100.0, 175.0), ("doubled", 100.0, 50.0)],
)
def test_conventions_are_one(convention: str, printed: float, bus: float) -> None:
    curve = Curve.model_validate(
        {
            "collective": "all_reduce",
            "ranks": 8,
            "nodes": 1,
            "domains": 1,
            "convention": convention,
            "kind": "measured",
            "sources": ["X"],
            "points": [{"size_bytes": "1 GiB", "bytes_per_s": f"{printed} GB/s"}],
        }
    )
    (point,) = curve.bus_rates()
    assert point == pytest.approx((2.0**30, bus * 1e9))


def test_a_time_is_a_rate_by_the_factor_of_its_ring() -> None:
    curve = Curve.model_validate(
        {
            "collective": "all_reduce",
            "ranks": 8,
            "nodes": 1,
            "domains": 1,
            "convention": "time",
            "kind": "measured",
            "sources": ["X"],
            "points": [{"size_bytes": 1024, "time_s": "25.6 us"}],
        }
    )
    ((_, rate),) = curve.bus_rates()
    assert rate == pytest.approx(0.07e9)


@given(st.floats(1.0, 1e11), st.floats(1.01, 4.0), st.integers(1, 512))
def test_larger_messages_are_never_slower_and_no_wire_is_exceeded(
    size: float, more: float, domains: int
) -> None:
    group = TimedGroup(8 * domains, 8, domains, 450e9, 400e9, 1, 1, 0)
    small, large = (float(nominal_bus_bytes_per_s(at, group)) for at in (size, size * more))
    assert 0.0 < small < large <= float(nominal_bus_bytes_per_s(math.inf, group)) <= 1.02 * 450e9
