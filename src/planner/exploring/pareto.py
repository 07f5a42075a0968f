"""The Pareto front over points of a sweep: those that no other is both sooner and cheaper than."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.errors import InputError
from planner.exploring.question import DAYS, number_named
from planner.exploring.sweeps import Point
from planner.quantities.table import TABLE, Quantity


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A point with the two figures by which it is judged, at the medians."""

    point: Point
    #: as of the first quantity, and of the one that it is held against
    first: float
    against: float
    is_on_front: bool


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """Points by the first quantity, the best first, each with whether it is on the front."""

    first: Quantity
    against: Quantity
    placed: tuple[Placed, ...]
    #: points that cannot run, or lack one of the two: they have no place
    without: tuple[Point, ...]

    @property
    def on_front(self) -> tuple[Placed, ...]:
        """The front itself: along it, whoever is better at one of the two is worse at the other."""
        return tuple(placed for placed in self.placed if placed.is_on_front)


def front_of(points: Sequence[Point], against: str, *, first: str = DAYS) -> Front:
    """Return which of some points are on the front of two quantities.

    Parameters
    ----------
    points
        Of a sweep, in any order.
    against, first
        What two quantities are called, such as `cost.total` and `training_days`.

    Raises
    ------
    InputError
        Where a name is that of no number, or neither way of it is better.
    """
    made = (_judged(first), _judged(against))
    signs = [1.0 if quantity.better == "less" else -1.0 for quantity in made]
    told: list[tuple[Point, float, float]] = []
    without: list[Point] = []
    for point in points:
        one, other = (_figure(point, quantity.id) for quantity in made)
        if one is None or other is None:
            without.append(point)
        else:
            told.append((point, one, other))
    best = set(undominated([(signs[0] * one, signs[1] * other) for _, one, other in told]))
    placed = [Placed(point, one, other, place in best) for place, (point, one, other) in enumerate(told)]
    placed.sort(key=lambda it: (signs[0] * it.first, signs[1] * it.against))
    return Front(*made, tuple(placed), tuple(without))


def _judged(name: str) -> Quantity:
    made = number_named(name)
    if made.better not in ("less", "more"):
        raise InputError(f"{made.id}: neither more nor less of it is better; expected one such as cost.total")
    return made


def _figure(point: Point, identifier: str) -> float | None:
    if point.estimate is None or point.estimate.figures is None:
        return None
    return point.estimate.figure(TABLE[identifier].id).p50


def undominated(pairs: Sequence[tuple[float, float]]) -> list[int]:
    """Return the places of those pairs that no other is at least as low as in both and lower in one.

    Equal pairs do not stand in each other's way.

    Examples
    --------
    >>> undominated([(90.0, 5.0), (60.0, 9.0), (90.0, 6.0), (120.0, 5.0), (60.0, 9.0)])
    [0, 1, 4]
    """
    found = []
    lowest = float("inf")
    before: tuple[float, float] | None = None
    for place in sorted(range(len(pairs)), key=lambda place: pairs[place]):
        _, second = pairs[place]
        if second < lowest or pairs[place] == before:
            lowest, before = second, pairs[place]
            found.append(place)
    return sorted(found)
