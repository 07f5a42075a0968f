"""Whole numbers that degrees of a layout are chosen from."""

from __future__ import annotations

import math


def divisors(number: int) -> list[int]:
    """Return the divisors of a positive number in rising order.

    Parameters
    ----------
    number : int
        At least 1. [-]

    Returns
    -------
    list of int
        From 1 to the number. [-]

    Examples
    --------
    >>> divisors(12)
    [1, 2, 3, 4, 6, 12]
    """
    small = [divisor for divisor in range(1, math.isqrt(number) + 1) if number % divisor == 0]
    return sorted({*small, *(number // divisor for divisor in small)})


def powers_of_two(limit: int) -> list[int]:
    """Return 1, 2, 4, ... up to `limit`.

    Parameters
    ----------
    limit : int
        The highest; none below 1. [-]

    Returns
    -------
    list of int
        In rising order. [-]

    Examples
    --------
    >>> powers_of_two(12)
    [1, 2, 4, 8]
    """
    return [1 << exponent for exponent in range(max(limit, 1).bit_length()) if 1 << exponent <= limit]


def unevenness(layers: int, stages: int) -> float:
    """Return the slots of equal stages over the layers that fill them.

    Parameters
    ----------
    layers, stages : int
        Both at least 1. [-]

    Returns
    -------
    float
        1 where the layers divide. [-]

    Examples
    --------
    >>> unevenness(126, 16), unevenness(128, 16)
    (1.0158730158730158, 1.0)
    """
    return -(-layers // stages) * stages / layers
