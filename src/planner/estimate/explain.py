"""Explains a number of an estimate: the tree behind it, and the published runs nearest to the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from planner.catalog.architecture import architecture_inputs
from planner.catalog.catalog import Catalog
from planner.domain.plan import Plan
from planner.engine.architecture import parameter_counts
from planner.engine.precisions import PRECISIONS
from planner.errors import InfeasibleError, InputError, PlanError
from planner.estimate.explanation import money, resources, work
from planner.estimate.explanation import time as timing
from planner.estimate.explanation.node import Node
from planner.estimate.explanation.scene import ModelScene, Scene
from planner.estimate.explanation.step_parts import step_part
from planner.estimate.performance import STEP_PARTS, TRAFFIC, performance
from planner.estimate.verdicts import infeasible_reasons
from planner.files.values import shown_value, suggestion
from planner.planning.published import JobClass, PublishedRun, nearest_runs
from planner.planning.resolve import ResolvedPlan, ResolvedPool, resolve
from planner.planning.training import NoTraining, Training, train

MEMORY_PARTS = ("weights", "gradients", "optimizer", "activations", "logits", "buffers", "reserve")
POWER_PARTS = ("chips", "hosts", "network", "storage", "cooling")

#: What needs no training, by its name.
_OF_MODEL: dict[str, Callable[[ModelScene], Node]] = {
    "parameters": work.parameters,
    "active_parameters": partial(work.parameters, is_active=True),
    "training_flops": work.training_flops,
    "tpp": work.total_processing_performance,
    "performance_density": work.performance_density,
    "eccn": work.export_class,
}


def _utilisation(scene: Scene, *, causal: bool = True, is_hardware: bool = False) -> Node:
    rate = timing.tokens_per_second(scene)
    return work.utilisation(scene, rate, causal=causal, is_hardware=is_hardware)


#: What a pool's training gives, by its name.
_OF_TRAINING: dict[str, Callable[[Scene], Node]] = {
    "training_days": timing.training_days,
    "tokens_per_second": timing.tokens_per_second,
    "tokens_per_second_per_chip": timing.tokens_per_second_per_chip,
    "mfu": _utilisation,
    "mfu_full_attention": partial(_utilisation, causal=False),
    "hfu": partial(_utilisation, is_hardware=True),
    "goodput": timing.goodput,
    "step_seconds": timing.step_seconds,
    **{f"step.{name}": partial(step_part, name=name) for name in STEP_PARTS},
    "interconnect": timing.interconnect,
    **{f"interconnect.{name}": partial(timing.interconnect_class, name=name) for name in TRAFFIC},
    "memory": resources.memory,
    "memory.capacity": resources.memory_capacity,
    **{f"memory.{name}": partial(resources.memory_part, name=name) for name in MEMORY_PARTS},
    "power": resources.facility_power,
    "power.it": resources.it_power,
    "power.peak": resources.peak_power,
    **{f"power.{name}": partial(resources.power_part, name=name) for name in POWER_PARTS},
    "energy": resources.energy,
    "carbon": resources.carbon,
    "water": resources.water,
    "joules_per_token": resources.joules_per_token,
    "cost": money.total,
    "cost.capex": money.capex,
    "cost.opex": money.opex,
    "cost.per_million_tokens": money.per_million_tokens,
}

#: Every quantity that can be explained.
QUANTITIES: tuple[str, ...] = (*_OF_TRAINING, *_OF_MODEL)
#: Other names of them: the keys of `estimate --json`, and what people say.
_ALIASES = {
    "days": "training_days",
    "step": "step_seconds",
    "step.seconds": "step_seconds",
    "interconnect_overhead": "interconnect",
    "interconnect_overhead.fraction": "interconnect",
    "memory.per_chip_bytes": "memory",
    "memory.capacity_bytes": "memory.capacity",
    "power.facility": "power",
    "power.facility_w": "power",
    "power.it_w": "power.it",
    "power.chips_w": "power.chips",
    "power.peak_facility_w": "power.peak",
    "energy_mwh": "energy",
    "carbon_t": "carbon",
    "water_m3": "water",
    "cost.total": "cost",
    "total": "cost",
    **{f"{whole}.parts.{part}": f"{whole}.{part}" for whole, parts in (
        ("step", STEP_PARTS), ("memory", MEMORY_PARTS), ("power", POWER_PARTS)
    ) for part in parts},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number of a plan with what is behind it."""

    plan_name: str
    quantity: str
    pool_id: str
    node: Node
    nearest: tuple[PublishedRun, ...]


def quantity_named(text: str) -> str:
    """Return the quantity that a person means; a bare part (`bubble`) is enough where only one has it.

    Raises
    ------
    InputError
        Where there is none, naming the nearest, or more than one.
    """
    name = text.strip().lower().replace("-", "_").replace(" ", "_")
    name = _ALIASES.get(name, name)
    if name in QUANTITIES:
        return name
    parts = [known for known in QUANTITIES if name and known.partition(".")[2] == name]
    if len(parts) == 1:
        return parts[0]
    if parts:
        raise InputError(f"quantity {shown_value(text)}: expected one of {', '.join(parts)}")
    near = suggestion(name, [*QUANTITIES, *(known.partition(".")[2] for known in QUANTITIES if "." in known)])
    listed = near or f"; expected one of {', '.join(known for known in QUANTITIES if '.' not in known)}"
    raise InputError(f"no quantity is called {shown_value(text)}{listed}")


def explain(
    plan: Plan,
    catalog: Catalog,
    quantity: str,
    runs: Sequence[PublishedRun] = (),
    *,
    pool_id: str | None = None,
) -> Explanation:
    """Return the tree behind a number of the plan's estimate.

    Parameters
    ----------
    plan, catalog
        As for the estimate, whose numbers the tree gives.
    quantity
        One of `QUANTITIES`, or another name of one.
    runs
        Published runs, of which the nearest are named.
    pool_id
        The pool to explain; None: the one that would finish first.

    Raises
    ------
    InputError
        Where there is no such quantity or pool.
    InfeasibleError
        Where the plan cannot run and the quantity is of its training.
    """
    name = quantity_named(quantity)
    resolved = resolve(plan, catalog)
    pools = _pools_named(resolved, pool_id)
    if name in _OF_MODEL:
        node = _OF_MODEL[name](model_scene(resolved, pools[0]))
        pool = pools[0]
    else:
        scene = _fastest(resolved, pools)
        pool, node = scene.pool, _OF_TRAINING[name](scene)
    return Explanation(plan.name, name, pool.pool.id, node, nearest_runs(job_class(resolved, pool), runs))


def _pools_named(resolved: ResolvedPlan, pool_id: str | None) -> list[ResolvedPool]:
    pools = [pool for pool in resolved.pools if pool_id in (None, pool.pool.id)]
    if not pools:
        near = suggestion(pool_id or "", [pool.pool.id for pool in resolved.pools])
        raise PlanError(f"no pool is called {shown_value(pool_id)}{near}")
    return pools


def job_class(resolved: ResolvedPlan, pool: ResolvedPool) -> JobClass:
    """Return the class of published runs that a pool's job is near to."""
    return JobClass(
        chip=pool.chip,
        is_mixture=resolved.architecture.mixture is not None,
        is_low_precision=PRECISIONS[resolved.plan.workload.precision].is_low,
        active_parameters=float(parameter_counts(architecture_inputs(resolved.architecture)).active),
        chips=pool.chips,
    )


def model_scene(resolved: ResolvedPlan, pool: ResolvedPool) -> ModelScene:
    """Return what is known of a pool without training it."""
    return ModelScene(resolved, pool, architecture_inputs(resolved.architecture))


def _fastest(resolved: ResolvedPlan, pools: Sequence[ResolvedPool]) -> Scene:
    """Return the pool that would finish first, trained."""
    scenes: list[Scene] = []
    reasons: list[str] = []
    for pool in pools:
        outcome = train(resolved, pool, cancelled=lambda: False)
        if isinstance(outcome, NoTraining):
            reasons += infeasible_reasons(pool, outcome)
        else:
            scenes.append(scene_of(resolved, pool, outcome))
    if not scenes:
        raise InfeasibleError(f"the plan cannot run: {'; '.join(reasons)}")
    return min(scenes, key=lambda scene: scene.performance.training_days.p50)


def scene_of(resolved: ResolvedPlan, pool: ResolvedPool, training: Training) -> Scene:
    """Return a pool's training as the explanations read it."""
    main = training.main
    job = main.job
    return Scene(
        model=model_scene(resolved, pool),
        performance=performance(resolved, pool, training),
        training=training,
        machine=job.machine,
        fitted=job.fitted,
        layout=main.layouts,
        work=job.work,
        workload=job.workload,
    )
