"""Shapes that are assumed from a count, held against those of the shipped models."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator

import pytest

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.architecture import Architecture
from planner.domain.plan import Plan
from planner.engine.architecture import parameter_counts
from planner.errors import InputError
from planner.estimate.estimate import estimate_plan
from planner.planning.plausible_architecture import assumed_shape_log_spread, plausible_architecture

#: Of the count of the whole model.
TOLERANCE = 0.02
#: Systems of chips with much and with little bandwidth for their rate.
SYSTEMS = ("dgx-h100", "atlas-800t-a2")
#: Chips that train so many parameters, in the order of their size.
CLUSTERS = ((2e10, 256), (2e11, 1024), (math.inf, 4096))
#: What a spread may differ by from the constant that was rounded from it.
ROUNDING = 0.015


def shipped() -> Iterator[tuple[str, Architecture]]:
    catalog = load_catalog()
    for identifier, entry in catalog.models.items():
        if entry.profile.architecture is not None:
            # an encoder is none of what a count is taken for
            yield identifier, entry.profile.architecture.model_copy(update={"encoders": ()})


def counts_of(shape: Architecture) -> tuple[float, float | None]:
    """Return a shape's parameters, and the active ones where it is a mixture."""
    counts = parameter_counts(architecture_inputs(shape))
    return float(counts.total), None if shape.mixture is None else float(counts.active)


def test_a_plausible_shape_counts_what_was_asked_for() -> None:
    for identifier, shape in shipped():
        total, active = counts_of(shape)
        again = counts_of(plausible_architecture(total, active))
        assert again[0] == pytest.approx(total, rel=TOLERANCE), identifier
        if active is not None:
            assert again[1] == pytest.approx(active, rel=TOLERANCE), identifier


@pytest.mark.parametrize(
    ("parameters", "active"), [(1e6, None), (1e16, None), (1e9, 2e9), (1e13, 1e7)], ids=range(4)
)
def test_what_no_model_is_like_is_refused(parameters: float, active: float | None) -> None:
    with pytest.raises(InputError, match="parameters"):
        plausible_architecture(parameters, active)


def days(shape: Architecture, system: str, catalog: Catalog) -> float | None:
    """Return the median days of a training of a trillion tokens, or None where the shape does not fit."""
    total, _ = counts_of(shape)
    chips = next(number for limit, number in CLUSTERS if total < limit)
    plan = Plan.model_validate(
        {
            "name": "one of many",
            "model": {"architecture": shape},
            "workload": {"tokens": 1e12, "global_batch_sequences": 2048},
            "cluster": {"pools": [{"id": "train", "system": system, "chips": chips}]},
        }
    )
    figures = estimate_plan(plan, catalog).figures
    return None if figures is None else figures.number("training_days")


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_the_spread_of_assumed_shapes_is_that_of_the_shipped_models() -> None:
    """Its root mean square about nothing: a shape that is always slower than its model scatters too."""
    catalog = load_catalog()
    ratios: dict[bool, list[float]] = {False: [], True: []}
    for _, shape in shipped():
        plausible = plausible_architecture(*counts_of(shape))
        for system in SYSTEMS:
            own, assumed = days(shape, system, catalog), days(plausible, system, catalog)
            if own and assumed:
                ratios[shape.mixture is not None].append(math.log(assumed / own))
    for is_mixture, found in ratios.items():
        assert len(found) > 40
        spread = math.sqrt(statistics.fmean(ratio**2 for ratio in found))
        assert spread == pytest.approx(assumed_shape_log_spread(is_mixture=is_mixture), abs=ROUNDING)
