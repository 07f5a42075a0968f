"""The choices of each degree of a layout, and the columns of a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.engine.arrays import FloatArray
from planner.engine.batch_flex import flexed_batches

#: Columns of a candidate, in the order of a block's rows.
COLUMNS = (
    "tensor",
    "context",
    "expert",
    "pipeline",
    "virtual_stages",
    "data",
    "microbatch",
    "zero",
    "recompute_attention",
    "recompute_layers",
    "expert_tensor",
    # which of the grids of a search a candidate is of; no part of the layout itself
    "variant",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """The choices of each degree; data parallelism follows from the chips and the batch."""

    chips: int
    layers: int
    global_batch_sequences: int
    experts: int
    tensor: Sequence[int]
    context: Sequence[int] = (1,)
    expert: Sequence[int] = (1,)
    #: tensor parallelism inside experts; 0: that of the layers
    expert_tensor: Sequence[int] = (1,)
    pipeline: Sequence[int] = (1,)
    virtual_stages: Sequence[int] = (1,)
    microbatch: Sequence[int] = (1, 2, 4, 8)
    zero: Sequence[int] = (1, 3)
    #: pairs of (attention core again, share of the layers again whole)
    recompute: Sequence[tuple[float, float]] = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    #: pinned data-parallel degree; None: as many as chips and batch allow
    data: int | None = None
    #: sharded weights with a deep pipeline gather every layer for every microbatch; left out unless pinned
    allow_sharded_pipeline: bool = False
    #: slots of the stages over the layers that fill them; embedding and head often take the spare ones
    most_uneven: float = 1.1
    #: places that a rank's last microbatch may leave empty, over the rank's sequences
    most_padding: float = 0.0
    #: share of the batch by which it may move, so that any number of replicas can share it
    batch_flex: float = 0.0
    #: also as many whole layers of each stage run again as make a layout fit, and no more
    has_partial_recompute: bool = False
    #: which grid of a search this is
    variant: int = 0

    @property
    def constants(self) -> dict[str, float]:
        """The columns that are the same for every candidate: numbers are quicker to compute with than arrays.

        Examples
        --------
        >>> grid = Grid(chips=8, layers=8, global_batch_sequences=8, experts=0, tensor=(1, 2),
        ...             pipeline=(1, 2), virtual_stages=(1, 2))
        >>> grid.constants
        {'context': 1.0, 'expert': 1.0, 'expert_tensor': 1.0}
        """
        names = ("tensor", "context", "expert", "expert_tensor", "pipeline", "virtual_stages", "zero")
        choices: dict[str, Sequence[int]] = {name: getattr(self, name) for name in names}
        found = {name: float(each[0]) for name, each in choices.items() if len(each) == 1}
        if found.get("expert_tensor") == 0.0:
            # that of the layers
            del found["expert_tensor"]
        return found

    @property
    def moves_batch(self) -> bool:
        """Whether candidates may train on other batches than the stated one."""
        return self.batch_flex > 0.0 and self.data is None

    def batches(self, block: FloatArray) -> FloatArray:
        """Return the sequences of a step of each candidate of a block. [-]."""
        data, microbatch = block[_DATA], block[_MICROBATCH]
        share = self.batch_flex if self.moves_batch else 0.0
        return flexed_batches(float(self.global_batch_sequences), share, data, microbatch)


_DATA, _MICROBATCH = COLUMNS.index("data"), COLUMNS.index("microbatch")
