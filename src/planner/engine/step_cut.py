"""How a step is cut over a pipeline: stages, microbatches, bubble, and what is in flight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray, as_floats, where
from planner.engine.inputs import Layouts, WorkloadInputs
from planner.engine.work import ModelWork


@dataclass(frozen=True, slots=True, eq=False)
class StepCut:
    """How a step is cut into stages and microbatches. [-]."""

    #: microbatches of one pipeline in one step, a whole number
    microbatches: FloatArray
    #: average layers of the fullest stage, and of the last one, which holds the output head
    stage_layers: FloatArray
    last_stage_layers: FloatArray
    #: microbatch times of the whole pipeline that its fill and drain cost
    bubble_microbatches: FloatArray
    #: microbatches whose activations the first stage holds at most
    in_flight: FloatArray


def step_cut(work: ModelWork, layout: Layouts, workload: WorkloadInputs) -> StepCut:
    r"""Return the cut of each layout.

    .. math:: m = \lceil G / (d\,b) \rceil,\quad
        l = \lceil L / (p v) \rceil v,\quad b_{idle} = \beta\,(p - 1) / v

    Parameters
    ----------
    work : ModelWork
        Layers :math:`L` and prediction modules. [-]
    layout : Layouts
        Data degree :math:`d`, microbatch :math:`b`, pipeline degree :math:`p`, virtual stages :math:`v`, the
        share of the bubble that the schedule leaves :math:`\beta`, and microbatches in
        flight beyond those of 1F1B. [-]
    workload : WorkloadInputs
        Sequences of a step, :math:`G`. [-]

    Returns
    -------
    StepCut
        Microbatches, layers of the stages, bubble and microbatches in flight. [-]

    Notes
    -----
    1F1B idles for :math:`p - 1` microbatch times, interleaving with :math:`v` virtual stages for
    :math:`(p-1)/v`; the first stage holds :math:`\min(m, p)` microbatches, interleaved
    :math:`p + (p-1)/v` of them. Where the layers do not divide, every stage but the last takes the
    rounded-up share. Prediction modules count as layers of the last stage.

    References
    ----------
    .. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), section 2.2.
    .. [2] Korthikanti et al. (arXiv 2205.05198), section 4.2.3.

    Examples
    --------
    64 sequences on four stages of two layers: 16 microbatches a replica, three of them idle.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> workload = WorkloadInputs(sequence_length=2048, global_batch_sequences=64)
    >>> layout = Layouts(tensor=1, pipeline=4, data=4, microbatch=1)
    >>> found = step_cut(model_work(shape, workload), layout, workload)
    >>> float(found.microbatches), float(found.stage_layers), float(found.bubble_microbatches)
    (16.0, 2.0, 3.0)
    >>> float(found.in_flight)
    4.0
    """
    pipeline = as_floats(layout.pipeline)
    virtual = layout.virtual_stages
    per_rank = np.multiply(layout.data, layout.microbatch)
    microbatches = np.maximum(np.ceil(workload.global_batch_sequences / per_rank), 1.0)
    stage_layers = fullest_layers(work, layout)
    last = np.maximum(work.layers - stage_layers * (pipeline - 1.0), 0.0) + work.prediction_layers
    filled = (pipeline - 1.0) / virtual
    in_flight = pipeline + where(virtual > 1.0, filled, 0.0)
    return StepCut(
        microbatches=microbatches,
        stage_layers=stage_layers,
        last_stage_layers=last,
        bubble_microbatches=filled * layout.bubble_share,
        in_flight=np.minimum(in_flight + layout.in_flight_more, microbatches),
    )


def fullest_layers(work: ModelWork, layout: Layouts) -> FloatArray:
    r"""Return the layers of the stage that holds most: all but the last take the rounded-up share. [-].

    .. math:: l = \min(\lceil L / (p v) \rceil v, L)

    Examples
    --------
    Of 126 layers, sixteen stages of eight slices each leave two slots of the last one empty.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=126, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> float(fullest_layers(work, Layouts(tensor=8, pipeline=16, data=1, microbatch=1, virtual_stages=8)))
    8.0
    """
    chunk = np.ceil(work.layers / np.multiply(layout.pipeline, layout.virtual_stages))
    return np.minimum(chunk * layout.virtual_stages, work.layers)
