"""The layouts that a plan leaves open: the grid for the search, with whatever the plan pins."""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.domain.architecture import Architecture
from planner.domain.plan import Plan, Recompute, Schedule, Strategy
from planner.engine.layouts import Grid, divisors, powers_of_two
from planner.errors import PlanError

#: (attention core again, share of the layers again whole)
RECOMPUTE: dict[Recompute, tuple[float, float]] = {
    "none": (0.0, 0.0),
    "selective": (1.0, 0.0),
    "full": (0.0, 1.0),
}
#: (share of the 1F1B bubble that is left, microbatches in flight over those of 1F1B)
#: Zero bubble: Qi et al., Zero Bubble Pipeline Parallelism (arXiv 2401.10241), table 2, ZB-H1, which keeps
#: the memory of 1F1B and a third of its bubble. DualPipe: DeepSeek-V3 (arXiv 2412.19437), table 2, which
#: holds p + 1 microbatches and idles for about half of what zero bubble leaves.
SCHEDULES: dict[Schedule, tuple[float, float]] = {
    "1f1b": (1.0, 1.0),
    "interleaved": (1.0, 1.0),
    "zero-bubble": (1.0 / 3.0, 1.0),
    "dualpipe": (1.0 / 6.0, 1.1),
}
#: Above this length a sequence is split over chips in the search.
CONTEXT_PARALLEL_FROM = 16_384
DEEPEST_PIPELINE = 128


@dataclass(frozen=True, slots=True)
class LayoutSpace:
    """A grid with the columns that are the same for every candidate."""

    grid: Grid
    fixed: dict[str, float]
    schedule: Schedule | None
    is_given: bool


def layout_space(
    plan: Plan,
    architecture: Architecture,
    *,
    chips: int,
    domain_chips: float,
    batch: int,
    sequence: int,
    fuses_tensor_collectives: bool = False,
    drops_unused_recompute: bool = False,
) -> LayoutSpace:
    """Return the layouts that the plan allows on `chips` chips.

    Raises
    ------
    PlanError
        Where what the plan pins contradicts itself or the model.
    """
    strategy = plan.strategy
    _check(strategy, architecture, batch)
    is_given = strategy.mode == "given"
    mixture = architecture.mixture
    experts = mixture.experts if mixture else 0
    schedule = strategy.schedule
    bubble, in_flight = SCHEDULES[schedule or "1f1b"]
    inside = max(int(min(domain_chips, chips)), 1)
    grid = Grid(
        chips=chips,
        layers=architecture.layers,
        global_batch_sequences=batch,
        experts=experts,
        tensor=_choice(strategy.tensor, is_given, 1, _tensor(architecture, inside)),
        context=_choice(strategy.context, is_given, 1, _context(sequence)),
        expert=_choice(strategy.expert, is_given, 1, _expert(experts)),
        pipeline=_choice(strategy.pipeline, is_given, 1, _pipeline(architecture.layers, chips)),
        virtual_stages=_virtual(strategy, architecture.layers, is_given),
        microbatch=_choice(strategy.microbatch, is_given, 1, [1, 2, 4, 8, 16]),
        zero=_choice(strategy.zero, is_given, 1, [1, 3]),
        recompute=_recompute(strategy, is_given),
        data=strategy.data,
        allow_sharded_pipeline=is_given,
        most_uneven=math.inf if is_given or strategy.virtual_stages is not None else 1.1,
    )
    fixed = {
        "bubble_share": bubble,
        "in_flight_share": in_flight,
        "has_tensor_overlap": float(fuses_tensor_collectives),
        "drops_unused_recompute": float(drops_unused_recompute),
    }
    return LayoutSpace(grid, fixed, schedule, is_given)


def _choice(pinned: int | None, is_given: bool, default: int, choices: list[int]) -> list[int]:
    if pinned is not None:
        return [pinned]
    return [default] if is_given else choices


def _recompute(strategy: Strategy, is_given: bool) -> list[tuple[float, float]]:
    if strategy.recompute is not None:
        return [RECOMPUTE[strategy.recompute]]
    return [RECOMPUTE["none"]] if is_given else list(RECOMPUTE.values())


def _virtual(strategy: Strategy, layers: int, is_given: bool) -> list[int]:
    if strategy.virtual_stages is not None:
        return [strategy.virtual_stages]
    if is_given or strategy.schedule in ("1f1b", "zero-bubble", "dualpipe"):
        return [1]
    stages = list(range(1, min(layers, 12) + 1))
    return [number for number in stages if number > 1] if strategy.schedule == "interleaved" else stages


def _tensor(architecture: Architecture, inside: int) -> list[int]:
    return [degree for degree in powers_of_two(min(inside, 64)) if architecture.heads % degree == 0]


def _context(sequence: int) -> list[int]:
    return powers_of_two(max(sequence // 8192, 1)) if sequence > CONTEXT_PARALLEL_FROM else [1]


def _expert(experts: int) -> list[int]:
    return [degree for degree in powers_of_two(max(experts, 1)) if experts == 0 or experts % degree == 0]


def _pipeline(layers: int, chips: int) -> list[int]:
    most = min(layers, DEEPEST_PIPELINE, chips)
    return sorted({*(d for d in divisors(layers) if d <= most), *powers_of_two(most)})


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
    if strategy.tensor is not None and architecture.heads % strategy.tensor:
        raise PlanError(
            f"strategy.tensor = {strategy.tensor}: does not divide the model's {architecture.heads} heads"
        )
    given = [degree for degree in (strategy.data, strategy.microbatch) if degree is not None]
    if math.prod(given) > batch:
        raise PlanError(
            f"strategy.data x strategy.microbatch = {math.prod(given)}: "
            f"more than the batch of {batch} sequences"
        )
    if strategy.virtual_stages is not None and strategy.virtual_stages > 1 and strategy.schedule == "1f1b":
        raise PlanError("strategy.schedule = '1f1b': has no virtual stages; expected 'interleaved'")
