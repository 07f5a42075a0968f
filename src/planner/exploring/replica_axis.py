"""The steps of a search's best families at other counts: one enumeration, and an axis of replicas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.batch_flex import most_replicas
from planner.engine.grid import COLUMNS, Grid
from planner.engine.layouts import BLOCK
from planner.engine.memory import memory_parts
from planner.engine.search import Variant, cost
from planner.engine.whole_numbers import divisors
from planner.planning.job import Job

#: A family that is slower than the fastest by more than what people accept and this is not chosen at a
#: neighbouring count either. Of the logarithm.
_MORE_TOLERANCE = 0.08
#: Families that are carried along the axis at most.
_MOST_FAMILIES = 256
_ROW = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True, eq=False)
class Families:
    """The layouts of one phase that may come first at counts near one, whatever their replicas."""

    job: Job
    #: (families, columns)
    rows: FloatArray

    @classmethod
    def near(cls, job: Job) -> Families:
        """Return the families that are about as fast as the fastest at the job's own count."""
        wide = job
        if job.practice is not None:
            tolerance = job.practice.tolerance + _MORE_TOLERANCE
            wide = replace(job, practice=replace(job.practice, tolerance=tolerance))
        found = wide.search(keep=_MOST_FAMILIES)
        if not len(found.rows):
            return cls(job, found.rows)
        rows = found.rows[found.step_s <= found.fastest_s * math.exp(_tolerance(wide))]
        kept = np.delete(rows, _ROW["data"], axis=1)
        _, first = np.unique(kept, axis=0, return_index=True)
        return cls(job, rows[np.sort(first)])

    @property
    def ways(self) -> FloatArray:
        """Chips of one replica of each family."""
        return self.rows[:, _ROW["tensor"]] * self.rows[:, _ROW["context"]] * self.rows[:, _ROW["pipeline"]]

    def counts(self, chips_per_system: int, low: int, high: int) -> set[int]:
        """Return the counts at which a family has room for one replica more: between them nothing changes."""
        found: set[int] = set()
        for ways in sorted({int(each) for each in self.ways}):
            most, fewest = high * chips_per_system // ways, max(low * chips_per_system // ways, 1)
            degrees = (each for each in _degrees(self.job.space.grid, most) if each >= fewest)
            found |= {-(-ways * degree // chips_per_system) for degree in degrees}
        return {count for count in found if low <= count <= high}

    def seconds(self, chips: Sequence[int]) -> FloatArray:
        """Return the step that would be chosen on each number of chips; infinite where none fits. [s]."""
        at_once = max(BLOCK // max(len(self.rows), 1), 1)
        parts = [self._seconds(chips[start : start + at_once]) for start in range(0, len(chips), at_once)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _seconds(self, chips: Sequence[int]) -> FloatArray:
        blocks = [self._at(each) for each in chips]
        sizes = [block.shape[1] for block in blocks]
        if not sum(sizes):
            return np.full(len(chips), np.inf)
        together = np.concatenate(blocks, axis=1)
        times, scores = self._times(together)
        ends = np.cumsum(sizes)
        return np.array(
            [
                self._chosen(times[end - size : end], scores[end - size : end])
                for end, size in zip(ends, sizes, strict=True)
            ]
        )

    def _at(self, chips: int) -> FloatArray:
        """Return the families with as many replicas as there is room for, as columns."""
        grid = self.job.space.grid
        rows = self.rows.copy()
        for row, ways in zip(rows, self.ways, strict=True):
            row[_ROW["data"]] = _replicas(grid, row, chips // int(ways))
        return rows[rows[:, _ROW["data"]] > 0].T

    def _times(self, block: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return steps of the stated batch at that pace, infinite where none fits, and what each counts."""
        job = self.job
        times = np.full(block.shape[1], np.inf)
        for number, variant in enumerate(job.space.variants):
            own = block[_ROW["variant"]] == number
            if own.any():
                times[own] = self._times_of(variant, block.compress(own, axis=1))
        handicap = 0.0 if job.practice is None else job.practice.handicap(block)
        return times, times * np.exp(handicap)

    def _times_of(self, variant: Variant, block: FloatArray) -> FloatArray:
        job = self.job
        batches = job.space.grid.batches(block)
        workload = replace(job.workload, global_batch_sequences=batches)
        layouts = variant.layouts_of(block)
        memory = memory_parts(job.work, layouts, job.machine.chip, workload)
        again = block[_ROW["recompute_layers"]]
        # as many layers are run again as make it fit: elsewhere it may be one more
        fits = (np.asarray(memory.total) <= memory.usable) | ((again > 0.0) & (again < 1.0))
        times = np.broadcast_to(cost(job.work, layouts, job.machine, workload), block.shape[1])
        stated = float(np.asarray(job.workload.global_batch_sequences))
        return np.where(fits, times * stated / batches, np.inf)

    def _chosen(self, times: FloatArray, scores: FloatArray) -> float:
        if not len(times) or not np.isfinite(times).any():
            return math.inf
        near = times <= times.min() * math.exp(_tolerance(self.job))
        return float(times[near][np.argmin(scores[near])])


def _tolerance(job: Job) -> float:
    return 0.0 if job.practice is None else job.practice.tolerance


def _degrees(grid: Grid, most: int) -> Iterator[int]:
    """Yield the replicas at which more chips may be of use, where nothing else is known."""
    if grid.data is not None:
        yield grid.data
    elif grid.moves_batch:
        yield from range(1, most + 1)
    else:
        yield from (degree for degree in divisors(grid.global_batch_sequences) if degree <= most)


def _replicas(grid: Grid, row: FloatArray, most: int) -> int:
    """Return as many replicas of a family as there is room for; 0 where there is none."""
    if grid.data is not None:
        return grid.data if grid.data <= most else 0
    inner = int(row[_ROW["tensor"]] * row[_ROW["context"]])
    expert = int(row[_ROW["expert"]] * row[_ROW["expert_tensor"]])
    microbatch = int(row[_ROW["microbatch"]])
    unit = expert // math.gcd(expert, inner)
    share = grid.batch_flex if grid.moves_batch else 0.0
    return most_replicas(grid.global_batch_sequences, share, most, unit, microbatch)
