"""What is paid in which year, exact to the cent."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


def cash_by_year(once: Decimal, yearly: Decimal, in_the_end: Decimal, years: Decimal) -> tuple[Decimal, ...]:
    """Return what is paid in each year; year 0 is before the first.

    Parameters
    ----------
    once
        What is paid before training starts. [money]
    yearly
        What a full year costs; a last part of a year costs its part. [money]
    in_the_end
        What is paid at the end of the last year; a receipt is below zero. [money]
    years
        Years of use, >= 0. [-]

    Examples
    --------
    >>> [str(paid) for paid in cash_by_year(Decimal(100), Decimal(10), Decimal(-20), Decimal("2.5"))]
    ['100', '10.00', '10.00', '-15.00']
    """
    full = math.floor(years)
    rest = years - full
    flows = [yearly.quantize(CENT, ROUND_HALF_EVEN)] * full
    if rest > 0:
        flows.append((yearly * rest).quantize(CENT, ROUND_HALF_EVEN))
    if not flows:
        return (once + in_the_end,)
    flows[-1] += in_the_end
    return (once, *flows)
