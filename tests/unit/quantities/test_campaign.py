"""Days of a whole training hold what such campaigns lose beside failures, and say how much that is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.domain.stack import FittedConstant
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.planning.campaign import campaign_losses
from planner.planning.stack import stack_chain

MakePlan = Callable[..., Plan]


def figures(plan: Plan, world: Catalog) -> Estimate:
    found = estimate_plan(plan, world)
    assert found.figures is not None
    return found


@pytest.mark.parametrize("operator", ["practised", "first"])
def test_days_are_those_of_steps_and_failures_times_the_factor(
    operator: str, make_plan: MakePlan, world: Catalog
) -> None:
    found = figures(make_plan(operations={"operator": operator}), world).figures
    assert found is not None
    factor, days, goodput = (found[name].draws for name in ("campaign.factor", "training_days", "goodput"))
    assert np.all(factor >= 1.0)
    assert np.allclose(days * goodput / factor * 86_400, found["training_s"].draws)
    lost = found["campaign.days"].draws
    assert np.allclose(days - lost, days / factor)
    assert np.all(lost >= 0.0)


def test_what_stands_behind_the_factor_is_told(make_plan: MakePlan, world: Catalog) -> None:
    found = figures(make_plan(), world).figures
    assert found is not None
    grounds = found.record("campaign.factor").grounds
    assert grounds is not None
    assert "whole training" in (grounds.note or "")


def test_the_first_stack_of_a_chain_that_knows_is_asked() -> None:
    catalog = load_catalog(include_user=False)
    chain = stack_chain(catalog.stacks["cuda-megatron"].profile, catalog)
    fitted = FittedConstant(median=1.3, log_spread=0.2, runs=9, run_sources=4, kind="derived", note="fitted")
    known = chain[1].model_copy(update={"campaigns": {"first": fitted}})
    losses = campaign_losses((chain[0].model_copy(update={"campaigns": {}}), known))
    assert (losses["first"].median, losses["first"].sources) == (1.3, 4)
    assert losses["practised"].median == 1.0
    assert losses["practised"].sources == 0
