"""The layouts that a plan leaves open, and what it pins that contradicts itself."""

from __future__ import annotations

import math

from planner.domain.architecture import Architecture
from planner.domain.plan_strategy import Strategy
from planner.engine.inputs import WorkloadInputs
from planner.engine.mixing import shardable_heads
from planner.engine.recompute import RECOMPUTE
from planner.engine.schedules import SCHEDULES, plainest_schedule
from planner.errors import PlanError
from planner.planning.layout_space import LayoutSpace, Pins, SearchBounds, grid_of
from planner.planning.shape import shape_of

#: Slots of the stages over the layers that fill them, where the search cuts the layers.
MOST_UNEVEN = 1.1
MOST_VIRTUAL_STAGES = 12


def plan_space(
    strategy: Strategy,
    architecture: Architecture,
    workload: WorkloadInputs,
    *,
    chips: int,
    domain_chips: float,
    software: dict[str, float],
    batch_flex: float = 0.0,
) -> LayoutSpace:
    """Return the layouts that a plan's strategy allows on `chips` chips.

    `software` holds the columns that the stack decides; a batch moves by `batch_flex` of itself at most,
    unless the layout is given.

    Raises
    ------
    PlanError
        Where what the plan pins contradicts itself or the model.
    """
    _check(strategy, architecture, int(workload.global_batch_sequences))
    is_given = strategy.mode == "given"
    schedule = SCHEDULES[strategy.schedule or plainest_schedule(1)]
    pins = _pins(strategy)
    grid = grid_of(
        shape_of(architecture).inputs,
        workload,
        chips=chips,
        domain_chips=domain_chips,
        pins=pins,
        bounds=_bounds(strategy, batch_flex),
    )
    columns = ("bubble_share", "in_flight_more", "stage_copies")
    fixed = {name: getattr(schedule, name) for name in columns} | software
    if schedule.overlaps_experts:
        fixed["has_expert_overlap"] = 1.0
    if strategy.recompute is not None:
        fixed |= RECOMPUTE[strategy.recompute].columns
    return LayoutSpace(grid, fixed, strategy.schedule, strategy.recompute, is_given, pins.open_share)


def _pins(strategy: Strategy) -> Pins:
    """Return what the strategy pins; of a layout that is given whole, what it leaves out is 1 or none."""
    is_given = strategy.mode == "given"

    def pinned(degree: int | None) -> int | None:
        return 1 if degree is None and is_given else degree

    mode = strategy.recompute or ("none" if is_given else None)
    has_virtual = strategy.schedule is None or SCHEDULES[strategy.schedule].virtual_stages == "always"
    virtual = pinned(strategy.virtual_stages)
    return Pins(
        tensor=pinned(strategy.tensor),
        context=pinned(strategy.context),
        expert=pinned(strategy.expert),
        pipeline=pinned(strategy.pipeline),
        virtual_stages=1 if virtual is None and not has_virtual else virtual,
        data=strategy.data,
        microbatch=pinned(strategy.microbatch),
        zero=pinned(strategy.zero),
        recompute=RECOMPUTE[mode].shares if mode else None,
    )


def _bounds(strategy: Strategy, batch_flex: float) -> SearchBounds:
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
