"""What is said of failures: a cluster fails faster than it restarts, or a part of it is done sooner."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.goodput import by_hand_share, checkpoint_interval_s, wait_s, working_share
from planner.engine.step import step_times
from planner.planning.job import job_of_plan
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.quantities.evaluation import Figures
from planner.quantities.failures import has_racks
from planner.units import HOURS_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE, percent

#: With less of the time left, nothing is ever trained. [-]
LEAST_GOODPUT = 1e-4
#: A part is looked for only where its goodput is so much better that it could be faster. [-]
_WORTH_A_LOOK = 1.01
#: What half of a cluster may be faster by than its layout, halved, says: its search finds a better one. [-]
_BETTER_LAYOUT = 1.15
#: Halves of halves that are looked at.
_HALVES = 8


def hopeless_reasons(pool: ResolvedPool, figures: Figures) -> tuple[str, ...]:
    """Return why a pool never trains anything though its chips could; nothing where it does."""
    if figures.number("goodput") >= LEAST_GOODPUT:
        return ()
    why = f"{_faster_words(figures)}: next to nothing would be trained"
    return (f"pool '{pool.pool.id}': {why}{_part_words(figures)}",)


def failure_warnings(resolved: ResolvedPlan, pool: ResolvedPool, figures: Figures) -> list[str]:
    """Return what failures make doubtful of a pool that trains."""
    label = f"pool '{pool.pool.id}': "
    warnings = []
    if figures.number("goodput.between_s") < _restart_s(figures):
        warnings.append(label + _faster_words(figures))
    part = faster_part(resolved, pool, figures)
    if part is not None:
        chips, times = part
        whole = figures.number("goodput.chips")
        warnings.append(
            f"{label}a part of it is faster than the whole: {chips:,} chips are done in "
            f"{percent(times)} of the time of {whole:,.0f}, which fail more often"
        )
    operations = resolved.plan.operations
    if operations.failures_per_1000_rack_days is not None and not has_racks(figures.setting):
        warnings.append(
            f"{label}operations.failures_per_1000_rack_days says nothing here: no servers of "
            f"'{pool.system.id}' share a scale-up domain"
        )
    return warnings


def faster_part(resolved: ResolvedPlan, pool: ResolvedPool, figures: Figures) -> tuple[int, float] | None:
    """Return the chips of a part that would be done sooner, with its time over the whole's; None: no part is.

    Halves, halves of halves and so on are laid out as plans of theirs would be, for the phase that trains
    most.
    """
    whole = int(figures.number("goodput.chips"))
    fractions: FloatArray = np.power(0.5, np.arange(1.0, _HALVES + 1.0))
    gains = _working(figures, fractions) / _working(figures, np.ones(1))
    if gains[0] < _WORTH_A_LOOK:
        return None
    hoped = gains[0] * _BETTER_LAYOUT
    # half computes all of it in any case; most are settled by that alone
    if hoped < least_over_half(figures) or hoped < over_half(figures):
        return None
    best: tuple[int, float] | None = None
    rate = figures.of_phase(figures.setting.phase_index).number("phase_tokens_per_second")
    for fraction, gain in zip(fractions, gains, strict=True):
        chips = int(whole * fraction)
        own = _rate(resolved, pool, figures, chips)
        if own is None or rate / (own * gain) >= (best[1] if best else 1.0):
            break
        best = chips, rate / (own * float(gain))
    return best


def _part_words(figures: Figures) -> str:
    """Return which part of a cluster would train most; empty where none trains anything.

    Layouts are chosen by their step alone, of all the chips there are: the search knows no failures.
    """
    whole = int(figures.number("goodput.chips"))
    fractions: FloatArray = np.power(0.5, np.arange(1.0, math.floor(math.log2(max(whole, 1))) + 1.0))
    working = _working(figures, fractions)
    best = int(np.argmax(fractions * working)) if len(fractions) else 0
    if not len(fractions) or working[best] < LEAST_GOODPUT:
        return ""
    kept = f"{int(whole * fractions[best]):,} of the {whole:,} chips"
    share = f"{kept} would work {percent(working[best])} of the time"
    return f"; layouts are chosen without regard to failures: {share}"


def _working(figures: Figures, fractions: FloatArray) -> FloatArray:
    """Return the goodput of parts of the cluster, on the medians: the job's own failures stay."""
    number = figures.number
    own = number("goodput.own_failures_per_day")
    of_parts = number("goodput.failures_per_day") - own
    between = SECONDS_PER_DAY / np.maximum(of_parts * fractions + own, 1e-6)
    wait, reload = np.asarray(number("goodput.wait_s")), np.asarray(number("goodput.reload_s"))
    stall = np.asarray(number("goodput.checkpoint_s"))
    if number("goodput.by_hand") > 0:
        limit = np.asarray(number("goodput.by_hand_per_day"))
        helped = by_hand_share(np.asarray(number("goodput.by_hand_share")), between, limit)
        by_hand_s, automatic = (number(f"goodput.{name}") for name in ("by_hand_s", "automatic_s"))
        wait = wait_s(helped, np.asarray(by_hand_s), np.asarray(automatic))
    interval = checkpoint_interval_s(stall, between, np.asarray(number("goodput.written_s")))
    return working_share(interval, stall, between, wait, reload)


def least_over_half(figures: Figures) -> float:
    """Return what the layout's rate is over that with half of its copies at least, by its compute. [-].

    Each copy of half as many computes the microbatches of two, of which one may have been there to fill up.
    """
    phase = figures.setting.phase
    if np.any(np.asarray(phase.layouts.data) % 2):
        return 1.0
    step = phase.estimate.step
    compute, microbatches, total = (
        float(np.ravel(part)[0]) for part in (step.compute, step.terms.microbatches, step.total)
    )
    return (2.0 - 1.0 / microbatches) * compute / total


def over_half(figures: Figures) -> float:
    """Return the layout's rate over that with half of its copies; 1 where it cannot be halved. [-]."""
    phase = figures.setting.phase
    data = np.asarray(phase.layouts.data, dtype=np.float64)
    if np.any(data % 2):
        return 1.0
    job = phase.job
    machine = job.machine
    half = replace(phase.layouts, data=data / 2)
    of_half = step_times(job.work, half, machine.chip, machine.network, machine.stack, job.workload).total
    return float(np.ravel(of_half)[0]) / float(np.ravel(phase.estimate.step.total)[0])


def _rate(resolved: ResolvedPlan, pool: ResolvedPool, figures: Figures, chips: int) -> float | None:
    """Return the tokens per second of a part, by the best layout of its own; None where nothing fits."""
    if chips < 1:
        return None
    phase = figures.setting.phase
    part = replace(pool, chips=chips, systems=chips / pool.system.chips_per_system)
    job = job_of_plan(resolved, part, phase.as_stated)
    found = job.search(keep=1)
    if len(found.rows) == 0:
        return None
    job = job.on_batch_of(found.rows[0])
    step = float(np.ravel(job.estimate(job.space.layouts(found.rows[0])).step.total)[0])
    tokens = float(job.workload.global_batch_sequences) * phase.workload.sequence_length
    # pilots and the like speed both up
    speed = figures.number("step.modelled_s") / figures.number("step.seconds")
    return tokens / step * speed


def _restart_s(figures: Figures) -> float:
    return figures.number("goodput.wait_s") + figures.number("goodput.reload_s")


def _faster_words(figures: Figures) -> str:
    return (
        f"it fails faster than it restarts: every {_time(figures.number('goodput.between_s'))} of running, "
        f"and each restart takes {_time(_restart_s(figures))}"
    )


def _time(seconds: float) -> str:
    """Return a time in the largest unit of which it holds one."""
    units = (
        (SECONDS_PER_HOUR * HOURS_PER_DAY, "days"),
        (SECONDS_PER_HOUR, "h"),
        (SECONDS_PER_MINUTE, "min"),
        (1.0, "s"),
    )
    scale, name = next(((scale, name) for scale, name in units if seconds >= scale), units[-1])
    return f"{seconds / scale:.3g} {name}"
