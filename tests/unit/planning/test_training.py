"""The training of a plan: what each phase carries of how its step was computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.engine.step import step_times
from planner.planning.resolve import resolve
from planner.planning.training import Training, train


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


@pytest.mark.parametrize("rate", [0, 0.5, -1])
def test_a_rate_of_checkpoints_is_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="checkpoint_bytes_per_s"):
        plan_with(operations={"checkpoint_bytes_per_s": rate})


def test_a_phase_carries_what_its_step_was_computed_from(catalog: Catalog) -> None:
    phase = trained(plan_with(), catalog).phases[0]
    job = phase.job
    machine = job.machine
    again = step_times(job.work, phase.layouts, machine.chip, machine.network, machine.stack, job.workload)
    assert float(np.ravel(again.total)[0]) == phase.found.step_s[0]
    assert (phase.layouts.tensor, phase.layout.tp) == (8.0, 8)
    assert machine.stack is job.fitted.constants
