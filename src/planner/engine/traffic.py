"""What each class of parallelism moves, and how long it takes before anything hides it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import BoolArray, FloatArray, all_of, any_of, as_floats, where
from planner.engine.collectives import (
    Group,
    gather_time_s,
    group,
    point_to_point_time_s,
)
from planner.engine.inputs import Layouts, NetworkInputs, StackConstants
from planner.engine.sharding import expert_ways
from planner.engine.work import FLOAT_BYTES, HALF_BYTES, ModelWork


@dataclass(frozen=True, slots=True, eq=False)
class ClassTime:
    """The time of one class of traffic, and whether it leaves the scale-up domain. [s]."""

    seconds: FloatArray
    crosses_domains: BoolArray


#: Of a class that no layout at hand uses: nothing is costed for it.
NO_TRAFFIC = ClassTime(np.zeros(()), np.zeros((), dtype=bool))


def tensor_layer_time(
    work: ModelWork, tokens: FloatArray, layout: Layouts, network: NetworkInputs, stack: StackConstants
) -> ClassTime:
    r"""Return tensor-parallel traffic of one layer's forward pass; the backward pass moves as much.

    .. math:: t = 2\,(2 - \mu)\, t_{gather}(2 T h)

    One all-reduce (or reduce-scatter and all-gather) of the activations after attention, and one after the
    feed-forward part unless its experts are not tensor-parallel: :math:`\mu` is the share of the layers in
    which they are not. In place of 2 stand the blocks of the average layer, where some have one alone.

    Parameters
    ----------
    work : ModelWork
        Widths of the average layer. [-]
    tokens : (...,) float
        Tokens of the microbatch on one chip, :math:`T` > 0. [-]
    layout : Layouts
        Tensor degree, the ranks of the group; tensor degree inside an expert. [-]
    network : NetworkInputs
        Bandwidths [B/s] and latencies [s] of both tiers.
    stack : StackConstants
        The shares of them that are reached. [-]

    Returns
    -------
    ClassTime
        Before anything hides it; 0 at degree 1. [s]

    References
    ----------
    .. [1] Shoeybi et al., Megatron-LM (arXiv 1909.08053), section 3: two all-reduces a layer and pass.
    .. [2] Korthikanti et al., Reducing Activation Recomputation (arXiv 2205.05198), section 4.2.2: sequence
       parallelism moves the same bytes.

    Examples
    --------
    2 x 1,024 bytes of each of 2,000 tokens, half of it over 128 GB/s, four times.

    >>> from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=128e9,
    ...                         pair_bytes_per_s=128e9, scale_up_latency_s=0, scale_out_bytes_per_s=16e9,
    ...                         scale_out_latency_s=0)
    >>> stack = StackConstants(scale_up_efficiency=1, scale_up_half_bytes=0, scale_out_efficiency=1,
    ...                        point_to_point_efficiency=1, collective_step_s=0)
    >>> layout = Layouts(tensor=2, pipeline=1, data=1, microbatch=1)
    >>> found = tensor_layer_time(work, np.array(2000.0), layout, network, stack)
    >>> float(found.seconds), bool(found.crosses_domains)
    (6.4e-05, False)
    """
    axes = np.maximum(as_floats(network.torus_axes), 1.0)
    members = group(layout.tensor, 1.0, network, stack, torus_share=1.0 / axes)
    message = tokens * (HALF_BYTES * work.hidden)
    has_expert_tensor = layout.expert_tensor > 1.0
    per_layer = work.blocks - work.mixture_share * where(has_expert_tensor, 0.0, 1.0)
    seconds = 2.0 * per_layer * gather_time_s(message, members, network, stack)
    return ClassTime(seconds, members.domains > 1.0)


def context_layer_time(
    work: ModelWork, tokens: FloatArray, layout: Layouts, network: NetworkInputs, stack: StackConstants
) -> ClassTime:
    r"""Return ring attention's traffic of one layer's forward pass: keys and values once around.

    .. math:: t = (c - 1) \left(\frac{2\,T\,d_{kv}}{t_p B} + \alpha\right)

    Parameters
    ----------
    work : ModelWork
        Widths of the average layer. [-]
    tokens : (...,) float
        Tokens of the microbatch on one chip, :math:`T` > 0. [-]
    layout : Layouts
        Context degree :math:`c` and tensor degree :math:`t_p`, which lies inside. [-]
    network : NetworkInputs
        Bandwidths [B/s] and latencies [s] of both tiers.
    stack : StackConstants
        The shares of them that are reached. [-]

    Returns
    -------
    ClassTime
        Before attention hides it; 0 at degree 1. [s]

    References
    ----------
    .. [1] Liu et al., Ring Attention (arXiv 2310.01889), section 3.

    Examples
    --------
    2 x 2,048 bytes of keys and values of 2,000 tokens, passed on three times at 128 GB/s.

    >>> from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=128e9,
    ...                         pair_bytes_per_s=128e9, scale_up_latency_s=0, scale_out_bytes_per_s=16e9,
    ...                         scale_out_latency_s=0)
    >>> stack = StackConstants(scale_up_efficiency=1, scale_up_half_bytes=0, scale_out_efficiency=1,
    ...                        point_to_point_efficiency=1, collective_step_s=0)
    >>> layout = Layouts(tensor=1, pipeline=1, data=1, microbatch=1, context=4)
    >>> float(context_layer_time(work, np.array(2000.0), layout, network, stack).seconds)
    0.000192
    """
    if not any_of(layout.context > 1.0):
        return NO_TRAFFIC
    members = group(layout.context, layout.tensor, network, stack)
    passed = tokens * (HALF_BYTES * work.key_value_width)
    if work.has_states:
        # of a state only its last value goes on, in single precision
        passed = passed + layout.microbatch * (FLOAT_BYTES * work.state_elements)
    passed = passed / layout.tensor * (members.ranks - 1.0)
    port = where(
        members.domains > 1.0,
        np.minimum(members.inner_bytes_per_s, members.outer_bytes_per_s),
        members.inner_bytes_per_s,
    )
    latency = (members.ranks - 1.0) * where(
        members.domains > 1.0, network.scale_out_latency_s, network.scale_up_latency_s
    )
    return ClassTime(where(members.ranks > 1.0, passed / port + latency, 0.0), members.domains > 1.0)


def pipeline_transfer_time(
    work: ModelWork, tokens: FloatArray, layout: Layouts, network: NetworkInputs, stack: StackConstants
) -> ClassTime:
    """Return the transfer of one microbatch's activations to the next stage; gradients take as long.

    .. math:: t = t_{p2p}(2 T h / t_p)

    Sequence parallelism (or scatter-gather) sends each tensor-parallel rank's share only.

    Parameters
    ----------
    work : ModelWork
        Widths of the average layer. [-]
    tokens : (...,) float
        Tokens of the microbatch on one chip, :math:`T` > 0. [-]
    layout : Layouts
        Pipeline degree; tensor, context and data degrees, which lie inside. [-]
    network : NetworkInputs
        Bandwidths [B/s] and latencies [s] of both tiers.
    stack : StackConstants
        The shares of them that are reached. [-]

    Returns
    -------
    ClassTime
        Of one boundary between stages; 0 with one stage. [s]

    References
    ----------
    .. [1] Narayanan et al., Megatron-LM (arXiv 2104.04473), section 4.1: scatter and gather.

    Examples
    --------
    An eighth of 2 x 1,024 bytes of 2,000 tokens, to the next domain at 16 GB/s.

    >>> from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
    >>> from planner.engine.work import model_work
    >>> shape = ArchitectureInputs(layers=8, hidden=1024, heads=8, key_value_heads=8, head_dimension=128,
    ...                            feed_forward_width=4096)
    >>> work = model_work(shape, WorkloadInputs(sequence_length=2048, global_batch_sequences=64))
    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=128e9,
    ...                         pair_bytes_per_s=128e9, scale_up_latency_s=0, scale_out_bytes_per_s=16e9,
    ...                         scale_out_latency_s=0)
    >>> stack = StackConstants(scale_up_efficiency=1, scale_up_half_bytes=0, scale_out_efficiency=1,
    ...                        point_to_point_efficiency=1, collective_step_s=0)
    >>> layout = Layouts(tensor=8, pipeline=2, data=1, microbatch=1)
    >>> found = pipeline_transfer_time(work, np.array(2000.0), layout, network, stack)
    >>> float(found.seconds), bool(found.crosses_domains)
    (3.2e-05, True)
    """
    pipeline = as_floats(layout.pipeline)
    stride = layout.tensor * np.multiply(layout.context, layout.data)
    is_inside = stride * 2.0 <= as_floats(network.domain_chips)
    message = tokens * (HALF_BYTES * work.hidden) / layout.tensor
    one = point_to_point_time_s(message, is_inside, network, stack)
    return ClassTime(where(pipeline > 1.0, one, 0.0), (pipeline > 1.0) & ~is_inside)


@dataclass(frozen=True, slots=True, eq=False)
class DataTraffic:
    """Data-parallel collectives of one chip. [s]."""

    #: reduction of the gradients, once a step (every microbatch where weights are sharded)
    reduce: FloatArray
    #: gathering of the parameters, once
    gather: FloatArray
    crosses_domains: BoolArray


def data_traffic(
    parameters: FloatArray,
    expert_parameters: FloatArray,
    collectives: FloatArray,
    layout: Layouts,
    network: NetworkInputs,
    stack: StackConstants,
) -> DataTraffic:
    r"""Return the time to reduce the gradients and to gather the parameters that one chip holds.

    .. math:: t = n\, t_{gather}(b\,N / n)

    Parameters
    ----------
    parameters, expert_parameters : (...,) float
        Parameters of one chip's stage, :math:`N`, those of routed experts apart: their replicas are fewer.
        [-]
    collectives : (...,) float
        Messages into which each pass is cut (one a layer or bucket), each with its own latency,
        :math:`n` >= 1. [-]
    layout : Layouts
        Data and context degrees, whose ranks hold replicas, and over how many of them ZeRO shards. [-]
    network : NetworkInputs
        Bandwidths [B/s] and latencies [s] of both tiers.
    stack : StackConstants
        The shares of them that are reached [-], and the bytes of a gradient on the wire, :math:`b` [B].

    Returns
    -------
    DataTraffic
        One reduction and one gathering (of weights in two bytes), before anything hides them. [s]

    References
    ----------
    .. [1] Rajbhandari et al., ZeRO (arXiv 1910.02054), section 7: what each stage communicates.
    .. [2] Zhao et al., PyTorch FSDP (arXiv 2304.11277), section 3.2.2: sharding within groups, replicas
       between.

    Examples
    --------
    A thousand million gradients of 2 bytes over two chips, half of them over 128 GB/s.

    >>> network = NetworkInputs(domain_chips=8, host_chips=8, scale_up_bytes_per_s=128e9,
    ...                         pair_bytes_per_s=128e9, scale_up_latency_s=0)
    >>> stack = StackConstants(scale_up_efficiency=1, scale_up_half_bytes=0)
    >>> layout = Layouts(tensor=1, pipeline=1, data=2, microbatch=1)
    >>> found = data_traffic(np.array(1e9), np.array(0.0), np.array(1.0), layout, network, stack)
    >>> float(found.reduce), float(found.gather)
    (0.0078125, 0.0078125)
    """
    ranks = np.multiply(layout.data, layout.context)
    members, replicas = _shard_and_replica_groups(ranks, layout, network, stack)
    has_experts = any_of(expert_parameters > 0)
    ways = expert_ways(layout)
    expert_ranks = np.maximum(ranks * layout.tensor / ways, 1.0)
    expert_group = group(expert_ranks, ways, network, stack) if has_experts else members

    def passes(bytes_each: FloatArray | float) -> FloatArray:
        time = gather_time_s(parameters / collectives * bytes_each, members, network, stack)
        if has_experts:
            sparse = gather_time_s(expert_parameters / collectives * bytes_each, expert_group, network, stack)
            time = time + where(expert_parameters > 0, sparse, 0.0)
        return as_floats(collectives * time)

    gradient_bytes = as_floats(stack.gradient_bytes)
    reduce, crosses = passes(gradient_bytes), members.domains > 1.0
    if replicas is not None:
        message = parameters / members.ranks * gradient_bytes
        reduce = reduce + 2.0 * gather_time_s(message, replicas, network, stack)
        crosses = crosses | (replicas.domains > 1.0)
    # as many bytes each way take as long
    is_symmetric = all_of(gradient_bytes == HALF_BYTES) and replicas is None
    return DataTraffic(
        reduce=reduce, gather=reduce if is_symmetric else passes(HALF_BYTES), crosses_domains=crosses
    )


def _shard_and_replica_groups(
    ranks: FloatArray, layout: Layouts, network: NetworkInputs, stack: StackConstants
) -> tuple[Group, Group | None]:
    """Return the group that shares one copy of the optimizer's state, and that of its replicas, if any."""
    is_grouped = any_of(np.isfinite(layout.shard_ranks))
    shards = where(layout.zero > 0, np.minimum(layout.shard_ranks, ranks), ranks) if is_grouped else ranks
    axes = as_floats(network.torus_axes)
    share = where((axes > 1) & (as_floats(layout.tensor) > 1), (axes - 1.0) / np.maximum(axes, 1.0), 1.0)
    members = group(shards, layout.tensor, network, stack, torus_share=share)
    if not is_grouped:
        return members, None
    replicas = group(ranks / shards, layout.tensor * shards, network, stack, torus_share=share)
    return members, replicas
