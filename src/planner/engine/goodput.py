"""Goodput: what failures, checkpoints and restarts leave of the time, in Daly's full form."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.operators import (
    BY_HAND_PER_DAY,
    COUNTED_SERVER_CHIPS,
    OPERATORS,
    SERVER_FAILURES_PER_DAY,
)
from planner.units import SECONDS_PER_DAY

#: Bytes of a checkpoint per parameter: a weight of 2, a master weight and two moments of 4 each. [B]
#: Source: Rajbhandari et al., ZeRO (arXiv 1910.02054), section 3.1.
CHECKPOINT_BYTES_PER_PARAMETER = 14.0
#: No checkpoints follow one another more closely; assumed: no loop looks more often. [s]
SHORTEST_INTERVAL_S = 1.0
#: Of restarts over the time between failures: with more nothing is ever trained, and e to it is no number.
HOPELESS = 200.0


def checkpoint_interval_s(checkpoint: FloatArray, between: FloatArray, written: FloatArray) -> FloatArray:
    r"""Return the work between two checkpoints that loses least. [s].

    .. math:: \tau = \sqrt{2 \delta M} \left( 1 + \frac{1}{3} \sqrt{\frac{\delta}{2M}}
        + \frac{\delta}{18M} \right) - \delta \text{ for } \delta < 2M, \text{ else } M

    Parameters
    ----------
    checkpoint : (...,) float
        Time :math:`\delta` >= 0 that a checkpoint stops training. [s]
    between : (...,) float
        Mean time :math:`M` > 0 between failures. [s]
    written : (...,) float
        Time until a checkpoint is on the storage: the next waits for it. [s]

    References
    ----------
    .. [1] Daly, A higher order estimate of the optimum checkpoint interval for restart dumps, Future
       Generation Computer Systems 22 (2006), equation 37.

    Examples
    --------
    The paper's own cases: checkpoints of 5 min, a failure in 24 h, 6 h and 15 min.

    >>> between = np.array([24 * 60, 6 * 60, 15]) * 60.0
    >>> [round(float(one) / 60, 1) for one in checkpoint_interval_s(np.array(300.0), between, np.array(0.0))]
    [116.7, 56.7, 9.1]
    """
    root = np.sqrt(checkpoint / (2.0 * between))
    series = 2.0 * between * root * (1.0 + root / 3.0 + root * root / 9.0) - checkpoint
    daly = np.where(root < 1.0, series, between)
    return np.maximum(np.maximum(daly, written), SHORTEST_INTERVAL_S)


def working_share(
    interval: FloatArray, checkpoint: FloatArray, between: FloatArray, wait: FloatArray, reload: FloatArray
) -> FloatArray:
    r"""Return the share of the time in which steps are made that count. [-].

    .. math:: g = \frac{\tau}{(M + W)\,e^{L/M}\left(e^{(\tau + \delta)/M} - 1\right)}

    Parameters
    ----------
    interval, checkpoint, between : (...,) float
        Work :math:`\tau` between checkpoints, the stall :math:`\delta` of one, and the mean time :math:`M`
        between failures while the job runs. [s]
    wait : (...,) float
        Mean time :math:`W` >= 0 after a failure in which nothing runs that could fail: whatever its
        distribution, it counts once for each failure. [s]
    reload : (...,) float
        Time :math:`L` >= 0 from then to the next step, which a further failure begins anew. [s]

    Notes
    -----
    A segment of :math:`\tau + \delta` is left where it is done, and after a failure (of which it sees
    :math:`e^{L/M}(e^{(\tau+\delta)/M} - 1)`) begun again behind a wait and a reload. Without a wait it is
    Daly's total, whose restart is a reload.

    References
    ----------
    .. [1] Daly, A higher order estimate of the optimum checkpoint interval for restart dumps, Future
       Generation Computer Systems 22 (2006), equation 20.

    Examples
    --------
    A failure in 1,391 s, as of 131,072 H100: with checkpoints of 10 s and reloads of 600 s, 57 % of the time.

    >>> interval = checkpoint_interval_s(np.array(10.0), np.array(1391.0), np.array(0.0))
    >>> round(float(working_share(interval, 10.0, 1391.0, 0.0, 600.0)), 3)
    0.575
    """
    again = np.exp(np.minimum(reload / between, HOPELESS))
    segment = np.expm1(np.minimum((interval + checkpoint) / between, HOPELESS))
    share = interval / ((between + wait) * again * segment)
    return np.minimum(share, 1.0)


def failures_per_second_of_work(
    interval: FloatArray, checkpoint: FloatArray, between: FloatArray, reload: FloatArray
) -> FloatArray:
    """Return how often the job fails for each second of steps that count. [1/s]; as of `working_share`."""
    again = np.exp(np.minimum(reload / between, HOPELESS))
    segment = np.expm1(np.minimum((interval + checkpoint) / between, HOPELESS))
    return again * segment / interval


def by_hand_share(share: FloatArray, between: FloatArray, limit: FloatArray) -> FloatArray:
    """Return the share of restarts that people help, who do so `limit` times a day at most. [-]."""
    return np.minimum(share, limit * between / SECONDS_PER_DAY)


def wait_s(by_hand: FloatArray, by_hand_s: FloatArray, automatic: FloatArray) -> FloatArray:
    """Return the mean time after a failure in which nothing runs: helped by people, or not. [s]."""
    return by_hand * by_hand_s + (1.0 - by_hand) * automatic


def lost_s(
    interval: FloatArray, checkpoint: FloatArray, between: FloatArray, failures_per_s: FloatArray
) -> FloatArray:
    """Return what a failure costs beside its wait: work done again, and its reloads. [s].

    All time that runs, less steps and checkpoints, over the failures; `failures_per_s` are those of
    `failures_per_second_of_work`.
    """
    return between - (interval + checkpoint) / (interval * failures_per_s)


def progress(
    working: FloatArray,
    chance: FloatArray,
    training: FloatArray,
    maintenance: FloatArray,
    missing: FloatArray,
) -> FloatArray:
    """Return the share of the time that makes progress, by chance too. [-]."""
    return (1.0 - maintenance) * (1.0 - missing) / (1.0 / working + chance / training)


def snapshot_s(parameters: FloatArray, bytes_per_s: FloatArray) -> FloatArray:
    r"""Return the time in which all chips together are rid of a checkpoint. [s].

    .. math:: \delta = \frac{b\,N}{B}

    Parameters
    ----------
    parameters : (...,) float
        All parameters of the model, :math:`N`; each is saved in :math:`b`, 14 bytes. [-]
    bytes_per_s : (...,) float
        Rate :math:`B` > 0 of the copy into the hosts' memory, or of the storage. [B/s]

    References
    ----------
    .. [1] Mohan et al., CheckFreq: Frequent, Fine-Grained DNN Checkpointing (FAST 2021): a
       checkpoint is a snapshot, for which training stands still, and a write, which may run beside it.
    .. [2] Jiang et al., MegaScale (arXiv 2402.15627), section 4.4: both stages at more than 10,000 chips.

    Examples
    --------
    >>> float(snapshot_s(np.array(100e9), np.array(20e9)))  # 1.4 TB at 20 GB/s
    70.0
    """
    return parameters * CHECKPOINT_BYTES_PER_PARAMETER / bytes_per_s


def checkpoint_s(snapshot: FloatArray, written: FloatArray, hidden: FloatArray) -> FloatArray:
    """Return how long a checkpoint stops training: for its copy, or the part of the write that shows. [s]."""
    return np.maximum(snapshot, written * (1.0 - hidden))


def usual_goodput(chips: Any, operator: str) -> FloatArray:
    """Return the goodput of a job that says nothing of its failures, on the medians; eight-way servers. [-].

    Parameters
    ----------
    chips : (...,) float
        Chips that all must work; below 1 counts as 1. [-]
    operator : str
        Its class, a name of `OPERATORS`.

    Examples
    --------
    The run behind the rate of failures lost less than a tenth; half as much again is assumed.

    >>> round(float(usual_goodput(16_384, "practised")), 2)
    0.88
    """
    who = OPERATORS[operator]
    servers = np.maximum(chips, 1.0) / COUNTED_SERVER_CHIPS
    a_day = servers * SERVER_FAILURES_PER_DAY.middle + who.own_failures_per_day.middle
    between = SECONDS_PER_DAY / a_day
    helped = by_hand_share(np.asarray(who.by_hand_share.middle), between, np.asarray(BY_HAND_PER_DAY))
    automatic = np.asarray(who.detection_s.middle + who.diagnosis_s.middle)
    wait = wait_s(helped, np.asarray(who.by_hand_s.middle), automatic)
    stall, reload = np.asarray(who.checkpoint_s.middle), np.asarray(who.warm_up_s.middle)
    interval = checkpoint_interval_s(stall, between, np.asarray(0.0))
    working = working_share(interval, stall, between, wait, reload)
    return np.asarray(working * (1.0 - who.maintenance_share.middle))
