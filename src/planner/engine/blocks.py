"""Candidates of a search, block by block: stems, and as axes of their own what goes with any stem."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from planner.engine.arrays import BoolArray, FloatArray
from planner.engine.grid import COLUMNS, Grid
from planner.engine.inputs import Layouts
from planner.engine.layouts import INNER, LAST, OUTER, Piece, Pieces, as_layouts

#: Candidates of one block, of which most terms of a step have far fewer numbers (measured: blocks of 8 K take
#: two fifths longer, of 96 K as long or a tenth longer). [-]
BLOCK = 24_576
Number = TypeVar("Number", np.float64, np.bool_)

_OUTER, _INNER, _LAST = ([COLUMNS.index(name) for name in names] for names in (OUTER, INNER, LAST))


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Candidates: each of some stems with every stage of ZeRO and with everything that is run again.

    Few terms of a step and of memory hang on the two, and fewer on both: as axes of their own they leave all
    others as few as the stems are. A candidate's place counts what is run again fastest, then ZeRO, then
    stems.
    """

    #: (columns, stems), 0 where the axes tell a column
    stems: FloatArray
    #: (stages of ZeRO,)
    zero: FloatArray
    #: (2, choices): attention core again, share of the layers again whole
    recompute: FloatArray
    #: (stages, 1, stems): where a stage goes with a stem; None: everywhere
    goes: BoolArray | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Stages of ZeRO, choices of what is run again, stems."""
        return len(self.zero), self.recompute.shape[1], self.stems.shape[1]

    @property
    def count(self) -> int:
        """How many candidates there are."""
        stages, choices, stems = self.shape
        return choices * (stages * stems if self.goes is None else int(self.goes.sum()))

    @property
    def are_there(self) -> BoolArray:
        """Whether each place has a candidate."""
        return self.in_places(np.ones(()) > 0 if self.goes is None else self.goes)

    @property
    def candidates(self) -> FloatArray:
        """All of them, written out: (columns, candidates)."""
        return self.at(np.flatnonzero(self.are_there))

    def at(self, places: NDArray[np.intp]) -> FloatArray:
        """Return the candidates at some places as (columns, places)."""
        stages, choices, _ = self.shape
        rest, choice = np.divmod(places, choices)
        stem, stage = np.divmod(rest, stages)
        rows = self.stems.take(stem, axis=1)
        rows[_LAST[0]] = self.zero[stage]
        rows[_LAST[1:]] = self.recompute[:, choice]
        return rows

    def in_places(self, values: NDArray[Number]) -> NDArray[Number]:
        """Return values that broadcast to the block's shape, one for each place."""
        return np.broadcast_to(values, self.shape).transpose(2, 0, 1).reshape(-1)

    def with_any(self, are_wanted: BoolArray) -> tuple[Block, NDArray[np.intp]]:
        """Return the stems of which any place is wanted, and which of their places are."""
        by_stem = are_wanted.reshape(self.shape[2], -1)
        stems = by_stem.any(axis=1)
        if stems.all():
            return self, np.flatnonzero(are_wanted)
        goes = None if self.goes is None else self.goes.compress(stems, axis=2)
        block = replace(self, stems=self.stems.compress(stems, axis=1), goes=goes)
        return block, np.flatnonzero(by_stem.compress(stems, axis=0))

    def layouts(self, **fixed: float) -> Layouts:
        """Return them as layouts whose columns broadcast to the block's shape; `fixed` as of `as_layouts`."""
        attention, layers = self.recompute[:, :, None]
        rows: list[FloatArray] = list(self.stems)
        for row, column in zip(_LAST, (self.zero[:, None, None], attention, layers), strict=True):
            # one number is quicker to compute with
            rows[row] = column if column.size > 1 else column.reshape(())[()]
        return as_layouts(rows, **fixed)


def _always(_chips: int) -> bool:
    return True


def blocks(grid: Grid, *, size: int = BLOCK, is_worth: Callable[[int], bool] = _always) -> Iterator[Block]:
    """Yield the grid's candidates in blocks of at most about `size`.

    The layouts that leave fewest chips idle come first; of the others only those whose number of chips
    `is_worth` their cost, asked when their turn comes.

    Parameters
    ----------
    grid : Grid
        The choices of each degree. [-]
    size : int
        Candidates of a block, >= 1; the last piece of a block may run over it, and stems are not cut. [-]
    is_worth : callable
        Whether layouts of that many chips are still worth costing; where they are not, fewer never are.

    Yields
    ------
    Block
        Each with a stem at least.

    Examples
    --------
    >>> grid = Grid(chips=4, layers=8, global_batch_sequences=4, experts=0, tensor=(1, 2), microbatch=(1,),
    ...             zero=(1,), recompute=((0.0, 0.0),))
    >>> [block.count for block in blocks(grid, size=2)], [block.count for block in blocks(grid)]
    ([2, 2, 1], [2, 3])
    """
    pieces = Pieces(grid)
    stems = max(size // (len(grid.zero) * len(grid.recompute)), 1)
    yield from _joined(grid, pieces.widest(), stems)
    yield from _joined(grid, pieces.narrower(is_worth), stems)


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
    pieces = Pieces(grid)
    for piece in itertools.chain(pieces.widest(), pieces.narrower(_always)):
        yield _block(grid, [piece]).candidates


def _joined(grid: Grid, pieces: Iterator[Piece], size: int) -> Iterator[Block]:
    pending: list[Piece] = []
    count = 0
    for degrees, inner, zero in pieces:
        for start in range(0, inner.shape[1], size):
            part = inner[:, start : start + size]
            pending.append(Piece(degrees, part, zero))
            count += part.shape[1]
            if count >= size:
                yield _block(grid, pending)
                pending, count = [], 0
    if pending:
        yield _block(grid, pending)


def _block(grid: Grid, pieces: Sequence[Piece]) -> Block:
    """Return candidates as one block."""
    sizes = [piece.inner.shape[1] for piece in pieces]
    stems = np.zeros((len(COLUMNS), sum(sizes)))
    degrees = np.array([piece.degrees for piece in pieces], dtype=np.float64)
    stems[_OUTER] = np.repeat(degrees.T, sizes, axis=1)
    stems[_INNER] = np.concatenate([piece.inner for piece in pieces], axis=1)
    zero = tuple(grid.zero)
    goes = None
    if any(piece.zero != zero for piece in pieces):
        allowed = np.array([[stage in piece.zero for piece in pieces] for stage in zero])
        goes = np.repeat(allowed, sizes, axis=1)[:, None, :]
    return Block(stems, np.array(zero, dtype=np.float64), np.array(grid.recompute, dtype=np.float64).T, goes)
