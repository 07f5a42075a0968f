"""Enumeration against brute force: every valid candidate once, and nothing else."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from planner.engine.blocks import blocks, rows
from planner.engine.grid import COLUMNS, Grid
from planner.engine.inputs import Layouts
from planner.engine.layouts import as_layouts
from planner.engine.whole_numbers import divisors, powers_of_two

SMALL = Grid(
    chips=48,
    layers=12,
    global_batch_sequences=24,
    experts=0,
    tensor=(1, 2, 3, 4, 8),
    context=(1, 2),
    pipeline=(1, 2, 3, 5, 16),
    virtual_stages=(1, 2, 3, 4),
    microbatch=(1, 2, 3, 4, 7),
    zero=(0, 1, 2, 3),
)
MIXTURE = replace(SMALL, experts=12, expert=(1, 2, 3, 5, 8), recompute=((0.0, 0.0),))


def is_valid(
    grid: Grid,
    tensor: int,
    context: int,
    expert: int,
    pipeline: int,
    virtual: int,
    data: int,
    microbatch: int,
    zero: int,
) -> bool:
    """Say what makes a candidate valid, without looking at how they are enumerated."""
    model_ways = tensor * context * pipeline
    slots = math.ceil(grid.layers / (pipeline * virtual)) * pipeline * virtual
    return (
        model_ways * data <= grid.chips
        and grid.global_batch_sequences % (data * microbatch) == 0
        and pipeline <= grid.layers
        and (virtual == 1 or (pipeline > 1 and slots <= grid.most_uneven * grid.layers))
        and (expert == 1 or (grid.experts % expert == 0 and (tensor * context * data) % expert == 0))
        and (zero < 3 or pipeline == 1 or grid.allow_sharded_pipeline)
    )


def enumerated(grid: Grid) -> list[tuple[float, ...]]:
    return [tuple(row.tolist()) for part in rows(grid) for row in part.T]


@pytest.mark.parametrize(
    "grid",
    [
        SMALL,
        MIXTURE,
        replace(SMALL, allow_sharded_pipeline=True),
        replace(SMALL, most_uneven=math.inf),
        replace(MIXTURE, chips=7),
        replace(SMALL, chips=1),
    ],
)
def test_exactly_the_valid_candidates_come_each_once(grid: Grid) -> None:
    every = itertools.product(
        grid.tensor,
        grid.context,
        grid.expert if grid.experts else (1,),
        grid.pipeline,
        grid.virtual_stages,
        range(1, grid.global_batch_sequences + 1),
        grid.microbatch,
        grid.zero,
        grid.recompute,
    )
    expected = {
        tuple(map(float, (*candidate[:-1], *candidate[-1], 1, 0)))
        for candidate in every
        if is_valid(grid, *candidate[:-1])
    }
    found = enumerated(grid)
    assert len(found) == len(set(found)) > 0
    assert set(found) == expected


@pytest.mark.parametrize("grid", [SMALL, replace(SMALL, allow_sharded_pipeline=True), MIXTURE])
@pytest.mark.parametrize("size", [1, 10, 100, 8192])
def test_blocks_cover_the_rows_without_repetition(size: int, grid: Grid) -> None:
    # both passes, the widest layouts and the narrower ones, end in a block of what is left
    parts = list(blocks(grid, size=size))
    together = np.concatenate([part.candidates for part in parts], axis=1)
    assert [tuple(row) for row in together.T.tolist()] == enumerated(grid)
    # stems are not cut
    most = 2 * max(size, len(grid.zero) * len(grid.recompute))
    assert all(0 < part.count == part.candidates.shape[1] < most for part in parts)


@pytest.mark.parametrize(
    "grid", [SMALL, replace(SMALL, zero=(1, 2)), replace(SMALL, recompute=((0.0, 0.5),))]
)
def test_the_layouts_of_a_block_are_those_of_its_candidates_place_by_place(grid: Grid) -> None:
    for block in blocks(grid, size=300):
        layouts, written_out = block.layouts(bubble_share=0.5), as_layouts(block.candidates)
        for name in COLUMNS[:-1]:
            values = block.in_places(np.asarray(getattr(layouts, name)))[block.are_there]
            assert np.array_equal(values, getattr(written_out, name))
        assert layouts.bubble_share == 0.5


def test_of_a_block_the_stems_are_taken_of_which_any_place_is_wanted() -> None:
    block = next(blocks(SMALL, size=300))
    wanted = block.are_there & (np.arange(len(block.are_there)) % 17 == 3)
    part, places = block.with_any(wanted)
    assert np.array_equal(part.at(places), block.at(np.flatnonzero(wanted)))
    assert 0 < part.count < block.count
    assert block.with_any(block.are_there)[0] is block


def test_what_leaves_fewest_chips_idle_comes_first() -> None:
    found = enumerated(SMALL)
    first = {row[:4]: row[5] for row in reversed(found)}
    assert all(row[5] <= first[row[:4]] for row in found)
    largest = [row[5] == first[row[:4]] for row in found]
    assert largest == sorted(largest, reverse=True)


def test_layouts_of_few_chips_are_left_out_where_they_are_not_worth_it() -> None:
    asked: list[int] = []

    def is_worth(chips: int) -> bool:
        asked.append(chips)
        return chips > 12

    found = np.concatenate([block.candidates for block in blocks(SMALL, is_worth=is_worth)], axis=1)
    used = found[0] * found[1] * found[3] * found[5]
    widest = {row[:4]: row[5] for row in reversed(enumerated(SMALL))}
    is_widest = [row[5] == widest[tuple(row[:4])] for row in found.T.tolist()]
    assert np.all((used > 12) | is_widest)
    assert np.any(~np.array(is_widest))
    assert min(asked) <= 12


def test_a_pinned_data_degree_is_kept_even_where_it_does_not_divide() -> None:
    pinned = replace(SMALL, data=5, tensor=(1, 16), microbatch=(2,))
    found = {row[:1] + row[5:7] for row in enumerated(pinned)}
    # sixteen-fold tensor parallelism leaves room for three replicas only
    assert found == {(1.0, 5.0, 2.0)}


def test_sharded_weights_meet_a_pipeline_only_where_asked() -> None:
    def deepest(grid: Grid) -> float:
        return max(row[3] for row in enumerated(grid) if row[7] == 3)

    assert deepest(SMALL) == 1
    assert deepest(replace(SMALL, zero=(3,))) == 5


def test_an_impossible_grid_is_empty() -> None:
    assert enumerated(replace(SMALL, tensor=(64,))) == []
    assert list(blocks(replace(SMALL, microbatch=(7, 11)))) == []


@pytest.mark.parametrize("number", [1, 2, 12, 97, 360, 2048])
def test_divisors(number: int) -> None:
    assert divisors(number) == [divisor for divisor in range(1, number + 1) if number % divisor == 0]


def test_powers_of_two() -> None:
    assert powers_of_two(1) == [1]
    assert powers_of_two(8) == powers_of_two(15) == [1, 2, 4, 8]


def test_experts_are_split_as_the_layers_are_where_asked() -> None:
    grid = replace(MIXTURE, expert_tensor=(1, 0))
    at = [COLUMNS.index(name) for name in ("tensor", "context", "data", "expert", "expert_tensor")]
    found = {tuple(int(row[place]) for place in at) for row in enumerated(grid)}
    assert {inside == tensor for tensor, _, _, _, inside in found} == {True, False}
    for tensor, context, data, expert, inside in found:
        assert inside in (1, tensor)
        assert (tensor * context * data) % (expert * inside) == 0
    # one chip of each layer splits nothing: told once
    assert len(found) == len({row for row in found if row[0] > 1}) + len(
        {row[:4] for row in found if row[0] == 1}
    )


def test_a_block_becomes_layouts_with_its_fixed_columns() -> None:
    block = next(rows(SMALL))
    layouts = as_layouts(block, bubble_share=0.5)
    assert isinstance(layouts, Layouts)
    for index, name in enumerate(COLUMNS[:-1]):
        assert np.array_equal(getattr(layouts, name), block[index])
    assert layouts.bubble_share == 0.5


def test_a_rounded_batch_may_leave_places_empty_where_only_single_sequences_divide_it() -> None:
    rounded = Grid(
        chips=16,
        layers=12,
        global_batch_sequences=16 * 61,
        experts=0,
        tensor=(1,),
        microbatch=(1, 2, 4, 8),
        data=16,
    )
    column = COLUMNS.index("microbatch")

    def sizes(grid: Grid) -> set[float]:
        return {row[column] for row in enumerated(grid)}

    assert sizes(rounded) == {1.0}
    # 61 sequences fill 64 places to 95 % and 62 to 98 %
    assert sizes(replace(rounded, most_padding=0.05)) == {1.0, 2.0, 4.0, 8.0}
    assert sizes(replace(rounded, most_padding=0.02)) == {1.0, 2.0}
    # an even batch is taken as it stands
    assert sizes(replace(rounded, global_batch_sequences=16 * 62, most_padding=0.5)) == {1.0, 2.0}


def test_a_batch_that_moves_makes_room_for_experts_that_are_cut_too() -> None:
    """Four experts apart, each over both tensor ranks, take replicas in fours: 24 of the 27 with room."""
    grid = Grid(
        chips=54,
        layers=8,
        global_batch_sequences=1024,
        experts=8,
        tensor=(2,),
        expert=(4,),
        expert_tensor=(0,),
        microbatch=(1,),
        zero=(1,),
        recompute=((0.0, 0.0),),
        batch_flex=0.05,
    )
    found = np.concatenate(list(rows(grid)), axis=1)
    degrees = found[[COLUMNS.index(name) for name in ("data", "expert", "expert_tensor")]]
    assert [24, 4, 2] in degrees.T.astype(int).tolist()
