"""What failures leave of the time, through an estimate: as a plan says, and where it says nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.engine.goodput import CHIP_MTBF_HOURS, ReliabilityInputs, goodput
from planner.estimate.estimate import estimate_plan
from planner.quantities.evaluation import Figures
from planner.quantities.goodput import MTBF_LOG_SPREAD

MakePlan = Callable[..., Plan]
Estimated = Callable[..., Figures]
#: Every 200 chip-hours on 16 chips a failure: one in 12.5 hours.
OPERATIONS = {"chip_mtbf_hours": 200, "restart_s": 0}
BETWEEN_S = 200 * 3600 / 16


@pytest.fixture
def estimated(make_plan: MakePlan, world: Catalog) -> Estimated:
    """Estimate a plan of 16 chips with some operations."""

    def estimate(**operations: Any) -> Figures:
        found = estimate_plan(make_plan(operations=operations), world).figures
        assert found is not None
        return found

    return estimate


def test_a_plan_that_says_nothing_fails_as_the_engine_assumes(estimated: Estimated) -> None:
    found, engine = estimated(), ReliabilityInputs()
    assert found.number("goodput.checkpoint_s") == engine.checkpoint_s == 10.0
    assert found.number("goodput.restart_s") == engine.restart_s == 600.0
    assert found.number("goodput.chip_mtbf_s") == engine.chip_mtbf_s == CHIP_MTBF_HOURS * 3600
    assert found.number("goodput.chips") == 16
    assert found.number("goodput") == pytest.approx(float(goodput(16, engine)))
    # nobody knows how often these chips fail
    spread = np.log(found["goodput.chip_mtbf_s"].draws / CHIP_MTBF_HOURS / 3600)
    assert float(np.std(spread)) == pytest.approx(MTBF_LOG_SPREAD, rel=0.02)
    assert found.record("goodput.checkpoint_s").grounds.kind == "assumed"  # type: ignore[union-attr]


def test_what_a_plan_says_is_certain(estimated: Estimated) -> None:
    found = estimated(**OPERATIONS, checkpoint_bytes_per_s="28G")
    assert found.number("goodput.between_s") == BETWEEN_S
    assert np.ptp(found["goodput"].values) == 0.0
    where = [found.record(f"goodput.{name}").grounds for name in ("restart_s", "chip_mtbf_s")]
    assert [grounds and grounds.where for grounds in where] == [
        "plan: operations.restart_s",
        "plan: operations.chip_mtbf_hours",
    ]


def test_a_rate_of_checkpoints_stalls_for_bytes_over_rate(estimated: Estimated) -> None:
    found = estimated(**OPERATIONS, checkpoint_bytes_per_s="2G")
    # Llama 2 7B: 6,738,415,616 parameters x 14 bytes over 2e9 bytes a second
    stall = 6_738_415_616 * 14 / 2e9
    assert stall == pytest.approx(47.168909)
    assert found.number("goodput.checkpoint_s") == pytest.approx(stall)
    # a failure in 45,000 s: every sqrt(2 x 47.17 x 45,000) = 2,060 s a checkpoint
    assert found.number("goodput.interval_s") == pytest.approx(2060.39, abs=0.01)
    # which costs 47.17 / 2,060 = 2.29 % of the time, and so does the work lost
    assert found.number("goodput") == pytest.approx(1 - 2 * 0.0228932, abs=1e-6)
    assert found.record("goodput.checkpoint_s").equation == "parameters x 14 / bytes_per_s"


def test_a_slower_checkpoint_lengthens_the_training_as_daly_says(estimated: Estimated) -> None:
    usual, slow = estimated(**OPERATIONS), estimated(**OPERATIONS, checkpoint_bytes_per_s="1G")
    stall = usual.number("facts.parameters") * 14.0 / 1e9
    assert usual.number("goodput.checkpoint_s") == 10.0
    assert slow.number("goodput.checkpoint_s") == pytest.approx(stall)
    # at Daly's interval checkpoints and rework cost sqrt(stall / 2 / between) each
    assert slow.number("goodput") == pytest.approx(1.0 - 2.0 * math.sqrt(stall / 2.0 / BETWEEN_S))
    assert slow.number("training_s") == usual.number("training_s")
    longer = slow["training_days"].values / usual["training_days"].values
    assert np.allclose(longer, usual["goodput"].values / slow["goodput"].values, rtol=1e-12)


def test_a_cluster_that_only_restarts_is_shown_as_hopeless_and_not_as_infinite(estimated: Estimated) -> None:
    found = estimated(chip_mtbf_hours=1, restart_s=1e6)
    assert found.number("goodput") == 0.0
    assert found.number("training_days") == pytest.approx(found.number("training_s") / (0.01 * 86_400))
