"""The search for the fastest layout that fits: blocks in, the best few out, memory flat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.compute import layer_times
from planner.engine.inputs import ChipInputs, Layouts, NetworkInputs, StackConstants, WorkloadInputs
from planner.engine.layouts import COLUMNS, Grid, as_layouts, blocks
from planner.engine.memory import memory_parts
from planner.engine.parts import attention_passes_s, matmul_passes_s
from planner.engine.step import step_times
from planner.engine.work import ModelWork, microbatch_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One kind of chip, joined and programmed one way."""

    chip: ChipInputs
    network: NetworkInputs
    stack: StackConstants


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first."""

    #: rows of `layouts.COLUMNS`, one candidate each
    rows: FloatArray
    step_s: FloatArray
    #: candidates that fit into memory and were costed
    feasible: int
    candidates: int
    #: the candidate that needs least memory, and what it needs; for explaining that nothing fits
    leanest_row: FloatArray | None
    leanest_bytes: float
    was_cancelled: bool = False


def _never() -> bool:
    return False


def search(
    work: ModelWork,
    grid: Grid,
    machine: Machine,
    workload: WorkloadInputs,
    *,
    keep: int = 10,
    cancelled: Callable[[], bool] = _never,
    fixed: dict[str, float] | None = None,
) -> Found:
    """Return the `keep` fastest candidates of a grid that fit into memory.

    Candidates are costed block by block and dropped at once, so that memory does not grow with the grid;
    `cancelled` is asked between blocks. Ties go to the candidate that comes first. Candidates that leave so
    many chips idle that the rest could not compute the step in time are not costed.
    """
    chip_seconds = least_chip_seconds(work, machine, workload)
    best_rows = np.empty((0, len(COLUMNS)))
    best_times = np.empty(0)
    feasible = candidates = 0
    leanest: FloatArray | None = None
    leanest_bytes = np.inf

    def is_worth(chips: int) -> bool:
        return len(best_times) < keep or chip_seconds < chips * best_times[-1]

    for block in blocks(grid, is_worth=is_worth):
        if cancelled():
            return Found(best_rows, best_times, feasible, candidates, leanest, float(leanest_bytes), True)
        candidates += block.shape[1]
        layouts = as_layouts(block, **(fixed or {}))
        memory = memory_parts(work, layouts, machine.chip, machine.stack, workload)
        lowest = int(np.argmin(memory.total))
        if memory.total[lowest] < leanest_bytes:
            leanest_bytes, leanest = memory.total[lowest], block[:, lowest].copy()
        fitting = block[:, memory.total <= memory.usable]
        if fitting.shape[1] == 0:
            continue
        feasible += fitting.shape[1]
        times = cost(work, as_layouts(fitting, **(fixed or {})), machine, workload)
        rows = np.concatenate([best_rows, fitting.T])
        all_times = np.concatenate([best_times, times])
        order = np.argsort(all_times, kind="stable")[:keep]
        best_rows, best_times = rows[order], all_times[order]
    return Found(best_rows, best_times, feasible, candidates, leanest, float(leanest_bytes))


def cost(work: ModelWork, layouts: Layouts, machine: Machine, workload: WorkloadInputs) -> FloatArray:
    """Return the step time of every layout. [s]."""
    return step_times(work, layouts, machine.chip, machine.network, machine.stack, workload).total


def least_chip_seconds(work: ModelWork, machine: Machine, workload: WorkloadInputs) -> float:
    """Return a lower bound of a step's time multiplied by its chips: the layers' compute alone. [s].

    That of one chip, which shards nothing, runs the batch in one piece and recomputes nothing.
    """
    batch = float(np.max(workload.global_batch_sequences))
    alone = Layouts(tensor=1.0, pipeline=1.0, data=1.0, microbatch=batch)
    tokens = microbatch_tokens(work, batch, 1.0)
    times = layer_times(work, tokens, alone, machine.chip, machine.stack, workload)
    none = np.zeros(())
    layer = matmul_passes_s(times.matmul + times.experts, none, none, none)
    layer = layer + attention_passes_s(times.attention, none, none)
    return float(np.min((work.layers + work.prediction_layers) * layer))
