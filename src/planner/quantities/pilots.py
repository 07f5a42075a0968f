"""Pilots: what steps that the team measured itself make of the rate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from planner.domain.plan_acceptance import AcceptedResult
from planner.engine.arrays import FloatArray
from planner.engine.estimate import RESIDUAL_STREAM
from planner.engine.uncertainty import standard_draws
from planner.planning.components import results_on, seen_rates
from planner.planning.pilots import PilotStep, Shift, TimedStep, log_rate_shift
from planner.quantities.leaves import Leaf
from planner.quantities.record import Grounds, Record
from planner.quantities.setting import Setting
from planner.quantities.table import another_way, leaf


@another_way("step.seconds", {"modelled": "step.modelled_s", "speed": "pilot.speed"})
def piloted_step_s(modelled: FloatArray, speed: FloatArray) -> FloatArray:
    """Return the step that the engine and the pilots together speak for."""
    return modelled / speed


@leaf("pilot.speed", "factor on the rate that the team's own pilots ask for", "", scope="phase")
def speed(setting: Setting) -> Leaf:
    """Return what pilots make of a phase's rate; of no pilots nothing."""
    pilots, results = setting.trained.pilots, results_of(setting)
    if not is_measured(setting):
        return Leaf(np.ones(1), method="no step that the team measured being given")
    shift = shift_of(setting)
    children: list[Record] = []
    factors = []
    for pilot, share in zip(pilots, shift.shares[: len(pilots)], strict=True):
        records = tuple(_records(pilot, float(share)))
        measured, predicted, carried = (record.symbol for record in records)
        factors.append(f"({measured} / {predicted}) ^ {carried}")
        children += records
    for place, (result, share) in enumerate(zip(results, shift.shares[len(pilots) :], strict=True), start=1):
        factors.append(f"accepted_{place} ^ share_of_accepted_{place}")
        children += _accepted_records(result, place, float(share))
    return Leaf(np.exp(shift.values), equation=" x ".join(factors), children=tuple(children))


def shift_of(setting: Setting) -> Shift:
    """Return what the plan's pilots and accepted results, one at least, add to a phase's rate."""
    phase = setting.phase
    step = phase.estimate.step.total if phase.post is None else phase.post.found.step.total
    log_rates = -np.log(np.atleast_1d(step))
    return _shift(setting, TimedStep(log_rates, float(phase.job.workload.sequence_length)))


def _shift(setting: Setting, step: TimedStep) -> Shift:
    """Return what was measured adds to the rate of a step of the plan's team and machine."""
    pilots, phase, results = setting.trained.pilots, setting.phase, results_of(setting)
    job = phase.job
    return log_rate_shift(
        step,
        job.residual_log_spread,
        job.within_log_spread,
        [(pilot.step, pilot.measured) for pilot in pilots],
        # what steps of post-training share was seen beside whatever layout they were in
        layout=0.0 if job.practice is None or phase.post is not None else job.practice.log_spread,
        seen=partial(seen_rates, phase, results, job.residual_log_spread) if results else None,
    )


def planned_rates(setting: Setting, planned: PilotStep) -> FloatArray:
    """Return the rate of a pilot that is planned, by the engine and what was measured beside it.

    Returns
    -------
    (1 + draws,) float64
        At the medians, then over the draws, with what such rates scatter by. [tokens/s per chip]
    """
    noise = standard_draws([RESIDUAL_STREAM])[RESIDUAL_STREAM]
    scatter = np.concatenate([[0.0], -setting.phase.job.residual_log_spread * noise])
    rates = planned.step.log_rates + scatter
    if is_measured(setting):
        rates = rates + _shift(setting, planned.step).values
    return np.asarray(np.exp(rates))


def results_of(setting: Setting) -> tuple[AcceptedResult, ...]:
    """Return what was measured of the step's systems when they were accepted."""
    return results_on(setting.phase, setting.pool.pool.id, setting.plan.acceptance.measured)


def is_measured(setting: Setting) -> bool:
    """Return whether anybody measured something that speaks of a phase's rate."""
    return bool(setting.trained.pilots or results_of(setting))


def _accepted_records(result: AcceptedResult, place: int, share: float) -> Iterator[Record]:
    """Yield what a line of the acceptance came to, and how much of that is the step's too."""
    whose = "" if result.pool is None else f" of pool '{result.pool}'"
    yield Record(
        f"accepted_{place}",
        f"measured over expected of line {result.line}{whose}",
        result.measured_over_expected,
        "",
        grounds=Grounds("plan", f"plan: acceptance.measured, {result.line}"),
    )
    yield Record(
        f"share_of_accepted_{place}",
        f"share of it that the plan's rate has too: by how much a step goes with {result.component}",
        share,
        "",
        method="what tests and steps scatter by together, over what tests scatter by",
    )


def _records(step: PilotStep, share: float) -> Iterator[Record]:
    """Yield what was measured, what was predicted, and how much of their ratio speaks of the plan."""
    number, where = step.place + 1, f"plan: pilot[{step.place}]"
    yield Record(
        f"measured_{number}",
        f"tokens per second and chip of pilot {number}, as measured",
        step.measured,
        "tokens/s",
        grounds=Grounds("plan", where),
    )
    yield Record(
        f"predicted_{number}",
        f"tokens per second and chip of pilot {number}, by the engine alone",
        step.predicted,
        "tokens/s",
        method="its step, as that of a small plan",
    )
    whose = "two published steps of one job" if step.phases is not None else "steps of one team and machine"
    yield Record(
        f"share_{number}",
        f"share of pilot {number}'s error that the plan has too",
        share,
        "",
        method=f"what {whose} scatter by together, over what each scatters by",
    )
