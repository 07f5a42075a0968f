"""Pilots of post-training: a smaller job of the same kind and lengths, on fewer chips of both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from planner.domain.plan_pilot import Pilot
from planner.errors import InfeasibleError, PlanError
from planner.planning.pilots import PilotStep, pilot_layout, timed
from planner.planning.pool_names import refuse_other_pools
from planner.planning.post_training_plan import PostPhase, post_phase
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.sample_lengths import learned_sequences
from planner.planning.workload import PhaseWorkload

#: Keys of a pilot of a training that a step of post-training is not told by, and what is expected.
_OF_TRAINING = {
    "tokens_per_s_per_chip": "step_s, the seconds of a whole step",
    "sequence_length": "none: samples are as long as the plan's",
}


def post_pilot_steps(
    resolved: ResolvedPlan, pool: ResolvedPool, workload: PhaseWorkload, post: PostPhase
) -> tuple[PilotStep, ...]:
    """Return the plan's pilots in which a pool's chips learn as they do in the plan.

    Parameters
    ----------
    resolved
        The plan.
    pool
        The pool that learns.
    workload, post
        The plan's own step, whose lengths a pilot has and whose sides it is a share of.

    Raises
    ------
    PlanError
        Where a pilot says what no step of post-training is told by, names a pool that does not learn, or
        cannot be laid out; where its chips hold no copy of the model that generates.
    """
    return tuple(
        _step(resolved, pool, place, pilot, workload, post) for place, pilot in _of_pool(resolved, pool)
    )


def _of_pool(resolved: ResolvedPlan, pool: ResolvedPool) -> Iterator[tuple[int, Pilot]]:
    plan = resolved.plan
    spec = plan.post_training
    learning = [each.id for each in plan.cluster.pools if each.id != spec.rollout_pool]
    for place, pilot in enumerate(plan.pilot):
        where = f"pilot[{place}]"
        for key, expected in _OF_TRAINING.items():
            if getattr(pilot, key) is not None:
                raise PlanError(f"{where}.{key}: is of a pilot of a training; expected {expected}")
        if pilot.rollout_chips is not None and spec.pools != "split":
            raise PlanError(f"{where}.rollout_chips: belongs to post_training.pools = 'split'; expected none")
        if pilot.pool is not None and pilot.pool == spec.rollout_pool:
            raise PlanError(
                f"{where}.pool = '{pilot.pool}': is the pool that generates; expected the one that learns, "
                f"{', '.join(learning)}"
            )
        if pilot.pool is not None or len(learning) > 1:
            refuse_other_pools(plan, f"{where}.pool", pilot.pool, "whose chips learned")
        if pool.pool.id == (pilot.pool or learning[0]):
            yield place, pilot


def _step(
    resolved: ResolvedPlan,
    pool: ResolvedPool,
    place: int,
    pilot: Pilot,
    workload: PhaseWorkload,
    post: PostPhase,
) -> PilotStep:
    where, spec = f"pilot[{place}]", post.spec
    share = pilot.chips / post.update_chips
    prompts = pilot.prompts_per_step or max(round((spec.prompts_per_step or 1) * share), 1)
    small_spec = spec.model_copy(update={"prompts_per_step": prompts})
    sequences = learned_sequences(small_spec, generates=post.generating is not None)
    assert sequences is not None  # a step has prompts
    batch = min(pilot.global_batch_sequences, sequences)
    small = replace(resolved, plan=resolved.plan.model_copy(update={"post_training": small_spec}))
    phase = PhaseWorkload(1.0, workload.sequence_length, batch)
    job, layouts, estimate = pilot_layout(small, pool, phase, pilot, where)
    # without chips of their own, those that learn generate too
    generate = pilot.chips
    if post.is_split:
        generate = pilot.rollout_chips or max(round(post.rollout_chips * share), 1)
    rollouts = post.rollout_pool or pool
    try:
        found = post_phase(
            small,
            replace(pool, chips=pilot.chips, systems=pilot.chips / pool.system.chips_per_system),
            job,
            layouts,
            estimate,
            rollouts=replace(rollouts, chips=generate, systems=generate / rollouts.system.chips_per_system),
            rollout_chips=generate,
        )
    except (InfeasibleError, PlanError) as error:
        raise PlanError(f"{where}: {error}") from None
    tokens = float(spec.epochs * sequences * workload.sequence_length)
    step = timed(
        replace(job, residual_log_spread=post.log_spread),
        pilot,
        place,
        float(workload.sequence_length),
        tokens,
        found.found.step.total,
    )
    return replace(
        step,
        rollout_chips=generate if post.is_split else None,
        phases=found.found.step,
    )
