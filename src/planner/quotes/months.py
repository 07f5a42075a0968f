"""Over how many months offers are held side by side, and how many of them each pays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.domain.plan import Plan
from planner.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

#: Terms and lives that differ by less are one: 0.1 x 3 is 0.3.
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Months:
    """The months of a comparison."""

    count: float
    #: in words how they were chosen
    because: str


def months_of(plans: Sequence[Plan], asked: float | None = None) -> Months:
    """Return the months that are asked for; else the longest term, else the longest life.

    Shorter months would let a commitment be paid for work that is not counted; the longest term leaves all
    that is committed inside.
    """
    if asked is not None:
        return Months(asked, "as asked")
    terms = [pool.rental_months for plan in plans for pool in plan.cluster.pools if pool.rental_months]
    if terms:
        return Months(max(terms), "the longest term that is committed to")
    lives = [plan.money.depreciation_years * MONTHS_PER_YEAR for plan in plans]
    return Months(max(lives), "the longest time of use (money.depreciation_years); nothing is committed to")


def days_in(months: float) -> float:
    """Return the days of so many months of a year. [days].

    Examples
    --------
    >>> days_in(12)
    365.25
    """
    return months / MONTHS_PER_YEAR * DAYS_PER_YEAR


def paid_months(months: float, term: float) -> float:
    """Return the months that a commitment is paid for: whole terms, each begun one to its end.

    Parameters
    ----------
    months
        Months of the comparison, > 0.
    term
        Months of one term, > 0.

    Examples
    --------
    >>> paid_months(36, 12), paid_months(30, 12), paid_months(12, 36)
    (36, 36, 36)
    """
    return math.ceil(months / term * (1 - _NOTHING)) * term


def used_up(months: float, life: float) -> float:
    """Return the share of a straight line that the months use up; after its life it is bought again.

    Examples
    --------
    >>> used_up(12, 48), used_up(72, 48)
    (0.25, 1.5)
    """
    return months / life


def held_years(months: float, life: float, left: float) -> float:
    r"""Return the years over which a purchase of 1 is bound on a straight line, in years of the whole price.

    .. math:: \int_0^M v(t)\,dt, \quad v(t) = 1 - (1 - r)\,(t \bmod L) / L

    Parameters
    ----------
    months
        Months of the comparison :math:`M`.
    life
        Months until it is written off :math:`L`; then it is bought again.
    left
        Share of the price that is left then :math:`r`.

    Examples
    --------
    >>> held_years(48, 48, 0.0), held_years(24, 48, 0.0), held_years(96, 48, 0.5)
    (2.0, 1.5, 6.0)
    """
    whole = math.floor(months / life)
    rest = months - whole * life
    bound = whole * life * (1 + left) / 2 + rest - (1 - left) * rest**2 / (2 * life)
    return bound / MONTHS_PER_YEAR
