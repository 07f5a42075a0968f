"""Tokens over a calendar: a fleet that comes in parts, stops and ramps, and works through its phases."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.engine.arrays import BoolArray, FloatArray

#: In place of no speed at all, by which nothing can be divided. [tokens/day]
SLOWEST = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fleet:
    """What is there when; a time is a day number, columns are draws."""

    #: (tranches, draws) when each is there and works. [days]
    available: FloatArray
    #: (tranches, pools) chips of each, which are of one of the pools that work together
    chips: FloatArray
    #: (states, pools) of chips that may be there at once; what has as much of each as another comes later
    counts: FloatArray
    #: (states, phases, draws) tokens a day of so many chips, nothing where they cannot run the phase
    speeds: FloatArray
    #: (stops, draws) when nothing runs: from and to. [days]
    stop_from: FloatArray
    stop_to: FloatArray
    #: (draws,) days from the first in which a share of the speed is reached
    ramp_days: FloatArray
    ramp_share: float
    #: (pools,) 1 where a pool's chips count for the days of the fleet; None: all do
    counted: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How a run goes; columns are draws."""

    #: (draws,) when the first token is trained on. [day number]
    begins: FloatArray
    #: (phases, draws) when each phase is done. [day number]
    ends: FloatArray
    #: (draws,) days of the whole fleet that pass from the first step to the last, chips that wait included
    fleet_days: FloatArray


def earliest_start(fleet: Fleet, start: FloatArray) -> FloatArray:
    """Return when a run can begin: once enough is there to run its first phase, and not before `start`.

    Parameters
    ----------
    fleet : Fleet
        What is there when.
    start : (draws,) float
        A day before which nothing begins.

    Returns
    -------
    (draws,) float64
        Day number.
    """
    able = np.max(fleet.speeds[:, 0], axis=-1) > 0
    enough = [
        np.where(np.any(_held(fleet, day) & able[:, None], axis=0), day, np.inf)
        for day in np.maximum(fleet.available, start)
    ]
    return np.asarray(np.min(enough, axis=0))


def free_at(
    start: FloatArray, ready: FloatArray, days: FloatArray, priorities: FloatArray, own_priority: float
) -> FloatArray:
    """Return when a run begins on a fleet that others ask for too: one after the other, none is stopped.

    Whenever the fleet is free, it goes to the most urgent of those that are ready, of equals to whoever is
    ready first, of those to the first in the list; the run itself comes last.

    Parameters
    ----------
    start : (draws,) float
        When the run itself is ready and the fleet there. [day number]
    ready, days : (runs, draws) float
        When each of the others could begin, and how long it takes. [day number; days]
    priorities : (runs,) float
        Of the others; `own_priority` is the run's own.

    Examples
    --------
    A run of ten days holds the fleet when the own one is ready; one that comes later waits for both.

    >>> ready, days = np.array([[0.0], [5.0]]), np.array([[10.0], [7.0]])
    >>> free_at(np.array([3.0]), ready, days, np.zeros(2), 0.0)
    array([10.])
    >>> free_at(np.array([3.0]), ready, days, np.ones(2), 0.0)
    array([17.])
    """
    ready, days = (np.concatenate([each, own]) for each, own in ((ready, start[None]), (days, start[None])))
    priorities = np.append(priorities, own_priority)
    own = len(ready) - 1
    column = np.arange(ready.shape[1])
    waits = np.ones_like(ready, dtype=bool)
    free = np.full(ready.shape[1], -np.inf)
    begins = np.full(ready.shape[1], np.nan)
    for _ in range(len(ready)):
        free = np.maximum(free, np.min(np.where(waits, ready, np.inf), axis=0))
        can = waits & (ready <= free)
        urgent = np.max(np.where(can, priorities[:, None], -np.inf), axis=0)
        first = np.argmin(np.where(can & (priorities[:, None] == urgent), ready, np.inf), axis=0)
        is_own = (first == own) & np.isnan(begins)
        begins = np.where(is_own, free, begins)
        waits[first, column] = False
        free = free + np.where(first == own, 0.0, days[first, column])
        if not np.any(np.isnan(begins)):
            break
    return begins


def course(fleet: Fleet, begins: FloatArray, tokens: FloatArray) -> Course:
    r"""Return how a run goes through its phases, piece by piece.

    .. math:: \sum_j v_{k(t_j),p} \, r(t_j) \, (t_{j+1} - t_j) = D_p

    Parameters
    ----------
    fleet : Fleet
        The speed :math:`v` of phase :math:`p` on what is there in a piece, the ramp's share :math:`r`.
    begins : (draws,) float
        When the run begins. [day number]
    tokens : (phases, draws) float
        Of each phase, :math:`D_p` > 0.

    Returns
    -------
    Course
        When each phase ends; what never runs ends in ages.

    Examples
    --------
    Half a fleet works four days at 10 tokens a day, then all of it at 20: 100 tokens take seven days.

    >>> fleet = Fleet(
    ...     available=np.array([[0.0], [4.0]]), chips=np.array([[8.0], [8.0]]),
    ...     counts=np.array([[8.0], [16.0]]), speeds=np.array([[[10.0]], [[20.0]]]),
    ...     stop_from=np.zeros((0, 1)), stop_to=np.zeros((0, 1)), ramp_days=np.zeros(1), ramp_share=1.0,
    ... )
    >>> went = course(fleet, np.zeros(1), np.array([[100.0]]))
    >>> went.ends, went.fleet_days
    (array([[7.]]), array([5.]))
    """
    ramp_ends = begins + fleet.ramp_days
    breaks = np.concatenate([fleet.available, fleet.stop_from, fleet.stop_to, ramp_ends[None]])
    edges = np.sort(np.maximum(breaks, begins), axis=0)
    edges = np.concatenate([begins[None], edges, np.full_like(begins, np.inf)[None]])
    left = tokens.astype(np.float64)
    ends = np.full_like(left, np.inf)
    fleet_days = np.zeros_like(begins)
    counted = np.ones(fleet.chips.shape[1]) if fleet.counted is None else fleet.counted
    column = np.arange(begins.size)
    for low, high in pairwise(edges):
        held = _held(fleet, low)
        state = np.where(np.any(held, axis=0), len(held) - 1 - np.argmax(held[::-1], axis=0), -1)
        runs = (state >= 0) & ~_stopped(fleet, low)
        factor = np.where(low < ramp_ends, fleet.ramp_share, 1.0) * runs
        now = low
        for phase, needed in enumerate(left):
            speed = fleet.speeds[np.maximum(state, 0), phase, column] * factor
            takes = np.where(needed > 0, needed / np.maximum(speed, SLOWEST), 0.0)
            is_done = (takes <= high - now) & (needed > 0)
            ends[phase] = np.where(is_done, now + takes, ends[phase])
            lasts = np.where(np.isfinite(high), high - now, 0.0)
            left[phase] = np.where(is_done, 0.0, needed - speed * lasts)
            now = np.where(is_done, now + takes, np.where(needed > 0, high, now))
        fleet_days += (now - low) * (counted @ _present(fleet, low)) / (fleet.chips @ counted).sum()
        if not np.any(left > 0):
            break
    return Course(begins, ends, fleet_days)


def _present(fleet: Fleet, day: FloatArray) -> FloatArray:
    """Return the chips of each pool that are there on a day. (pools, draws)."""
    return np.asarray(np.sum(fleet.chips[:, :, None] * (fleet.available <= day)[:, None], axis=0))


def _held(fleet: Fleet, day: FloatArray) -> BoolArray:
    """Return which states what is there on a day has the chips of. (states, draws)."""
    return np.asarray(np.all(fleet.counts[:, :, None] <= _present(fleet, day), axis=1))


def _stopped(fleet: Fleet, day: FloatArray) -> BoolArray:
    """Return whether nothing runs on a day. (draws,)."""
    return np.asarray(np.any((fleet.stop_from <= day) & (day < fleet.stop_to), axis=0))
