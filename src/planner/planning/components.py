"""Parts of a cluster that tests are of, faster or slower, and what that does to a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from planner.domain.plan_acceptance import AcceptedResult, ClusterComponent
from planner.engine.arrays import FloatArray
from planner.engine.conditioning import apart_from
from planner.engine.search import Machine
from planner.engine.step import TRAFFIC, step_times
from planner.engine.uncertainty import standard_draws
from planner.planning.machine_parts import (
    ACROSS,
    INSIDE,
    cache_with,
    chip_with,
    generates_for,
    network_with,
    rollouts_with,
    times,
    transfer_with,
)
from planner.planning.pilots import SeenRates
from planner.planning.post_training_plan import PostPhase, on_machine
from planner.planning.training import PartTraining, PhaseTraining, Training

#: By how much a component is moved to see what a step makes of it. [-]
_MOVE = 0.01
#: Of a rate's scatter, what component tests explain at most: kernels and software are in it too. Assumed. [-]
MOST_EXPLAINED = 0.9


def traffic_tier(phase: PhaseTraining, component: ClusterComponent) -> tuple[bool, float]:
    """Return whether a class of traffic leaves its domain, and its share of what its tier exposes. [-].

    A class that nothing exposes has no share: a step does not wait for it.
    """
    step = phase.estimate.step
    crossing = dict(zip(TRAFFIC, (bool(np.ravel(one)[0]) for one in step.terms.crossing), strict=True))
    exposed = {name: float(np.ravel(getattr(step, name))[0]) for name in TRAFFIC}
    whole = sum(seconds for name, seconds in exposed.items() if crossing[name] == crossing[component])
    return crossing[component], exposed[component] / whole if whole > 0 else 0.0


def machine_with(
    phase: PhaseTraining, component: ClusterComponent, factor: float, machine: Machine | None = None
) -> Machine:
    """Return a phase's machine, or one like it, one of whose components is faster by a factor.

    Of a class of traffic the tier is, by as much as the class is of what the tier exposes. Of a step all is:
    rates grow and delays shrink.
    """
    machine = phase.job.machine if machine is None else machine
    network, stack = machine.network, machine.stack
    if component == "step":
        network, stack = network_with(network, stack, factor)
    elif component in TRAFFIC:
        crosses, share = traffic_tier(phase, component)
        network = times(network, factor**share, *(ACROSS if crosses else INSIDE))
    return replace(machine, chip=chip_with(machine.chip, component, factor), network=network, stack=stack)


def training_with(training: Training, component: ClusterComponent, factor: float) -> Training:
    """Return a training in its layouts on a cluster one of whose components is faster by a factor."""
    parts = tuple(
        PartTraining(part.pool, part.training and training_with(part.training, component, factor))
        for part in training.parts
    )
    phases = tuple(_phase_with(phase, component, factor) for phase in training.phases)
    return replace(training, phases=phases, parts=parts)


def _phase_with(phase: PhaseTraining, component: ClusterComponent, factor: float) -> PhaseTraining:
    job = replace(phase.job, machine=machine_with(phase, component, factor))
    estimate = job.estimate(phase.layouts)
    post = phase.post and on_machine(phase.post, phase.job, estimate, job.machine)
    return replace(phase, job=job, estimate=estimate, post=post)


def rollouts_moved(
    training: Training, part: ClusterComponent | Literal["transfer", "cache"], factor: float
) -> Training:
    """Return a training in its layouts where another pool generates, better in a part by a factor."""

    def moved(phase: PhaseTraining) -> PhaseTraining:
        post = phase.post
        assert post is not None  # as whoever asks knows
        if part == "transfer":
            better = transfer_with(post, factor)
        elif part == "cache":
            better = cache_with(post, factor)
        else:
            better = rollouts_with(post, part, factor)
        return replace(phase, post=on_machine(better, phase.job, phase.estimate, phase.job.machine))

    return replace(training, phases=tuple(moved(phase) for phase in training.phases))


@dataclass(frozen=True, slots=True, eq=False)
class _Cluster:
    """Machines of a phase as tests moved them: of the pool that learns, and of another one that generates."""

    machine: Machine
    post: PostPhase | None

    def faster(
        self, phase: PhaseTraining, component: ClusterComponent, factor: float, where: str | None
    ) -> _Cluster:
        """Return the same with a component of a pool faster by a factor."""
        if self.post is not None and generates_for(self.post, where):
            return replace(self, post=rollouts_with(self.post, component, factor))
        return replace(self, machine=machine_with(phase, component, factor, self.machine))

    def step_s(self, phase: PhaseTraining) -> float:
        """Return a step in its layouts, at the medians. [s]."""
        job, machine = phase.job, self.machine
        if self.post is not None:
            estimate = replace(job, machine=machine).estimate(phase.layouts)
            return on_machine(self.post, job, estimate, machine).median_s
        found = step_times(
            job.work, phase.layouts, machine.chip, machine.network, machine.stack, job.workload
        )
        return float(np.ravel(found.total)[0])


def elasticity(phase: PhaseTraining, component: ClusterComponent, pool: str | None = None) -> float:
    r"""Return by how much a step's rate grows with a component's, at the medians. [-].

    .. math:: e = \frac{d \ln r}{d \ln c}

    Parameters
    ----------
    phase
        Whose step it is.
    component
        What of the cluster it is.
    pool
        Whose; of post-training that may be the pool which generates for the one that learns.
    """
    cluster = _Cluster(phase.job.machine, phase.post)
    return _gain(phase, cluster, component, 1.0 - _MOVE, pool)[0]


def elasticities(phase: PhaseTraining, results: Sequence[AcceptedResult]) -> tuple[float, ...]:
    r"""Return by how much a step's rate goes with each of what was measured. [-].

    .. math:: e_k = \frac{\ln r(m_1 \ldots m_k) - \ln r(m_1 \ldots m_{k-1})}{\ln m_k}

    Over the very way that was measured, each from where those before it left the cluster: what a pool waits
    for changes on the way, and where two pools are as late as each other, both together count once. Where
    :math:`m_k` is about 1 it is the slope there.
    """
    cluster = _Cluster(phase.job.machine, phase.post)
    found = []
    for result in results:
        measured = result.measured_over_expected
        is_off = abs(math.log(measured)) > _MOVE
        gain, moved = _gain(
            phase, cluster, result.component, measured if is_off else 1.0 - _MOVE, result.pool
        )
        cluster = moved if is_off else cluster
        found.append(gain)
    return tuple(found)


def _gain(
    phase: PhaseTraining, cluster: _Cluster, component: ClusterComponent, factor: float, pool: str | None
) -> tuple[float, _Cluster]:
    """Return by how much a step's rate goes with a component over a factor, and the cluster after it."""
    if component == "step" and not (cluster.post is not None and generates_for(cluster.post, pool)):
        # of the whole step, whatever it is made of
        return 1.0, cluster
    moved = cluster.faster(phase, component, factor, pool)
    return math.log(cluster.step_s(phase) / moved.step_s(phase)) / math.log(factor), moved


def seen_rates(
    phase: PhaseTraining,
    results: Sequence[AcceptedResult],
    residual: float,
    rate_scatter: FloatArray,
    log_rates: FloatArray,
) -> SeenRates:
    r"""Return what component tests would have come to in each draw of a rate.

    .. math:: u_k = s_k \left(\rho_k z + \sqrt{1 - \rho_k^2}\,z_k\right) + \epsilon_k z_k',\quad
        \rho_k = \min(e_k s_k / \sigma, \rho_{most})

    so that a component's scatter is in the rate's as far as a step's rate goes with it.

    Parameters
    ----------
    phase
        Whose step it is.
    results
        At least one.
    residual : float
        Standard deviation of the scatter of the rate's logarithm, :math:`\sigma`. [-]
    rate_scatter : (draws,) float64
        Standard normal draws of it, :math:`z`. [-]
    log_rates : (any, draws) float64
        Draws of that logarithm, and of steps that were measured: what tests scatter by alone has nothing to
        do with them. [-]
    """
    draws = len(rate_scatter)
    rows = []
    others = np.vstack([rate_scatter, log_rates])
    for place, (result, gain) in enumerate(zip(results, elasticities(phase, results), strict=True)):
        normal = standard_draws([f"accepted {place}", f"accepted {place} error"], draws)
        own = {}
        for name, values in normal.items():
            own[name] = apart_from(values, others)
            others = np.vstack([others, own[name]])
        spread = result.log_spread
        shared = gain * spread / max(residual, np.finfo(float).tiny)
        share = min(max(shared, 0.0), MOST_EXPLAINED)
        known = share * rate_scatter + math.sqrt(1.0 - share**2) * own[f"accepted {place}"]
        rows.append(
            np.concatenate([[0.0], spread * known + result.log_error * own[f"accepted {place} error"]])
        )
    return SeenRates(np.array(rows), np.log(np.array([result.measured_over_expected for result in results])))


def results_on(
    phase: PhaseTraining, pool: str, results: Sequence[AcceptedResult]
) -> tuple[AcceptedResult, ...]:
    """Return what of the results a phase's step on a pool rests on: the pool's own.

    Where another pool generates for it, both are all that the plan has, and the results of both count.
    """
    if phase.post is not None and phase.post.rollout_pool is not None:
        return tuple(results)
    return tuple(result for result in results if result.pool in (None, pool))
