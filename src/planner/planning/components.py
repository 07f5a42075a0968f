"""Parts of a cluster that tests are of, faster or slower, and what that does to a step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from planner.domain.plan_acceptance import AcceptedResult, ClusterComponent
from planner.engine.arrays import FloatArray
from planner.engine.conditioning import apart_from
from planner.engine.search import Machine
from planner.engine.step import TRAFFIC, step_times
from planner.engine.uncertainty import standard_draws
from planner.planning.pilots import SeenRates
from planner.planning.post_training_plan import on_machine
from planner.planning.training import PartTraining, PhaseTraining, Training

Record = TypeVar("Record", bound=Any)

_INSIDE = ("scale_up_bytes_per_s", "pair_bytes_per_s")
_ACROSS = ("scale_out_bytes_per_s",)
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


def machine_with(phase: PhaseTraining, component: ClusterComponent, factor: float) -> Machine:
    """Return a phase's machine one of whose components is faster by a factor.

    Of a class of traffic the tier is, by as much as the class is of what the tier exposes. Of a step all is:
    rates grow and delays shrink.
    """
    machine = phase.job.machine
    chip, network, stack = machine.chip, machine.network, machine.stack
    if component in ("matmul", "step"):
        chip = _times(chip, factor, "matmul_peak_flops_per_s", "attention_peak_flops_per_s")
    if component in ("memory", "step"):
        chip = _times(chip, factor, "memory_bandwidth_bytes_per_s")
    if component == "step":
        chip = _times(chip, factor, "host_bytes_per_s")
        network = _times(network, factor, *_INSIDE, *_ACROSS)
        network = _times(network, 1.0 / factor, "scale_up_latency_s", "scale_out_latency_s")
        delays = (one.name for one in fields(stack) if one.name.endswith("_s"))
        stack = _times(stack, 1.0 / factor, *delays)
    elif component in TRAFFIC:
        crosses, share = traffic_tier(phase, component)
        network = _times(network, factor**share, *(_ACROSS if crosses else _INSIDE))
    return replace(machine, chip=chip, network=network, stack=stack)


def _times(record: Record, factor: float, *names: str) -> Record:
    return replace(record, **{name: np.multiply(getattr(record, name), factor) for name in names})


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


def elasticity(phase: PhaseTraining, component: ClusterComponent) -> float:
    r"""Return by how much a step's rate grows with a component's, at the medians. [-].

    .. math:: e = \frac{d \ln r}{d \ln c}
    """
    if component == "step":
        return 1.0
    rates = [_step_s(phase, machine_with(phase, component, factor)) for factor in (1.0, 1.0 - _MOVE)]
    return (math.log(rates[1]) - math.log(rates[0])) / -math.log(1.0 - _MOVE)


def _step_s(phase: PhaseTraining, machine: Machine) -> float:
    job = phase.job
    if phase.post is not None:
        estimate = replace(job, machine=machine).estimate(phase.layouts)
        return on_machine(phase.post, job, estimate, machine).median_s
    found = step_times(job.work, phase.layouts, machine.chip, machine.network, machine.stack, job.workload)
    return float(np.ravel(found.total)[0])


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
    log_rates : (draws,) float64
        Draws of that logarithm: what tests scatter by alone has nothing to do with them. [-]
    """
    draws = len(rate_scatter)
    rows = []
    others = np.array([rate_scatter, log_rates])
    for place, result in enumerate(results):
        normal = standard_draws([f"accepted {place}", f"accepted {place} error"], draws)
        own = {}
        for name, values in normal.items():
            own[name] = apart_from(values, others)
            others = np.vstack([others, own[name]])
        spread = result.log_spread
        shared = elasticity(phase, result.component) * spread / max(residual, np.finfo(float).tiny)
        share = min(max(shared, 0.0), MOST_EXPLAINED)
        known = share * rate_scatter + math.sqrt(1.0 - share**2) * own[f"accepted {place}"]
        rows.append(
            np.concatenate([[0.0], spread * known + result.log_error * own[f"accepted {place} error"]])
        )
    return SeenRates(np.array(rows), np.log(np.array([result.measured_over_expected for result in results])))


def results_of_pool(results: Sequence[AcceptedResult], pool: str) -> tuple[AcceptedResult, ...]:
    """Return the results on a pool's systems."""
    return tuple(result for result in results if result.pool in (None, pool))
