"""The ways in which a plan's pools could train together: the best of each, or why there is none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.engine.parts import doublings
from planner.errors import PlanError
from planner.planning.job import Job, job_of_plan
from planner.planning.mixed import Joined, Member, Split, are_one, with_batch
from planner.planning.mixed_data import curve_of, data_phases, one_pool
from planner.planning.mixed_pipeline import pipeline_cut, pipeline_phases
from planner.planning.pool_link import Link
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.training import PhaseTraining, Training
from planner.planning.workload import PhaseWorkload, phase_workloads
from planner.units import middle_of

Cancelled = Callable[[], bool]
#: A pool with its training of all the work; None where it has none.
Outcome = tuple[ResolvedPool, Training | None]
#: Of so many pools every subset is tried, and of pipelines every order; of more, the fastest few alone.
_ALL_TRIED = 3
#: The schedule of a pipeline over pools.
_SCHEDULES = (None, "1f1b")


@dataclass(frozen=True, slots=True, eq=False)
class NoSplit:
    """Why pools cannot train together in one way."""

    split: Split
    reason: str


def joint_trainings(
    resolved: ResolvedPlan, outcomes: Sequence[Outcome], link: Link, *, cancelled: Cancelled
) -> tuple[Joined | NoSplit, ...]:
    """Return the best training of several pools as groups of replicas, and as stages of one pipeline.

    Parameters
    ----------
    resolved
        The plan.
    outcomes
        Every pool with its training of all the work; None where it has none.
    link
        What joins them.
    cancelled
        As of `Job.search`.
    """
    return (
        _best("data", resolved, outcomes, link, cancelled),
        _best("pipeline", resolved, outcomes, link, cancelled),
    )


def _best(
    split: Split, resolved: ResolvedPlan, outcomes: Sequence[Outcome], link: Link, cancelled: Cancelled
) -> Joined | NoSplit:
    found: list[Joined] = []
    pools = tuple(outcomes)
    for some in _subsets(outcomes):
        orders = [some] if split == "data" else _orders(some)
        for order in orders:
            if cancelled():
                break
            one = _one(resolved, order, link, cancelled)
            if split == "pipeline":
                members = _pipeline(resolved, order, link, cancelled)
                one_s = Joined("data", one, link, pools, is_one=True).steps_s if one else ()
                found += [Joined(split, members, link, pools, one_s=one_s)] if members else []
            elif one is not None:
                found.append(Joined(split, one, link, pools, is_one=True))
            elif members := _data(resolved, order, cancelled):
                found.append(Joined(split, members, link, pools))
    if not found:
        return NoSplit(split, _why_not(split, resolved, outcomes))
    return min(found, key=seconds)


def alone(outcomes: Sequence[Outcome], place: int, link: Link) -> Joined:
    """Return one pool that trains by itself, where there are others."""
    pool, training = outcomes[place]
    assert training is not None
    shares = tuple(phase.workload.global_batch_sequences for phase in training.phases)
    return Joined("alone", (Member(pool, training, shares),), link, tuple(outcomes))


def _why_not(split: Split, resolved: ResolvedPlan, outcomes: Sequence[Outcome]) -> str:
    if split == "data":
        unable = [pool.pool.id for pool, outcome in outcomes if outcome is None]
        if unable:
            return f"pool '{unable[0]}' holds no whole copy of the model"
        return "no shares of the batch fit into the pools"
    if any(resolved.plan.strategy.schedule not in _SCHEDULES for _ in outcomes):
        return f"schedule '{resolved.plan.strategy.schedule}' is not known over unlike stages; expected 1f1b"
    return "no stages of the pools hold their layers"


def seconds(joined: Joined) -> float:
    """Return what all steps take, at the medians. [s]."""
    total = 0.0
    for place, phase in enumerate(joined.members[0].training.phases):
        whole = phase.workload
        steps = middle_of(whole.tokens) / (whole.sequence_length * joined.batch(place))
        total += steps * float(joined.steps_s[place][0])
    return total


def _subsets(outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, ...]]:
    count = len(outcomes)
    if count <= _ALL_TRIED:
        for size in range(2, count + 1):
            yield from itertools.combinations(outcomes, size)
        return
    fastest = sorted(outcomes, key=lambda one: -_rate(one[1], 0))
    for size in range(2, count + 1):
        yield tuple(one for one in outcomes if any(one is kept for kept in fastest[:size]))


def _orders(some: tuple[Outcome, ...]) -> Iterator[tuple[Outcome, ...]]:
    if len(some) <= _ALL_TRIED:
        yield from itertools.permutations(some)
        return
    yield from (some, some[::-1])


def _rate(outcome: Training | None, phase: int) -> float:
    """Return the sequences of a second that a pool trains by itself."""
    if outcome is None:
        return 0.0
    own = outcome.phases[phase]
    return own.workload.global_batch_sequences / float(np.ravel(own.estimate.step.total)[0])


def _data(resolved: ResolvedPlan, some: Sequence[Outcome], cancelled: Cancelled) -> tuple[Member, ...] | None:
    if any(outcome is None for _, outcome in some):
        return None
    found = []
    for place, workload in enumerate(phase_workloads(resolved.plan)):
        if workload.global_batch_sequences < len(some):
            return None
        rates = [_rate(outcome, place) for _, outcome in some]
        curves = []
        for (pool, _), job, rate in zip(some, _jobs(resolved, some, place, workload), rates, strict=True):
            expected = workload.global_batch_sequences * rate / sum(rates)
            curve = curve_of(pool, job, expected, cancelled=cancelled)
            if curve is None:
                return None
            curves.append(curve)
        phase = data_phases(curves, workload)
        if phase is None:
            return None
        found.append(phase)
    return _members(some, found)


def _one(
    resolved: ResolvedPlan, some: Sequence[Outcome], link: Link, cancelled: Cancelled
) -> tuple[Member, ...] | None:
    """Return pools that are one in its best layout; None where they are not, or nothing fits."""
    pools = [pool for pool, _ in some]
    if not are_one(resolved, pools, link):
        return None
    whole = replace(
        pools[0], chips=sum(pool.chips for pool in pools), systems=sum(pool.systems for pool in pools)
    )
    found = []
    for workload in phase_workloads(resolved.plan):
        try:
            job = job_of_plan(resolved, whole, workload)
        except PlanError:
            # each fits into one scale-up domain, and nobody knows what joins two
            return None
        phase = one_pool(pools, job, workload, cancelled=cancelled)
        if phase is None:
            return None
        found.append(phase)
    return _members(some, found)


def _pipeline(
    resolved: ResolvedPlan, some: Sequence[Outcome], link: Link, cancelled: Cancelled
) -> tuple[Member, ...] | None:
    found = []
    for place, workload in enumerate(phase_workloads(resolved.plan)):
        jobs = _jobs(resolved, some, place, workload)
        if any(job.space.schedule not in _SCHEDULES for job in jobs):
            return None
        hosts = (pool.chips / pool.system.chips_per_host for pool, _ in some)
        pools = [(pool, job) for (pool, _), job in zip(some, jobs, strict=True)]
        cut, _, tried = pipeline_cut(pools, link, float(doublings(np.asarray(sum(hosts)), 1.0)))
        if cut is None or cancelled():
            return None
        found.append(pipeline_phases(pools, cut, workload, tried))
    return _members(some, found)


def _jobs(resolved: ResolvedPlan, some: Sequence[Outcome], place: int, workload: PhaseWorkload) -> list[Job]:
    # pools share the very batch that is stated: uneven parts leave nobody idle
    jobs = (
        outcome.phases[place].job if outcome is not None else job_of_plan(resolved, pool, workload)
        for pool, outcome in some
    )
    return [with_batch(job, workload.global_batch_sequences) for job in jobs]


def _members(
    some: Sequence[Outcome], phases: Sequence[tuple[list[PhaseTraining], tuple[int, ...]]]
) -> tuple[Member, ...]:
    return tuple(
        Member(
            pool,
            Training(
                tuple(own[place] for own, _ in phases),
                () if outcome is None else outcome.pilots,
            ),
            tuple(shares[place] for _, shares in phases),
        )
        for place, (pool, outcome) in enumerate(some)
    )


def rollout_beside(training: Training, pool: ResolvedPool, outcomes: Sequence[Outcome], link: Link) -> Joined:
    """Return a pool that learns, in its own training, beside the other one that generates for it."""
    (phase,) = training.phases
    post = phase.post
    assert post is not None
    assert post.rollout_pool is not None
    tensor = int(post.found.tensor)
    copies = max(post.rollout_chips // tensor, 1)
    layout = replace(
        phase.layout,
        tp=tensor,
        cp=1,
        ep=1,
        etp=1,
        pp=1,
        vpp=1,
        dp=copies,
        microbatch=1,
        zero=0,
        recompute="none",
        recompute_layers=0,
        microbatches=1,
        chips_used=copies * tensor,
    )
    generates = Training((replace(phase, layout=layout),))
    sequences = int(post.found.samples)
    return Joined(
        "rollout",
        (
            Member(pool, training, (sequences,)),
            Member(post.rollout_pool, generates, (sequences,)),
        ),
        link,
        tuple(outcomes),
    )
