"""Why one offer costs more than another for the same work: parts that add up to the whole gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import band
from planner.ledger.ledger import cents
from planner.quantities.figure import Band

#: money: the difference of a line; work: what it costs that less is done
PartKind = Literal["money", "work"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a gap: of a line, or of what makes the work."""

    id: str
    kind: PartKind
    amount: Decimal
    band: Band


@dataclass(frozen=True, slots=True)
class Gap:
    """What an offer costs more than another for the other's work; its parts add up to it."""

    amount: Decimal
    band: Band
    parts: tuple[Part, ...]


def logarithmic_mean(first: FloatArray, second: FloatArray) -> FloatArray:
    r"""Return the logarithmic mean of amounts, by which a ratio's logarithm becomes a difference.

    .. math:: L(a, b) = \frac{a - b}{\ln a - \ln b}, \quad L(a, a) = a

    Parameters
    ----------
    first, second
        Amounts, both above zero or both zero. [USD]

    References
    ----------
    .. [1] B. W. Ang, "The LMDI approach to decomposition analysis: a practical guide", Energy
       Policy 33, 2005.

    Examples
    --------
    >>> logarithmic_mean(np.array([1.0, 2.0, 0.0]), np.array([1.0, 2.0, 0.0])).tolist()
    [1.0, 2.0, 0.0]
    >>> round(float(logarithmic_mean(np.array([np.e]), np.array([1.0]))[0]), 6) == round(np.e - 1, 6)
    True
    """
    first, second = np.broadcast_arrays(first, second)
    logs = np.log(np.where(first > 0, first, 1.0)) - np.log(np.where(second > 0, second, 1.0))
    is_one = np.abs(logs) < 1e-12
    return np.where(is_one, first, (first - second) / np.where(is_one, 1.0, logs))


def gap_between(
    lines: Mapping[str, FloatArray],
    factors: Mapping[str, FloatArray],
    other_lines: Mapping[str, FloatArray],
    other_factors: Mapping[str, FloatArray],
) -> Gap:
    r"""Return what an offer costs more than another for as much work as the other does.

    Its money :math:`C` is scaled to the other's work: :math:`C' = C\,W_o / W`. The gap is the difference of
    each line, and what less work costs, :math:`C' - C = L(C', C) \ln(W_o / W)`, to which each factor of the
    work gives :math:`L(C', C) \ln(f_o / f)`.

    Parameters
    ----------
    lines, other_lines
        Money by line over the same draws, the value at the medians first; a line that one lacks is nothing
        there. [USD]
    factors, other_factors
        What multiplies to the work, by the same names, each above zero.
    """
    nothing = np.zeros(1)
    money, others = (sum(each.values(), nothing) for each in (lines, other_lines))
    more = {name: np.log(other_factors[name]) - np.log(factor) for name, factor in factors.items()}
    same_work = money * np.exp(sum(more.values(), nothing))
    mean = logarithmic_mean(same_work, money)
    names = dict.fromkeys([*lines, *other_lines])
    pairs = {name: (lines.get(name, nothing), other_lines.get(name, nothing)) for name in names}
    parts = [
        Part(name, "money", cents(float(own[0])) - cents(float(other[0])), band_of(own - other))
        for name, (own, other) in pairs.items()
    ]
    work = {name: mean * log for name, log in more.items()}
    amounts = _to_the_cent(
        {name: float(value[0]) for name, value in work.items()}, float((same_work - money)[0])
    )
    parts += [Part(name, "work", amounts[name], band_of(value)) for name, value in work.items()]
    return Gap(sum((part.amount for part in parts), Decimal(0)), band_of(same_work - others), tuple(parts))


def _to_the_cent(parts: Mapping[str, float], total: float) -> dict[str, Decimal]:
    """Return parts to the cent that add up to their total to the cent; the largest takes what is over."""
    amounts = {name: cents(value) for name, value in parts.items()}
    if amounts:
        largest = max(parts, key=lambda name: abs(parts[name]))
        amounts[largest] += cents(total) - sum(amounts.values(), Decimal(0))
    return amounts


def band_of(values: FloatArray) -> Band:
    """Return the 80 % band of values of which the first is that at the medians."""
    return Band(*band(values[1:] if values.size > 1 else values, float(values[0])))
