"""The layouts that a job leaves open: the grid for the search, with whatever is pinned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from planner.engine.arrays import FloatArray
from planner.engine.grid import COLUMNS, Grid
from planner.engine.inputs import ArchitectureInputs, Layouts, WorkloadInputs
from planner.engine.mixing import shardable_heads
from planner.engine.recompute import RECOMPUTE
from planner.engine.search import Variant
from planner.engine.whole_numbers import divisors, powers_of_two

#: What the search tries of recomputation.
SEARCHED_RECOMPUTES = [mode.shares for mode in RECOMPUTE.values() if not mode.columns]
#: Up to this length the search does not split a sequence over chips.
CONTEXT_PARALLEL_FROM = 16_384
#: Beyond it, context parallelism leaves at least so many tokens of a sequence on a chip.
LEAST_CONTEXT_TOKENS = 8192
DEEPEST_PIPELINE = 128
#: Tensor parallelism beyond this many chips is not searched, whatever the domain holds.
WIDEST_TENSOR = 64


@dataclass(frozen=True, slots=True, eq=False)
class NamedVariant(Variant):
    """A grid whose candidates have a schedule or a way of recomputing in common."""

    #: the pipeline schedule, where it is not the plainest one
    schedule: str | None = None
    #: the recompute mode, where all have the same
    recompute: str | None = None
    #: whether it is a schedule that no published layout is known to have
    is_unusual: bool = False


@dataclass(frozen=True, slots=True)
class LayoutSpace:
    """A grid with the columns that are the same for every candidate, and others beside it."""

    grid: Grid
    fixed: dict[str, float]
    #: the pipeline schedule where it is pinned
    schedule: str | None = None
    #: the recompute mode where it is pinned
    recompute: str | None = None
    #: further grids, each with columns, schedule and recompute of its own; `Grid.variant` counts from 1
    others: tuple[NamedVariant, ...] = ()
    #: every part of the layout is given: nothing is searched
    is_given: bool = False
    #: of what is told of a layout, the part that is left to the search
    open_share: float = 0.0

    def layouts(self, row: FloatArray) -> Layouts:
        """Return one candidate of the grid, a row of `Found.rows`, with the columns of all, as numbers."""
        degrees = {name: float(value) for name, value in zip(COLUMNS, row, strict=True)}
        variant = self.variant(row)
        del degrees["variant"]
        return Layouts(**{**degrees, **variant.fixed})

    @property
    def variants(self) -> tuple[NamedVariant, ...]:
        """All grids, the first one first."""
        return (NamedVariant(self.grid, self.fixed, self.schedule, self.recompute), *self.others)

    def variant(self, row: FloatArray) -> NamedVariant:
        """Return the grid that a candidate is of."""
        return self.variants[int(row[COLUMNS.index("variant")])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The degrees that are pinned; None leaves one to the search. [-]."""

    tensor: int | None = None
    context: int | None = None
    expert: int | None = None
    expert_tensor: int | None = None
    pipeline: int | None = None
    virtual_stages: int | None = None
    data: int | None = None
    microbatch: int | None = None
    zero: int | None = None
    #: attention core again, share of the layers again whole
    recompute: tuple[float, float] | None = None

    @property
    def open_share(self) -> float:
        """Return how many of them are left open, over all; the data degree follows from the others."""
        told = [field.name for field in fields(self) if field.name not in ("data", "expert_tensor")]
        return sum(getattr(self, name) is None for name in told) / len(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBounds:
    """How far a search looks where nothing is pinned, as far as plans and runs differ in it. [-]."""

    #: also pipelines whose stages cannot all hold the same number of layers, by powers of two
    has_uneven_pipelines: bool
    virtual_stages: Sequence[int]
    microbatch: Sequence[int]
    zero: Sequence[int]
    #: as of `Grid`
    most_uneven: float
    most_padding: float = 0.0
    #: also tensor parallelism inside experts, and whole layers that are run again in part
    has_expert_tensor: bool = False
    has_partial_recompute: bool = False
    allow_sharded_pipeline: bool = False
    #: as of `Grid`
    batch_flex: float = 0.0


def grid_of(
    architecture: ArchitectureInputs,
    workload: WorkloadInputs,
    *,
    chips: int,
    domain_chips: float,
    pins: Pins,
    bounds: SearchBounds,
) -> Grid:
    """Return the choices of each degree on `chips` chips: what is pinned, else what the bounds allow."""
    layers, experts, heads = (
        int(architecture.layers),
        int(architecture.experts),
        shardable_heads(architecture),
    )
    sequence = int(workload.sequence_length)
    widest = sequence // LEAST_CONTEXT_TOKENS if sequence > CONTEXT_PARALLEL_FROM else 1
    inside = max(min(int(min(domain_chips, chips)), WIDEST_TENSOR), 1)
    deepest = max(min(layers, DEEPEST_PIPELINE, chips), 1)
    uneven = powers_of_two(deepest) if bounds.has_uneven_pipelines else ()
    return Grid(
        chips=chips,
        layers=layers,
        global_batch_sequences=int(workload.global_batch_sequences),
        experts=experts,
        tensor=_choice(pins.tensor, [d for d in powers_of_two(inside) if heads % d == 0]),
        context=_choice(pins.context, powers_of_two(widest)),
        expert=_choice(
            pins.expert, [d for d in powers_of_two(max(experts, 1)) if not experts or experts % d == 0]
        ),
        expert_tensor=_choice(pins.expert_tensor, (1, 0) if experts and bounds.has_expert_tensor else (1,)),
        pipeline=_choice(pins.pipeline, sorted({*(d for d in divisors(layers) if d <= deepest), *uneven})),
        virtual_stages=_choice(pins.virtual_stages, [v for v in bounds.virtual_stages if v <= layers]),
        microbatch=_choice(pins.microbatch, bounds.microbatch),
        zero=_choice(pins.zero, bounds.zero),
        recompute=[pins.recompute] if pins.recompute else SEARCHED_RECOMPUTES,
        data=pins.data,
        allow_sharded_pipeline=bounds.allow_sharded_pipeline,
        most_uneven=bounds.most_uneven,
        most_padding=bounds.most_padding,
        batch_flex=bounds.batch_flex,
        has_partial_recompute=bounds.has_partial_recompute and pins.recompute is None,
    )


def _choice(pinned: int | None, choices: Sequence[int]) -> Sequence[int]:
    return choices if pinned is None else [pinned]
