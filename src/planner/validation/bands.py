"""How wide a band is: as runs of left-out sources scatter, by who ran them and what they trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from planner.domain.team import TEAMS, Team
from planner.engine.arrays import FloatArray
from planner.planning.stack import ResidualSpreads
from planner.validation.left_out import NORMAL_80, LeftOutRun

#: Sources at which a group's own width counts for half, beside that of the group that holds it. Assumed.
HALF_TRUSTED_SOURCES = 6


@dataclass(frozen=True, slots=True)
class LayoutShift:
    """How far the rate with a layout that a search chose lies from that with the published one."""

    source: str
    is_mixture: bool
    log_ratio: float


def residual_spreads(runs: Sequence[LeftOutRun]) -> dict[Team, ResidualSpreads]:
    """Return what runs of left-out sources scatter by beside their constants' own spreads.

    A plan is a source of its own: its band is that of a run whose source no fit has seen. The width that
    holds 80 % of such runs is taken by class of teams, and within it of mixtures and of dense models, each
    shrunk towards that of the group that holds it, by the sources behind it; what the constants' own
    spreads make of such a run is taken off, since bands draw them too.
    """
    everything = _width(runs)
    return {team: _of_team([run for run in runs if run.team == team], everything) for team in TEAMS}


def _of_team(runs: Sequence[LeftOutRun], everything: float) -> ResidualSpreads:
    own = _shrunk(runs, everything)
    widths = []
    for is_mixture in (False, True):
        some = [run for run in runs if run.case.is_mixture == is_mixture]
        total = _shrunk(some, own) / NORMAL_80
        constants = float(np.median([run.constants_log_spread for run in some])) if some else 0.0
        widths.append(float(np.sqrt(max(total**2 - constants**2, 0.0))))
    return ResidualSpreads(*widths)


def within_spreads(runs: Sequence[LeftOutRun]) -> dict[Team, ResidualSpreads]:
    """Return how far runs of one source scatter among themselves: what a measured step says nothing of.

    From the differences between the errors of two runs of one source, kind and sequence length, of which 80 %
    lie within; by class of teams and kind, each variance between its own and that of the group that holds it.
    """
    everything = _variance_within(runs, 0.0)
    return {team: _within_of_team([run for run in runs if run.team == team], everything) for team in TEAMS}


def _within_of_team(runs: Sequence[LeftOutRun], everything: float) -> ResidualSpreads:
    own = _variance_within(runs, everything)
    dense, mixtures = (
        _variance_within([run for run in runs if run.case.is_mixture == is_mixture], own)
        for is_mixture in (False, True)
    )
    return ResidualSpreads(dense**0.5, mixtures**0.5)


def layout_spreads(shifts: Sequence[LayoutShift]) -> ResidualSpreads:
    """Return what rates scatter by since the layout that will be run is not known, by kind of model.

    From the logarithms of the rates with layouts that a search chose over those with the published ones, of
    which 80 % lie within; each kind's between its own and that of all, by the sources behind it.
    """
    everything = _layout_width(shifts)
    widths = []
    for is_mixture in (False, True):
        some = [shift for shift in shifts if shift.is_mixture == is_mixture]
        sources = len({shift.source for shift in some})
        share = sources / (sources + HALF_TRUSTED_SOURCES)
        own = _layout_width(some) if some else everything
        widths.append((share * own + (1.0 - share) * everything) / NORMAL_80)
    return ResidualSpreads(*widths)


def _layout_width(shifts: Sequence[LayoutShift]) -> float:
    if not shifts:
        return 0.0
    counts = Counter(shift.source for shift in shifts)
    sizes = np.abs([shift.log_ratio for shift in shifts])
    return _weighted_quantile(sizes, np.array([counts[shift.source] ** -0.5 for shift in shifts]))


def _variance_within(runs: Sequence[LeftOutRun], parent: float) -> float:
    """Return the variance of a run about its source, of those sources that have two alike and more."""
    members: dict[tuple[str, bool, float], list[float]] = {}
    for run in runs:
        length = float(run.case.workload.sequence_length)
        members.setdefault((run.source, run.case.is_mixture, length), []).append(run.scaled_error)
    several = {key: errors for key, errors in members.items() if len(errors) > 1}
    if not several:
        return parent
    pairs = [
        (abs(one - other), len(errors) ** 0.5 / (len(errors) * (len(errors) - 1) / 2.0))
        for errors in several.values()
        for one, other in combinations(errors, 2)
    ]
    sizes, weights = np.array(pairs).T
    own = (_weighted_quantile(sizes, weights) / NORMAL_80) ** 2 / 2.0
    sources = len({source for source, _, _ in several})
    share = sources / (sources + HALF_TRUSTED_SOURCES) if parent else 1.0
    return share * own + (1.0 - share) * parent


def _shrunk(runs: Sequence[LeftOutRun], parent: float) -> float:
    """Return a group's half width, geometrically between its own and that of the group that holds it."""
    sources = len({run.source for run in runs})
    if not sources:
        return parent
    share = sources / (sources + HALF_TRUSTED_SOURCES)
    return float(_width(runs) ** share * parent ** (1.0 - share))


def _width(runs: Sequence[LeftOutRun]) -> float:
    """Return the half width that holds 80 % of the runs; one of n of its source weighs the root of 1 / n."""
    counts = Counter(run.source for run in runs)
    sizes = np.abs([run.scaled_error for run in runs])
    return _weighted_quantile(sizes, np.array([counts[run.source] ** -0.5 for run in runs]))


def _weighted_quantile(sizes: FloatArray, weights: FloatArray) -> float:
    """Return the size that holds 80 % of the weight."""
    order = np.argsort(sizes)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(sizes[order][np.searchsorted(reached, 0.8)])
