"""Post-training of a plan on its pools: layouts of the update, chips that generate, the best split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from planner.catalog.post_training_fit import shipped_post_training_fit
from planner.domain.post_training import PostTraining
from planner.engine.estimate import LayoutEstimate
from planner.engine.inputs import Layouts
from planner.engine.search import Machine
from planner.errors import InfeasibleError, PlanError
from planner.planning.chip import chip_inputs
from planner.planning.job import Job, machine_of_pool
from planner.planning.pool_link import link_of
from planner.planning.post_training import (
    Generating,
    PostTrained,
    PostTrainingConstants,
    Updating,
    constants_of,
    post_trained,
)
from planner.planning.resolve import ResolvedPlan, ResolvedPool

#: What goes with a split: the phase that learns.
Other = TypeVar("Other")
#: Of a pool that is split, the shares that are tried for the rollout.
SHARES = (1 / 8, 1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4, 7 / 8)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """The split that comes next."""

    rollout_chips: int
    update_chips: int
    #: its step over the chosen one's, at the medians. [-]
    step_ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class PostPhase:
    """What a step does beside its optimizer steps, and on which chips."""

    found: PostTrained
    constants: PostTrainingConstants
    #: what a step is, and the sides that it was made of; nothing generates where pairs are read
    spec: PostTraining
    generating: Generating | None
    updating: Updating
    #: chips that generate, and chips that learn: the same ones where both take turns
    rollout_chips: int
    update_chips: int
    #: the pool that generates, where it is another one
    rollout_pool: ResolvedPool | None = None
    runner_up: PassedOver | None = None

    @property
    def is_split(self) -> bool:
        """Whether each side has chips of its own."""
        return bool(self.found.is_split)

    @property
    def log_spread(self) -> float:
        """What published steps scatter by about the model. [-]."""
        has_assumed = self.found.lengths.has_assumed_mean
        return self.constants.assumed_log_spread if has_assumed else self.constants.log_spread

    @property
    def within_log_spread(self) -> float:
        """Of that, what a job's steps do not share: all of it where nobody knows. [-]."""
        pair = self.constants.pair_log_spread
        return self.log_spread if pair is None else min(pair, self.log_spread)

    @property
    def median_s(self) -> float:
        """The step at the medians. [s]."""
        return float(np.ravel(self.found.step.total)[0])


def refuse_what_is_not_told(resolved: ResolvedPlan) -> None:
    """Refuse what a plan of post-training says that no step of it is known for.

    Raises
    ------
    PlanError
        Naming the key.
    """
    plan = resolved.plan
    pools, spec = resolved.pools, plan.post_training
    if len(pools) > 2 or (len(pools) == 2 and spec.pools != "split"):
        raise PlanError(
            f"cluster.pools: {len(pools)} of them; expected one, or two with pools = 'split' in "
            "[post_training]"
        )
    if len(pools) == 2 and spec.rollout_chips is not None:
        raise PlanError("post_training.rollout_chips: is of one pool; expected rollout_pool for two")
    names = [pool.pool.id for pool in pools]
    if spec.rollout_pool is not None and (len(pools) < 2 or spec.rollout_pool not in names):
        raise PlanError(
            f"post_training.rollout_pool = '{spec.rollout_pool}': expected one of two pools "
            f"({', '.join(names)})"
        )


def splits_to_try(spec: PostTraining, pool: ResolvedPool) -> Iterator[int]:
    """Yield the chips of one pool that may generate beside those that learn: whole systems of it."""
    if spec.rollout_chips is not None:
        if spec.rollout_chips >= pool.chips:
            raise PlanError(
                f"post_training.rollout_chips = {spec.rollout_chips:,}: expected fewer than the "
                f"{pool.chips:,} chips of the pool"
            )
        yield spec.rollout_chips
        return
    whole = pool.system.chips_per_host if pool.chips > pool.system.chips_per_host else 1
    seen = set()
    for share in SHARES:
        chips = int(pool.chips * share) // whole * whole
        if 0 < chips < pool.chips and chips not in seen:
            seen.add(chips)
            yield chips


def generating_on(resolved: ResolvedPlan, pool: ResolvedPool, chips: int, machine: Machine) -> Generating:
    """Return the side that generates, on so many chips of a pool.

    Raises
    ------
    InfeasibleError
        Where it is one of two that the plan leaves open, and smaller than the copy that the plan states.
    """
    spec = resolved.plan.post_training
    precision = spec.rollout_precision or resolved.plan.workload.precision
    tensor = spec.rollout_tensor
    if spec.rollout_pool not in (None, pool.pool.id):
        # a copy's chips are said of the pool that generates: this way is the other one, told beside it
        tensor = None
    elif tensor is not None and tensor > chips and len(resolved.pools) > 1 and spec.rollout_pool is None:
        raise InfeasibleError(
            f"post_training.rollout_tensor = {tensor:,}: pool '{pool.pool.id}' has {chips:,} chips"
        )
    return Generating(
        chips=float(chips),
        chip=chip_inputs(pool.chip, precision),
        network=machine.network,
        stack=machine.stack,
        precision=precision,
        tensor=None if tensor is None else float(tensor),
    )


def updating_by(job: Job, layouts: Layouts, estimate: LayoutEstimate, chips: int) -> Updating:
    """Return the side that learns, in its layout, at the medians and over the draws."""
    memory, machine = estimate.memory, job.machine
    network = machine.network
    is_inside = chips <= float(network.domain_chips)
    held = memory.weights + memory.all_gradients + memory.optimizer
    return Updating(
        step_s=np.asarray(estimate.step.total),
        optimizer_s=np.asarray(estimate.step.optimizer),
        batch_sequences=float(job.workload.global_batch_sequences),
        again=float(np.ravel(layouts.recompute_layers)[0]),
        backward=1.0 + float(np.ravel(job.workload.trains_all)[0]),
        states_bytes=float(np.ravel(held)[0]),
        host_bytes_per_s=float(machine.chip.host_bytes_per_s),
        link_bytes_per_s=float(network.scale_up_bytes_per_s if is_inside else network.scale_out_bytes_per_s),
    )


def pace_of(resolved: ResolvedPlan, pool: ResolvedPool) -> str:
    """Return whose fitted factors hold: the rollout engine on the pool's chips."""
    engine = resolved.plan.post_training.rollout_engine
    if engine == "vllm" and pool.chip.platform == "cann":
        engine = "vllm-ascend"
    return f"{engine}:{pool.chip.generation}"


def post_phase(
    resolved: ResolvedPlan,
    updates: ResolvedPool,
    job: Job,
    layouts: Layouts,
    estimate: LayoutEstimate,
    *,
    rollouts: ResolvedPool,
    rollout_chips: int,
) -> PostPhase:
    """Return a step whose updates are in one layout.

    Parameters
    ----------
    updates, rollouts
        The pool that learns, with the chips that do, and the one that generates; one pool is both.
    job, layouts, estimate
        The optimizer step.
    rollout_chips
        Of the pool that generates.

    Raises
    ------
    InfeasibleError
        Where no copy of the model fits the chips that generate.
    """
    plan = resolved.plan
    generates = plan.workload.kind == "reinforcement"
    machine = job.machine if rollouts.pool.id == updates.pool.id else machine_of_pool(resolved, rollouts)[0]
    constants = constants_of(shipped_post_training_fit(), pace_of(resolved, rollouts))
    learning = updating_by(job, layouts, estimate, updates.chips)
    if rollouts.pool.id != updates.pool.id:
        # weights leave over a port, enter over another, and all of them go over the link once
        port = min(
            float(job.machine.network.scale_out_bytes_per_s), float(machine.network.scale_out_bytes_per_s)
        )
        shared = link_of(resolved, [updates, rollouts]).bytes_per_s
        learning = replace(learning, link_bytes_per_s=port, shared_bytes_per_s=shared)
    generating = generating_on(resolved, rollouts, rollout_chips, machine) if generates else None
    spec = plan.post_training
    found = post_trained(spec, job.architecture, job.work, generating, learning, constants)
    return PostPhase(
        found,
        constants,
        spec,
        generating,
        learning,
        rollout_chips,
        updates.chips,
        rollouts if rollouts.pool.id != updates.pool.id else None,
    )


def on_machine(post: PostPhase, job: Job, estimate: LayoutEstimate, machine: Machine) -> PostPhase:
    """Return a step in its layouts on a pool that is another machine: it learns, and generates if it did.

    Where another pool generates, that one stays as it is.

    Parameters
    ----------
    job, estimate
        The optimizer step on that machine.
    machine
        As of `components.machine_with`: its chip computes the update in the update's precision.
    """
    before = job.machine
    updating = replace(
        post.updating,
        step_s=np.asarray(estimate.step.total),
        optimizer_s=np.asarray(estimate.step.optimizer),
        host_bytes_per_s=float(machine.chip.host_bytes_per_s),
    )
    generating = post.generating
    if generating is not None and post.rollout_pool is None:
        matmul, memory = (
            np.divide(getattr(machine.chip, rate), getattr(before.chip, rate))
            for rate in ("matmul_peak_flops_per_s", "memory_bandwidth_bytes_per_s")
        )
        chip = replace(
            generating.chip,
            matmul_peak_flops_per_s=generating.chip.matmul_peak_flops_per_s * matmul,
            memory_bandwidth_bytes_per_s=generating.chip.memory_bandwidth_bytes_per_s * memory,
        )
        generating = replace(generating, chip=chip, network=machine.network, stack=machine.stack)
    found = post_trained(post.spec, job.architecture, job.work, generating, updating, post.constants)
    return replace(post, found=found, generating=generating, updating=updating)


def best_of(tried: Iterable[tuple[PostPhase, Other]]) -> tuple[PostPhase, Other] | None:
    """Return the split with the shortest step, the next one in its `runner_up`; None where none can be."""
    found = sorted(tried, key=lambda one: one[0].median_s)
    if not found:
        return None
    best, rest = found[0]
    if len(found) > 1:
        second = found[1][0]
        passed = PassedOver(second.rollout_chips, second.update_chips, second.median_s / best.median_s)
        best = replace(best, runner_up=passed)
    return best, rest
