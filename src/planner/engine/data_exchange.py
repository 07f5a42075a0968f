"""What one chip exchanges with its replicas in a step, and what its optimizer updates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, BoolArray, FloatArray, all_of, any_of, as_floats, where
from planner.engine.inputs import Layouts, NetworkInputs, StackConstants, WorkloadInputs
from planner.engine.sharding import expert_ways, optimizer_ranks, state_shards
from planner.engine.step_cut import StepCut
from planner.engine.traffic import data_traffic
from planner.engine.work import HALF_BYTES, ModelWork

#: Gradients that are exchanged at once where a layer has few: Megatron's buckets hold 40 million and more
#: (`DistributedDataParallelConfig.bucket_size`), as adapters of a whole model do. [-]
BUCKET_ELEMENTS = 40e6


def stage_parameters(work: ModelWork, layout: Layouts, layers: ArrayLike) -> tuple[FloatArray, FloatArray]:
    r"""Return the parameters that one chip holds of `layers` layers: all but routed experts, and those. [-].

    .. math:: \frac{l\,P_{layer} + P_{ends}}{t},\quad \frac{l\,P_{experts}}{e\,t_e}

    The embedding (first stage) or head (last) is counted once; both where there is one stage and they are
    not tied.

    Parameters
    ----------
    work : ModelWork
        The model.
    layout : Layouts
        Tensor degree :math:`t`, expert degree :math:`e`, tensor degree inside an expert :math:`t_e`. [-]
    layers : (...,) float
        Layers of the stage, :math:`l` >= 0. [-]

    Returns
    -------
    dense, experts : (...,) float64
        Parameters on one chip; no experts where no model has any. [-]

    References
    ----------
    .. [1] Shoeybi et al., Megatron-LM (arXiv 1909.08053), section 3: what tensor parallelism shards.

    Examples
    --------
    Four of eight layers over two chips, without embeddings.

    >>> from planner.engine.inputs import ArchitectureInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=4))
    >>> dense, experts = stage_parameters(work, Layouts(tensor=2, pipeline=2, data=1, microbatch=1), 4.0)
    >>> float(dense) == 4 * (16 * 1024**2 + 2 * 1024) / 2, float(experts)
    (True, 0.0)
    """
    one_stage = layout.pipeline <= 1.0
    ends = work.embedding_parameters + where(
        one_stage, (1.0 - work.has_tied_embeddings) * work.head_parameters, 0.0
    )
    dense = (layers * work.layer_parameters + ends) / layout.tensor
    if not work.has_experts:
        return as_floats(dense), np.zeros(())
    experts = layers * work.layer_expert_parameters / expert_ways(layout)
    return as_floats(dense), as_floats(experts)


@dataclass(frozen=True, slots=True, eq=False)
class DataExchange:
    """Gradients and parameters that one chip exchanges with its replicas, and what it updates."""

    #: layers of the stage with most
    layers: FloatArray
    #: one exchange, and how many a step has. [s], [-]
    moved: FloatArray
    times: FloatArray
    updated: FloatArray
    crosses_domains: BoolArray


def data_exchange(
    work: ModelWork,
    layout: Layouts,
    network: NetworkInputs,
    stack: StackConstants,
    plan: StepCut,
    workload: WorkloadInputs,
) -> DataExchange:
    """Return data-parallel traffic before anything hides it, and the parameters of a chip's optimizer.

    Gradients are reduced under the last microbatch's backward pass and parameters gathered under the first
    forward pass. With sharded weights (ZeRO-3) both happen every microbatch, and weights are gathered a
    second time for the backward pass. What is frozen has no gradient and is the same on every replica: of it
    only shards are gathered, in as many bits as they have. The stage with most layers counts, whichever is
    the slowest: a faster chip must not move the traffic to another stage.
    """
    layers = np.maximum(plan.stage_layers, plan.last_stage_layers)
    dense, experts = stage_parameters(work, layout, layers)
    zero = as_floats(layout.zero)
    is_sharded = zero >= 3.0
    messages = np.maximum(layers, 1.0)
    trained, trained_experts = _trained(dense, experts, layers, layout, workload)
    buckets = _buckets(trained + trained_experts, messages, is_sharded, workload)
    traffic = data_traffic(trained, trained_experts, buckets, layout, network, stack)
    gathered = traffic.gather
    if gathered is not traffic.reduce:
        gathered = where(zero >= 1.0, gathered, traffic.reduce)
    once = traffic.reduce + gathered
    weights = traffic.gather
    if not all_of(workload.trains_all) and any_of(is_sharded):
        bits = where(workload.trains_all > 0, 1.0, np.divide(workload.weight_bytes, HALF_BYTES))
        weights = data_traffic(dense * bits, experts * bits, messages, layout, network, stack).gather
    every = traffic.reduce + 2.0 * weights
    shards, expert_shards = state_shards(layout)
    updated = trained / optimizer_ranks(zero, shards)
    if work.has_experts:
        updated = updated + trained_experts / optimizer_ranks(zero, expert_shards)
    return DataExchange(
        layers=layers,
        moved=where(is_sharded, every, once),
        times=where(is_sharded, plan.microbatches, 1.0),
        updated=updated,
        crosses_domains=traffic.crosses_domains,
    )


def _buckets(
    trained: FloatArray, layers: FloatArray, is_sharded: BoolArray, workload: WorkloadInputs
) -> FloatArray:
    """Return the messages of an exchange: one a layer, of adapters what their buckets are. [-]."""
    if all_of(workload.trains_all):
        return layers
    of_adapters = np.minimum(layers, np.maximum(np.ceil(trained / BUCKET_ELEMENTS), 1.0))
    # who shards weights reduces what he gathered, layer by layer
    is_bucketed = (as_floats(workload.trains_all) <= 0) & ~is_sharded
    return where(is_bucketed, of_adapters, layers)


def _trained(
    dense: FloatArray, experts: FloatArray, layers: ArrayLike, layout: Layouts, workload: WorkloadInputs
) -> tuple[FloatArray, FloatArray]:
    """Return what a chip trains of what it holds: all of it, or the adapters of its layers. [-]."""
    if all_of(workload.trains_all):
        return dense, experts
    trains_all = as_floats(workload.trains_all)
    adapters = layers * np.divide(workload.adapter_parameters, layout.tensor)
    return where(trains_all > 0, dense, adapters), as_floats(trains_all * experts)
