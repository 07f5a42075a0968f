"""Goodput: what failures, checkpoints and restarts leave of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray
from planner.units import SECONDS_PER_HOUR

#: One chip's mean time between unexpected interruptions: 419 of them in 54 days on 16,384 H100. [h]
#: Source: Dubey et al., The Llama 3 Herd of Models (arXiv 2407.21783), section 3.3.4, table 5.
CHIP_MTBF_HOURS = 16_384 * 54 * 24 / 419
#: Bytes of a checkpoint per parameter: weight and optimizer state. [B]
CHECKPOINT_BYTES_PER_PARAMETER = 14.0


@dataclass(frozen=True, slots=True)
class ReliabilityInputs:
    """How often a cluster fails and how long it takes to go on."""

    chip_mtbf_s: ArrayLike = CHIP_MTBF_HOURS * SECONDS_PER_HOUR
    #: from a failure to the next useful step, the lost work apart. [s]
    restart_s: ArrayLike = 600.0
    #: time that a checkpoint stops training. [s]
    checkpoint_s: ArrayLike = 10.0


@dataclass(frozen=True, slots=True)
class Goodput:
    """Share of the time that makes progress, and what takes the rest. [-]."""

    goodput: FloatArray
    lost_to_checkpoints: FloatArray
    lost_to_rework: FloatArray
    lost_to_restarts: FloatArray
    #: Daly's interval between checkpoints. [s]
    interval_s: FloatArray


def goodput(chips: ArrayLike, reliability: ReliabilityInputs) -> Goodput:
    r"""Return the goodput of a job on `chips` chips.

    .. math:: g = 1 - \frac{\delta}{\tau} - \frac{\tau/2 + R}{M/n},\quad \tau = \sqrt{2 \delta M / n}

    with checkpoint time :math:`\delta`, restart time :math:`R`, and mean time between failures :math:`M/n`.
    A cluster that fails faster than it restarts makes no progress: the result is floored at 0.

    References
    ----------
    .. [1] Daly, A higher order estimate of the optimum checkpoint interval (2006), first order.
    """
    between = np.divide(reliability.chip_mtbf_s, np.maximum(chips, 1.0))
    interval = np.sqrt(2.0 * np.asarray(reliability.checkpoint_s) * between)
    interval = np.maximum(interval, 1.0)
    checkpoints = reliability.checkpoint_s / interval
    rework = interval / 2.0 / between
    restarts = reliability.restart_s / between
    left = np.clip(1.0 - checkpoints - rework - restarts, 0.0, 1.0)
    return Goodput(
        np.asarray(left), np.asarray(checkpoints), np.asarray(rework), np.asarray(restarts), interval
    )
