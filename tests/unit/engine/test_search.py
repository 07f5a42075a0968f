"""The search against costing everything, its cancellation, and what it says when nothing fits."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.engine import search as search_module
from planner.engine.blocks import blocks, rows
from planner.engine.grid import COLUMNS, Grid
from planner.engine.inputs import ArchitectureInputs, WorkloadInputs
from planner.engine.layouts import as_layouts
from planner.engine.memory import memory_parts
from planner.engine.search import Machine, Variant, cost, least_chip_seconds, search
from planner.engine.whole_numbers import powers_of_two
from planner.engine.work import ModelWork, model_work

GRID = Grid(
    chips=64,
    layers=8,
    global_batch_sequences=64,
    experts=0,
    tensor=(1, 2, 4, 8),
    pipeline=(1, 2, 4, 8),
    virtual_stages=(1, 2, 4),
    zero=(0, 1, 2, 3),
)


@pytest.fixture
def small_work(small: ArchitectureInputs, workload: WorkloadInputs) -> ModelWork:
    return model_work(small, workload)


@pytest.fixture
def tight(machine: Machine) -> Machine:
    """Return a machine on which about half of the candidates fit."""
    return replace(machine, chip=replace(machine.chip, memory_bytes=5e9))


@pytest.mark.parametrize("keep", [1, 10, 100_000])
def test_the_best_are_those_of_brute_force(
    small_work: ModelWork, tight: Machine, workload: WorkloadInputs, keep: int
) -> None:
    found = search(small_work, GRID, tight, workload, keep=keep)
    block = np.concatenate(list(rows(GRID)), axis=1)
    layouts = as_layouts(block)
    memory = memory_parts(small_work, layouts, tight.chip, workload)
    times = cost(small_work, layouts, tight, workload)
    fits = memory.total <= memory.usable
    assert 0 < int(fits.sum()) < block.shape[1]
    order = np.argsort(np.where(fits, times, np.inf), kind="stable")[: min(keep, int(fits.sum()))]
    assert np.array_equal(found.rows, block.T[order])
    assert np.array_equal(found.step_s, times[order])
    assert (found.feasible, found.candidates) <= (int(fits.sum()), block.shape[1])
    if keep > block.shape[1]:
        assert (found.feasible, found.candidates) == (int(fits.sum()), block.shape[1])
        assert found.leanest_bytes == float(memory.total.min())
    assert not found.was_cancelled


def test_blocks_do_not_change_the_answer(
    small_work: ModelWork, tight: Machine, workload: WorkloadInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = search(small_work, GRID, tight, workload)
    monkeypatch.setattr(search_module, "blocks", lambda grid, **how: blocks(grid, size=7, **how))
    pieces = search(small_work, GRID, tight, workload)
    assert np.array_equal(whole.rows, pieces.rows)
    assert np.array_equal(whole.step_s, pieces.step_s)
    assert pieces.candidates <= whole.candidates


def test_no_layout_beats_the_bound_by_which_others_are_left_out(
    small_mixture: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    shape = replace(small_mixture, multi_token_prediction_layers=1.0)
    work = model_work(shape, workload)
    grid = replace(GRID, experts=16, expert=(1, 2, 16), context=(1, 2))
    least = least_chip_seconds(work, machine, workload)
    assert least > 0
    for block in rows(grid):
        chips = block[0] * block[1] * block[3] * block[5]
        assert np.all(cost(work, as_layouts(block), machine, workload) * chips >= least * (1 - 1e-12))


def test_a_job_of_small_messages_leaves_chips_idle(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    slow = replace(machine, network=replace(machine.network, scale_out_bytes_per_s=1e8))
    tiny = replace(workload, sequence_length=128.0)
    found = search(model_work(small, tiny), GRID, slow, tiny)
    tensor, context, pipeline, data = (found.rows[0][index] for index in (0, 1, 3, 5))
    assert tensor * context * pipeline * data < GRID.chips


def test_fixed_columns_reach_every_candidate(
    small_work: ModelWork, machine: Machine, workload: WorkloadInputs
) -> None:
    plain = search(small_work, replace(GRID, pipeline=(4,)), machine, workload)
    better = search(
        small_work, replace(GRID, pipeline=(4,)), machine, workload, fixed={"bubble_share": 1 / 3}
    )
    assert better.step_s[0] < plain.step_s[0]


def counted(answers: list[bool]) -> Callable[[], bool]:
    waiting = iter(answers)
    return lambda: next(waiting)


def test_cancellation_keeps_what_was_found(
    small_work: ModelWork, machine: Machine, workload: WorkloadInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = search(small_work, GRID, machine, workload, cancelled=lambda: True)
    assert (none.was_cancelled, none.candidates, len(none.rows), none.leanest_row) == (True, 0, 0, None)
    monkeypatch.setattr(search_module, "blocks", lambda grid, **how: blocks(grid, size=10, **how))
    some = search(small_work, GRID, machine, workload, cancelled=counted([False, False, True]))
    first = list(itertools.islice(blocks(GRID, size=10), 2))
    assert some.was_cancelled
    assert some.candidates == sum(block.count for block in first)
    assert 0 < len(some.rows) <= some.candidates


def test_where_nothing_fits_the_leanest_says_what_it_needs(
    small_work: ModelWork, machine: Machine, workload: WorkloadInputs
) -> None:
    tiny = replace(machine, chip=replace(machine.chip, memory_bytes=1e9))
    found = search(small_work, GRID, tiny, workload)
    assert (len(found.rows), found.feasible) == (0, 0)
    assert found.leanest_row is not None
    column = found.leanest_row[:, None]
    memory = memory_parts(small_work, as_layouts(column), tiny.chip, workload)
    assert found.leanest_bytes == float(memory.total) > 1e9
    assert len(found.leanest_row) == len(COLUMNS)


def test_memory_stays_flat_however_large_the_grid(
    small: ArchitectureInputs, machine: Machine, workload: WorkloadInputs
) -> None:
    batch = replace(workload, global_batch_sequences=4096.0)
    work = model_work(replace(small, layers=96.0), batch)

    def peak(microbatches: int, recomputes: int) -> tuple[int, int]:
        grid = Grid(
            chips=4096,
            layers=96,
            global_batch_sequences=4096,
            experts=0,
            tensor=powers_of_two(8),
            pipeline=(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96),
            virtual_stages=range(1, 13),
            microbatch=range(1, microbatches + 1),
            zero=(0, 1, 2, 3),
            recompute=[(0.0, index / recomputes) for index in range(recomputes)],
            allow_sharded_pipeline=True,
        )
        tracemalloc.start()
        found = search(work, grid, machine, batch)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found.candidates, most

    few, least = peak(2, 10)
    many, most = peak(16, 30)
    assert many > 5 * few > 5 * 8192
    assert most < 2 * least


@pytest.mark.parametrize("memory_bytes", [2.5e9, 3e9, 4e9, 6e9])
def test_as_few_whole_layers_run_again_as_fit(
    small_work: ModelWork, machine: Machine, workload: WorkloadInputs, memory_bytes: float
) -> None:
    tight = replace(machine, chip=replace(machine.chip, memory_bytes=memory_bytes))
    plain = replace(GRID, recompute=((0.0, 0.0), (0.0, 1.0)))
    grid = replace(plain, has_partial_recompute=True)
    found = search(small_work, grid, tight, workload, keep=100_000)
    layers_again = COLUMNS.index("recompute_layers")
    partly = found.rows[(found.rows[:, layers_again] > 0.0) & (found.rows[:, layers_again] < 1.0)]

    def held(rows: np.ndarray) -> np.ndarray:
        layouts = as_layouts(np.ascontiguousarray(rows.T))
        parts = memory_parts(small_work, layouts, tight.chip, workload)
        return np.atleast_1d(parts.total <= parts.usable)

    assert held(partly).all()
    # brute force: every number of layers of every candidate that fits only where some are run again
    block = np.concatenate(list(rows(replace(plain, recompute=((0.0, 0.0),)))), axis=1).T
    expected = 0
    for row in block[~held(block)]:
        layers = min(-(-8 // int(row[3] * row[4])) * int(row[4]), 8)
        tries = np.repeat(row[None, :], layers, axis=0)
        tries[:, layers_again] = np.arange(1, layers + 1) / layers
        fits = np.flatnonzero(held(tries))
        if len(fits) and fits[0] + 1 < layers:
            expected += 1
            same = (partly[:, :layers_again] == row[:layers_again]).all(axis=1)
            (own,) = partly[same] if same.any() else (None,)
            # the chord may take a layer more than is needed, never one too few
            assert own is None or 0 <= round(own[layers_again] * layers) - (fits[0] + 1) <= 1
    assert expected == 0 or len(partly) >= 0.8 * expected


def test_grids_with_columns_of_their_own_are_held_against_each_other(
    small_work: ModelWork, machine: Machine, workload: WorkloadInputs
) -> None:
    free = Variant(replace(GRID, variant=1), {"bubble_share": 0.0})
    both = search(small_work, GRID, machine, workload, keep=200, others=(free,))
    alone = search(small_work, GRID, machine, workload, keep=200, fixed={"bubble_share": 0.0})
    assert both.candidates > alone.candidates
    variant = COLUMNS.index("variant")
    assert set(both.rows[:, variant]) == {0.0, 1.0}
    # without a bubble nothing is slower: of two candidates that differ in it alone, that of the second grid
    # comes first, or they are as fast
    assert both.step_s[0] == alone.step_s[0]
    for row, step_s in zip(both.rows, both.step_s, strict=True):
        fixed = free.fixed if row[variant] else {}
        again = cost(small_work, as_layouts(row[:, None], **fixed), machine, workload)
        assert float(np.ravel(again)[0]) == pytest.approx(step_s)
