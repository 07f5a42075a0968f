"""Goodput: what failures, checkpoints and restarts leave of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import ArrayLike, FloatArray
from planner.units import SECONDS_PER_HOUR

#: One chip's mean time between unexpected interruptions: 419 of them in 54 days on 16,384 H100. [h]
#: Source: Dubey et al., The Llama 3 Herd of Models (arXiv 2407.21783), section 3.3.4, table 5.
CHIP_MTBF_HOURS = 16_384 * 54 * 24 / 419
#: Bytes of a checkpoint per parameter: a weight of 2, a master weight and two moments of 4 each. [B]
#: Source: Rajbhandari et al., ZeRO (arXiv 1910.02054), section 3.1.
CHECKPOINT_BYTES_PER_PARAMETER = 14.0


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityInputs:
    """How often a cluster fails and how long it takes to go on."""

    chip_mtbf_s: ArrayLike = CHIP_MTBF_HOURS * SECONDS_PER_HOUR
    #: from a failure to the next useful step, the lost work apart; the default is assumed. [s]
    restart_s: ArrayLike = 600.0
    #: time that a checkpoint stops training: with no rate of writing known, the copy to the hosts' memory out
    #: of which it is then written while training goes on; the default is assumed. [s]
    checkpoint_s: ArrayLike = 10.0


def goodput(chips: ArrayLike, reliability: ReliabilityInputs) -> FloatArray:
    r"""Return the goodput of a job on `chips` chips.

    .. math:: g = 1 - \frac{\delta}{\tau} - \frac{\tau/2 + R}{M/n},\quad \tau = \sqrt{2 \delta M / n}

    with checkpoint time :math:`\delta`, restart time :math:`R`, and mean time between failures :math:`M/n`.

    Parameters
    ----------
    chips : (...,) float
        Chips that all must work, :math:`n`; below 1 counts as 1. [-]
    reliability : ReliabilityInputs
        :math:`M` > 0, :math:`R` >= 0 and :math:`\delta` >= 0. [s]

    Returns
    -------
    (...,) float64
        A share of the time. A cluster that fails faster than it restarts makes no progress: it is floored
        at 0. [-]

    Notes
    -----
    The first-order form holds while :math:`\delta` is far below :math:`M/n`. No interval is below one
    second (assumed: no loop looks more often), so that free checkpoints have one.

    References
    ----------
    .. [1] Daly, A higher order estimate of the optimum checkpoint interval for restart dumps, Future
       Generation Computer Systems 22 (2006): the first-order model, after Young (1974).

    Examples
    --------
    100 chips fail every 10,000 s; with checkpoints of 50 s the interval is 1,000 s: 5 % each for
    checkpoints and rework, 3 % for restarts.

    >>> round(float(goodput(100, ReliabilityInputs(chip_mtbf_s=1e6, restart_s=300, checkpoint_s=50))), 6)
    0.87
    """
    between = between_failures_s(np.asarray(reliability.chip_mtbf_s), np.maximum(chips, 1.0))
    checkpoint = np.asarray(reliability.checkpoint_s)
    interval = checkpoint_interval_s(checkpoint, between)
    return np.asarray(progress_share(checkpoint, interval, between, np.asarray(reliability.restart_s)))


def between_failures_s(mtbf: FloatArray, chips: FloatArray) -> FloatArray:
    """Return the mean time between interruptions of a job on `chips` chips. [s]."""
    return mtbf / chips


def checkpoint_interval_s(checkpoint: FloatArray, between: FloatArray) -> FloatArray:
    """Return the time between two checkpoints that loses least, by Young and Daly. [s]."""
    return np.maximum(np.sqrt(2.0 * checkpoint * between), 1.0)


def progress_share(
    checkpoint: FloatArray, interval: FloatArray, between: FloatArray, restart: FloatArray
) -> FloatArray:
    """Return the share of the time that checkpoints, lost work and restarts leave. [-]."""
    lost = checkpoint / interval + interval / 2.0 / between + restart / between
    return np.minimum(np.maximum(1.0 - lost, 0.0), 1.0)


def checkpoint_stall_s(parameters: FloatArray, bytes_per_s: FloatArray) -> FloatArray:
    r"""Return the time that a checkpoint stops training. [s].

    .. math:: \delta = \frac{b\,N}{B}

    Parameters
    ----------
    parameters : (...,) float
        All parameters of the model, :math:`N`; each is saved in :math:`b`, 14 bytes. [-]
    bytes_per_s : (...,) float
        Rate :math:`B` > 0 at which all chips together are rid of a checkpoint: of the storage where training
        waits for the whole write; of the copy into the hosts' memory where the rest of the write is hidden
        behind the next steps. [B/s]

    References
    ----------
    .. [1] Mohan et al., CheckFreq: Frequent, Fine-Grained DNN Checkpointing (FAST 2021): a
       checkpoint is a snapshot, for which training stands still, and a write, which may run beside it.
    .. [2] Jiang et al., MegaScale (arXiv 2402.15627), section 4.4: both stages at more than 10,000 chips.

    Examples
    --------
    >>> float(checkpoint_stall_s(np.array(100e9), np.array(20e9)))  # 1.4 TB at 20 GB/s
    70.0
    """
    return parameters * CHECKPOINT_BYTES_PER_PARAMETER / bytes_per_s
