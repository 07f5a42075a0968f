"""Pilots: what steps that the team measured itself make of the rate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from planner.domain.plan_acceptance import AcceptedResult
from planner.engine.arrays import FloatArray
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
    if not pilots and not results:
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
    pilots, job, phase = setting.trained.pilots, setting.phase.job, setting.phase
    results = results_of(setting)
    step = phase.estimate.step.total if phase.post is None else phase.post.found.step.total
    log_rates = -np.log(np.atleast_1d(step))
    return log_rate_shift(
        TimedStep(log_rates, float(job.workload.sequence_length)),
        job.residual_log_spread,
        job.within_log_spread,
        [(pilot.step, pilot.measured) for pilot in pilots],
        layout=0.0 if job.practice is None else job.practice.log_spread,
        seen=partial(seen_rates, phase, results, job.residual_log_spread) if results else None,
    )


def results_of(setting: Setting) -> tuple[AcceptedResult, ...]:
    """Return what was measured of the step's systems when they were accepted."""
    return results_on(setting.phase, setting.pool.pool.id, setting.plan.acceptance.measured)


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
    yield Record(
        f"share_{number}",
        f"share of pilot {number}'s error that the plan has too",
        share,
        "",
        method="what steps of one team and machine scatter by together, over what each scatters by",
    )
