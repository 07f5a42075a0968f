"""From a pool's training to the figures that people read: utilisation, parts, tiers, dates."""

from __future__ import annotations

import datetime

import numpy as np

from planner.catalog.architecture import architecture_inputs
from planner.domain.architecture import Architecture
from planner.domain.plan import Plan
from planner.engine.architecture import recomputed_flops_per_token
from planner.engine.arrays import FloatArray
from planner.engine.memory import RESERVED_SHARE
from planner.engine.recompute import RECOMPUTE
from planner.engine.step import StepTimes
from planner.engine.uncertainty import band
from planner.estimate.money import RunContext, cost_of
from planner.estimate.power import SitePower, energy_of, power_of
from planner.planning.chip import half_precision_peak
from planner.planning.resolve import ResolvedPlan, ResolvedPool
from planner.planning.result import (
    Band,
    FinishDate,
    Interconnect,
    Memory,
    Performance,
    Step,
    Utilisation,
)
from planner.planning.training import PhaseTraining, Training, flops_per_token
from planner.units import SECONDS_PER_DAY

STEP_PARTS = (
    "compute",
    "memory_bound",
    "tensor",
    "context",
    "expert",
    "pipeline_p2p",
    "data",
    "bubble",
    "optimizer",
    "jitter",
)
TRAFFIC = ("tensor", "context", "expert", "pipeline_p2p", "data")
#: No calendar goes further; a plan that takes longer has no date.
LAST_DATE = datetime.date(9999, 12, 31)


def scalar(value: FloatArray) -> float:
    """Return the one number of an array of one."""
    return float(np.ravel(value)[0])


def band_of(draws: FloatArray, middle: float) -> Band:
    """Return the 80 % band of draws about the estimate at the medians."""
    return Band(*band(np.atleast_1d(draws), middle))


def performance(resolved: ResolvedPlan, pool: ResolvedPool, training: Training) -> Performance:
    """Return a pool's figures for the plan."""
    main = training.main
    step_s = scalar(main.estimate.step.total)
    rate = main.step_tokens / step_s
    rate_draws = main.step_tokens / main.estimate.step_draws
    days = training.seconds / SECONDS_PER_DAY
    days_draws = training.second_draws / SECONDS_PER_DAY
    site = SitePower.of(resolved)
    power, power_draws = power_of(pool, main.estimate, site)
    energy = energy_of(power, power_draws, training, site)
    cost, money_draws = cost_of(
        RunContext(resolved, pool, training.tokens, days, days_draws, energy.mwh, energy.mwh_draws)
    )
    goodput = float(training.goodput.goodput)
    return Performance(
        layout=main.layout,
        training_days=band_of(days_draws, days),
        tokens_per_second=band_of(rate_draws, rate),
        tokens_per_second_per_chip=band_of(rate_draws / pool.chips, rate / pool.chips),
        mfu=_utilisation(resolved.architecture, pool, main, causal=True),
        mfu_full_attention=_utilisation(resolved.architecture, pool, main, causal=False),
        hfu=_hardware_utilisation(resolved.architecture, pool, main),
        goodput=band_of(training.goodput_draws, goodput),
        step=_step(main.estimate.step),
        interconnect=_interconnect(main.estimate.step),
        memory=_memory(main),
        power=power,
        energy_mwh=energy.energy,
        carbon_t=energy.carbon_t,
        water_m3=energy.water_m3,
        joules_per_token=energy.joules_per_token,
        cost=cost,
        finish_date=finish_date(resolved.plan, band_of(days_draws, days)),
        runner_up=_runner_up(training),
        draws={
            "training_days": days_draws,
            "tokens_per_second": rate_draws,
            "interconnect": main.estimate.waiting_share_draws,
            **({"facility_w": power_draws} if power.facility_w is not None else {}),
            **({"energy_mwh": energy.mwh_draws} if energy.mwh is not None else {}),
            **money_draws,
        },
    )


def _utilisation(
    architecture: Architecture, pool: ResolvedPool, phase: PhaseTraining, *, causal: bool
) -> Utilisation:
    flops = flops_per_token(architecture, phase.workload.sequence_length, causal=causal)
    convention = "causal attention" if causal else "full attention"
    return _against_peak(pool, phase, flops, f"6N + {convention}, no recomputation")


def _hardware_utilisation(
    architecture: Architecture, pool: ResolvedPool, phase: PhaseTraining
) -> Utilisation:
    """Return HFU: with the FLOPs that recomputation adds."""
    sequence = phase.workload.sequence_length
    attention_again, layers_again = RECOMPUTE[phase.layout.recompute].shares
    again = recomputed_flops_per_token(
        architecture_inputs(architecture), float(sequence), attention_again, layers_again
    )
    flops = flops_per_token(architecture, sequence, causal=True) + float(again)
    return _against_peak(pool, phase, flops, "6N + causal attention, recomputation counted")


def _against_peak(pool: ResolvedPool, phase: PhaseTraining, flops: float, convention: str) -> Utilisation:
    peak, datatype = half_precision_peak(pool.chip)
    scale = flops * phase.step_tokens / (pool.chips * peak)
    middle = scale / scalar(phase.estimate.step.total)
    return Utilisation(band_of(scale / phase.estimate.step_draws, middle), convention, peak, datatype)


def _step(step: StepTimes) -> Step:
    return Step(scalar(step.total), {name: scalar(getattr(step, name)) for name in STEP_PARTS})


def _interconnect(step: StepTimes) -> Interconnect:
    total = scalar(step.total)
    by_class = {name: scalar(getattr(step, name)) / total for name in TRAFFIC}
    fraction = sum(by_class.values())
    outside = scalar(step.scale_out)
    return Interconnect(
        fraction, by_class, {"scale_up": fraction * (1.0 - outside), "scale_out": fraction * outside}
    )


def _memory(phase: PhaseTraining) -> Memory:
    memory = phase.estimate.memory
    names = ("weights", "gradients", "optimizer", "activations", "logits", "buffers")
    parts = {name: scalar(getattr(memory, name)) for name in names}
    capacity = scalar(memory.usable) / (1.0 - RESERVED_SHARE)
    parts["reserve"] = capacity * RESERVED_SHARE
    return Memory(sum(parts.values()), capacity, parts)


def _runner_up(training: Training) -> float | None:
    times = training.main.found.step_s
    return float(times[1] / times[0] - 1.0) if len(times) > 1 else None


def finish_date(plan: Plan, days: Band) -> FinishDate | None:
    """Return when training ends, or None where the plan has no start or the end is beyond the calendar."""
    start = plan.calendar.start
    if start is None or days.p90 > (LAST_DATE - start).days:
        return None
    ends = [
        start + datetime.timedelta(days=int(np.ceil(number))) for number in (days.p10, days.p50, days.p90)
    ]
    return FinishDate(*ends)
