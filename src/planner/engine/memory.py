"""Memory of the fullest chip, in parts: states, what layers keep, logits, buffers, and what lies around them.

What is freed is not counted with what comes after it: a chip holds its states, and beside them either what
the forward and backward pass keep, or what the optimizer's step takes, whichever is more. Where gradients are
made anew in every step, they take the place of what the backward pass frees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, BoolArray, FloatArray, all_of, any_of, as_floats, where
from planner.engine.inputs import ChipInputs, Layouts, WorkloadInputs
from planner.engine.memory_terms import MemoryTerms, stages
from planner.engine.work import ModelWork


@dataclass(frozen=True, slots=True, eq=False)
class MemoryParts:
    """Bytes on the fullest chip; `total` is the sum of the parts. [B]."""

    weights: FloatArray
    gradients: FloatArray
    optimizer: FloatArray
    activations: FloatArray
    logits: FloatArray
    buffers: FloatArray
    overhead: FloatArray
    total: FloatArray
    #: what software sees of the chip's memory
    usable: FloatArray


def logit_bytes(
    tokens: FloatArray, vocabulary: FloatArray, tensor: ArrayLike, each: ArrayLike, head_gradient: FloatArray
) -> FloatArray:
    r"""Return the logits of one microbatch as the loss holds them, with the gradient of the head. [B].

    .. math:: b\,T\,V / t + M_{head}

    Examples
    --------
    >>> logit_bytes(100.0, 1000.0, 4.0, 12.0, 5000.0)
    305000.0
    """
    return tokens / tensor * vocabulary * each + head_gradient


def replaced_bytes(
    gradients: FloatArray,
    activations: FloatArray,
    logits: FloatArray,
    replaces_kept: ArrayLike,
    replaces_logits: ArrayLike,
) -> FloatArray:
    r"""Return the gradients for which there is room once the backward pass has freed what it read. [B].

    .. math:: \min(M_{gradients},\ r_{kept}\,M_{activations} + r_{logits}\,M_{logits})

    Examples
    --------
    >>> float(replaced_bytes(4e9, 2e9, 1e9, 1.0, 1.0)), float(replaced_bytes(4e9, 2e9, 1e9, 0.0, 1.0))
    (3000000000.0, 1000000000.0)
    """
    return np.minimum(gradients, replaces_kept * activations + replaces_logits * logits)


def gradient_bytes(gradients: FloatArray, replaced: FloatArray) -> FloatArray:
    r"""Return what gradients take beside all that is there when the backward pass begins. [B].

    .. math:: M_{gradients} - M_{replaced}

    Examples
    --------
    >>> gradient_bytes(4e9, 3e9)
    1000000000.0
    """
    return gradients - replaced


def buffer_bytes(
    gathered: FloatArray,
    working: FloatArray,
    stays: FloatArray,
    step: FloatArray,
    activations: FloatArray,
    logits: FloatArray,
    replaced: FloatArray,
    replaces_kept: ArrayLike,
) -> FloatArray:
    r"""Return what is there at the peak beside states, kept activations and logits. [B].

    What stays is there throughout. The logits are gone when a layer is at work, with its weights gathered and
    its gradients whole; both are gone when the optimizer steps. Gradients that took the place of something
    are there by then.

    .. math:: \max(M_{stays} + \max(M_{gathered} + M_{working} - M_{logits} +
        \max(M_{replaced} - r_{kept}\,M_{activations},\ 0),\ 0),\
        M_{step} + M_{replaced} - M_{activations} - M_{logits})

    Examples
    --------
    >>> float(buffer_bytes(2e9, 2e9, 1e9, 0.0, 1e9, 3e9, 0.0, 0.0))
    2000000000.0
    >>> float(buffer_bytes(2e9, 2e9, 1e9, 8e9, 1e9, 3e9, 0.0, 0.0))
    4000000000.0
    >>> float(buffer_bytes(2e9, 2e9, 1e9, 8e9, 1e9, 3e9, 2e9, 1.0))
    6000000000.0
    """
    late = np.maximum(replaced - replaces_kept * activations, 0.0)
    at_work = stays + np.maximum(gathered + working - logits + late, 0.0)
    return np.maximum(at_work, step + replaced - activations - logits)


def overhead_bytes(
    context: ArrayLike,
    fragmentation: ArrayLike,
    activations: FloatArray,
    logits: FloatArray,
    buffers: FloatArray,
) -> FloatArray:
    r"""Return what the device and the collective library keep, and what the allocator cannot use. [B].

    .. math:: M_{context} + f\,(M_{activations} + M_{logits} + M_{buffers})

    Examples
    --------
    >>> overhead_bytes(1e9, 0.5, 2e9, 3e9, 1e9)
    4000000000.0
    """
    return context + fragmentation * (activations + logits + buffers)


def held_bytes(
    weights: FloatArray,
    gradients: FloatArray,
    optimizer: FloatArray,
    activations: FloatArray,
    logits: FloatArray,
    buffers: FloatArray,
    overhead: FloatArray,
) -> FloatArray:
    r"""Return all that a chip holds. [B].

    .. math:: \sum_i M_i

    Examples
    --------
    >>> held_bytes(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
    28.0
    """
    return weights + gradients + optimizer + activations + logits + buffers + overhead


def usable_bytes(capacity: FloatArray, hidden: ArrayLike) -> FloatArray:
    r"""Return what software sees of a chip's memory. [B].

    .. math:: C\,(1 - h)

    Examples
    --------
    >>> usable_bytes(100e9, 0.01), usable_bytes(np.inf, 0.01)
    (99000000000.0, inf)
    """
    return capacity * (1.0 - hidden)


def memory_parts(work: ModelWork, layout: Layouts, chip: ChipInputs, workload: WorkloadInputs) -> MemoryParts:
    """Return the memory of the fullest chip: of the first stage, or the last where that holds more.

    References
    ----------
    .. [1] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), section 4: what a stage
       of a pipeline keeps. The states are those of ZeRO (arXiv 1910.02054), section 3.1.
    """
    first, last = (_parts(work, layout, stage) for stage in stages(work, layout, workload))
    last_is_fuller = _is_fuller(layout, first, last)
    weights, gradients, optimizer, activations, logits, buffers, overhead = (
        where(last_is_fuller, at_last, at_first) for at_last, at_first in zip(last, first, strict=True)
    )
    return MemoryParts(
        weights=weights,
        gradients=gradients,
        optimizer=optimizer,
        activations=activations,
        logits=logits,
        buffers=buffers,
        overhead=overhead,
        total=held_bytes(weights, gradients, optimizer, activations, logits, buffers, overhead),
        usable=usable_bytes(as_floats(chip.memory_bytes), workload.hidden_share),
    )


def most_held_bytes(work: ModelWork, layout: Layouts, workload: WorkloadInputs) -> FloatArray:
    r"""Return what the fullest chip holds, without its parts: `memory_parts(...).total`. [B].

    .. math:: \max(M_{first}, M_{last})

    Examples
    --------
    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096, vocabulary=32000)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> chip = ChipInputs(matmul_peak_flops_per_s=100e12, attention_peak_flops_per_s=100e12,
    ...                   memory_bytes=80e9, memory_bandwidth_bytes_per_s=2e12)
    >>> job = model_work(shape, workload), Layouts(tensor=1, pipeline=2, data=4, microbatch=1)
    >>> whole = memory_parts(*job, chip, workload).total
    >>> bool(most_held_bytes(*job, workload) == whole)
    True
    """
    first, last = (held_bytes(*_parts(work, layout, stage)) for stage in stages(work, layout, workload))
    return where(layout.pipeline <= 1.0, last, np.maximum(first, last))


def fullest_stage(work: ModelWork, layout: Layouts, workload: WorkloadInputs) -> MemoryTerms:
    """Return the terms of the fullest chip's memory; `layout` is a single one."""
    first, last = stages(work, layout, workload)
    is_fuller = _is_fuller(layout, _parts(work, layout, first), _parts(work, layout, last))
    return last if all_of(is_fuller) else first


def _is_fuller(layout: Layouts, first: tuple[FloatArray, ...], last: tuple[FloatArray, ...]) -> BoolArray:
    """Return whether the last stage holds more than the first; a single stage is the last."""
    return np.asarray((as_floats(layout.pipeline) <= 1.0) | (held_bytes(*last) > held_bytes(*first)))


def _parts(work: ModelWork, layout: Layouts, stage: MemoryTerms) -> tuple[FloatArray, ...]:
    activations = stage.activations
    # the first stage has none, which costs nothing to say
    tokens, tensor = (stage.logit_tokens, layout.tensor) if any_of(stage.is_last) else (np.zeros(()), 1.0)
    logits = logit_bytes(tokens, work.vocabulary, tensor, stage.logit_bytes, stage.head_gradient)
    gradients = stage.all_gradients
    kept, replaced = stage.replaces_kept, np.zeros(())
    if any_of(stage.replaces_logits):
        replaced = replaced_bytes(gradients, activations, logits, kept, stage.replaces_logits)
    buffers = buffer_bytes(
        stage.gathered, stage.working, stage.stays, stage.step, activations, logits, replaced, kept
    )
    return (
        stage.weights,
        gradient_bytes(gradients, replaced),
        stage.optimizer,
        activations,
        logits,
        buffers,
        overhead_bytes(stage.context, stage.fragmentation, activations, logits, buffers),
    )
