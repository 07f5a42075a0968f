"""The null model is the best constant there is, and is held out as ours is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.validation.null_model import best_utilisation, null_predictions, peak_rate


@given(st.lists(st.floats(0.05, 0.8), min_size=1, max_size=12))
def test_no_other_constant_has_a_smaller_mean_error(utilisations: list[float]) -> None:
    def mean_error(constant: float) -> float:
        return float(np.mean(np.abs(constant / np.array(utilisations) - 1.0)))

    best = mean_error(best_utilisation(utilisations))
    assert best <= min(mean_error(constant) for constant in np.linspace(0.04, 0.9, 400)) + 1e-12


def test_the_peak_rate_is_the_16_bit_peak_over_six_times_the_parameters(make: Any) -> None:
    run = make.scored(1000.0, 1000.0)
    layers = 32 * (4 * 4096**2 + 2 * 4096 * 16384)
    parameters = layers + 4096 * 51200
    assert peak_rate(run) == pytest.approx(312e12 / (6 * parameters), rel=1e-3)


def test_a_run_is_predicted_from_its_own_chip_and_held_out_with_its_source(make: Any) -> None:
    peak = peak_rate(make.scored(1.0, 1.0))
    assert peak is not None
    runs = [
        make.scored(peak * share, 1.0, id=f"run-{number}", group=f"{source}/gpt")
        for number, (share, source) in enumerate([(0.5, "one"), (0.5, "one"), (0.4, "two")])
    ]
    found = null_predictions(runs)
    assert found["run-0"].in_sample == pytest.approx(peak * 0.5)
    assert found["run-0"].held_out == pytest.approx(peak * 0.4)
    assert found["run-2"].held_out == pytest.approx(peak * 0.5)


def test_the_only_source_of_a_chip_is_held_out_against_all_other_chips(make: Any) -> None:
    peak = peak_rate(make.scored(1.0, 1.0))
    assert peak is not None
    runs = [
        make.scored(peak * 0.5, 1.0, id="a", group="one/gpt"),
        make.scored(100.0, 1.0, id="b", group="two/gpt", hardware__chip="h100-sxm"),
    ]
    h100 = peak_rate(runs[1])
    assert h100 is not None
    assert null_predictions(runs)["b"].held_out == pytest.approx(h100 * 0.5)
    assert null_predictions(runs)["b"].in_sample == pytest.approx(100.0)
