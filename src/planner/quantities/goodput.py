"""Goodput: what failures, checkpoints and restarts leave of the time."""

from __future__ import annotations

import numpy as np

from planner.engine.goodput import (
    ReliabilityInputs,
    between_failures_s,
    checkpoint_interval_s,
    checkpoint_stall_s,
    progress_share,
)
from planner.engine.uncertainty import standard_draws
from planner.quantities.leaves import Leaf, absent, constant, typed
from planner.quantities.record import Grounds
from planner.quantities.setting import Setting
from planner.quantities.table import another_reading, leaf, quantity
from planner.units import SECONDS_PER_HOUR

#: Spread of the logarithm of a chip's mean time between interruptions, where a plan does not know its own:
#: from 8,000 h (1,024 A100 of a research cluster, 7.9 h) to 50,700 h (16,384 H100, 3.1 h) is two of these
#: to either side.
MTBF_LOG_SPREAD = 0.45
_DEFAULT = ReliabilityInputs()

quantity(
    "goodput",
    "share of the time that makes progress",
    "share",
    {
        "checkpoint": "goodput.checkpoint_s",
        "interval": "goodput.interval_s",
        "between": "goodput.between_s",
        "restart": "goodput.restart_s",
    },
    short="goodput",
    form="band",
    better="more",
)(progress_share)

quantity(
    "goodput.interval_s",
    "seconds between checkpoints (Young's and Daly's optimum, first order)",
    "s",
    {"checkpoint": "goodput.checkpoint_s", "between": "goodput.between_s"},
)(checkpoint_interval_s)

quantity(
    "goodput.between_s",
    "seconds between interruptions of the job",
    "s",
    {"mtbf": "goodput.chip_mtbf_s", "chips": "goodput.chips"},
)(between_failures_s)


@leaf("goodput.chips", "chips that must all work: of the phase that uses most", "chips")
def chips(setting: Setting) -> Leaf:
    """Return the most chips that any phase uses."""
    most = max(phase.layout.chips_used for phase in setting.trained.phases)
    return Leaf(np.array([float(most)]), method="the most that any phase's layout uses")


@leaf("goodput.chip_mtbf_s", "seconds between interruptions of one chip", "s", scope="plan")
def chip_mtbf(setting: Setting) -> Leaf:
    """Return a chip's mean time between interruptions, uncertain where the plan does not know its own."""
    hours = setting.plan.operations.chip_mtbf_hours
    if hours:
        return typed(hours * SECONDS_PER_HOUR, "operations.chip_mtbf_hours")
    note = "419 unexpected interruptions in 54 days on 16,384 H100 (Llama 3, arXiv 2407.21783, table 5)"
    noise = np.exp(MTBF_LOG_SPREAD * standard_draws(["mtbf"])["mtbf"])
    values = float(_DEFAULT.chip_mtbf_s) * np.concatenate([[1.0], noise])
    return Leaf(values, Grounds("derived", "engine: CHIP_MTBF_HOURS", (), note))


@leaf("goodput.restart_s", "seconds from a failure to the next step", "s", scope="plan")
def restart(setting: Setting) -> Leaf:
    """Return how long a failure stops training, the lost work apart."""
    seconds = setting.plan.operations.restart_s
    if seconds is not None:
        return typed(seconds, "operations.restart_s")
    return constant(float(_DEFAULT.restart_s), "engine: restart_s")


def _states_rate(setting: Setting) -> bool:
    return setting.plan.operations.checkpoint_bytes_per_s is not None


@leaf("operations.checkpoint_bytes_per_s", "rate at which a checkpoint is written", "B/s", scope="plan")
def checkpoint_rate(setting: Setting) -> Leaf:
    """Return the rate of checkpoints that the plan states."""
    rate = setting.plan.operations.checkpoint_bytes_per_s
    if rate is None:
        return absent("other", "rate of checkpoints: the plan states none")
    return typed(rate, "operations.checkpoint_bytes_per_s")


quantity(
    "goodput.checkpoint_s",
    "seconds that a checkpoint stops training",
    "s",
    {"parameters": "facts.parameters", "bytes_per_s": "operations.checkpoint_bytes_per_s"},
    scope="plan",
    when=_states_rate,
)(checkpoint_stall_s)


@another_reading("goodput.checkpoint_s")
def checkpoint_default(_: Setting) -> Leaf:
    """Return the stall of one checkpoint where the plan states no rate: the copy to the hosts' memory."""
    return constant(float(_DEFAULT.checkpoint_s), "engine: checkpoint_s")
