"""Pools that train together: shares and stages against brute force, equal pools against one, the link."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest

from planner.catalog.catalog import load_catalog
from planner.domain.plan import Plan
from planner.engine.arrays import BoolArray, FloatArray
from planner.engine.grid import COLUMNS
from planner.engine.inputs import Layouts
from planner.engine.memory import memory_parts
from planner.engine.mixed import PoolStep, data_step_s, pipeline_step_s, pool_step
from planner.engine.search import cost
from planner.engine.step import step_times
from planner.errors import PlanError
from planner.planning.job import Job, job_of_plan
from planner.planning.mixed import (
    Joined,
    Member,
    are_one,
    crossing_s,
    gradients_s,
    link_rate,
    refuse_splits_elsewhere,
    step_of,
    with_batch,
)
from planner.planning.mixed_data import curve_of, data_phases
from planner.planning.mixed_pipeline import part_of, pipeline_cut, pipeline_phases
from planner.planning.mixed_splits import NoSplit, joint_trainings
from planner.planning.pool_link import Link, link_of
from planner.planning.resolve import ResolvedPlan, ResolvedPool, resolve
from planner.planning.training import PhaseTraining, Training, train
from planner.planning.workload import phase_workloads
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder

CATALOG = load_catalog(include_user=False)
NEVER = lambda: False  # noqa: E731 - what a search asks


def plan_of(
    *pools: tuple[str, int], batch: int = 64, model: str = "llama-2-7b", sets: Sequence[str] = ()
) -> Plan:
    """Return a plan on pools of so many systems."""
    listed = ", ".join(
        f'{{id="{name}", system="{system}", count={count}}}'
        for name, (system, count) in zip("abcdefgh", pools, strict=False)
    )
    base = load_plan(shipped_plans_folder() / "qwen2-72b-a100.toml")
    changes = [f"cluster.pools=[{listed}]", f"model.profile={model}", "site.pue=1.2"]
    return apply_overrides(base, [*changes, f"workload.global_batch_sequences={batch}", *sets])


def jobs_of(plan: Plan) -> tuple[ResolvedPlan, list[tuple[ResolvedPool, Job]]]:
    """Return every pool's job, in which the fastest layout counts, whoever would run it."""
    resolved = resolve(plan, CATALOG)
    (workload,) = phase_workloads(plan)
    jobs = [(pool, replace(job_of_plan(resolved, pool, workload), practice=None)) for pool in resolved.pools]
    return resolved, jobs


def joined_of(
    split: str, pools: Sequence[tuple[ResolvedPool, Job]], phases: Sequence[PhaseTraining], link: Link
) -> Joined:
    members = tuple(
        Member(pool, Training((phase,)), (1,)) for (pool, _), phase in zip(pools, phases, strict=True)
    )
    return Joined(split, members, link, tuple((pool, None) for pool, _ in pools))  # type: ignore[arg-type]


PAIRS = [
    (("dgx-a100", 4), ("atlas-800t-a2", 2), 96),
    (("dgx-h100", 2), ("dgx-a100", 6), 64),
    (("dgx-h100", 1), ("atlas-800t-a2", 8), 160),
]


@pytest.mark.parametrize(("one", "two", "batch"), PAIRS)
def test_shares_of_the_batch_equal_brute_force(
    one: tuple[str, int], two: tuple[str, int], batch: int
) -> None:
    """Every share of single sequences, in every layout that is the fastest at any of them."""
    resolved, pools = jobs_of(plan_of(one, two, batch=batch))
    (workload,) = phase_workloads(resolved.plan)
    link = link_of(resolved, resolved.pools)
    rates = [1.0 / float(job.search(keep=1).step_s[0]) for _, job in pools]
    curves = [
        curve_of(pool, job, batch * rate / sum(rates), cancelled=NEVER)
        for (pool, job), rate in zip(pools, rates, strict=True)
    ]
    found = data_phases([curve for curve in curves if curve], workload)
    assert found is not None
    phases, sequences = found
    assert sum(sequences) == batch
    joined = joined_of("data", pools, phases, link)
    ours = float(joined.steps_s[0][0])

    times = [_every_share(job, batch) for _, job in pools]
    exchange = gradients_s([job for _, job in pools], link_rate([job for _, job in pools], link), link)
    slowest = np.maximum(times[0][1:batch], times[1][1:batch][::-1])
    # what the exchange and all stragglers add is that of our own step
    added = ours - max(float(np.ravel(phase.estimate.step.total)[0]) for phase in phases)
    assert 0.0 <= added <= 1.1 * exchange + 0.02 * ours
    assert ours <= (slowest.min() + added) * 1.01
    assert ours >= slowest.min() * (1 - 1e-9)


def _every_share(job: Job, batch: int) -> FloatArray:
    """Return what a pool takes for 0 to all sequences, in the best layout of all that are best anywhere."""
    rows = [with_batch(job, share).search(keep=1).rows for share in range(1, batch + 1)]
    unique = np.unique(np.concatenate(rows), axis=0)
    columns = dict(zip(COLUMNS, unique.T[:, :, None], strict=True))
    del columns["variant"]
    layouts = Layouts(**{**columns, **job.space.fixed})
    workload = replace(job.workload, global_batch_sequences=np.arange(1.0, batch + 1.0))
    memory = memory_parts(job.work, layouts, job.machine.chip, workload)
    steps = np.where(memory.total <= memory.usable, cost(job.work, layouts, job.machine, workload), np.inf)
    return np.concatenate([[0.0], steps.min(axis=0)])


@pytest.mark.parametrize(("one", "two", "batch"), [(("dgx-a100", 2), ("atlas-800t-a2", 1), 32), PAIRS[1]])
def test_stages_equal_brute_force(one: tuple[str, int], two: tuple[str, int], batch: int) -> None:
    """Every degree, every microbatch, all that can be recomputed and every cut of the layers."""
    resolved, pools = jobs_of(plan_of(one, two, batch=batch, model="llama-2-13b"))
    (workload,) = phase_workloads(resolved.plan)
    link = link_of(resolved, resolved.pools)
    doublings = math.log2(sum(pool.chips / pool.system.chips_per_host for pool in resolved.pools))
    cut, step_s, tried = pipeline_cut(pools, link, doublings)
    assert cut is not None
    assert tried > 0
    assert step_s <= _brute_force(pools, link, doublings) * 1.01
    phases, layers = pipeline_phases(pools, cut, workload, tried)
    assert sum(layers) == resolved.architecture.layers
    joined = joined_of("pipeline", pools, phases, link)
    assert float(joined.steps_s[0][0]) == pytest.approx(step_s, rel=0.01)


def _brute_force(pools: Sequence[tuple[ResolvedPool, Job]], link: Link, doublings: float) -> float:
    """Return the least step over all degrees, microbatches, recompute modes and layers of a stage."""
    grid = pools[0][1].space.grid
    carried = link_rate([job for _, job in pools], link)
    best = math.inf
    degrees = [
        data for data in range(1, grid.global_batch_sequences + 1) if grid.global_batch_sequences % data == 0
    ]
    tensors = [job.space.grid.tensor for _, job in pools]
    for data, micro, *ways in itertools.product(degrees, grid.microbatch, *tensors):
        stages = [pool.chips // (own * data) for (pool, _), own in zip(pools, ways, strict=True)]
        if grid.global_batch_sequences % (data * micro) or min(stages) < 1 or sum(stages) > grid.layers:
            continue
        first, last = (
            _stage_options(job, place, (data, micro, ways[place], stages[place], after), doublings)
            for place, ((_, job), after) in enumerate(zip(pools, (stages[1], 0), strict=True))
        )
        sent = data * micro * 4096 * 2.0 * float(pools[0][1].work.hidden)
        steps = pipeline_step_s([_along(first[1], 0), _along(last[1], 1)], sent / carried + link.latency_s)
        holds_all = stages[0] * first[0][:, None] + stages[1] * last[0] >= grid.layers
        fits = holds_all & first[2][:, None] & last[2]
        best = min(best, float(np.where(fits, steps, np.inf).min()))
    return best


def _along(step: PoolStep, axis: int) -> PoolStep:
    """Return a pool's options along one axis of two."""
    arrays = {field.name: np.asarray(getattr(step, field.name)) for field in fields(step)}
    return replace(
        step, **{name: it[:, None] if it.ndim and axis == 0 else it for name, it in arrays.items()}
    )


def _stage_options(
    job: Job, place: int, key: tuple[int, int, int, int, int], doublings: float
) -> tuple[FloatArray, PoolStep, BoolArray]:
    """Return the layers of a stage, what it takes and whether it fits, of all that can be recomputed."""
    data, micro, ways, stages, after = key
    most = job.space.grid.layers // stages + 1
    pairs = list(itertools.product(job.space.grid.recompute, range(1, most + 1)))
    counts = np.array([float(count) for _, count in pairs])
    columns: dict[str, FloatArray | float] = {
        "tensor": float(ways),
        "pipeline": float(stages),
        "data": float(data),
        "microbatch": float(micro),
        "recompute_attention": np.array([again[0] for again, _ in pairs]),
        "recompute_layers": np.array([again[1] for again, _ in pairs]),
        "in_flight_more": float(after) + job.space.fixed.get("in_flight_more", 0.0),
    }
    layouts = Layouts(**{**job.space.fixed, **columns})
    work = part_of(job.work, counts * stages, is_first=place == 0, is_last=place == 1)
    machine = job.machine
    memory = memory_parts(work, layouts, machine.chip, job.workload)
    step = step_times(work, layouts, machine.chip, machine.network, machine.stack, job.workload)
    fits = np.broadcast_to(memory.total <= memory.usable, counts.shape)
    return counts, pool_step(step, machine.stack, doublings, stages=float(stages)), fits


@pytest.mark.parametrize("split", ["data", "pipeline"])
def test_a_slower_link_never_makes_a_step_shorter(split: str) -> None:
    plan = plan_of(("dgx-a100", 4), ("atlas-800t-a2", 4))
    steps = []
    for rate in ("100 GB/s", "10 GB/s", "1 GB/s", "100 MB/s"):
        found = splits_of_plan(apply_overrides(plan, [f"cluster.link_bytes_per_s={rate}"]))[split]
        assert isinstance(found, Joined)
        assert found.link.assumed == ("latency between the pools (20 us)",)
        steps.append(float(found.steps_s[0][0]))
    assert steps == sorted(steps)
    assert steps[-1] > 2 * steps[0]


def splits_of_plan(plan: Plan) -> dict[str, Joined | NoSplit]:
    resolved = resolve(plan, CATALOG)
    outcomes = []
    for pool in resolved.pools:
        outcome = train(resolved, pool, cancelled=NEVER)
        outcomes.append((pool, outcome if isinstance(outcome, Training) else None))
    found = joint_trainings(resolved, outcomes, link_of(resolved, resolved.pools), cancelled=NEVER)
    return {way.split: way for way in found}


def test_pools_of_one_kind_on_one_fabric_are_one() -> None:
    plan = plan_of(("dgx-a100", 4), ("dgx-a100", 4))
    resolved = resolve(plan, CATALOG)
    link = link_of(resolved, resolved.pools)
    assert are_one(resolved, resolved.pools, link)
    assert "all of what" in link.assumed[0]
    assert not are_one(resolved, resolved.pools, replace(link, bytes_per_s=link.bytes_per_s / 2))
    assert not are_one(resolved, resolved.pools, replace(link, latency_s=1e-3))
    unlike = resolve(plan_of(("dgx-a100", 4), ("dgx-h100", 4)), CATALOG)
    assert not are_one(unlike, unlike.pools, link)
    assert "an eighth of what" in link_of(unlike, unlike.pools).assumed[0]


def test_a_model_that_no_pool_holds_is_trained_over_their_stages() -> None:
    found = splits_of_plan(plan_of(("dgx-a100", 8), ("atlas-800t-a2", 16), model="llama-3.1-405b", batch=512))
    assert isinstance(found["data"], NoSplit)
    assert "holds no whole copy of the model" in found["data"].reason
    stages = found["pipeline"]
    assert isinstance(stages, Joined)
    assert sum(member.shares[0] for member in stages.members) == 126
    for member in stages.members:
        phase = member.training.phases[0]
        memory = phase.estimate.memory
        assert float(np.ravel(memory.weights + memory.optimizer)[0]) > 0


def test_a_pinned_schedule_that_stages_of_two_kinds_do_not_know_is_said() -> None:
    plan = plan_of(("dgx-a100", 4), ("dgx-h100", 4), sets=["strategy.schedule=zero-bubble"])
    found = splits_of_plan(plan)["pipeline"]
    assert isinstance(found, NoSplit)
    assert "schedule 'zero-bubble' is not known over unlike stages" in found.reason


def test_of_three_pools_the_best_some_are_taken() -> None:
    plan = plan_of(("dgx-h100", 4), ("dgx-a100", 4), ("atlas-800t-a2", 1), batch=256)
    data = splits_of_plan(plan)["data"]
    assert isinstance(data, Joined)
    assert 2 <= len(data.members) <= 3
    assert len(data.members) + len(data.idle) == 3


def test_a_split_stands_in_the_strategy_alone() -> None:
    plan = apply_overrides(
        plan_of(("dgx-a100", 4), ("dgx-h100", 4)),
        ['pilot=[{chips=8, global_batch_sequences=8, step_s=1, layout={split="data"}}]'],
    )
    with pytest.raises(PlanError, match=r"pilot\[0\]\.layout\.split = 'data'.*strategy\.split"):
        refuse_splits_elsewhere(plan)


def test_stages_of_one_pool_cut_in_two_are_its_own_pipeline() -> None:
    """Cut in the middle, a pipeline takes what the engine says of the whole of it."""
    resolved, pools = jobs_of(plan_of(("dgx-a100", 4), ("dgx-a100", 4), model="llama-2-13b"))
    whole = replace(resolved.pools[0], chips=64, systems=8.0)
    (workload,) = phase_workloads(resolved.plan)
    job = job_of_plan(resolved, whole, workload)
    row = np.array([8.0, 1, 1, 4, 1, 2, 1, 1, 0, 1, 1, 0])
    assert COLUMNS[:6] == ("tensor", "context", "expert", "pipeline", "virtual_stages", "data")
    one = job.estimate(job.space.layouts(row))
    half = row.copy()
    half[3] = 2.0
    steps = []
    for place, (_, own) in enumerate(pools):
        layouts = replace(own.space.layouts(half), in_flight_more=2.0 if place == 0 else 0.0)
        part = replace(own, work=part_of(own.work, 20.0, is_first=place == 0, is_last=place == 1))
        estimate = part.estimate(layouts)
        steps.append(pool_step(estimate.step, estimate.constants, 3.0, stages=2.0))
    joint = float(np.ravel(pipeline_step_s(steps, 0.0))[0])
    assert joint == pytest.approx(float(one.step.total[0]), rel=0.005)


def test_replicas_of_one_pool_cut_in_two_take_its_own_step() -> None:
    resolved, pools = jobs_of(plan_of(("dgx-a100", 4), ("dgx-a100", 4), batch=256))
    whole = replace(resolved.pools[0], chips=64, systems=8.0)
    (workload,) = phase_workloads(resolved.plan)
    job = job_of_plan(resolved, whole, workload)
    row = np.array([2.0, 1, 1, 1, 1, 32, 1, 1, 0, 0, 1, 0])
    one = float(job.estimate(job.space.layouts(row)).step.total[0])
    half = row.copy()
    half[5] = 16.0
    link = link_of(resolved, resolved.pools)
    phases = []
    for _, own in pools:
        cut = with_batch(own, 128)
        layouts = cut.space.layouts(half)
        phases.append(cut.estimate(layouts))
    steps = [pool_step(each.step, each.constants, 3.0, stages=1.0) for each in phases]
    exchange = gradients_s([own for _, own in pools], link_rate([own for _, own in pools], link), link)
    assert float(np.ravel(data_step_s(steps, exchange))[0]) == pytest.approx(one, rel=0.005)


def test_every_step_of_a_phase_is_told_of_its_own_stages() -> None:
    resolved, pools = jobs_of(plan_of(("dgx-a100", 2), ("atlas-800t-a2", 2), batch=32))
    (workload,) = phase_workloads(resolved.plan)
    link = link_of(resolved, resolved.pools)
    cut, _, tried = pipeline_cut(pools, link, 2.0)
    assert cut is not None
    phases, _ = pipeline_phases(pools, cut, workload, tried)
    for place, phase in enumerate(phases):
        assert step_of(phase, 2.0).stages == cut.stages[place]
        assert phase.layout.pp == cut.stages[place]
        assert phase.layout.dp == cut.data
    assert crossing_s(phases[0], 1e9, link) > link.latency_s
