"""The same quantity of two estimates: the band of the difference, and whether what is uncertain cancels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.engine.uncertainty import band
from planner.estimate.result import Estimate
from planner.quantities.figure import Band, Figure
from planner.quantities.table import TABLE

#: Independent draws are compared pair by pair over this many quantiles each.
_QUANTILES = 250


def band_of(identifier: str, estimate: Estimate) -> Band | None:
    """Return a quantity's band; None where it is unknown or the plan cannot run."""
    if estimate.figures is None:
        return None
    return estimate.figures.band(identifier)


def figure_of(identifier: str, estimate: Estimate) -> Figure | None:
    """Return a quantity's figure, or None where it is unknown or the plan cannot run.

    Its middle is that of its band: a date is told in whole days, and its draws lie about the one told.
    """
    told = band_of(identifier, estimate)
    if told is None or estimate.figures is None:
        return None
    figure = estimate.figure(identifier)
    return replace(figure, values=figure.values + (told.p50 - figure.values[0]))


def left_out(identifier: str, estimate: Estimate) -> frozenset[str]:
    """Return what a sum of money or power leaves out, without the names of pools and profiles.

    What is assumed of power counts as left out; what stands in for a price is in the sum, and in its band.
    """
    if estimate.figures is None:
        return frozenset()
    family = TABLE[identifier].family
    told = () if family == "other" else estimate.figure(identifier).gaps
    is_left_out = ("unknown", "left out") if family == "money" else ("unknown", "left out", "assumed")
    gaps = tuple(gap.text for gap in told if gap.family == family and gap.kind in is_left_out)
    return frozenset("".join(text.split("'")[::2]) for text in gaps)


def is_incomplete(identifier: str, estimate: Estimate) -> bool:
    """Return whether a sum of money or power leaves something out or assumes it."""
    if estimate.figures is None:
        return False
    family = TABLE[identifier].family
    has_gaps = family != "other" and bool(estimate.figure(identifier).gaps_of(family))
    return has_gaps or bool(left_out(identifier, estimate))


def shares_errors(before: Estimate, after: Estimate) -> bool:
    """Return whether what is uncertain of two estimates is the same: their chips and stacks are.

    Then draws are compared draw by draw, and what both do not know cancels. The errors of different chips or
    stacks are independent, although their constants go by the same names.
    """
    return _machines(before) == _machines(after)


def _machines(estimate: Estimate) -> set[tuple[str, str]]:
    return {(pool.chip_id, pool.stack_id) for pool in estimate.pools}


def difference(before: Figure, after: Figure, *, is_paired: bool) -> Band:
    """Return the 80 % band of the second figure less the first; swapping them swaps the signs.

    Parameters
    ----------
    before, after
        The figures, both known, with their draws.
    is_paired
        Whether the draws of the same number belong to the same circumstances; else all pairs count.
    """
    middle = float(after.values[0] - before.values[0])
    if is_paired or min(before.draws.size, after.draws.size) == 1:
        draws = after.draws - before.draws
    else:
        steps = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
        draws = np.quantile(after.draws, steps)[:, None] - np.quantile(before.draws, steps)[None, :]
    return Band(*band(draws, middle))
