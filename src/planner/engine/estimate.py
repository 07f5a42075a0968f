"""One estimate: a layout's step and memory with their terms, at the medians and over the draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from planner.engine.inputs import Layouts, StackConstants, WorkloadInputs
from planner.engine.memory import MemoryTerms, fullest_stage
from planner.engine.search import Machine
from planner.engine.step import StepTimes, step_times
from planner.engine.uncertainty import DRAWS, drawn_constants
from planner.engine.work import ModelWork

#: The name under which the unexplained part of the step is drawn.
RESIDUAL_STREAM = "residual"


@dataclass(frozen=True, slots=True)
class LayoutEstimate:
    """A layout, first at the medians of the constants, then over their draws."""

    #: (1 + draws,); what no constant moves is (1,). [s]
    step: StepTimes
    #: of the fullest chip
    memory: MemoryTerms
    #: the constants themselves, (1 + draws,); what is certain is a number
    constants: StackConstants


def estimate_layout(
    work: ModelWork,
    layout: Layouts,
    machine: Machine,
    workload: WorkloadInputs,
    log_spreads: Mapping[str, float],
    *,
    draws: int = DRAWS,
) -> LayoutEstimate:
    """Return the estimate of one layout at the medians and over joint draws.

    What published runs scatter by about the model is not in the draws: it is a factor on the whole step, of
    the stream `RESIDUAL_STREAM`.
    """
    constants = _from_the_median(machine.stack, drawn_constants(machine.stack, log_spreads, draws))
    return LayoutEstimate(
        step_times(work, layout, machine.chip, machine.network, constants, workload),
        fullest_stage(work, layout, machine.stack, workload),
        constants,
    )


def _from_the_median(stack: StackConstants, drawn: StackConstants) -> StackConstants:
    """Return the drawn constants with the median before the draws."""
    columns = {
        column.name: np.concatenate([[getattr(stack, column.name)], getattr(drawn, column.name)])
        for column in fields(StackConstants)
        if np.ndim(getattr(drawn, column.name)) > 0
    }
    return replace(drawn, **columns)
