"""Several pools as one cluster: the ways in which they train together, and the step of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from planner.domain.plan import Plan
from planner.domain.plan_strategy import Strategy
from planner.engine.architecture import parameter_counts
from planner.engine.arrays import FloatArray
from planner.engine.mixed import PoolStep, data_step_s, exchange_s, pipeline_step_s, pool_step
from planner.engine.parts import doublings
from planner.engine.work import HALF_BYTES
from planner.errors import PlanError
from planner.planning.job import Job
from planner.planning.pool_link import Link, ports_bytes_per_s
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.training import PhaseTraining, Training
from planner.planning.workload import PhaseWorkload
from planner.units import middle_of

#: Ways in which pools train one model; alone: the fastest of them, and the others do not; rollout: the first
#: learns from what the second generates.
Split = Literal["data", "pipeline", "alone", "rollout"]
SPLITS: tuple[Split, ...] = ("data", "pipeline", "alone")
#: Farther apart, no two pools are one; assumed: some 20 km. [s]
_LATENCY_OF_ONE_S = 100e-6


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One pool's part in a joint training."""

    pool: ResolvedPool
    #: its phases, each on its share of the work
    training: Training
    #: of each phase, its sequences of a step or its layers
    shares: tuple[int, ...]

    def hosts(self, phase: int) -> float:
        """Return the servers that its layout of a phase uses."""
        own = self.training.phases[phase]
        return max(own.layout.chips_used / float(own.job.machine.network.host_chips), 1.0)


@dataclass(frozen=True, eq=False)
class Joined:
    """Pools that train one model in one of the ways; of the last, one pool alone."""

    split: Split
    #: in the order of the layers, where they are stages
    members: tuple[Member, ...]
    link: Link
    #: all pools of the plan, each with its training of all the work; None where it has none
    pools: tuple[tuple[ResolvedPool, Training | None], ...]
    #: of each member and phase, the factor on its rate that its own pilots ask for
    speeds: tuple[tuple[FloatArray, ...], ...] = ()
    #: of each phase, the step at which the members' rates by themselves would add up; none where one has none
    ideal_s: tuple[FloatArray, ...] = ()
    #: whether they are of one kind on one fabric: one pool, in one layout
    is_one: bool = False
    #: of each phase, the step of that one pool, where they are split all the same
    one_s: tuple[FloatArray, ...] = ()

    @property
    def generates(self) -> bool:
        """Whether the first member learns, and the other one generates for it."""
        return self.split == "rollout"

    @property
    def idle(self) -> tuple[ResolvedPool, ...]:
        """Pools of the plan that do not take part."""
        return tuple(pool for pool, _ in self.pools if all(pool is not one.pool for one in self.members))

    def doublings(self, phase: int) -> float:
        """Return how often one host doubles to all of them: of those that learn, where others generate."""
        learning = self.members[:1] if self.generates else self.members
        return float(doublings(np.asarray(sum(member.hosts(phase) for member in learning)), 1.0))

    @cached_property
    def steps_s(self) -> tuple[FloatArray, ...]:
        """Seconds of a joint step of each phase, at the medians and over the draws."""
        return tuple(self._step_s(phase) for phase in range(len(self.members[0].training.phases)))

    @cached_property
    def pace_setter(self) -> int:
        """The place of the member that the others wait for in most of the steps, at the medians."""
        phases = self.members[0].training.phases
        if self.generates:
            return 0
        tokens = [middle_of(phase.workload.tokens) for phase in phases]
        steps = self.pool_steps(tokens.index(max(tokens)))
        times = [step.slowest_stage if self.split == "pipeline" else step.whole for step in steps]
        return int(np.argmax([float(np.ravel(time)[0]) for time in times]))

    def batch(self, phase: int) -> int:
        """Return the sequences of a step of all members."""
        if self.split == "data" and not self.is_one:
            return sum(member.shares[phase] for member in self.members)
        return self.members[0].training.phases[phase].workload.global_batch_sequences

    def pool_steps(self, phase: int) -> list[PoolStep]:
        """Return what each member does in a step of a phase, over the draws."""
        found = []
        for place, member in enumerate(self.members):
            one = step_of(member.training.phases[phase], self.doublings(phase))
            found.append(one.faster(self.speeds[place][phase]) if self.speeds else one)
        return found

    def between_s(self, phase: int) -> float:
        """Return what the link takes of a step, or of one microbatch of stages, hidden or not. [s]."""
        jobs = [member.training.phases[phase].job for member in self.members]
        if len(jobs) == 1 or self.is_one:
            return 0.0
        post = self.members[0].training.phases[phase].post
        if post is not None:
            return float(post.found.step.transfer)
        carried = link_rate(jobs, self.link)
        if self.split == "data":
            return gradients_s(jobs, carried, self.link)
        return crossing_s(self.members[0].training.phases[phase], carried, self.link)

    def _step_s(self, phase: int) -> FloatArray:
        if self.generates:
            return np.atleast_1d(self.members[0].training.phases[phase].estimate.step.total)
        steps, between = self.pool_steps(phase), self.between_s(phase)
        if len(steps) == 1:
            return np.atleast_1d(steps[0].whole)
        found = (pipeline_step_s if self.split == "pipeline" else data_step_s)(steps, between)
        if self.is_one:
            # a whole may do more than its halves: its memory holds more
            return np.atleast_1d(found)
        # stages whose memory fits them better were measured 16 % above the sum (H2, arXiv 2505.17548): no
        # plan is promised that
        for least in (self.ideal_s, self.one_s):
            found = np.maximum(found, least[phase] if least else 0.0)
        return np.atleast_1d(found)


def step_of(phase: PhaseTraining, doublings: float) -> PoolStep:
    """Return what one pool does in its part of a step, with the stragglers of the whole cluster."""
    stages = float(np.ravel(phase.layouts.pipeline)[0])
    return pool_step(phase.estimate.step, phase.estimate.constants, doublings, stages=stages)


def link_rate(jobs: Sequence[Job], link: Link) -> float:
    """Return what messages reach of the link, by the poorer of the libraries on its ends. [B/s]."""
    return link.bytes_per_s * min(float(job.machine.stack.point_to_point_efficiency) for job in jobs)


def gradients_s(jobs: Sequence[Job], carried: float, link: Link) -> float:
    """Return the exchange of all gradients between pools that have each reduced their own. [s]."""
    job = jobs[0]
    counts = parameter_counts(job.architecture)
    trains_all = float(job.workload.trains_all)
    adapters = float(job.work.layers) * float(job.workload.adapter_parameters)
    trained = float(counts.total) * trains_all + adapters * (1.0 - trains_all)
    width = max(float(each.machine.stack.gradient_bytes) for each in jobs)
    return float(exchange_s(trained * width, len(jobs), carried, link.latency_s))


def crossing_s(first: PhaseTraining, carried: float, link: Link) -> float:
    """Return one microbatch of all replicas from one pool to the next, one way. [s]."""
    layout, work = first.layouts, first.job.work
    tokens = float(np.ravel(layout.microbatch)[0]) * float(np.ravel(layout.data)[0])
    message = tokens * float(work.sequence_length) * HALF_BYTES * float(work.hidden)
    return message / carried + link.latency_s


def are_one(resolved: ResolvedPlan, pools: Sequence[ResolvedPool], link: Link) -> bool:
    """Return whether pools are of one kind on one fabric, whose ports the link carries: one pool."""
    kinds = {(pool.system.id, pool.fabric.id, pool.stacks[0].id, pool.pool.stack_release) for pool in pools}
    if len(kinds) > 1 or link.latency_s > _LATENCY_OF_ONE_S:
        return False
    return link.bytes_per_s >= min(ports_bytes_per_s(resolved, pool) for pool in pools)


def with_batch(job: Job, sequences: int) -> Job:
    """Return the same job on a batch that does not move, in the layouts that splits are tried in."""
    grid = replace(
        job.space.grid, global_batch_sequences=sequences, batch_flex=0.0, has_partial_recompute=False
    )
    workload = replace(job.workload, global_batch_sequences=float(sequences))
    return replace(job, space=replace(job.space, grid=grid, others=()), workload=workload)


def strategy_of(plan: Plan, phase: PhaseWorkload) -> Strategy:
    """Return the layout that holds in a phase."""
    return phase.strategy or plan.strategy


def refuse_splits_elsewhere(plan: Plan) -> None:
    """Refuse a split that stands in a phase's or a pilot's layout, where there is none to choose.

    Raises
    ------
    PlanError
        Naming the key.
    """
    layouts = [(f"workload.phases[{n}].layout", it.layout) for n, it in enumerate(plan.workload.phases or ())]
    layouts += [(f"pilot[{n}].layout", it.layout) for n, it in enumerate(plan.pilot)]
    for where, layout in layouts:
        if layout is not None and layout.split != "auto":
            raise PlanError(
                f"{where}.split = '{layout.split}': the pools share all phases in one way; "
                "expected it as strategy.split"
            )
