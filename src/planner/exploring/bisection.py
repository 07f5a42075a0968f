"""The least count of which something holds, where it holds of every larger one too."""

from __future__ import annotations

from collections.abc import Callable


def least_count(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the least count above `low` of which something holds, as it does of `high` and not of `low`.

    Examples
    --------
    >>> least_count(lambda count: count * count >= 50, 0, 64)
    8
    """
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
