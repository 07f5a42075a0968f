"""Time: days, the finish date, and the rate while training runs."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.estimate import RESIDUAL_STREAM
from planner.quantities.leaves import Leaf, absent, drawn, span_name
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import another_way, leaf, quantity
from planner.units import HOURS_PER_DAY, SECONDS_PER_DAY, middle_of


def is_plain(setting: Setting) -> bool:
    """Return whether the whole cluster is there and free from the first day to the last."""
    return setting.plan.calendar.is_plain


@quantity(
    "training_days",
    "days of training",
    "days",
    {"training_s": "training_s", "goodput": "goodput", "campaign": "campaign.factor"},
    short="training time",
    form="band",
    better="less",
    is_of_job=True,
    aliases=("days",),
    when=is_plain,
)
@quantity(
    "phase_days",
    "days of one phase",
    "days",
    {"training_s": "phase_s", "goodput": "goodput", "campaign": "campaign.factor"},
    short="days",
    scope="phase",
    is_of_job=True,
    is_told_by_phase=True,
    when=is_plain,
)
def training_days(training_s: FloatArray, goodput: FloatArray, campaign: FloatArray) -> FloatArray:
    """Return the days from the first step to the last, with all that is lost between."""
    return campaign * training_s / (goodput * SECONDS_PER_DAY)


@quantity(
    "fleet_days",
    "days of the whole cluster that pass while it trains",
    "days",
    {"days": "training_days"},
    short="days of the whole",
    is_of_job=True,
    when=is_plain,
)
def fleet_days(days: FloatArray) -> FloatArray:
    """Return the days for which the whole cluster is bound: all of them, where it is there all the time."""
    return days


@quantity(
    "training_s",
    "seconds of all steps while training runs",
    "s",
    {"phase": "phase_s"},
    is_over_phases=True,
    is_of_job=True,
)
def training_s(*phases: FloatArray) -> FloatArray:
    """Return the seconds of all phases, were nothing lost."""
    return reduce(add, phases)


@quantity(
    "phase_s",
    "seconds of one phase's steps",
    "s",
    {"tokens": "workload.tokens", "rate": "phase_tokens_per_second"},
    scope="phase",
)
def phase_s(tokens: FloatArray, rate: FloatArray) -> FloatArray:
    """Return the seconds of one phase, were nothing lost."""
    return tokens / rate


@quantity(
    "finish_date",
    "day on which training ends",
    "date",
    {"start": "calendar.start", "days": "training_days"},
    short="done",
    form="date",
    better="less",
    is_of_job=True,
    when=is_plain,
)
def finish_date(start: FloatArray, days: FloatArray) -> FloatArray:
    """Return the moment at which training ends, in days; the last day is begun."""
    return start + days


@leaf("calendar.start", "first day of training", "date", scope="plan")
def start_day(setting: Setting) -> Leaf:
    """Return the day number of the plan's start."""
    start = setting.plan.calendar.start
    if start is None:
        return absent("other", "calendar.start")
    return Leaf(np.array([float(start.toordinal())]), Grounds("plan", "plan: calendar.start"))


@leaf("workload.global_batch_sequences", "sequences of a step", "", scope="phase", is_told_by_phase=True)
def batch(setting: Setting) -> Leaf:
    """Return the sequences that one optimizer step trains on."""
    where = _phase_key(setting, "global_batch_sequences")
    if setting.training is None:
        return Leaf(np.array([float(setting.workload.global_batch_sequences)]), Grounds("plan", where))
    trained, stated = setting.step_sequences, setting.workload.global_batch_sequences
    if trained != stated:
        where += f" = {stated:,}, moved within workload.batch_flex"
    return Leaf(np.array([float(trained)]), Grounds("plan", where))


@leaf("workload.sequence_length", "sequence length", "tokens", scope="phase", is_told_by_phase=True)
def sequence(setting: Setting) -> Leaf:
    """Return the tokens of one sequence; of post-training those of the mean sample."""
    where = _phase_key(setting, "sequence_length")
    if setting.plan.workload.is_post_training:
        where = "plan: post_training.mean_prompt_tokens + mean_response_tokens"
    return Leaf(np.array([float(setting.workload.sequence_length)]), Grounds("plan", where))


@leaf("workload.tokens", "training tokens of the phase", "tokens", scope="phase", is_told_by_phase=True)
def phase_tokens(setting: Setting) -> Leaf:
    """Return the tokens of one phase."""
    tokens = setting.workload.tokens
    if setting.plan.workload.is_post_training:
        where = "plan: post_training.steps x epochs x samples x their mean length"
        return Leaf(np.array([float(middle_of(tokens))]), Grounds("plan", where))
    return Leaf(
        drawn(tokens, f"workload.phases[{setting.phase_index}].tokens"),
        Grounds("plan", _phase_key(setting, "tokens")),
        span_name("training tokens", tokens),
    )


def _phase_key(setting: Setting, field: str) -> str:
    if not setting.plan.workload.phases:
        return f"plan: workload.{field}"
    own = getattr(setting.plan.workload.phases[setting.phase_index], field) is not None
    return f"plan: workload.phases[{setting.phase_index}].{field}" if own else f"plan: workload.{field}"


def _unexplained(setting: Setting) -> tuple[str, float]:
    """Return what published runs scatter by about the model: a longer step is a lower rate.

    The whole of several phases has it from each of them.
    """
    return RESIDUAL_STREAM, 0.0 if setting.is_whole else -setting.phase.job.residual_log_spread


_STEP = {
    "batch": "workload.global_batch_sequences",
    "sequence": "workload.sequence_length",
    "step_seconds": "step.seconds",
}


@quantity(
    "phase_tokens_per_second",
    "tokens per second of all chips while the phase runs",
    "tokens/s",
    _STEP,
    scope="phase",
    scatter=_unexplained,
    scatter_ceiling="rate_at_peak",
)
@quantity(
    "tokens_per_second",
    "tokens per second of all chips while training runs",
    "tokens/s",
    _STEP,
    short="throughput",
    form="band",
    better="more",
    scatter=_unexplained,
    scatter_ceiling="rate_at_peak",
    is_told_by_phase=True,
    when=lambda setting: not setting.is_whole,
)
def tokens_per_second(batch: FloatArray, sequence: FloatArray, step_seconds: FloatArray) -> FloatArray:
    """Return the tokens of one step over its time."""
    return batch * sequence / step_seconds


@another_way("tokens_per_second", {"tokens": "facts.tokens", "training_s": "training_s"})
def tokens_per_second_of_all(tokens: FloatArray, training_s: FloatArray) -> FloatArray:
    """Return the tokens of all phases over the seconds of all their steps."""
    return tokens / training_s


@quantity(
    "tokens_per_second_per_chip",
    "tokens per second and chip",
    "tokens/s",
    {"tokens_per_second": "tokens_per_second", "chips": "pools.chips"},
    short="per chip",
    form="band",
    better="more",
)
def tokens_per_second_per_chip(tokens_per_second: FloatArray, chips: FloatArray) -> FloatArray:
    """Return the rate over all chips of the pool, idle ones too."""
    return tokens_per_second / chips


@quantity(
    "chip_hours",
    "hours of all chips, from the first step to the last",
    "h",
    {"chips": "pools.chips", "days": "fleet_days"},
    short="chip hours",
    form="band",
    better="less",
    is_of_job=True,
)
def chip_hours(chips: FloatArray, days: FloatArray) -> FloatArray:
    """Return the time over which the pool's chips are bound, idle ones too. [h]."""
    return chips * days * HOURS_PER_DAY
