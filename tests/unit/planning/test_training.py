"""The training of a plan: how often it fails, what a checkpoint costs, what it carries for explanations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.engine.architecture import parameter_counts
from planner.engine.goodput import ReliabilityInputs
from planner.engine.step import step_times
from planner.planning.resolve import resolve
from planner.planning.training import Training, reliability_of, train


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def plan_with(**changes: Any) -> Plan:
    plan = {
        "name": "one",
        "model": {"profile": "qwen2-72b"},
        "workload": {"tokens": "1T", "sequence_length": 4096, "global_batch_sequences": 512},
        "cluster": {"pools": [{"id": "train", "system": "dgx-h100", "count": 16}]},
        "strategy": {"tensor": 8, "microbatch": 1},
        **changes,
    }
    return Plan.model_validate(plan)


def trained(plan: Plan, catalog: Catalog) -> Training:
    resolved = resolve(plan, catalog)
    training = train(resolved, resolved.pools[0], cancelled=lambda: False)
    assert isinstance(training, Training)
    return training


def test_a_plan_that_says_nothing_fails_as_the_engine_assumes() -> None:
    assert reliability_of(plan_with(), 1e9) == ReliabilityInputs()
    assert reliability_of(plan_with(), 1e9).checkpoint_s == 10.0


def test_a_rate_of_checkpoints_stalls_for_bytes_over_rate() -> None:
    plan = plan_with(operations={"checkpoint_bytes_per_s": "28G", "restart_s": 300})
    # 100e9 parameters x 14 bytes over 28e9 bytes a second
    assert reliability_of(plan, 100e9) == ReliabilityInputs(restart_s=300.0, checkpoint_s=50.0)


def test_a_slower_checkpoint_lengthens_the_training_as_daly_says(catalog: Catalog) -> None:
    operations = {"chip_mtbf_hours": 50_000, "restart_s": 0}
    usual = trained(plan_with(operations=operations), catalog)
    slow = trained(plan_with(operations={**operations, "checkpoint_bytes_per_s": "10G"}), catalog)
    parameters = float(parameter_counts(usual.main.job.architecture).total)
    stall, between = parameters * 14.0 / 10e9, 50_000 * 3600 / 128
    assert usual.reliability.checkpoint_s == 10.0
    assert slow.reliability.checkpoint_s == pytest.approx(stall)
    # at Daly's interval checkpoints and rework cost sqrt(stall / 2 / between) each
    assert float(slow.goodput.goodput) == pytest.approx(1.0 - 2.0 * math.sqrt(stall / 2.0 / between))
    assert slow.seconds / usual.seconds == pytest.approx(
        float(usual.goodput.goodput) / float(slow.goodput.goodput)
    )
    assert slow.second_draws / usual.second_draws == pytest.approx(usual.goodput_draws / slow.goodput_draws)


@pytest.mark.parametrize("rate", [0, 0.5, -1])
def test_a_rate_of_checkpoints_is_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="checkpoint_bytes_per_s"):
        plan_with(operations={"checkpoint_bytes_per_s": rate})


def test_a_phase_carries_what_its_step_was_computed_from(catalog: Catalog) -> None:
    phase = trained(plan_with(), catalog).main
    job = phase.job
    machine = job.machine
    again = step_times(job.work, phase.layouts, machine.chip, machine.network, machine.stack, job.workload)
    assert float(np.ravel(again.total)[0]) == phase.found.step_s[0]
    assert (phase.layouts.tensor, phase.layout.tp) == (8.0, 8)
    assert machine.stack is job.fitted.constants
