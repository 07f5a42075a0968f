"""Enumeration of parallel layouts: lazily, by what takes up chips, with what cannot be valid left out."""

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

#: Candidates of one array: few enough to stay in cache (measured: two to three times cheaper each than in
#: arrays of 64 K). [-]
BLOCK = 8192
#: Combinations of one product that are kept for the next degrees, and products: few enough that what is kept
#: stays below some MiB, and as many products as a whole grid of one model has. [-]
_MOST_KEPT = 1024
_PRODUCTS_KEPT = 128


def _data_degrees(
    grid: Grid, most: int, tensor: int, context: int, batch_divisors: Sequence[int]
) -> list[int]:
    """Return the data-parallel degrees up to `most` that divide the batch, the largest first.

    A batch that moves is divided by more: of each microbatch and expert degree by the most that there is
    room for, whole groups of experts with the tensor parallelism inside them.
    """
    inner_ways = tensor * context
    degrees = [grid.data] if grid.data is not None else reversed(batch_divisors)
    fitting = [degree for degree in degrees if degree <= most]
    if not grid.moves_batch or most < 1:
        return fitting
    ways = {expert * (inside or tensor) for expert in grid.expert for inside in grid.expert_tensor}
    units = {each // math.gcd(each, inner_ways) for each in ways}
    moved = moved_degrees(grid.global_batch_sequences, grid.batch_flex, most, units, grid.microbatch)
    return sorted({*fitting, *moved}, reverse=True)


#: Columns that what takes up chips says, those that are told for each stem inside of that, and those that go
#: with any stem, whose combinations are never written out.
OUTER = ("tensor", "context", "pipeline", "data", "variant")
INNER = ("expert", "expert_tensor", "virtual_stages", "microbatch")
LAST = ("zero", "recompute_attention", "recompute_layers")


class Piece(NamedTuple):
    """The candidates of one combination of what takes up chips."""

    #: `OUTER`
    degrees: tuple[int, int, int, int, int]
    #: (`INNER`, stems)
    inner: FloatArray
    #: of the grid's stages of ZeRO, those that go with it
    zero: tuple[int, ...]


class Pieces:
    """The candidates of a grid, those of one combination of what takes up chips together."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.microbatches: dict[int, tuple[int, ...]] = {}
        #: expert degrees by tensor degree and ranks
        self.experts: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self.model_degrees = list(self._model_degrees())

    def widest(self) -> Iterator[Piece]:
        """Yield those that leave fewest chips idle."""
        for tensor, context, pipeline, degrees, inside in self.model_degrees:
            for data in degrees[:1]:
                yield from self._piece((tensor, context, pipeline, data), *inside)

    def narrower(self, is_worth: Callable[[int], bool]) -> Iterator[Piece]:
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
        found: dict[tuple[int, ...], list[int]] = {}
        for tensor, context, pipeline in itertools.product(grid.tensor, grid.context, inside):
            most = grid.chips // (pipeline * tensor * context)
            # of a model without experts it does not hang on the ranks inside
            key = (most, tensor, context) if grid.experts else (most,)
            if key not in found:
                found[key] = _data_degrees(grid, most, tensor, context, batch_divisors)
            yield tensor, context, pipeline, found[key], inside[pipeline]

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
    ) -> Iterator[Piece]:
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
            choices = (experts, virtual, microbatches)
            is_small = math.prod(map(len, choices)) <= _MOST_KEPT
            stems = _kept_product(*choices) if is_small else _product(*choices)
            yield Piece((*degrees, grid.variant), stems, zero)

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
_CHOICES = (("expert", "expert_tensor"), ("virtual_stages",), ("microbatch",))
#: Virtual stages and ZeRO stages.
_Inside: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


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
) -> FloatArray:
    """Return every combination as (`INNER`, combinations), the last choice running fastest."""
    choices: tuple[Sequence[object], ...] = (experts, virtual, microbatches)
    product = np.empty((len(INNER), *map(len, choices)))
    for axis, (choice, names) in enumerate(zip(choices, _CHOICES, strict=True)):
        # along its own axis; NumPy repeats it along the others
        shape = [-1 if other == axis else 1 for other in range(len(choices))]
        for name, column in zip(
            names, np.array(choice, dtype=np.float64).reshape(-1, len(names)).T, strict=True
        ):
            product[INNER.index(name)] = column.reshape(shape)
    product.flags.writeable = False
    return product.reshape(len(INNER), -1)


#: Kept, as most degrees of one search share it: nobody writes into it.
_kept_product = lru_cache(maxsize=_PRODUCTS_KEPT)(_product)


_LAYOUT = frozenset(column.name for column in fields(Layouts))


def as_layouts(block: FloatArray | Sequence[FloatArray], **fixed: float) -> Layouts:
    """Return candidates as layouts, with further columns `fixed` for all of them.

    Parameters
    ----------
    block : (columns, candidates) float64
        With `COLUMNS` as rows, or as that many arrays that broadcast to each other. [-]
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
    if isinstance(block, np.ndarray) and block.shape[1] == 1:
        block = block[:, 0].tolist()
    columns = dict(zip(COLUMNS, block, strict=True))
    del columns["variant"]
    return Layouts(**columns | {name: value for name, value in fixed.items() if name in _LAYOUT})
