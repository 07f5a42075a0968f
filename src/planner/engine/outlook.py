"""A training that is under way: rate and goodput moved to what was seen, and the days that are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.failures import failure_counts, lengths_together
from planner.engine.uncertainty import standard_draws
from planner.units import SECONDS_PER_DAY

#: What a rate and a goodput drift by until the end, whatever was seen so far, of the logarithm and of the
#: logit: software gets better, data and sequences change, and the fleet ages. Assumed. [-]
RATE_DRIFT = 0.03
GOODPUT_DRIFT = 0.15
#: A goodput of nothing or of all has no logit, and what was seen of either is chance. [-]
_LEAST = 1e-4
_MOST_SEEN = 0.995
#: What was seen for hours says next to nothing of it. [-]
_FEWEST = 0.01
#: Of a sum of N exponential lengths, N of Poisson's law: variance over the mean's square, times N. [-]
_EXPONENTIAL = 2.0
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """Draws of what is left."""

    #: (draws,) tokens per second while steps run
    rate: FloatArray
    #: (draws,)
    goodput: FloatArray
    #: (draws,) days until all is trained
    days_left: FloatArray


def normal_update(prior: FloatArray, seen: float, error: float, name: str) -> FloatArray:
    r"""Return draws of a quantity, moved to one noisy sight of it.

    .. math:: K = \frac{s^2}{s^2 + e^2},\quad t' = t + K (m + e z - t)

    with :math:`s` the spread of the draws: their spread falls to :math:`s e / \sqrt{s^2 + e^2}`.

    Parameters
    ----------
    prior : (draws,) float64
        Draws, normal or nearly so.
    seen : float
        What was seen, :math:`m`.
    error : float
        Its standard deviation, :math:`e` >= 0.
    name : str
        By which its noise is drawn.

    References
    ----------
    .. [1] Gelman et al., Bayesian Data Analysis, section 2.5: the normal mean with known variance.

    Examples
    --------
    What is as uncertain as the draws are moves them half of the way.

    >>> drawn = standard_draws(["quantity"])["quantity"]
    >>> after = normal_update(drawn, 1.0, 1.0, "its error")
    >>> round(float(after.mean()), 2), round(float(after.std()), 1)
    (0.5, 0.7)
    """
    variance = float(np.var(prior))
    if variance == 0.0:
        return prior
    gain = variance / (variance + error**2)
    noise = standard_draws([name], len(prior))[name]
    return np.asarray(prior + gain * (seen + error * noise - prior))


def outlook(
    prior_rate: FloatArray,
    prior_goodput: FloatArray,
    tokens_left: float,
    *,
    rate: float,
    rate_log_error: float,
    goodput: float | None,
    stops: float,
    stops_per_day: float,
) -> Outlook:
    r"""Return the posterior of a training's rate, goodput and days to go.

    .. math:: d = s + \sum_{i=1}^{N} x_i,\quad s = \frac{T_{left}}{86400\,r},\quad E\,\sum x_i = s (1/g - 1)

    with :math:`N` the stops to come, of Poisson's law, and :math:`x_i` what each loses, exponential. What
    such a sum differs by from what is lost in the long run is of variance :math:`2/N`, whether it was seen or
    is to come.

    Parameters
    ----------
    prior_rate, prior_goodput : (draws,) float64
        As planned. [tokens/s], [-]
    tokens_left : float
        >= 0. [-]
    rate, rate_log_error : float
        As seen, and the spread of its logarithm. [tokens/s], [-]
    goodput : float or None
        As seen; None where nobody knows how long it was. [-]
    stops : float
        That it rests on, or that were to be expected in that time if those were more. [-]
    stops_per_day : float
        In what is to come; 0: none, and what is lost is lost evenly. [1/day]

    References
    ----------
    .. [1] Feller, An Introduction to Probability Theory and Its Applications I (1968), section XII.2: the
       compound Poisson distribution.

    Examples
    --------
    Half of the tokens at the planned rate and goodput; of ten days one is lost, in ten stops of about 0.1.

    >>> found = outlook(np.full(1000, 1e6), np.full(1000, 0.9), 7.776e11, rate=1e6, rate_log_error=0.01,
    ...                 goodput=0.9, stops=10, stops_per_day=1)
    >>> round(float(np.mean(found.days_left)), 1), round(float(np.std(found.days_left)), 2)
    (10.0, 0.45)
    """
    log_rate = normal_update(np.log(prior_rate), float(np.log(rate)), rate_log_error, "seen rate")
    drawn = np.exp(
        log_rate
        + RATE_DRIFT * standard_draws(["rate drift"], len(log_rate))["rate drift"] * _varies(prior_rate)
    )
    share = np.clip(prior_goodput, _LEAST, 1.0 - _LEAST)
    logit = np.log(share / (1.0 - share))
    if goodput is not None:
        seen = float(np.clip(goodput, 1.0 - _MOST_SEEN, _MOST_SEEN))
        error = np.sqrt(_EXPONENTIAL / max(stops, _FEWEST)) / seen
        logit = normal_update(logit, float(np.log(seen / (1.0 - seen))), float(error), "seen goodput")
    drift = (
        GOODPUT_DRIFT
        * standard_draws(["goodput drift"], len(logit))["goodput drift"]
        * _varies(prior_goodput)
    )
    made = 1.0 / (1.0 + np.exp(-(logit + drift)))
    steps_days = tokens_left / (drawn * SECONDS_PER_DAY)
    return Outlook(drawn, made, steps_days + _lost_days(steps_days, made, stops_per_day))


def _lost_days(steps_days: FloatArray, goodput: FloatArray, stops_per_day: float) -> FloatArray:
    """Return the days that are lost beside so many of steps: as many stops, as long, as chance has it."""
    expected = steps_days * (1.0 / goodput - 1.0)
    if stops_per_day <= 0.0:
        return expected
    to_come = stops_per_day * (steps_days + expected)
    seen = failure_counts("stops to come", to_come)
    return lengths_together("length of stops to come", seen, expected / np.maximum(to_come, _TINY))


def _varies(draws: FloatArray) -> float:
    """Return 1 where draws differ: what is certain in a plan drifts in none."""
    return float(np.ptp(draws) > 0.0)
