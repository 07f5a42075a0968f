"""Thresholds and samples of acceptance tests from what both sides risk: of nodes, systems and soaks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from planner.errors import OutOfRangeError

#: No soak allows more failures, and none is planned longer: what needs that is no test. [-]
MOST_FAILURES = 10_000
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class NodeTest:
    """A test of single nodes: each is measured so often, and its mean held against a threshold."""

    #: of what a sound node is expected to reach. [-]
    threshold_share: float
    repetitions: int
    #: chance that a sound node fails, and that a slow one passes. [-]
    seller_risk: float
    buyer_risk: float
    #: whether both risks are kept: where sound nodes scatter widely, no number of repetitions keeps them
    is_possible: bool


def node_test(
    spread: float, repeat_error: float, slow_by: float, *, seller_risk: float, buyer_risk: float
) -> NodeTest:
    r"""Return threshold and repetitions by which sound nodes pass and slow ones fail.

    .. math:: T = 1 - z_s\,\sigma_n,\quad T \ge (1 - \delta) + z_b (1 - \delta) \sigma_n,\quad
        \sigma_n^2 = s^2 + e^2 / n

    The threshold lies where exactly :math:`\alpha` of the sound nodes fail; so many repetitions are taken
    that no more than :math:`\beta` of nodes that are slow by :math:`\delta` pass. Where the nodes' own spread
    forbids that, the threshold stays, the buyer's risk is what it is, and the test is said to be impossible.

    Parameters
    ----------
    spread : float
        Standard deviation of sound nodes about their mean, as a share of it, :math:`s` >= 0. [-]
    repeat_error : float
        Of one repetition on one node, :math:`e` >= 0. [-]
    slow_by : float
        What a slow node lacks, :math:`\delta`, above 0 and below 1; slow nodes scatter by as much of what
        they reach. [-]
    seller_risk, buyer_risk : float
        :math:`\alpha, \beta`, above 0 and up to a half. [-]

    Returns
    -------
    NodeTest
        With the risks that it really has.

    References
    ----------
    .. [1] Montgomery, Introduction to Statistical Quality Control, chapter 16: variables sampling plans.

    Examples
    --------
    Nodes that scatter by 2 %, repetitions by 1 %: once is enough to tell 10 % less.

    >>> test = node_test(0.02, 0.01, 0.10, seller_risk=0.05, buyer_risk=0.10)
    >>> round(test.threshold_share, 3), test.repetitions, test.is_possible
    (0.963, 1, True)
    """
    seller, buyer = _NORMAL.inv_cdf(1.0 - seller_risk), _NORMAL.inv_cdf(1.0 - buyer_risk)
    slow = 1.0 - slow_by
    # the widest scatter of a node's mean with which both risks are kept
    widest = slow_by / (seller + buyer * slow)
    is_possible = spread < widest or (spread == widest and repeat_error == 0.0)
    if repeat_error == 0.0:
        repetitions = 1
    elif is_possible:
        repetitions = max(math.ceil(repeat_error**2 / (widest**2 - spread**2)), 1)
    else:
        # more repetitions would be in vain: as many as leave a tenth of the spread
        repetitions = max(math.ceil((repeat_error / (0.1 * spread)) ** 2), 1)
    scatter = math.sqrt(spread**2 + repeat_error**2 / repetitions)
    threshold = 1.0 - seller * scatter
    passing = (
        1.0 - _NORMAL.cdf((threshold - slow) / (slow * scatter)) if scatter else float(threshold <= slow)
    )
    return NodeTest(threshold, repetitions, seller_risk, passing, is_possible)


@dataclass(frozen=True, slots=True)
class Soak:
    """How long a system runs, and how many failures it may have."""

    hours: float
    allowed: int
    seller_risk: float
    buyer_risk: float


def soak(
    good_per_h: float,
    bad_per_h: float,
    *,
    seller_risk: float,
    buyer_risk: float,
    longest_h: float = math.inf,
) -> Soak:
    r"""Return the shortest soak that tells two rates of failures apart.

    .. math:: P(N > c \mid r_0 T) \le \alpha,\quad P(N \le c \mid r_1 T) \le \beta

    with Poisson counts. For each number of failures allowed :math:`c` the buyer's risk gives the least hours
    :math:`T`; the first :math:`c` whose hours keep the seller's risk is taken. Where that takes longer than
    anybody waits, the soak lasts so long, the seller's risk is kept, and the buyer's is what it is.

    Parameters
    ----------
    good_per_h, bad_per_h : float
        Rates of the whole system, :math:`0 < r_0 < r_1`. [1/h]
    seller_risk, buyer_risk : float
        :math:`\alpha, \beta`, above 0 and up to a half. [-]
    longest_h : float
        What nobody waits longer than. [h]

    Raises
    ------
    OutOfRangeError
        Where the rates are too near to be told apart by `MOST_FAILURES`.

    References
    ----------
    .. [1] MIL-HDBK-781A (1996), fixed-duration test plans.

    Examples
    --------
    One failure in 100 h against one in 25: 232 hours in which there may be five.

    >>> plan = soak(0.01, 0.04, seller_risk=0.05, buyer_risk=0.10)
    >>> plan.allowed, round(plan.hours)
    (5, 232)
    >>> plan.seller_risk <= 0.05, round(plan.buyer_risk, 3)
    (True, 0.1)

    Nobody waits longer than 100 h: what fails four times as often then passes with a chance of 43 %.

    >>> plan = soak(0.01, 0.04, seller_risk=0.05, buyer_risk=0.10, longest_h=100.0)
    >>> plan.allowed, plan.seller_risk <= 0.05, round(plan.buyer_risk, 2)
    (3, True, 0.43)
    """
    allowed = 0
    while allowed <= MOST_FAILURES:
        hours = _mean_with_tail(allowed, buyer_risk) / bad_per_h
        if hours > longest_h:
            return _longest_soak(good_per_h, bad_per_h, longest_h, seller_risk)
        failing = 1.0 - poisson_cdf(allowed, good_per_h * hours)
        if failing <= seller_risk:
            return Soak(hours, allowed, failing, poisson_cdf(allowed, bad_per_h * hours))
        allowed = allowed + 1 if allowed < 100 else int(allowed * 1.05) + 1
    raise OutOfRangeError(f"failures allowed: expected {MOST_FAILURES:,} or fewer; the rates are too alike")


def _longest_soak(good_per_h: float, bad_per_h: float, hours: float, seller_risk: float) -> Soak:
    """Return a soak of given hours that keeps the seller's risk."""
    allowed = 0
    while (failing := 1.0 - poisson_cdf(allowed, good_per_h * hours)) > seller_risk:
        allowed += 1
    return Soak(hours, allowed, failing, poisson_cdf(allowed, bad_per_h * hours))


def poisson_cdf(count: int, mean: float) -> float:
    r"""Return the chance of at most so many events. [-].

    .. math:: \sum_{k=0}^{c} e^{-m} m^k / k!

    Examples
    --------
    >>> round(poisson_cdf(0, 1.0), 4), round(poisson_cdf(2, 1.0), 4)
    (0.3679, 0.9197)
    """
    if mean <= 0.0:
        return 1.0
    logs = [-mean + k * math.log(mean) - math.lgamma(k + 1.0) for k in range(count + 1)]
    most = max(logs)
    return min(math.exp(most) * math.fsum(math.exp(one - most) for one in logs), 1.0)


def _mean_with_tail(count: int, chance: float) -> float:
    """Return the mean at which at most `count` events have a chance; by halving an interval. [-]."""
    low, high = 0.0, count + 10.0 * math.sqrt(count + 1.0) + 20.0
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (middle, high) if poisson_cdf(count, middle) > chance else (low, middle)
    return high
