"""One estimate: a layout's step and memory with their terms, at the medians and over the draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from planner.engine.inputs import Layouts, StackConstants, WorkloadInputs
from planner.engine.memory import fullest_stage
from planner.engine.memory_terms import MemoryTerms
from planner.engine.search import Machine
from planner.engine.step import StepTimes, step_times
from planner.engine.uncertainty import DRAWS, drawn_constants, kept
from planner.engine.work import ModelWork

#: The name under which the unexplained part of the step is drawn.
RESIDUAL_STREAM = "residual"


@dataclass(frozen=True, slots=True, eq=False)
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
    r"""Return the estimate of one layout at the medians and over joint draws.

    .. math:: t_i = t(c_i)

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
    draws : int
        How many constants :math:`c_i` are drawn. [-]

    Returns
    -------
    LayoutEstimate
        Step [s], first at the medians and then over the draws, and the memory of the fullest chip [B]. What
        published runs scatter by about the model is not in the draws: it is a factor on the whole step, of
        the stream `RESIDUAL_STREAM`.

    References
    ----------
    .. [1] JCGM 101:2008, Propagation of distributions using a Monte Carlo method, section 5.

    Examples
    --------
    Without any spread nothing is drawn; with one, the step at the medians comes first.

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
    >>> work = model_work(shape, workload)
    >>> estimate_layout(work, layout, machine, workload, {}, draws=4).step.total.size
    1
    >>> estimate_layout(work, layout, machine, workload, {"memory_efficiency": 0.1}, draws=4).step.total.size
    5
    """
    medians = tuple(float(getattr(machine.stack, name)) for name in _CONSTANTS)
    constants = _from_the_median(medians, tuple(log_spreads.items()), draws)
    return LayoutEstimate(
        step_times(work, layout, machine.chip, machine.network, constants, workload),
        fullest_stage(work, layout, workload),
        constants,
    )


_CONSTANTS = tuple(column.name for column in fields(StackConstants))


@kept(3)
def _from_the_median(
    medians: tuple[float, ...], log_spreads: tuple[tuple[str, float], ...], draws: int
) -> StackConstants:
    """Return constants as columns, the median before the draws; kept, as plans on one stack share them."""
    stack = StackConstants(**dict(zip(_CONSTANTS, medians, strict=True)))
    drawn = drawn_constants(stack, dict(log_spreads), draws)
    columns = {}
    for name, median in zip(_CONSTANTS, medians, strict=True):
        if np.ndim(values := getattr(drawn, name)) > 0:
            columns[name] = np.concatenate([[median], values])
            columns[name].flags.writeable = False
    return replace(drawn, **columns)
