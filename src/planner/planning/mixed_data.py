"""Pools as groups of replicas: each trains copies of the model on its share of the batch."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.engine.arrays import FloatArray
from planner.engine.grid import COLUMNS
from planner.engine.inputs import Layouts
from planner.engine.memory import memory_parts
from planner.engine.mixed import shares_by_speed
from planner.engine.search import Found, cost
from planner.planning.job import Job
from planner.planning.layout_choice import layout_choice
from planner.planning.mixed import with_batch
from planner.planning.resolve import ResolvedPool
from planner.planning.training import PhaseTraining, trained_phase
from planner.planning.workload import PhaseWorkload

Cancelled = Callable[[], bool]
#: A batch is cut into so many units at most, whole sequences each. [-]
MOST_UNITS = 512
#: Layouts are searched at shares from this part to this multiple of what the pools' speeds ask for. [-]
_NEAR = (0.55, 1.7)
#: Microbatches of a rank at which layouts are searched, with all chips of a pool or a half of them, ...
_MICROBATCHES = (1, 2, 3, 4, 6, 8, 12, 16)
_HALVINGS = 12
#: Searches of one pool at most: the shares nearest to what its speed asks for. [-]
_MOST_SEARCHES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What a pool takes for every share of the batch, in the best of a few layouts."""

    pool: ResolvedPool
    job: Job
    found: Found
    #: rows of layouts that were found, and which is best for each number of units
    rows: FloatArray
    best: NDArray[np.intp]
    times: FloatArray


def units_of(batch: int) -> int:
    """Return into how many units a batch is cut: as many as divide it, of whole sequences.

    Examples
    --------
    >>> units_of(96), units_of(1024), units_of(1000)
    (96, 512, 500)
    """
    return max(units for units in range(1, min(batch, MOST_UNITS) + 1) if batch % units == 0)


def curve_of(pool: ResolvedPool, job: Job, expected: float, *, cancelled: Cancelled) -> Curve | None:
    """Return what a pool takes for each share of the batch; None where no layout holds any.

    Parameters
    ----------
    pool, job
        The pool, and its training of the whole batch.
    expected : float
        Sequences that its speed asks for.
    cancelled
        As of `Job.search`.
    """
    batch = job.space.grid.global_batch_sequences
    founds = [
        with_batch(job, sequences).search(keep=1, cancelled=cancelled)
        for sequences in tried_shares(pool.chips, batch, expected)
    ]
    rows = [found.rows[0] for found in founds if len(found.rows)]
    if not rows:
        return None
    unique = np.unique(np.array(rows), axis=0)
    times = _times(job, unique, units_of(batch))
    best = preferred(job, unique, times)
    counted = replace(founds[0], candidates=sum(found.candidates for found in founds))
    return Curve(pool, job, counted, unique, best, times[best, np.arange(times.shape[1])])


def preferred(job: Job, rows: FloatArray, times: FloatArray) -> NDArray[np.intp]:
    """Return which layout people would run, of those about as fast as the fastest, for each column."""
    if job.practice is None:
        return np.asarray(times.argmin(axis=0))
    handicaps = job.practice.handicap(rows.T)
    near = times <= times.min(axis=0) * math.exp(job.practice.tolerance)
    return np.asarray(np.where(near, times * np.exp(handicaps)[:, None], np.inf).argmin(axis=0))


def tried_shares(chips: int, batch: int, expected: float) -> list[int]:
    """Return the shares of a batch at which layouts are searched, in sequences.

    Such as fill all of a pool's chips in whole microbatches, near to what its speed asks for.

    Examples
    --------
    >>> tried_shares(64, 256, 190.0)[:3]
    [192, 176, 208]
    """
    whole = {chips // (1 << halving) for halving in range(_HALVINGS) if chips % (1 << halving) == 0}
    shares = {ranks * count for ranks in whole for count in _MICROBATCHES}
    shares |= {batch * part // 16 for part in range(1, 17)}
    low, high = (expected * end for end in _NEAR)
    near = [share for share in shares if max(low, 1.0) <= share <= min(high, batch)]
    near.sort(key=lambda share: (-_evenness(share), abs(share - expected)))
    chosen = sorted(near[:_MOST_SEARCHES], key=lambda share: abs(share - expected))
    return chosen or [max(min(round(expected), batch), 1)]


def _evenness(share: int) -> int:
    """Return the greatest power of two that divides a share, up to one that all layouts find enough."""
    return min(share & -share, 64)


def _times(job: Job, rows: FloatArray, units: int) -> FloatArray:
    """Return what each layout takes for 0, 1, ... units of the batch; infinite where it does not fit."""
    batch = job.space.grid.global_batch_sequences
    sequences = np.arange(1, units + 1, dtype=np.float64) * (batch // units)
    columns = dict(zip(COLUMNS, rows.T[:, :, None], strict=True))
    # all are of the one grid of a split
    del columns["variant"]
    layouts = Layouts(**{**columns, **job.space.fixed})
    workload = replace(job.workload, global_batch_sequences=sequences)
    memory = memory_parts(job.work, layouts, job.machine.chip, workload)
    shape = (len(rows), units)
    fits = np.broadcast_to(memory.total <= memory.usable, shape)
    times = np.broadcast_to(cost(job.work, layouts, job.machine, workload), shape)
    times = np.where(fits, times, np.inf)
    return np.concatenate([np.zeros((len(rows), 1)), times], axis=1)


def data_phases(
    curves: Sequence[Curve], workload: PhaseWorkload
) -> tuple[list[PhaseTraining], tuple[int, ...]] | None:
    """Return each pool's part of a phase and its sequences of a step; None where the shares do not fit.

    A pool that is better left out gets no sequence, which is no split of all of them.
    """
    batch = workload.global_batch_sequences
    units = units_of(batch)
    shares, _ = shares_by_speed([curve.times for curve in curves], units)
    if not shares or min(shares) == 0:
        return None
    sequences = tuple(share * (batch // units) for share in shares)
    phases = [
        _phase(curve, replace(workload, global_batch_sequences=own), share)
        for curve, own, share in zip(curves, sequences, shares, strict=True)
    ]
    return phases, sequences


def _phase(curve: Curve, workload: PhaseWorkload, share: int) -> PhaseTraining:
    # more units may take less: their layout then leaves places empty
    best = share + int(np.argmin(curve.times[share:]))
    row = curve.rows[int(curve.best[best])]
    job = with_batch(curve.job, workload.global_batch_sequences)
    layouts = job.space.layouts(row)
    return PhaseTraining(
        workload=workload,
        stated_batch=workload.global_batch_sequences,
        job=job,
        layouts=layouts,
        layout=layout_choice(row, job.space),
        estimate=job.estimate(layouts),
        found=curve.found,
    )


def one_pool(
    pools: Sequence[ResolvedPool], job: Job, workload: PhaseWorkload, *, cancelled: Cancelled
) -> tuple[list[PhaseTraining], tuple[int, ...]] | None:
    """Return a phase of pools that are one, each with its part of the one layout; None where one has none.

    Parameters
    ----------
    pools, job
        Pools of one kind on one fabric, and the training of a pool of all their chips.
    workload, cancelled
        The phase; as of `Job.search`.
    """
    found = job.search(keep=1, cancelled=cancelled)
    if len(found.rows) == 0:
        return None
    trained = trained_phase(workload, job, found, found.rows[0])
    whole = trained.layout
    chips = [pool.chips for pool in pools]
    sequences = whole_parts(whole.batch, chips)
    used = whole_parts(whole.chips_used, chips)
    replicas = whole_parts(whole.dp, chips)
    if min(*sequences, *used) == 0:
        # a batch, or a layout, so small that a pool would have no part in it
        return None
    phases = [
        replace(
            trained,
            layout=replace(whole, dp=copies or whole.dp, chips_used=own),
            found=found if place == 0 else replace(found, candidates=0),
        )
        for place, (copies, own) in enumerate(zip(replicas, used, strict=True))
    ]
    return phases, tuple(sequences)


def whole_parts(total: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of a number in proportion to weights; they add up to it.

    Examples
    --------
    >>> whole_parts(1024, [256, 128]), whole_parts(5, [1, 1])
    ([683, 341], [2, 3])
    """
    ends = [0]
    for end in np.cumsum(weights):
        ends.append(round(total * float(end) / sum(weights)))
    return [after - before for before, after in itertools.pairwise(ends)]
