"""A plan that knows its model's parameters alone: a plausible shape, said, marked and with a wider band."""

from __future__ import annotations

import math

import pytest

from planner.catalog.catalog import load_catalog
from planner.domain.keys import missing_keys
from planner.domain.plan import Plan
from planner.errors import PlanError
from planner.estimate.estimate import estimate_plan
from planner.files.validation import InvalidPlanError, validate
from planner.planning.plausible_architecture import (
    DENSE_SHAPE_LOG_SPREAD,
    MIXTURE_SHAPE_LOG_SPREAD,
    plausible_architecture,
)
from planner.plans.overrides import apply_overrides
from planner.quantities.figure import Band


def plan(**model: object) -> Plan:
    data = {
        "name": "a model of our own",
        "model": model,
        "workload": {"tokens": "1T"},
        "cluster": {"pools": [{"id": "train", "system": "dgx-h100", "count": 32}]},
    }
    return validate(Plan, data, where="plan")


def log_width(band: Band | None) -> float:
    assert band is not None
    return math.log(band.p90 / band.p10)


@pytest.mark.parametrize(
    ("parameters", "active", "spread"),
    [(7e10, None, DENSE_SHAPE_LOG_SPREAD), (1e11, 12e9, MIXTURE_SHAPE_LOG_SPREAD)],
)
def test_an_assumed_shape_widens_the_band_and_says_so(
    parameters: float, active: float | None, spread: float
) -> None:
    catalog = load_catalog()
    assumed = estimate_plan(plan(parameters=parameters, active_parameters=active), catalog)
    said = estimate_plan(plan(architecture=plausible_architecture(parameters, active)), catalog)
    assert assumed.figures is not None
    assert said.figures is not None
    assert assumed.figures.p50("training_days") == said.figures.p50("training_days")
    # 80 % of a normal distribution lie within 1.28 of its spread on either side
    wider = log_width(assumed.figures.band("training_days"))
    own = log_width(said.figures.band("training_days"))
    assert math.hypot(own, 2 * 1.2816 * spread) == pytest.approx(wider, rel=0.1)
    assert assumed.figures.gaps("training_days") == ("shape of the model (assumed from the parameter count)",)
    assert said.figures.gaps("training_days") == ()
    (warning,) = (line for line in assumed.warnings if line.startswith("shape assumed"))
    assert warning.startswith("shape assumed from the parameter count: ")
    assert not any(line.startswith("shape assumed") for line in said.warnings)


def test_parameters_stand_in_place_of_a_profile() -> None:
    by_count = plan(parameters="70B")
    assert by_count.model.parameters == 70e9
    assert list(missing_keys(by_count)) == []
    named = apply_overrides(by_count, ["model.profile=llama-3-70b"])
    assert (named.model.profile, named.model.parameters) == ("llama-3-70b", None)
    again = apply_overrides(named, ["model.parameters=100B", "model.active_parameters=12B"])
    assert (again.model.profile, again.model.active_parameters) == (None, 12e9)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ({"profile": "llama-3-70b", "parameters": "70B"}, "expected one of profile"),
        ({"active_parameters": "12B"}, "active_parameters: expected parameters too"),
        ({"parameters": "12B", "active_parameters": "70B"}, "active_parameters: expected parameters too"),
        ({"parameters": "-1"}, "parameters"),
    ],
)
def test_what_is_no_count_of_a_model_is_refused(model: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidPlanError, match=words):
        plan(**model)


def test_a_count_that_no_model_has_is_refused_by_its_key() -> None:
    with pytest.raises(PlanError, match=r"^model\.parameters 1e\+06 "):
        estimate_plan(plan(parameters="1M"), load_catalog())
