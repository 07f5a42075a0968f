"""An error is predicted over measured, less 1; the figures of many are theirs."""

from __future__ import annotations

from typing import Any

import pytest

from planner.validation.run_scores import error_summary, summarise


def test_the_error_is_predicted_over_measured_less_one(make: Any) -> None:
    run = make.scored(1000.0, 1100.0)
    assert run.error == pytest.approx(0.1)
    assert make.scored(1000.0, 800.0).error == pytest.approx(-0.2)


def test_a_run_that_nobody_measured_has_no_error(make: Any) -> None:
    run = make.scored(None, 1100.0)
    assert run.error is None
    assert run.is_inside_band is None
    assert summarise([run]).n == 0


@pytest.mark.parametrize(("measured", "is_inside"), [(900.0, True), (899.0, False), (1101.0, False)])
def test_the_band_holds_its_ends(make: Any, measured: float, is_inside: bool) -> None:
    assert make.scored(measured, 1000.0).is_inside_band is is_inside


def test_figures_of_many(make: Any) -> None:
    runs = [make.scored(1000.0, predicted) for predicted in (1050.0, 900.0, 1300.0, 1000.0)]
    figures = summarise(runs)
    assert figures.n == 4
    assert figures.mean_abs == pytest.approx((0.05 + 0.1 + 0.3) / 4)
    assert figures.median_abs == pytest.approx(0.075)
    assert figures.bias == pytest.approx((0.05 - 0.1 + 0.3) / 4)
    # 900 reaches 990 at most; 1,300 begins at 1,170
    assert figures.coverage == pytest.approx(0.5)


def test_the_figures_of_nothing_are_unknown_and_not_zero() -> None:
    figures = error_summary([])
    assert figures.n == 0
    assert figures.mean_abs is None
    assert figures.coverage is None
