"""One layout's estimate: the medians, their draws, and the columns that inputs are stacked to."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from planner.engine.arrays import FloatArray
from planner.engine.estimate import LayoutEstimate, estimate_layout
from planner.engine.inputs import ArchitectureInputs, Layouts, WorkloadInputs, stacked
from planner.engine.memory import fullest_stage
from planner.engine.search import Machine
from planner.engine.step import StepTimes, step_times
from planner.engine.uncertainty import DRAWS
from planner.engine.work import microbatch_tokens, model_work, total_parameters

LAYOUT = Layouts(tensor=8.0, pipeline=2.0, data=4.0, microbatch=1.0)
SPREADS = {"matmul_efficiency": 0.1, "scale_up_efficiency": 0.2, "tensor_overlap": 0.3}


def estimate(
    small: ArchitectureInputs,
    machine: Machine,
    workload: WorkloadInputs,
    **spreads: float,
) -> LayoutEstimate:
    work = model_work(small, workload)
    return estimate_layout(work, LAYOUT, machine, workload, spreads)


def busy_share(step: StepTimes) -> FloatArray:
    return np.asarray((step.compute + step.memory_bound) / step.total)


def test_the_middle_is_the_step_at_the_medians(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    found = estimate(small, machine, workload, **SPREADS)
    work = model_work(small, workload)
    step = step_times(work, LAYOUT, machine.chip, machine.network, machine.stack, workload)
    assert float(found.step.total[0]) == float(step.total)
    assert busy_share(found.step)[0] == pytest.approx(float(busy_share(step)))
    assert found.step.total.shape == busy_share(found.step).shape == (1 + DRAWS,)
    assert np.all((busy_share(found.step) > 0) & (busy_share(found.step) < 1))


def test_the_same_question_gets_the_same_draws(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    one, other = (estimate(small, machine, workload, **SPREADS) for _ in range(2))
    assert np.array_equal(one.step.total, other.step.total)


def test_what_no_constant_moves_is_the_same_in_every_draw(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    assert np.size(estimate(small, machine, workload).step.total) == 1
    found = estimate(small, machine, workload, matmul_efficiency=0.1)
    assert np.ptp(found.step.memory_bound) == np.ptp(found.step.tensor) == 0
    assert np.ptp(found.step.total[1:]) > 0
    constants = found.constants
    assert np.shape(constants.matmul_efficiency) == (1 + DRAWS,)
    assert np.ravel(constants.matmul_efficiency)[0] == machine.stack.matmul_efficiency
    assert constants.memory_efficiency == machine.stack.memory_efficiency


def test_the_memory_is_that_of_the_medians(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    found = estimate(small, machine, workload, **SPREADS).memory
    expected = fullest_stage(model_work(small, workload), LAYOUT, workload)
    assert asdict(found) == asdict(expected)


def test_more_spread_makes_a_wider_band(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    def width(**spreads: float) -> float:
        low, high = np.quantile(estimate(small, machine, workload, **spreads).step.total[1:], [0.1, 0.9])
        return float(high - low)

    assert 0 < width(matmul_efficiency=0.1) < width(matmul_efficiency=0.3)


def test_a_busier_plan_is_less_uncertain_of_its_network(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    slow = replace(machine, network=replace(machine.network, scale_up_bytes_per_s=5e9))

    def spread(on: Machine) -> float:
        found = estimate(small, on, workload, scale_up_efficiency=0.2)
        return float(np.std(np.log(found.step.total[1:])))

    assert spread(machine) < spread(slow)


def test_records_are_stacked_to_columns() -> None:
    rows = [replace(LAYOUT, data=float(data)) for data in (1, 2, 4)]
    together = stacked(rows)
    assert isinstance(together.data, np.ndarray)
    assert together.data.tolist() == [1, 2, 4]
    # what is the same everywhere stays a number
    assert together.tensor == 8.0
    assert isinstance(together.tensor, float)


def test_work_of_an_average_layer_adds_up_to_the_model(
    small_mixture: ArchitectureInputs, workload: WorkloadInputs
) -> None:
    work = model_work(replace(small_mixture, first_dense_layers=2.0), workload)
    assert float(work.mixture_share) == 6 / 8
    dense_layer = 4 * 1024**2 + 3 * 1024 * 4096 + 2 * 1024
    sparse_layer = 4 * 1024**2 + 16 * 1024 + 17 * 3 * 1024**2 + 2 * 1024
    expected = 2 * dense_layer + 6 * sparse_layer + 2 * 32000 * 1024
    assert float(total_parameters(work)) == pytest.approx(expected)


def test_context_parallelism_divides_the_tokens_of_a_microbatch(
    small: ArchitectureInputs, workload: WorkloadInputs
) -> None:
    work = model_work(small, workload)
    assert float(microbatch_tokens(work, 4.0, 2.0)) == 4 * 2048 / 2
