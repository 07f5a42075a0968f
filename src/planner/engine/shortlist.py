"""The few candidates of a stream that come first: the fastest, or those preferred of the about as fast."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from planner.engine.arrays import FloatArray
from planner.engine.grid import COLUMNS

#: What writes out the candidates at some places, (columns, places): most are never looked at.
RowsAt: TypeAlias = Callable[[NDArray[np.intp]], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Preference:
    """What makes one candidate more welcome than another, beside its step."""

    #: of every candidate of a block, what its step is counted longer by; of its logarithm
    handicap: Callable[[FloatArray], FloatArray]
    #: a candidate whose step is longer than the shortest by more than this is not preferred; of the logarithm
    tolerance: float


class Fastest:
    """The few candidates with the shortest steps so far."""

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.rows = np.empty((0, len(COLUMNS)))
        self.times = np.empty(0)

    @property
    def idle_s(self) -> float:
        """What leaves more chips idle must have a shorter step than this. [s]."""
        return float(self.times[-1]) if len(self.times) == self.keep else np.inf

    def take(self, times: FloatArray, rows_at: RowsAt) -> None:
        """Keep what of some candidates comes before what is kept; of equal ones the first come first."""
        first = _least(times, self.keep)
        rows = np.concatenate([self.rows, rows_at(first).T])
        times = np.concatenate([self.times, times[first]])
        order = _least(times, self.keep)
        self.rows, self.times = rows[order], times[order]

    def found(self) -> tuple[FloatArray, FloatArray]:
        """Return the best rows with their steps."""
        return self.rows, self.times

    def fastest(self) -> tuple[FloatArray | None, float]:
        """Return the row with the shortest step, and the step."""
        return (self.rows[0], float(self.times[0])) if len(self.times) else (None, np.inf)


class Preferred:
    """The candidates that may yet come first of those that are about as fast as the fastest.

    The shortest step is known at the end alone. Until then all are kept that no others beat in both, the
    step and what it counts: those that fewer than `keep` beat are among the first `keep` layers of them.
    """

    def __init__(self, keep: int, preference: Preference) -> None:
        self.keep = keep
        self.preference = preference
        self.rows = np.empty((0, len(COLUMNS)))
        self.times = np.empty(0)
        #: steps with what each counts longer
        self.scores = np.empty(0)

    @property
    def idle_s(self) -> float:
        """What leaves more chips idle must have a shorter step than this: nobody idles for nothing. [s]."""
        return self.fastest()[1]

    def take(self, times: FloatArray, rows_at: RowsAt) -> None:
        """Keep what of some candidates and of what is kept may come first."""
        near = np.flatnonzero(times <= self._longest_s(min(self.fastest()[1], float(times.min()))))
        block, times = rows_at(near), times[near]
        rows = np.concatenate([self.rows, block.T])
        scores = np.concatenate([self.scores, times * np.exp(self.preference.handicap(block))])
        times = np.concatenate([self.times, times])
        places = np.lexsort((scores, times))
        layers = []
        for _ in range(self.keep):
            least = np.minimum.accumulate(scores[places])
            is_first = np.append(True, scores[places][1:] < least[:-1])[: len(places)]
            layers.append(places[is_first])
            places = places[~is_first]
        order = np.sort(np.concatenate(layers))
        order = order[np.argsort(times[order], kind="stable")]
        self.rows, self.times, self.scores = rows[order], times[order], scores[order]

    def found(self) -> tuple[FloatArray, FloatArray]:
        """Return the best rows with their steps."""
        near = np.flatnonzero(self.times <= self._longest_s(self.fastest()[1]))
        order = near[_least(self.scores[near], self.keep)]
        return self.rows[order], self.times[order]

    def _longest_s(self, shortest_s: float) -> float:
        return shortest_s * math.exp(self.preference.tolerance)

    def fastest(self) -> tuple[FloatArray | None, float]:
        """Return the row with the shortest step, and the step."""
        return (self.rows[0], float(self.times[0])) if len(self.times) else (None, np.inf)


def _least(values: FloatArray, keep: int) -> NDArray[np.intp]:
    """Return where the least values are, in their order; of equal ones the first come first."""
    if len(values) <= keep:
        return np.argsort(values, kind="stable")
    near = np.flatnonzero(values <= np.partition(values, keep - 1)[keep - 1])
    return near[np.argsort(values[near], kind="stable")][:keep]


def shortlist(keep: int, preference: Preference | None) -> Fastest | Preferred:
    """Return an empty list for `keep` candidates."""
    return Fastest(keep) if preference is None else Preferred(keep, preference)
