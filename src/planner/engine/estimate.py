"""One estimate: a layout's step, memory and utilisation, at the medians and over the draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.inputs import Layouts, WorkloadInputs
from planner.engine.memory import MemoryParts, memory_parts
from planner.engine.search import Machine
from planner.engine.step import StepTimes, step_times
from planner.engine.uncertainty import DRAWS, drawn_constants, standard_draws
from planner.engine.work import ModelWork

#: The name under which the unexplained part of the step is drawn.
RESIDUAL_STREAM = "residual"


@dataclass(frozen=True, slots=True)
class LayoutEstimate:
    """A layout at the medians of the constants, and its step time over their draws."""

    step: StepTimes
    memory: MemoryParts
    #: (draws,) [s]
    step_draws: FloatArray
    #: share of the step that the chip computes, at the medians and (draws,). [-]
    busy_share: float
    busy_share_draws: FloatArray
    #: share of the step that waits for communication, over the draws. [-]
    waiting_share_draws: FloatArray


def estimate_layout(
    work: ModelWork,
    layout: Layouts,
    machine: Machine,
    workload: WorkloadInputs,
    log_spreads: Mapping[str, float],
    residual_log_spread: float,
    *,
    draws: int = DRAWS,
) -> LayoutEstimate:
    """Return the estimate of one layout with the step times of joint draws.

    The residual spread is what published runs of fitted stacks scatter by about the model; it multiplies
    the whole step of every draw.
    """
    step = step_times(work, layout, machine.chip, machine.network, machine.stack, workload)
    memory = memory_parts(work, layout, machine.chip, machine.stack, workload)
    drawn = drawn_constants(machine.stack, log_spreads, draws)
    over = step_times(work, layout, machine.chip, machine.network, drawn, workload)
    noise = np.exp(residual_log_spread * standard_draws([RESIDUAL_STREAM], draws)[RESIDUAL_STREAM])
    total = float(np.ravel(step.total)[0])
    busy = float(np.ravel(step.compute + step.memory_bound)[0]) / total
    busy_draws = np.asarray((over.compute + over.memory_bound) / over.total)
    waiting = over.tensor + over.context + over.expert + over.pipeline_p2p + over.data
    return LayoutEstimate(
        step, memory, np.asarray(over.total * noise), busy, busy_draws, np.asarray(waiting / over.total)
    )
