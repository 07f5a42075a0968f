"""The layouts that a plan leaves open, and what it pins that contradicts itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from planner.domain.architecture import Architecture
from planner.domain.plan_strategy import Strategy
from planner.engine.grid import Grid
from planner.engine.inputs import WorkloadInputs
from planner.engine.mixing import shardable_heads
from planner.engine.recompute import RECOMPUTE
from planner.engine.schedules import SCHEDULES, PipelineSchedule, plainest_schedule
from planner.errors import PlanError
from planner.planning.layout_space import LayoutSpace, NamedVariant, Pins, SearchBounds, grid_of
from planner.planning.shape import shape_of
from planner.planning.stack import Offered

#: Slots of the stages over the layers that fill them, where the search cuts the layers.
MOST_UNEVEN = 1.1
MOST_VIRTUAL_STAGES = 12
#: Of a stack that offers what all do.
NOTHING_OFFERED = Offered()


def plan_space(
    strategy: Strategy,
    architecture: Architecture,
    workload: WorkloadInputs,
    *,
    chips: int,
    domain_chips: float,
    software: dict[str, float],
    batch_flex: float = 0.0,
    offered: Offered = NOTHING_OFFERED,
) -> LayoutSpace:
    """Return the layouts that a plan's strategy allows on `chips` chips.

    `software` holds the columns that the stack decides; a batch moves by `batch_flex` of itself at most,
    unless the layout is given; the search also tries what is `offered`.

    Raises
    ------
    PlanError
        Where what the plan pins contradicts itself or the model.
    """
    _check(strategy, architecture, int(workload.global_batch_sequences))
    is_given = strategy.mode == "given"
    schedule = SCHEDULES[strategy.schedule or plainest_schedule(1)]
    pins = _pins(strategy, architecture.layers)
    grid = grid_of(
        shape_of(architecture).inputs,
        workload,
        chips=chips,
        domain_chips=domain_chips,
        pins=pins,
        bounds=_bounds(strategy, batch_flex, offered),
    )
    fixed = software | _columns(schedule)
    if strategy.recompute is not None:
        fixed |= RECOMPUTE[strategy.recompute].columns
    others = () if is_given else tuple(_others(grid, strategy, software, offered))
    return LayoutSpace(grid, fixed, strategy.schedule, strategy.recompute, others, is_given, pins.open_share)


def _columns(schedule: PipelineSchedule) -> dict[str, float]:
    """Return what a schedule says of every layout."""
    columns = {name: getattr(schedule, name) for name in ("bubble_share", "in_flight_more", "stage_copies")}
    return columns | ({"has_expert_overlap": 1.0} if schedule.overlaps_experts else {})


def _others(
    grid: Grid, strategy: Strategy, software: dict[str, float], offered: Offered
) -> Iterator[NamedVariant]:
    """Yield the grids beside the first: what runs parts of layers again, schedules that the stack offers."""
    plain = strategy.schedule
    names = [plain, *(() if plain is not None else offered.schedules)]
    modes = [None, *(name for name in RECOMPUTE if name in offered.recomputes)]
    variant = 0
    for name in names:
        schedule = SCHEDULES[name or plainest_schedule(1)]
        under = grid if name == plain else _under(grid, schedule)
        if under is None:
            continue
        for mode in modes if strategy.recompute is None else [strategy.recompute]:
            if name == plain and (mode is None or strategy.recompute is not None):
                # the first grid
                continue
            variant += 1
            fixed = software | _columns(schedule)
            own = replace(under, variant=variant)
            if mode is not None and strategy.recompute is None:
                own = replace(own, recompute=[RECOMPUTE[mode].shares], has_partial_recompute=False)
            if mode is not None:
                fixed |= RECOMPUTE[mode].columns
            yield NamedVariant(own, fixed, name, mode, is_unusual=name != plain)


def _under(grid: Grid, schedule: PipelineSchedule) -> Grid | None:
    """Return what of a grid a schedule beside the plain ones can run; None where that is nothing."""
    deep = [stages for stages in grid.pipeline if stages > 1]
    if not deep or (schedule.overlaps_experts and not grid.experts):
        return None
    whole = grid.virtual_stages if len(grid.virtual_stages) == 1 else [1]
    return replace(grid, pipeline=deep, virtual_stages=whole)


def _pins(strategy: Strategy, layers: int) -> Pins:
    """Return what the strategy pins; of a layout that is given whole, what it leaves out is 1 or none."""
    is_given = strategy.mode == "given"

    def pinned(degree: int | None) -> int | None:
        return 1 if degree is None and is_given else degree

    mode = strategy.recompute or ("none" if is_given or strategy.recompute_layers else None)
    again = RECOMPUTE[mode].shares if mode else None
    if again is not None and strategy.recompute_layers:
        again = again[0], strategy.recompute_layers / stage_layers(strategy, layers)
    has_virtual = strategy.schedule is None or SCHEDULES[strategy.schedule].virtual_stages == "always"
    virtual = pinned(strategy.virtual_stages)
    return Pins(
        tensor=pinned(strategy.tensor),
        context=pinned(strategy.context),
        expert=pinned(strategy.expert),
        expert_tensor=pinned(strategy.expert_tensor),
        pipeline=pinned(strategy.pipeline),
        virtual_stages=1 if virtual is None and not has_virtual else virtual,
        data=strategy.data,
        microbatch=pinned(strategy.microbatch),
        zero=pinned(strategy.zero),
        recompute=again,
    )


def stage_layers(strategy: Strategy, layers: int) -> int:
    """Return the layers of the stage that holds most, of a pipeline that is pinned.

    Examples
    --------
    >>> stage_layers(Strategy(pipeline=16, virtual_stages=8), 126)
    8
    """
    slices = strategy.virtual_stages or 1
    return min(-(-layers // ((strategy.pipeline or 1) * slices)) * slices, layers)


def _bounds(strategy: Strategy, batch_flex: float, offered: Offered) -> SearchBounds:
    is_given = strategy.mode == "given"
    fewest = 1 if strategy.schedule is None else 2
    return SearchBounds(
        has_uneven_pipelines=True,
        virtual_stages=range(fewest, MOST_VIRTUAL_STAGES + 1),
        microbatch=(1, 2, 4, 8, 16),
        zero=(1, 2, 3),
        most_uneven=math.inf if is_given or strategy.virtual_stages is not None else MOST_UNEVEN,
        allow_sharded_pipeline=is_given,
        batch_flex=0.0 if is_given else batch_flex,
        has_expert_tensor=True,
        has_partial_recompute="layers" in offered.recomputes,
    )


def _check(strategy: Strategy, architecture: Architecture, batch: int) -> None:
    mixture = architecture.mixture
    if strategy.expert is not None and strategy.expert > 1:
        if mixture is None:
            raise PlanError(f"strategy.expert = {strategy.expert}: the model has no experts; expected 1")
        if mixture.experts % strategy.expert:
            raise PlanError(
                f"strategy.expert = {strategy.expert}: does not divide the model's {mixture.experts} experts"
            )
    _check_layers_again(strategy, architecture.layers)
    if strategy.pipeline is not None and strategy.pipeline > architecture.layers:
        raise PlanError(
            f"strategy.pipeline = {strategy.pipeline}: the model has only {architecture.layers} layers"
        )
    heads = shardable_heads(shape_of(architecture).inputs)
    if strategy.tensor is not None and heads % strategy.tensor:
        raise PlanError(f"strategy.tensor = {strategy.tensor}: does not divide the model's {heads} heads")
    given = [degree for degree in (strategy.data, strategy.microbatch) if degree is not None]
    if math.prod(given) > batch:
        raise PlanError(
            f"strategy.data x strategy.microbatch = {math.prod(given)}: "
            f"more than the batch of {batch} sequences"
        )
    schedule = SCHEDULES.get(strategy.schedule or "")
    if (strategy.virtual_stages or 1) > 1 and schedule is not None and schedule.virtual_stages == "never":
        raise PlanError(
            f"strategy.schedule = '{strategy.schedule}': has no virtual stages; "
            f"expected '{plainest_schedule(2)}'"
        )


def _check_layers_again(strategy: Strategy, layers: int) -> None:
    again = strategy.recompute_layers
    if again is None:
        return
    said = f"strategy.recompute_layers = {again}"
    if strategy.mode != "given" and (strategy.pipeline is None or strategy.virtual_stages is None):
        raise PlanError(
            f"{said}: expected strategy.pipeline and strategy.virtual_stages beside it, which cut the stages"
        )
    if strategy.recompute not in (None, "none", "selective"):
        raise PlanError(
            f"{said}: expected strategy.recompute to be 'none' or 'selective', of the other layers"
        )
    if again > (most := stage_layers(strategy, layers)):
        raise PlanError(f"{said}: a stage has only {most} layers")
