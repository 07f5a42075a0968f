"""Pairs of runs that differ in layout alone: is the faster one predicted the faster, and what is noise."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from planner.analysis.run_scores import ScoredRun

#: Measured times closer than this are no ranking.
RANKED_APART = 0.05


@dataclass(frozen=True, slots=True)
class Ranking:
    """How many pairs there were, and how many were ranked right."""

    pairs: int
    right: int

    @property
    def share(self) -> float | None:
        """Share ranked right; None without pairs."""
        return self.right / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """What rows with equal inputs differ by: no model of these inputs can do better."""

    pairs: int
    #: mean and largest relative difference of the measured rates; None without pairs
    mean: float | None
    largest: float | None


def ranking(runs: Iterable[ScoredRun], *, source: str | None = None) -> Ranking:
    """Return how many pairs are ranked right, of all runs or of one source's.

    A pair is two runs of the same model, chips, batch, sequence, precision and framework with a known head
    count, whose measured times are more than 5 % apart.
    """
    pairs = right = 0
    for one, other in _pairs(run for run in runs if source in (None, run.case.run.source_key)):
        measured = _ratio(one.measured, other.measured)
        if max(measured, 1.0 / measured) - 1.0 > RANKED_APART:
            pairs += 1
            right += (measured > 1.0) == (one.predicted.p50 > other.predicted.p50)
    return Ranking(pairs, right)


def noise_floor(runs: Iterable[ScoredRun]) -> NoiseFloor:
    """Return how much runs with equal inputs, repeated on other days, differ."""
    groups: dict[object, list[float]] = {}
    for run in runs:
        if run.measured is not None and not run.is_whole_run:
            case = run.case
            inputs = (case.architecture, case.chip, case.network, case.layout, case.workload)
            stated = (case.run.precision, case.run.software, case.run.source_key, case.run.recompute)
            groups.setdefault((repr(inputs), repr(stated)), []).append(run.measured)
    differences = [
        abs(one - other) / ((one + other) / 2.0)
        for rates in groups.values()
        for one, other in itertools.combinations(rates, 2)
    ]
    if not differences:
        return NoiseFloor(0, None, None)
    return NoiseFloor(len(differences), float(np.mean(differences)), max(differences))


def _pairs(runs: Iterable[ScoredRun]) -> Iterator[tuple[ScoredRun, ScoredRun]]:
    groups: dict[object, list[ScoredRun]] = {}
    for run in runs:
        stated = run.case.run
        if run.measured is None or run.is_whole_run or "heads" in stated.missing:
            continue
        key = (
            stated.model,
            stated.hardware.chip,
            stated.hardware.chip_count,
            stated.global_batch_sequences,
            stated.sequence_length,
            stated.precision,
            stated.software.framework,
        )
        groups.setdefault(key, []).append(run)
    for members in groups.values():
        yield from itertools.combinations(members, 2)


def _ratio(one: float | None, other: float | None) -> float:
    return (one or 1.0) / (other or 1.0)
