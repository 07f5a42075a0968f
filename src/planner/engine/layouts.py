"""Enumeration of parallel layouts: lazily, block by block, with what cannot be valid left out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.batch_flex import moved_degrees, moved_microbatches
from planner.engine.grid import COLUMNS, Grid
from planner.engine.inputs import Layouts
from planner.engine.whole_numbers import divisors, unevenness

#: Candidates of one block: few enough to stay in cache (measured: two to three times cheaper each than in
#: blocks of 64 K). [-]
BLOCK = 8192
#: Combinations of one product that are kept for the next degrees, and products: few enough that what is kept
#: stays below some MiB, and as many products as a whole grid of one model has. [-]
_MOST_KEPT = 1024
_PRODUCTS_KEPT = 128


def _data_degrees(
    grid: Grid, pipeline: int, tensor: int, context: int, batch_divisors: Sequence[int]
) -> list[int]:
    """Return the data-parallel degrees that fit the chips and divide the batch, the largest first.

    A batch that moves is divided by more: of each microbatch and expert degree by the most that there is
    room for, whole groups of experts with the tensor parallelism inside them.
    """
    inner_ways = tensor * context
    most = grid.chips // (pipeline * inner_ways)
    degrees = [grid.data] if grid.data is not None else reversed(batch_divisors)
    fitting = [degree for degree in degrees if degree <= most]
    if not grid.moves_batch or most < 1:
        return fitting
    ways = {expert * (inside or tensor) for expert in grid.expert for inside in grid.expert_tensor}
    units = {each // math.gcd(each, inner_ways) for each in ways}
    moved = moved_degrees(grid.global_batch_sequences, grid.batch_flex, most, units, grid.microbatch)
    return sorted({*fitting, *moved}, reverse=True)


def _always(_chips: int) -> bool:
    return True


def rows(grid: Grid) -> Iterator[FloatArray]:
    """Yield one array per combination of degrees: its candidates as columns, with `COLUMNS` as rows.

    Left out: degrees that do not fit the chips, stages without a layer, virtual stages that do not divide
    the layers, microbatches that do not divide the batch, expert degrees that do not divide the experts or
    do not fit into the data-parallel, context and tensor ranks.

    Parameters
    ----------
    grid : Grid
        The choices of each degree. [-]

    Yields
    ------
    (columns, candidates) float64
        Those that leave fewest chips idle first. [-]

    Examples
    --------
    Two ways to use four chips in full, then those that leave some idle.

    >>> grid = Grid(chips=4, layers=8, global_batch_sequences=4, experts=0, tensor=(1, 2), microbatch=(1,),
    ...             zero=(1,), recompute=((0.0, 0.0),))
    >>> degrees = [COLUMNS.index("tensor"), COLUMNS.index("data")]
    >>> [[int(degree) for degree in block[degrees, 0]] for block in rows(grid)]
    [[1, 4], [2, 2], [1, 2], [1, 1], [2, 1]]
    """
    pieces = _Pieces(grid)
    for piece in itertools.chain(pieces.widest(), pieces.narrower(_always)):
        yield _block([piece])


#: Rows of a block by what they depend on: what takes up chips, and what stands inside of that.
_OUTER = [COLUMNS.index(name) for name in ("tensor", "context", "pipeline", "data", "variant")]
_INNER = [row for row in range(len(COLUMNS)) if row not in _OUTER]


class _Piece(NamedTuple):
    """The candidates of one combination of what takes up chips."""

    #: tensor, context, pipeline and data degree, and the grid
    degrees: tuple[int, int, int, int, int]
    #: the other columns
    inner: FloatArray


class _Pieces:
    """The candidates of a grid, those of one combination of what takes up chips together."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.recompute = tuple(grid.recompute)
        self.microbatches: dict[int, tuple[int, ...]] = {}
        #: expert degrees by tensor degree and ranks
        self.experts: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self.model_degrees = list(self._model_degrees())

    def widest(self) -> Iterator[_Piece]:
        """Yield those that leave fewest chips idle."""
        for tensor, context, pipeline, degrees, inside in self.model_degrees:
            for data in degrees[:1]:
                yield from self._piece((tensor, context, pipeline, data), *inside)

    def narrower(self, is_worth: Callable[[int], bool]) -> Iterator[_Piece]:
        """Yield what leaves chips idle, which wins where one more replica costs more than it computes.

        Without these, more chips could make training slower. Where some number of chips is not worth its
        cost, fewer are not either.
        """
        for tensor, context, pipeline, degrees, inside in self.model_degrees:
            for data in degrees[1:]:
                if not is_worth(tensor * context * pipeline * data):
                    break
                yield from self._piece((tensor, context, pipeline, data), *inside)

    def _model_degrees(self) -> Iterator[tuple[int, int, int, list[int], _Inside]]:
        """Yield tensor, context and pipeline degrees with what goes with them, data degrees falling."""
        grid = self.grid
        batch_divisors = divisors(grid.global_batch_sequences)
        inside = {stages: self._inside(stages) for stages in grid.pipeline if stages <= grid.layers}
        for tensor, context, pipeline in itertools.product(grid.tensor, grid.context, inside):
            degrees = _data_degrees(grid, pipeline, tensor, context, batch_divisors)
            yield tensor, context, pipeline, degrees, inside[pipeline]

    def _inside(self, pipeline: int) -> _Inside:
        """Return virtual stages and ZeRO stages that go with a pipeline."""
        grid = self.grid
        virtual = tuple(
            stages
            for stages in grid.virtual_stages
            if stages == 1
            or (pipeline > 1 and unevenness(grid.layers, pipeline * stages) <= grid.most_uneven)
        )
        zero = tuple(
            stage
            for stage in grid.zero
            if stage < 3 or pipeline == 1 or grid.allow_sharded_pipeline or len(grid.zero) == 1
        )
        return virtual, zero

    def _piece(
        self, degrees: tuple[int, int, int, int], virtual: tuple[int, ...], zero: tuple[int, ...]
    ) -> Iterator[_Piece]:
        grid = self.grid
        tensor, context, _, data = degrees
        # of a model without experts it does not hang on the ranks
        key = tensor, tensor * context * data if grid.experts else 0
        experts = self.experts.get(key)
        if experts is None:
            experts = self.experts[key] = tuple(self._experts(tensor, tensor * context * data))
        microbatches = self.microbatches.get(data)
        if microbatches is None:
            microbatches = tuple(_microbatches(grid, data))
            self.microbatches[data] = microbatches
        if experts and virtual and microbatches and zero:
            choices = (experts, virtual, microbatches, zero, self.recompute)
            is_small = math.prod(map(len, choices)) <= _MOST_KEPT
            yield _Piece(
                (*degrees, grid.variant), _kept_product(*choices) if is_small else _product(*choices)
            )

    def _experts(self, tensor: int, ranks: int) -> Iterator[tuple[int, int]]:
        """Yield expert degrees with the tensor degrees inside experts that the ranks can be cut into."""
        grid = self.grid
        for inside in dict.fromkeys(inside or tensor for inside in grid.expert_tensor):
            for expert in grid.expert:
                if expert * inside == 1 or (
                    grid.experts and grid.experts % expert == 0 and ranks % (expert * inside) == 0
                ):
                    yield expert, inside


#: What a product's choices say, in its order.
_CHOICES = (
    ("expert", "expert_tensor"),
    ("virtual_stages",),
    ("microbatch",),
    ("zero",),
    ("recompute_attention", "recompute_layers"),
)
#: Virtual stages and ZeRO stages.
_Inside: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


def _block(pieces: Sequence[_Piece]) -> FloatArray:
    """Return candidates as one array."""
    sizes = [piece.inner.shape[1] for piece in pieces]
    block = np.empty((len(COLUMNS), sum(sizes)))
    block[_OUTER] = np.repeat(
        np.array([piece.degrees for piece in pieces], dtype=np.float64).T, sizes, axis=1
    )
    block[_INNER] = np.concatenate([piece.inner for piece in pieces], axis=1)
    return block


def _microbatches(grid: Grid, data: int) -> list[int]:
    """Return the microbatches that divide a rank's sequences, or nearly do where only single ones would."""
    per_rank = grid.global_batch_sequences // data
    if grid.moves_batch:
        even = moved_microbatches(grid.global_batch_sequences, grid.batch_flex, data, grid.microbatch)
        if even:
            return even
    if len(grid.microbatch) == 1:
        return [size for size in grid.microbatch if size <= max(per_rank, 1)]
    fitting = [size for size in grid.microbatch if size <= max(per_rank, 1)]
    even = [size for size in fitting if per_rank % size == 0]
    if max(even, default=1) > 1:
        return even
    return [size for size in fitting if -per_rank % size <= grid.most_padding * per_rank]


def _product(
    experts: tuple[tuple[int, int], ...],
    virtual: tuple[int, ...],
    microbatches: tuple[int, ...],
    zero: tuple[int, ...],
    recompute: tuple[tuple[float, float], ...],
) -> FloatArray:
    """Return every combination as (rows of `_INNER`, combinations), the last choice running fastest."""
    choices: tuple[Sequence[object], ...] = (experts, virtual, microbatches, zero, recompute)
    product = np.empty((len(_INNER), *map(len, choices)))
    for axis, (choice, names) in enumerate(zip(choices, _CHOICES, strict=True)):
        # along its own axis; NumPy repeats it along the others
        shape = [-1 if other == axis else 1 for other in range(len(choices))]
        for name, column in zip(
            names, np.array(choice, dtype=np.float64).reshape(-1, len(names)).T, strict=True
        ):
            product[_INNER.index(COLUMNS.index(name))] = column.reshape(shape)
    product.flags.writeable = False
    return product.reshape(len(_INNER), -1)


#: Kept, as most degrees of one search share it: nobody writes into it.
_kept_product = lru_cache(maxsize=_PRODUCTS_KEPT)(_product)


def blocks(
    grid: Grid, *, size: int = BLOCK, is_worth: Callable[[int], bool] = _always
) -> Iterator[FloatArray]:
    """Yield the grid's candidates in arrays of shape (columns, at most about `size`).

    The layouts that leave fewest chips idle come first; of the others only those whose number of chips
    `is_worth` their cost, asked when their turn comes.

    Parameters
    ----------
    grid : Grid
        The choices of each degree. [-]
    size : int
        Candidates of a block, >= 1; the last piece of a block may run over it. [-]
    is_worth : callable
        Whether layouts of that many chips are still worth costing; where they are not, fewer never are.

    Yields
    ------
    (columns, candidates) float64
        With `COLUMNS` as rows. [-]

    Examples
    --------
    >>> grid = Grid(chips=4, layers=8, global_batch_sequences=4, experts=0, tensor=(1, 2), microbatch=(1,),
    ...             zero=(1,), recompute=((0.0, 0.0),))
    >>> [block.shape for block in blocks(grid, size=2)], [block.shape for block in blocks(grid)]
    ([(12, 2), (12, 2), (12, 1)], [(12, 2), (12, 3)])
    """
    pieces = _Pieces(grid)
    # what differs in what is run again alone stays together, one choice after the other
    choices = len(pieces.recompute)
    size = max(size - size % choices, choices)
    yield from _joined(pieces.widest(), size)
    yield from _joined(pieces.narrower(is_worth), size)


def _joined(pieces: Iterator[_Piece], size: int) -> Iterator[FloatArray]:
    pending: list[_Piece] = []
    count = 0
    for degrees, inner in pieces:
        for start in range(0, inner.shape[1], size):
            part = inner[:, start : start + size]
            pending.append(_Piece(degrees, part))
            count += part.shape[1]
            if count >= size:
                yield _block(pending)
                pending, count = [], 0
    if pending:
        yield _block(pending)


_LAYOUT = frozenset(column.name for column in fields(Layouts))


def as_layouts(block: FloatArray, **fixed: float) -> Layouts:
    """Return a block's columns as layouts, with further columns `fixed` for all of them.

    Parameters
    ----------
    block : (columns, candidates) float64
        With `COLUMNS` as rows. [-]
    **fixed : float
        Values of columns of `Layouts`, the same for all candidates; what is no column of them is left out.

    Returns
    -------
    Layouts
        One candidate an index; of a single one, numbers.

    Examples
    --------
    >>> block = np.ones((len(COLUMNS), 2))
    >>> block[COLUMNS.index("data")] = [4, 8]
    >>> layouts = as_layouts(block, bubble_share=0.5)
    >>> np.asarray(layouts.data).tolist(), layouts.bubble_share
    ([4.0, 8.0], 0.5)
    """
    # one candidate is numbers, which are quicker to compute with
    rows = block[:, 0].tolist() if block.shape[1] == 1 else block
    columns = dict(zip(COLUMNS, rows, strict=True))
    del columns["variant"]
    return Layouts(**columns | {name: value for name, value in fixed.items() if name in _LAYOUT})
