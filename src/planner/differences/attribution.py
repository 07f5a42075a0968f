"""Which change caused how much: shares of a total that add up to it, whatever cannot be estimated between."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

#: Up to here every combination of changes is estimated: 2 ** 6 = 64 estimates.
MOST_EXACT_CHANGES = 6

Chosen = frozenset[str]
#: The figure where the chosen changes are made and the others not; None where that cannot be estimated.
Value = Callable[[Chosen], float | None]
#: all orders: each share is the average over every order in which the changes can be made (Shapley);
#: some orders: over those orders alone whose every step can be estimated;
#: one order: the changes are made one after the other in the order of `Attribution.order`.
Method = Literal["all orders", "some orders", "one order"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one change caused; several changes together where nothing between them can be estimated."""

    changes: tuple[str, ...]
    amount: float


@dataclass(frozen=True, slots=True)
class Attribution:
    """A total taken apart: the shares add up to it."""

    total: float
    shares: tuple[Share, ...]
    method: Method
    #: the order in which the changes are named, and made where the method is one order
    order: tuple[str, ...]
    #: orders that were averaged over
    orders: int


def attribute(changes: Sequence[str], value: Value) -> Attribution | None:
    """Return each change's share of the difference between no change and all changes.

    Up to six changes each share is the exact Shapley value: the change's effect, averaged over all orders in
    which the changes can be made. Orders that pass through something that cannot be estimated (a layout that
    does not fit, a precision that the chip lacks) are left out of the average; the shares of every order add
    up to the total, so their average does too. Beyond six changes, or where no order is left, the changes are
    made one after the other as they are listed, and changes between which nothing can be estimated share
    what they cause.

    Parameters
    ----------
    changes
        Names of the changes, all different, in the order in which they are told.
    value
        The figure for a set of changes made; asked once per set.

    Returns
    -------
    Attribution or None
        None where either end is unknown.

    References
    ----------
    .. [1] L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II, 1953.

    Examples
    --------
    >>> days = {(): 100.0, ("chips",): 50.0, ("system",): 80.0, ("chips", "system"): 40.0}
    >>> result = attribute(["chips", "system"], lambda chosen: days[tuple(sorted(chosen))])
    >>> [(share.changes, share.amount) for share in result.shares]
    [(('chips',), -45.0), (('system',), -15.0)]
    """
    first, last = value(frozenset()), value(frozenset(changes))
    if first is None or last is None:
        return None
    averaged = _averaged(changes, value) if len(changes) <= MOST_EXACT_CHANGES else None
    method: Method = "one order"
    if averaged is None:
        shares, orders = _one_after_the_other(changes, value), 1
    else:
        shares, orders = averaged
        method = "all orders" if orders == math.factorial(len(changes)) else "some orders"
    return Attribution(last - first, _exact(shares, last - first), method, tuple(changes), orders)


def _averaged(changes: Sequence[str], value: Value) -> tuple[list[Share], int] | None:
    """Return the shares averaged over every order whose steps are all known, and how many those are."""
    everything = (1 << len(changes)) - 1
    known = [value(_chosen(changes, bits)) for bits in range(everything + 1)]
    # orders from nothing to each set, and from it to everything, through known sets alone
    towards = _paths(known, range(everything + 1), is_upward=True)
    onwards = _paths(known, range(everything, -1, -1), is_upward=False)
    orders = towards[everything]
    if orders == 0:
        return None
    shares = []
    for position, name in enumerate(changes):
        bit = 1 << position
        steps = [
            towards[bits] * onwards[bits | bit] * (_number(known[bits | bit]) - _number(known[bits]))
            for bits in range(everything + 1)
            if not bits & bit and towards[bits] and onwards[bits | bit]
        ]
        shares.append(Share((name,), math.fsum(steps) / orders))
    return shares, orders


def _paths(known: Sequence[float | None], order: range, *, is_upward: bool) -> list[int]:
    """Count the ways into each set that grow (or shrink) by one change at a time through known sets."""
    counts = [0] * len(known)
    for bits in order:
        if known[bits] is None:
            continue
        if bits == order[0]:
            counts[bits] = 1
            continue
        for position in range(len(known).bit_length() - 1):
            bit = 1 << position
            if bool(bits & bit) == is_upward:
                counts[bits] += counts[bits ^ bit]
    return counts


def _chosen(changes: Sequence[str], bits: int) -> Chosen:
    return frozenset(name for position, name in enumerate(changes) if bits >> position & 1)


def _number(value: float | None) -> float:
    assert value is not None  # only known sets lie on a counted path
    return value


def _one_after_the_other(changes: Sequence[str], value: Value) -> list[Share]:
    """Make the changes as they are listed; those before a known figure share the way to it."""
    shares: list[Share] = []
    waiting: list[str] = []
    here = _number(value(frozenset()))
    for position, name in enumerate(changes):
        waiting.append(name)
        there = value(frozenset(changes[: position + 1]))
        if there is not None:
            shares.append(Share(tuple(waiting), there - here))
            waiting, here = [], there
    return shares


def _exact(shares: Sequence[Share], total: float) -> tuple[Share, ...]:
    """Return the shares with the rounding of floating point put into the largest: they sum to the total."""
    if not shares:
        return ()
    largest = max(range(len(shares)), key=lambda position: abs(shares[position].amount))
    rest = math.fsum(share.amount for position, share in enumerate(shares) if position != largest)
    exact = list(shares)
    exact[largest] = Share(shares[largest].changes, total - rest)
    return tuple(exact)
