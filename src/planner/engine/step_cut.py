"""How a step is cut over a pipeline: stages, microbatches, bubble, and what is in flight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.inputs import Layouts, WorkloadInputs
from planner.engine.work import ModelWork


@dataclass(frozen=True, slots=True)
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
    """
    pipeline = np.asarray(layout.pipeline, dtype=np.float64)
    virtual = layout.virtual_stages
    per_rank = np.multiply(layout.data, layout.microbatch)
    microbatches = np.maximum(np.ceil(workload.global_batch_sequences / per_rank), 1.0)
    chunk = np.ceil(work.layers / (pipeline * virtual))
    stage_layers = np.minimum(chunk * virtual, work.layers)
    last = np.maximum(work.layers - stage_layers * (pipeline - 1.0), 0.0) + work.prediction_layers
    interleaved = np.asarray(virtual) > 1.0
    in_flight = pipeline + np.where(interleaved, (pipeline - 1.0) / virtual, 0.0)
    return StepCut(
        microbatches=microbatches,
        stage_layers=stage_layers,
        last_stage_layers=last,
        bubble_microbatches=(pipeline - 1.0) / virtual * layout.bubble_share,
        in_flight=np.minimum(in_flight * layout.in_flight_share, microbatches),
    )
