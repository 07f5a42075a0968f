"""The replicas of a model that a grid of layouts tries, and the microbatches that they take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from planner.engine.batch_flex import flexed_batches, most_replicas

if TYPE_CHECKING:
    from planner.engine.layouts import Grid


def data_degrees(grid: Grid, pipeline: int, inner_ways: int, batch_divisors: Sequence[int]) -> list[int]:
    """Return the data-parallel degrees that fit the chips and divide the batch, the largest first.

    A batch that moves is divided by more: of each microbatch and expert degree by the most that there is
    room for. `inner_ways` are the chips of a stage over which experts are spread beside the replicas.
    """
    most = grid.chips // (pipeline * inner_ways)
    degrees = [grid.data] if grid.data is not None else reversed(batch_divisors)
    fitting = [degree for degree in degrees if degree <= most]
    if not grid.moves_batch or most < 1:
        return fitting
    units = {expert // math.gcd(expert, inner_ways) for expert in grid.expert}
    widest = {
        most_replicas(grid.global_batch_sequences, grid.batch_flex, most, unit, microbatch)
        for unit in units
        for microbatch in grid.microbatch
    }
    return sorted({*fitting, *widest} - {0}, reverse=True)


def microbatches(grid: Grid, data: int) -> list[int]:
    """Return the microbatches that divide a rank's sequences, or nearly do where only single ones would."""
    per_rank = grid.global_batch_sequences // data
    if grid.moves_batch and (even := _microbatches_of_moved(grid, data)):
        return even
    if len(grid.microbatch) == 1:
        return [size for size in grid.microbatch if size <= max(per_rank, 1)]
    fitting = [size for size in grid.microbatch if size <= max(per_rank, 1)]
    even = [size for size in fitting if per_rank % size == 0]
    if max(even, default=1) > 1:
        return even
    return [size for size in fitting if -per_rank % size <= grid.most_padding * per_rank]


def _microbatches_of_moved(grid: Grid, data: int) -> list[int]:
    """Return the microbatches that divide a rank's sequences of a batch near the stated one."""
    sizes = np.array(grid.microbatch, dtype=np.float64)
    batches = flexed_batches(float(grid.global_batch_sequences), grid.batch_flex, data, sizes)
    return [int(size) for size, batch in zip(sizes, batches, strict=True) if batch % (data * size) == 0]
