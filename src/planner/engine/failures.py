"""Chance: how many failures a run sees, what they cost beyond what is expected, and how many spares wait."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import DRAWS, kept, standard_draws

#: Above this mean, counts come from an expansion about the normal distribution.
EXACT_MEAN = 12.0
#: What is counted below it: more are seen at a mean of 12 once in a million times.
_COUNTS = 32
#: Counts further from the mean than so many standard deviations are not added up: less than 1e-30 of all.
_DEVIATIONS = 12.0
#: Points at which a function of many means is computed.
_GRID = 33
#: Of times that no warm spare is missing: what spares are counted by. Assumed. [-]
SPARES_QUANTILE = 0.95


def failure_counts(stream: str, expected: FloatArray) -> FloatArray:
    r"""Return Poisson counts, one for each draw, from the name's own stream.

    .. math:: N = \min\{k : P(N_\lambda \le k) \ge u\}

    Parameters
    ----------
    stream : str
        What is counted.
    expected : (draws,) or (1,) float
        Mean :math:`\lambda` >= 0 of each draw.

    Returns
    -------
    (draws,) float64
        Whole numbers >= 0, each the quantile :math:`u` of its draw, which is the same in every plan: whoever
        expects more failures sees no fewer.

    References
    ----------
    .. [1] Cornish and Fisher, Moments and Cumulants in the Specification of Distributions (1938).
    .. [2] Wilson and Hilferty, The Distribution of Chi-Square (PNAS, 1931).

    Examples
    --------
    >>> counts = failure_counts("anything", np.array([3.0]))
    >>> round(float(np.mean(counts)), 1), round(float(np.var(counts)), 1)
    (3.0, 3.0)
    """
    expected = np.broadcast_to(expected, DRAWS)
    few: FloatArray = np.sum(_thresholds(stream) <= expected, axis=0, dtype=np.float64)
    normal = standard_draws([stream])[stream]
    # at its very middle a stream sees what is expected, as the medians do
    few = np.where(normal == 0.0, expected, few)
    if np.max(expected) <= EXACT_MEAN:
        return few
    many = expected + np.sqrt(expected) * normal + (normal * normal - 1.0) / 6.0
    is_many = (expected > EXACT_MEAN) & (normal != 0.0)
    return np.asarray(np.where(is_many, np.maximum(np.round(many), 0.0), few))


@kept(8)
def _thresholds(stream: str) -> FloatArray:
    """Return of each draw the means at which it sees its first, second, ... failure. (counts, draws).

    They are quantiles of gamma distributions, after Wilson and Hilferty but for the first, which is exact.
    """
    normal = standard_draws([stream])[stream]
    number = np.arange(1.0, _COUNTS + 1.0)[:, None]
    root = 1.0 - 1.0 / (9.0 * number) - normal / (3.0 * np.sqrt(number))
    thresholds = number * np.maximum(root, 0.0) ** 3
    thresholds[0] = [-math.log(NormalDist().cdf(float(one))) for one in normal]
    thresholds = np.maximum.accumulate(thresholds, axis=0)
    thresholds.flags.writeable = False
    return thresholds


def lengths_together(stream: str, counts: FloatArray, mean: FloatArray) -> FloatArray:
    r"""Return the sum of so many lengths, exponential about a mean, from the name's own stream. [of mean].

    .. math:: S = N m \left(1 - \frac{1}{9N} + \frac{z}{3\sqrt{N}}\right)^3

    References
    ----------
    .. [1] Wilson and Hilferty, The Distribution of Chi-Square (PNAS, 1931): of the gamma distribution.

    Examples
    --------
    >>> sums = lengths_together("anything", np.full(1000, 4.0), np.array([2.0]))
    >>> round(float(np.mean(sums))), round(float(np.var(sums)))
    (8, 16)
    """
    some = np.maximum(counts, 1.0)
    normal = standard_draws([stream])[stream]
    root = 1.0 - 1.0 / (9.0 * some) + normal / (3.0 * np.sqrt(some))
    return np.asarray(counts * mean * np.where(normal == 0.0, 1.0, np.maximum(root, 0.0) ** 3))


def chance_s(
    failures: FloatArray,
    by_hand: FloatArray,
    by_hand_s: FloatArray,
    automatic_s: FloatArray,
    lost: FloatArray,
) -> FloatArray:
    r"""Return how much longer than expected failures hold a run up, over the draws. [s].

    .. math:: \sum_{i=1}^{N_h} (H_i + \ell) + N_a (A + \ell) - E

    Parameters
    ----------
    failures : (...,) float
        Expected number of them in the whole run.
    by_hand : (...,) float
        Share :math:`h` of them that people help: :math:`N_h` is Poisson with mean :math:`h \lambda`,
        :math:`N_a` with the rest. [-]
    by_hand_s, automatic_s : (...,) float
        Mean wait of those (:math:`H` is exponential about it), and the wait :math:`A` of the others. [s]
    lost : (...,) float
        What each costs beside its wait: work done again, and reloads. [s]

    Returns
    -------
    (1 + draws,) float64
        Nothing at the medians, where as many fail as expected; then the draws.

    References
    ----------
    .. [1] Feller, An Introduction to Probability Theory and Its Applications I (1968), section XII.2: the
       compound Poisson distribution.
    """
    several = [
        np.broadcast_to(one, DRAWS + 1)[1:] for one in (failures, by_hand, by_hand_s, automatic_s, lost)
    ]
    failures, by_hand, by_hand_s, automatic_s, lost = several
    helped, others = failures * by_hand, failures * (1.0 - by_hand)
    helped_seen, others_seen = failure_counts("by hand", helped), failure_counts("automatic", others)
    held = lengths_together("length by hand", helped_seen, by_hand_s) - helped * by_hand_s
    more = held + (others_seen - others) * automatic_s + (helped_seen + others_seen - failures) * lost
    return np.concatenate([[0.0], more])


def spares_needed(in_repair: FloatArray, share: float = SPARES_QUANTILE) -> FloatArray:
    r"""Return the least spares of which one is left in a share of all times: a quantile of Poisson.

    .. math:: S = \min\{k : P(N \le k) \ge q\}

    Parameters
    ----------
    in_repair : (...,) float
        Mean number >= 0 that is in repair.
    share : float
        Of all times, :math:`q` in (0, 1). [-]

    References
    ----------
    .. [1] Palm, Analysis of the Erlang Traffic Formulae for Busy-Signal Arrangements (1938): whatever the
       lengths of repairs, the number in repair is Poisson.

    Examples
    --------
    >>> spares_needed(np.array([0.0, 1.0, 27.0]))
    array([ 0.,  3., 36.])
    """
    return np.array([_quantile(float(mean), share) for mean in np.ravel(in_repair)])


def _quantile(mean: float, share: float) -> float:
    # halved between what is too few and what is enough: a mean of millions takes as many looks as its spread
    # has digits
    spread = math.sqrt(mean)
    enough = math.ceil(mean + 2.0 * spread)
    while _at_most(enough, mean) < share:
        enough += math.ceil(spread) + 1
    too_few = math.floor(mean - 4.0 * spread) - 1
    while too_few >= 0 and _at_most(too_few, mean) >= share:
        too_few = max(-1, too_few - math.ceil(spread) - 1)
    too_few = max(-1, too_few)
    while enough - too_few > 1:
        between = (enough + too_few) // 2
        if _at_most(between, mean) < share:
            too_few = between
        else:
            enough = between
    return float(enough)


def _at_most(count: int, mean: float) -> float:
    """Return the chance that no more than so many are in repair.

    Only counts within some deviations of the mean are added up: of a million spares all others are certain.
    """
    reach = _DEVIATIONS * (math.sqrt(mean) + 1.0)
    if mean == 0.0 or count > mean + reach:
        return 1.0
    first = max(0, math.floor(mean - reach))
    if count < first:
        return 0.0
    logs = np.cumsum(np.log(mean / np.arange(first + 1, count + 1)))
    start = first * math.log(mean) - mean - math.lgamma(first + 1)
    return float(np.sum(np.exp(np.concatenate([[0.0], logs]) + start)))


def without_spare(in_repair: FloatArray, spares: FloatArray) -> FloatArray:
    """Return the chance that all spares are in repair when something fails. [-]."""
    return _over_means(in_repair, float(np.ravel(spares)[0]), _chance_of_none)


def servers_missing(in_repair: FloatArray, spares: FloatArray) -> FloatArray:
    r"""Return the mean number of servers that nothing stands in for.

    .. math:: E[(N - S)^+] = \lambda P(N \ge S) - S P(N \ge S + 1)

    Examples
    --------
    Without spares it is what is in repair.

    >>> servers_missing(np.array([3.0]), np.array([0.0]))
    array([3.])
    """
    return _over_means(in_repair, float(np.ravel(spares)[0]), _mean_missing)


def _chance_of_none(mean: float, spares: float) -> float:
    whole = math.floor(spares)
    return 1.0 - (_at_most(whole - 1, mean) if whole > 0 else 0.0)


def _mean_missing(mean: float, spares: float) -> float:
    whole = math.floor(spares)
    none = _chance_of_none(mean, whole)
    return max(0.0, mean * none - whole * _chance_of_none(mean, whole + 1))


def _over_means(means: FloatArray, spares: float, of: Callable[[float, float], float]) -> FloatArray:
    """Return a function of the mean for each of many: at points of a grid, with straight lines between."""
    flat = np.ravel(means)
    if flat.size <= _GRID:
        return np.array([of(float(mean), spares) for mean in flat])
    grid = np.linspace(flat.min(), flat.max(), _GRID)
    found = np.interp(flat, grid, [of(float(mean), spares) for mean in grid])
    # the medians, which are told, exactly
    found[0] = of(float(flat[0]), spares)
    return found
