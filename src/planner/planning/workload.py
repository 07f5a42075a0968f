"""What every step trains on: the phases of a plan, and a batch as the engine takes it."""

from __future__ import annotations

from dataclasses import dataclass

from planner.domain.plan import Plan
from planner.domain.stack import Stack
from planner.engine.inputs import WorkloadInputs
from planner.engine.precisions import PRECISIONS, USUAL_PRECISION
from planner.planning.stack import held_gradient_bytes
from planner.units import Span


@dataclass(frozen=True, slots=True)
class PhaseWorkload:
    """One phase with everything filled in."""

    tokens: float | Span
    sequence_length: int
    global_batch_sequences: int


def phase_workloads(plan: Plan) -> tuple[PhaseWorkload, ...]:
    """Return the plan's phases; a plan without phases has one."""
    workload = plan.workload
    if not workload.phases:
        assert workload.tokens is not None  # `resolve` asked whether the plan says it
        return (PhaseWorkload(workload.tokens, workload.sequence_length, workload.global_batch_sequences),)
    return tuple(
        PhaseWorkload(
            phase.tokens,
            phase.sequence_length or workload.sequence_length,
            phase.global_batch_sequences or workload.global_batch_sequences,
        )
        for phase in workload.phases
    )


def workload_inputs(
    stack: Stack, precision: str | None, *, sequence_length: float, global_batch_sequences: float
) -> WorkloadInputs:
    """Return what every step trains on under a stack at a precision; None is the usual one."""
    return WorkloadInputs(
        sequence_length=sequence_length,
        global_batch_sequences=global_batch_sequences,
        is_low_precision=float(PRECISIONS[precision or USUAL_PRECISION].is_low),
        held_gradient_bytes=held_gradient_bytes(stack, precision),
    )
