"""Pilots of a plan: what each measured step would have been told, and what it makes of a phase's rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pydantic import ValidationError

from planner.domain.architecture import Architecture
from planner.domain.plan_pilot import PILOT_OF_STEPS, Pilot
from planner.engine.arrays import ArrayLike, FloatArray
from planner.engine.conditioning import measured_gains, measured_shift, source_scatter
from planner.engine.estimate import RESIDUAL_STREAM, LayoutEstimate
from planner.engine.flops import training_flops_per_token
from planner.engine.inputs import Layouts
from planner.engine.post_training import PostTrainingStep
from planner.engine.uncertainty import DRAWS, standard_draws
from planner.errors import PlanError
from planner.planning.job import Job, job_of_plan
from planner.planning.pool_names import refuse_other_pools
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.workload import PhaseWorkload

#: Of a chip's peak, by the FLOPs of a full training: adapters beside frozen weights save a third of them. [-]
MOST_OF_THE_PEAK = 1.5


#: How much the variance within a source grows for each factor of e between two sequence lengths: runs of
#: sources left out differ twice as much at a quarter of the length and less; unlike sizes and chip counts
#: showed no such growth. [-]
VARIANCE_PER_E_OF_SEQUENCE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class TimedStep:
    """A step as the engine predicts it."""

    #: (1 + draws,) logarithm of its rate, at the medians and over draws of the constants; (1,) if certain
    log_rates: FloatArray
    #: tokens
    sequence_length: float


@dataclass(frozen=True, slots=True, eq=False)
class PilotStep:
    """One pilot's step beside what the engine says of it."""

    pilot: Pilot
    #: its place among the plan's pilots, from 0
    place: int
    #: as predicted; its rate is that of one chip
    step: TimedStep
    #: tokens per second and chip; of a pilot that is planned, as predicted
    measured: float
    #: that its step trains on
    tokens: float
    #: what such rates scatter by beside the constants. [-]
    residual_log_spread: float
    #: of post-training whose sides have chips of their own, those that generate
    rollout_chips: int | None = None
    #: of post-training, the whole step with its phases, as predicted
    phases: PostTrainingStep | None = None

    @property
    def predicted(self) -> float:
        """Tokens per second and chip that the engine says where it knows of no pilot."""
        return math.exp(float(self.step.log_rates[0]))

    def seconds(self, rate: ArrayLike) -> FloatArray:
        """Return its step at a rate of one chip. [s]."""
        return np.asarray(self.tokens / (np.asarray(rate) * self.pilot.chips))


def pilot_steps(resolved: ResolvedPlan, pool: ResolvedPool) -> tuple[PilotStep, ...]:
    """Return the plan's pilots on a pool's chips.

    Raises
    ------
    PlanError
        Where a pilot names no pool of the plan, or nothing can be laid out as it says.
    """
    return tuple(_step(resolved, pool, place, pilot) for place, pilot in _of_pool(resolved, pool))


def split_by_measured(steps: Sequence[PilotStep]) -> tuple[tuple[PilotStep, ...], tuple[PilotStep, ...]]:
    """Return the pilots that were measured, and those that are planned."""
    return (
        tuple(step for step in steps if not step.pilot.is_planned),
        tuple(step for step in steps if step.pilot.is_planned),
    )


def _of_pool(resolved: ResolvedPlan, pool: ResolvedPool) -> Iterator[tuple[int, Pilot]]:
    for place, pilot in enumerate(resolved.plan.pilot):
        refuse_other_pools(resolved.plan, f"pilot[{place}].pool", pilot.pool, "whose chips it ran on")
        for key in PILOT_OF_STEPS:
            if getattr(pilot, key) is not None:
                raise PlanError(f"pilot[{place}].{key}: is of post-training; expected none")
        if pilot.pool in (None, pool.pool.id):
            yield place, pilot


def _step(resolved: ResolvedPlan, pool: ResolvedPool, place: int, pilot: Pilot) -> PilotStep:
    """Return a pilot as the engine sees it: a small plan of its own."""
    where = f"pilot[{place}]"
    sequence = pilot.sequence_length or resolved.plan.workload.sequence_length
    phase = PhaseWorkload(1.0, sequence, pilot.global_batch_sequences)
    job, _, estimate = pilot_layout(resolved, pool, phase, pilot, where)
    tokens = float(pilot.global_batch_sequences) * sequence
    return timed(job, pilot, place, float(sequence), tokens, estimate.step.total)


def timed(
    job: Job, pilot: Pilot, place: int, sequence: float, tokens: float, step_s: FloatArray
) -> PilotStep:
    """Return a pilot whose step the engine knows, at the medians and over the draws.

    Raises
    ------
    PlanError
        Where its chips cannot compute what was measured.
    """
    log_rates = np.log(tokens / (np.atleast_1d(step_s) * pilot.chips))
    measured = pilot.rate(tokens)
    if measured is not None:
        refuse_the_impossible(job, measured, f"pilot[{place}]")
    expected = math.exp(float(log_rates[0]))
    return PilotStep(
        pilot,
        place,
        TimedStep(log_rates, sequence),
        expected if measured is None else measured,
        tokens,
        job.residual_log_spread,
    )


def pilot_layout(
    resolved: ResolvedPlan, pool: ResolvedPool, phase: PhaseWorkload, pilot: Pilot, where: str
) -> tuple[Job, Layouts, LayoutEstimate]:
    """Return the optimizer step of a pilot in its layout, or in the fastest that has what it says.

    Raises
    ------
    PlanError
        Where there is none; the message begins with `where`.
    """
    small = replace(
        resolved,
        plan=resolved.plan.model_copy(update={"strategy": pilot.layout}),
        architecture=_cut(resolved.architecture, pilot.layers, where),
    )
    on = replace(pool, chips=pilot.chips, systems=pilot.chips / pool.system.chips_per_system)
    try:
        job = job_of_plan(small, on, phase)
    except PlanError as error:
        raise PlanError(f"{where}: {str(error).replace('strategy.', 'layout.')}") from None
    found = job.search(keep=1)
    if len(found.rows) == 0:
        # it did run: what it held is not what the memory model thinks
        found = job.without_memory_limit.search(keep=1)
    if len(found.rows) == 0:
        raise PlanError(
            f"{where}: no such layout divides {pilot.chips:,} chips, the model's layers and a batch of "
            f"{pilot.global_batch_sequences:,} sequences"
        )
    layouts = job.space.layouts(found.rows[0])
    return job, layouts, job.estimate(layouts)


def refuse_the_impossible(job: Job, measured: float, where: str) -> None:
    """Refuse a rate at which the chip would compute more than it can: of all chips together, mostly.

    Parameters
    ----------
    job
        Whose step it is.
    measured
        Tokens per second of one chip.
    where
        Begins the message.

    Raises
    ------
    PlanError
        Where it does.
    """
    peak = float(job.machine.chip.matmul_peak_flops_per_s)
    sequence = float(job.workload.sequence_length)
    needed = measured * float(training_flops_per_token(job.architecture, sequence))
    if needed > MOST_OF_THE_PEAK * peak:
        raise PlanError(
            f"{where}: {measured:,.0f} tokens/s a chip take {needed / 1e12:,.0f} TFLOP/s of a peak of "
            f"{peak / 1e12:,.0f}; expected the rate of one chip, or the seconds of one step of all chips"
        )


def _cut(architecture: Architecture, layers: int | None, where: str) -> Architecture:
    """Return the model with so many of its layers."""
    if layers is None or layers == architecture.layers:
        return architecture
    expected = f"{where}.layers = {layers}: expected so many of the model's {architecture.layers} layers"
    if layers > architecture.layers:
        raise PlanError(f"{expected}, not more")
    try:
        return Architecture.model_validate({**architecture.model_dump(), "layers": layers})
    except ValidationError as error:
        raise PlanError(f"{expected} as make a model: {error.errors()[0]['msg']}") from None


@dataclass(frozen=True, slots=True, eq=False)
class SeenRates:
    """Component tests as a rate's logarithm sees them."""

    #: (results, 1 + draws): what each would have come to, over its expectation; 0 at the medians
    log_ratios: FloatArray
    #: (results,): what it came to
    measured: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """What measured steps add to the logarithm of a rate. [-]."""

    #: of each step's error, the part that is carried over
    shares: FloatArray
    #: (1 + draws,): at the medians, then over the draws
    values: FloatArray


def log_rate_shift(
    step: TimedStep,
    residual: float,
    within: float,
    measured: Sequence[tuple[TimedStep, float]],
    *,
    layout: float = 0.0,
    seen: Callable[[FloatArray, FloatArray], SeenRates] | None = None,
) -> Shift:
    """Return what steps that the same team measured on the same machine add to the logarithm of a rate.

    Parameters
    ----------
    step
        Whose rate is asked for.
    residual, within : float
        What such rates scatter by beside the constants, and how much of it within one source. [-]
    measured : sequence of (TimedStep, float)
        Steps, each with its measured rate in the unit of its own.
    layout : float
        Of what scatters within a source, the part that measured steps lack: their layouts were run. [-]
    seen
        Component tests beside them, given standard normal draws of the rate's scatter, and the draws of its
        logarithm and of each step's; None: there is none. Of steps and tests there is one at least.
    """
    draws = max(len(each.log_rates) for each in (step, *(one for one, _ in measured))) - 1 or DRAWS
    noise = standard_draws([RESIDUAL_STREAM], draws)[RESIDUAL_STREAM]
    within = min(within, residual)
    between = math.sqrt(residual**2 - within**2)
    alone = math.sqrt(max(within**2 - layout**2, 0.0))
    own = {
        f"pilot {number}": alone * _unlikeness(step, other) for number, (other, _) in enumerate(measured, 1)
    }
    # a longer step is a lower rate: the scatter that quantities have is of the rate's opposite sign
    target = _drawn(step, -residual * noise)[1:]
    scatter: Iterable[FloatArray] = source_scatter(-noise, between, within, own) if own else []
    rows = [_drawn(other, part) for (other, _), part in zip(measured, scatter, strict=True)]
    told = [math.log(rate) for _, rate in measured]
    if seen is not None:
        # what a test scatters by alone has nothing to do with any step
        tests = seen(-noise, np.array([target, *(row[1:] for row in rows)]))
        rows, told = [*rows, *tests.log_ratios], [*told, *tests.measured]
    # what no constant moves is one number, whatever stands beside it
    pilots = np.array([np.broadcast_to(row, draws + 1) if row.size == 1 else row for row in rows])
    shares = measured_gains(target, pilots[:, 1:])
    values = measured_shift(target, pilots[:, 1:], np.array(told), shares)
    return Shift(shares, np.concatenate([[shares @ (np.array(told) - pilots[:, 0])], values]))


def _unlikeness(step: TimedStep, other: TimedStep) -> float:
    """Return how much wider a step scatters about one of its source, for its other sequence length. [-]."""
    apart = abs(math.log(step.sequence_length / other.sequence_length))
    return math.sqrt(1.0 + VARIANCE_PER_E_OF_SEQUENCE * apart)


def _drawn(step: TimedStep, scatter: FloatArray) -> FloatArray:
    """Return a rate's logarithm with its scatter in the draws, be it certain otherwise or not."""
    return np.asarray(step.log_rates + np.concatenate([[0.0], scatter]))
