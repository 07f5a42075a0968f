"""Chips and networks one of whose parts is faster or slower, of those that learn and those that generate."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from planner.domain.plan_acceptance import ClusterComponent
from planner.engine.inputs import ChipInputs, NetworkInputs, StackConstants
from planner.planning.post_training_plan import PostPhase

Record = TypeVar("Record", bound=Any)

#: Rates of a tier: inside a scale-up domain, and across domains.
INSIDE = ("scale_up_bytes_per_s", "pair_bytes_per_s")
ACROSS = ("scale_out_bytes_per_s",)


def times(record: Record, factor: float, *names: str) -> Record:
    """Return a record with some of its numbers multiplied."""
    return replace(record, **{name: np.multiply(getattr(record, name), factor) for name in names})


def chip_with(chip: ChipInputs, component: ClusterComponent, factor: float) -> ChipInputs:
    """Return a chip one of whose parts is faster by a factor; of a step all are."""
    if component in ("matmul", "step"):
        chip = times(chip, factor, "matmul_peak_flops_per_s", "attention_peak_flops_per_s")
    if component in ("memory", "step"):
        chip = times(chip, factor, "memory_bandwidth_bytes_per_s")
    return times(chip, factor, "host_bytes_per_s") if component == "step" else chip


def network_with(
    network: NetworkInputs, stack: StackConstants, factor: float
) -> tuple[NetworkInputs, StackConstants]:
    """Return a network whose every collective is faster by a factor: rates grow and delays shrink."""
    network = times(network, factor, *INSIDE, *ACROSS)
    network = times(network, 1.0 / factor, "scale_up_latency_s", "scale_out_latency_s")
    return network, times(
        stack, 1.0 / factor, *(one.name for one in fields(stack) if one.name.endswith("_s"))
    )


def generates_for(post: PostPhase | None, pool: str | None) -> bool:
    """Return whether a pool is the one that generates for another one that learns."""
    return post is not None and post.rollout_pool is not None and pool == post.rollout_pool.pool.id


def transfer_with(post: PostPhase, factor: float) -> PostPhase:
    """Return a step whose weights go to the pool that generates faster by a factor, its times as above."""
    updating = times(post.updating, factor, "link_bytes_per_s", "shared_bytes_per_s")
    return replace(post, updating=updating)


def cache_of(post: PostPhase) -> float:
    """Return the bytes that a chip which generates has for keys and values beside the weights. [B]."""
    side, found = post.generating, post.found
    assert side is not None  # as whoever asks knows
    weights = found.weights_bytes / found.tensor
    usable = np.multiply(side.chip.memory_bytes, post.constants.decoding.memory_share)
    return float(np.ravel(np.maximum(usable - weights, 0.0))[0])


def cache_with(post: PostPhase, factor: float) -> PostPhase:
    """Return a step whose generating pool has that memory larger by a factor, its times as above."""
    side = post.generating
    assert side is not None  # as whoever asks knows
    more = (factor - 1.0) * cache_of(post) / post.constants.decoding.memory_share
    chip = replace(side.chip, memory_bytes=side.chip.memory_bytes + np.asarray(more))
    return replace(post, generating=replace(side, chip=chip, tensor=post.found.tensor))


def rollouts_with(post: PostPhase, component: ClusterComponent, factor: float) -> PostPhase:
    """Return a step whose generating pool has a part faster by a factor, its times not yet worked out.

    Its copies stay as large as they are. Prefill goes with matmuls and reading weights and caches with the
    memory. Between a copy's chips a bus bandwidth is size over time: at the small messages of a token step
    delays are most of it, and go with it. Of other classes of traffic such a pool sends none. Of a step all
    is faster, the engine's overhead of a token too.
    """
    side, constants = post.generating, post.constants
    if side is None:
        # pairs are read, and nothing generates
        return post
    network, stack = side.network, side.stack
    if component in ("tensor", "step"):
        network, stack = network_with(network, stack, factor)
    if component == "step":
        overheads = ("token_overhead_s", "sequence_overhead_s", "expert_layer_s", "eager_layer_s")
        decoding = times(constants.decoding, 1.0 / factor, *overheads)
        constants = replace(constants, decoding=decoding)
    moved = replace(
        side,
        chip=chip_with(side.chip, component, factor),
        network=network,
        stack=stack,
        tensor=post.found.tensor,
    )
    return replace(post, generating=moved, constants=constants)
