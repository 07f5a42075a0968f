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
    r"""Return the estimate of one layout with the step times of joint draws.

    .. math:: t_i = t(c_i)\, e^{\sigma z_i}

    Parameters
    ----------
    work : ModelWork
        One model: fields without a dimension.
    layout : Layouts
        One layout: columns of length 1, or numbers.
    machine : Machine
        The stack's constants in it are the medians.
    workload : WorkloadInputs
        One workload.
    log_spreads : mapping of str to float
        Standard deviation of the logarithm by constant, >= 0. [-]
    residual_log_spread : float
        What published runs of fitted stacks scatter by about the model, :math:`\sigma` >= 0: it multiplies
        the whole step of every draw. [-]
    draws : int
        How many constants :math:`c_i` are drawn. [-]

    Returns
    -------
    LayoutEstimate
        Step [s], memory [B] and shares of the step [-], at the medians and over the draws.

    References
    ----------
    .. [1] JCGM 101:2008, Propagation of distributions using a Monte Carlo method, section 5.

    Examples
    --------
    Without any spread every draw is the step at the medians.

    >>> from planner.engine.inputs import ArchitectureInputs, ChipInputs, NetworkInputs, StackConstants
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> machine = Machine(
    ...     chip=ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                     memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12),
    ...     network=NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=100e9,
    ...                           pair_bytes_per_s=100e9),
    ...     stack=StackConstants(),
    ... )
    >>> layout = Layouts(tensor=1, pipeline=1, data=8, microbatch=1)
    >>> found = estimate_layout(model_work(shape, workload), layout, machine, workload, {}, 0.0, draws=4)
    >>> np.unique(found.step_draws / found.step.total).tolist()
    [1.0]
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
