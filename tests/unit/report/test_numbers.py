from __future__ import annotations

import datetime
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.quantities.figure import Band
from planner.report import numbers

finite = st.floats(min_value=-1e30, max_value=1e30, allow_nan=False)
positive = st.floats(min_value=1e-9, max_value=1e30, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.0, 2, "0"),
        (9.43, 2, "9.4"),
        (9.96, 2, "10"),
        (99.6, 2, "100"),
        (0.0996, 2, "0.10"),
        (8192.4, 2, "8,192"),
        (-3.14159, 3, "-3.14"),
        (1e-9, 2, "1.0e-9"),
        (1.23e18, 3, "1.23e18"),
        (None, 2, "unknown"),
        (math.nan, 2, "unknown"),
        (math.inf, 2, "unknown"),
    ],
)
def test_decimals_keep_the_digits_that_matter(value: float | None, digits: int, expected: str) -> None:
    assert numbers.decimal(value, digits) == expected


@pytest.mark.parametrize(
    ("value", "scales", "digits", "expected"),
    [
        (400.0, numbers.POWER, 2, "400 W"),
        (999.7, numbers.POWER, 2, "1.0 kW"),
        (5.12e6, numbers.POWER, 2, "5.1 MW"),
        (38e6, numbers.MONEY, 2, "38 M USD"),
        (52.1e9, numbers.BYTES, 3, "52.1 GB"),
        (353.9e12, numbers.FLOPS_PER_S, 4, "353.9 TFLOP/s"),
        (9.4, numbers.DURATION, 2, "9.4 s"),
        (0.0, numbers.DURATION, 2, "0 s"),
        (0.0, numbers.POWER, 2, "0 W"),
        (0.02, numbers.POWER, 2, "0.020 W"),
        (2e-4, numbers.DURATION, 2, "200 us"),
        (None, numbers.MONEY, 2, "unknown"),
    ],
)
def test_quantities_are_in_the_unit_that_fits(
    value: float | None, scales: tuple[numbers.Scale, ...], digits: int, expected: str
) -> None:
    assert numbers.quantity(value, scales, digits) == expected


def test_bands_share_the_unit_and_the_decimals_of_their_median() -> None:
    assert numbers.days(Band(82.1, 90.2, 102.4)) == "90 [82..102]"
    assert numbers.banded(Band(0.95e6, 1.02e6, 1.2e6), numbers.POWER) == "1.0 MW [0.9..1.2]"
    assert numbers.percent_band(Band(0.44, 0.501, 0.55)) == "50 % [44..55]"
    assert numbers.days(None) == "unknown"
    assert numbers.percent_band(None) == "unknown"


def test_the_low_end_of_a_wide_band_is_not_rounded_to_nothing() -> None:
    assert numbers.banded(Band(0.04, 12.0, 900.0)) == "12 [0.040..900]"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (8192, "8,192"),
        (131_072, "131,072"),
        (1.46e6, "1.46M"),
        (135e9, "135B"),
        (13.2e12, "13.2T"),
        (999.96e9, "1,000B"),
        (1.07e25, "1.07e25"),
        (1.5, "1.50"),
        (None, "unknown"),
    ],
)
def test_counts(value: float | None, expected: str) -> None:
    assert numbers.count(value) == expected


def test_percent_says_more_where_less_is_there() -> None:
    assert [numbers.percent(value) for value in (0.5, 0.083, 0.004, 0.0, 1.0)] == [
        "50 %",
        "8.3 %",
        "0.40 %",
        "0 %",
        "100 %",
    ]
    assert numbers.percent(None) == numbers.percent(math.nan) == "unknown"


def test_dates_are_read_one_way_only() -> None:
    assert numbers.date(datetime.date(2027, 4, 3)) == "3 Apr 2027"
    assert numbers.date(None) == "unknown"
    assert numbers.date_span(datetime.date(2027, 3, 6), datetime.date(2027, 3, 26)) == "6 Mar..26 Mar 2027"
    assert (
        numbers.date_span(datetime.date(2026, 12, 30), datetime.date(2027, 1, 2)) == "30 Dec 2026..2 Jan 2027"
    )
    assert numbers.date_span(datetime.date(2027, 3, 6), datetime.date(2027, 3, 6)) == "6 Mar 2027"


@given(finite)
def test_a_decimal_is_within_its_last_digit(value: float) -> None:
    shown = float(numbers.decimal(value, 3).replace(",", ""))
    assert shown == pytest.approx(value, rel=5.001e-3, abs=1e-300)


@given(positive)
def test_a_quantity_reads_back_to_about_its_value(value: float) -> None:
    text, unit = numbers.quantity(value, numbers.POWER, 3).split(" ")
    factor = {scale.name: scale.factor for scale in numbers.POWER}[unit]
    assert float(text.replace(",", "")) * factor == pytest.approx(value, rel=5.001e-3)


@given(positive)
def test_a_quantity_is_at_least_one_of_its_unit_where_there_is_one(value: float) -> None:
    text, unit = numbers.quantity(value, numbers.BYTES, 2).split(" ")
    assert float(text.replace(",", "")) >= 1 or unit == "B"


@given(positive, positive)
def test_larger_counts_never_look_smaller(first: float, second: float) -> None:
    def reading(text: str) -> float:
        suffixes = {"M": 1e6, "B": 1e9, "T": 1e12}
        return float(text.rstrip("MBT").replace(",", "")) * suffixes.get(text[-1], 1.0)

    low, high = sorted((first, second))
    assert reading(numbers.count(low)) <= reading(numbers.count(high)) * (1 + 1e-9)


@given(st.lists(positive, min_size=3, max_size=3).map(sorted))
def test_the_ends_of_a_band_stand_in_order(values: list[float]) -> None:
    text = numbers.banded(Band(*values))
    middle, low, high = re.fullmatch(r"(\S+) \[(\S+)\.\.(\S+)\]", text).groups()  # type: ignore[union-attr]
    read = [float(end.replace(",", "")) for end in (low, middle, high)]
    assert read[0] <= read[1] * 1.06
    assert read[1] <= read[2] * 1.06
