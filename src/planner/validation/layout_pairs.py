"""Pairs of runs that differ in layout alone: is the faster one predicted the faster, and what is noise."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from planner.validation.run_scores import ScoredRun

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
    count, whose measured times are more than 5 % apart. Runs with equal inputs (repeats, other releases) are
    no pair: nothing of theirs could be ranked.
    """
    pairs = right = 0
    for one, other in _pairs(run for run in runs if source in (None, run.case.run.source_key)):
        measured = _ratio(one.measured, other.measured)
        if max(measured, 1.0 / measured) - 1.0 <= RANKED_APART or _inputs(one) == _inputs(other):
            continue
        pairs += 1
        faster, slower = (one, other) if measured > 1.0 else (other, one)
        right += faster.predicted.p50 > slower.predicted.p50
    return Ranking(pairs, right)


def noise_floor(runs: Iterable[ScoredRun]) -> NoiseFloor:
    """Return how much runs with equal inputs, repeated on other days, differ."""
    groups: dict[object, list[float]] = {}
    for run in runs:
        if run.measured is not None and not run.is_whole_run:
            stated = run.case.run
            key = (_inputs(run), repr((stated.precision, stated.software, stated.source_key)))
            groups.setdefault(key, []).append(run.measured)
    differences = [
        abs(one - other) / ((one + other) / 2.0)
        for rates in groups.values()
        for one, other in itertools.combinations(rates, 2)
    ]
    if not differences:
        return NoiseFloor(0, None, None)
    return NoiseFloor(len(differences), float(np.mean(differences)), max(differences))


def _inputs(run: ScoredRun) -> str:
    """Return all that the engine is told about a run."""
    case = run.case
    return repr((case.architecture, case.chip, case.network, case.layout, case.workload))


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
