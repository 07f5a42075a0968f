"""How a step is cut: bubble, what is in flight, and stages that do not divide the layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from planner.engine.inputs import ArchitectureInputs, Layouts, WorkloadInputs
from planner.engine.step_cut import StepCut, step_cut
from planner.engine.work import model_work

PlanOf = Callable[..., StepCut]


@pytest.fixture
def plan_of(gpt3: ArchitectureInputs, workload: WorkloadInputs) -> PlanOf:
    def make(**columns: float) -> StepCut:
        layout = {"tensor": 1.0, "pipeline": 1.0, "data": 1.0, "microbatch": 1.0, **columns}
        return step_cut(model_work(gpt3, workload), Layouts(**layout), workload)

    return make


def test_microbatches_are_whole(plan_of: PlanOf) -> None:
    assert float(plan_of(data=8.0, microbatch=2.0).microbatches) == 4
    # 64 sequences over 3 x 5 take five microbatches, the last of them padded
    assert float(plan_of(data=3.0, microbatch=5.0).microbatches) == 5
    assert float(plan_of(data=64.0, microbatch=4.0).microbatches) == 1


def test_the_bubble_of_one_forward_one_backward(plan_of: PlanOf) -> None:
    assert float(plan_of().bubble_microbatches) == 0
    assert float(plan_of(pipeline=8.0).bubble_microbatches) == 7
    assert float(plan_of(pipeline=8.0, virtual_stages=4.0).bubble_microbatches) == 7 / 4
    assert float(plan_of(pipeline=8.0, bubble_share=1 / 3).bubble_microbatches) == pytest.approx(7 / 3)


def test_what_is_in_flight(plan_of: PlanOf) -> None:
    assert float(plan_of().in_flight) == 1
    assert float(plan_of(pipeline=8.0).in_flight) == 8
    # Korthikanti: L/p x p (1 + (p - 1)/(p v)) layers
    assert float(plan_of(pipeline=8.0, virtual_stages=3.0).in_flight) == pytest.approx(8 + 7 / 3)
    # no more than there are: 64 sequences over 32 replicas
    assert float(plan_of(pipeline=8.0, virtual_stages=3.0, data=32.0).in_flight) == 2
    assert float(plan_of(pipeline=8.0, in_flight_more=1.0).in_flight) == 9


@pytest.mark.parametrize(
    ("pipeline", "virtual", "fullest", "last"),
    [(1.0, 1.0, 96, 96), (8.0, 1.0, 12, 12), (8.0, 3.0, 12, 12), (10.0, 1.0, 10, 6), (5.0, 2.0, 20, 16)],
)
def test_the_last_stage_takes_what_is_left(
    plan_of: PlanOf, pipeline: float, virtual: float, fullest: int, last: int
) -> None:
    plan = plan_of(pipeline=pipeline, virtual_stages=virtual)
    assert (float(plan.stage_layers), float(plan.last_stage_layers)) == (fullest, last)


def test_prediction_modules_are_layers_of_the_last_stage(
    gpt3: ArchitectureInputs, workload: WorkloadInputs
) -> None:
    work = model_work(replace(gpt3, multi_token_prediction_layers=1.0), workload)
    layout = Layouts(tensor=1.0, pipeline=8.0, data=1.0, microbatch=1.0)
    plan = step_cut(work, layout, workload)
    assert (float(plan.stage_layers), float(plan.last_stage_layers)) == (12, 13)
