"""Leaves of the tree: what is read of a plan, a profile, a stack or the layout, with what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.catalog.evidence import figure_at
from planner.domain.base import Profile
from planner.engine.arrays import FloatArray
from planner.engine.uncertainty import uniform_draws
from planner.quantities.figure import Figure, Gap, GapFamily
from planner.quantities.record import Grounds, Record, of_profile
from planner.units import ForeignSpan, Span


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One reading; None is unknown."""

    value: FloatArray | str | None
    grounds: Grounds | None = None
    #: what it is called here, where that says more than its title
    name: str = ""
    gaps: tuple[Gap, ...] = ()
    method: str | None = None
    equation: str | None = None
    children: tuple[Record, ...] = ()
    #: further ones, which are made when the tree is asked for
    more_children: Callable[[], tuple[Record, ...]] | None = None

    @property
    def figure(self) -> Figure:
        """The reading as a number."""
        if self.value is None or isinstance(self.value, str):
            gaps = self.gaps or (Gap("unknown", "other", self.name or "not known"),)
            return Figure(np.array([np.nan]), gaps)
        return Figure(self.value, self.gaps)


def drawn(value: float | Span, stream: str) -> FloatArray:
    """Return a figure's values: a span's middle with uniform draws over it, or the number itself."""
    if isinstance(value, Span):
        return np.concatenate([[value.middle], value.low + (value.high - value.low) * uniform_draws(stream)])
    return np.array([float(value)])


def span_name(name: str, value: object) -> str:
    """Return a leaf's name; of a span it says the ends, for its middle stands in the tree."""
    return f"{name} ({value.low:g} to {value.high:g}, its middle)" if isinstance(value, Span) else ""


def typed(value: float | Span, key: str, name: str = "", stream: str = "") -> Leaf:
    """Return what was typed into the plan."""
    if isinstance(value, ForeignSpan):
        raise TypeError(f"{key} is in {value.currency}, which price_leaves.stated reads")
    return Leaf(drawn(value, stream or key), Grounds("plan", f"plan: {key}"), span_name(name, value))


def of_figure(
    profile: Profile, path: str, name: str = "", stream: str = "", missing: Gap | None = None
) -> Leaf:
    """Return a profile's figure; where it is unknown, `missing` says what is."""
    figure = figure_at(profile, path)
    grounds = of_profile(profile, path, figure)
    value = None if figure is None else figure.value
    if value is None:
        gap = missing or Gap("unknown", "other", f"{path} of '{profile.id}'")
        return Leaf(None, grounds, gaps=(gap,))
    if isinstance(value, bool):
        return Leaf("yes" if value else "no", grounds)
    if isinstance(value, str):
        return Leaf(value, grounds)
    return Leaf(drawn(value, stream or f"{profile.id}.{path}"), grounds, span_name(name, value))


def of_fact(profile: Profile, path: str, value: float) -> Leaf:
    """Return a plain number of a profile."""
    return Leaf(np.array([float(value)]), of_profile(profile, path, None))


def constant(value: float, where: str, note: str | None = None) -> Leaf:
    """Return a constant of the engine that rests on a published figure named in `note`, or on nothing."""
    kind: Any = "assumed" if note is None else "derived"
    return Leaf(np.array([float(value)]), Grounds(kind, where, (), note))


def nothing(why: str) -> Leaf:
    """Return a leaf of nothing, which is known and says in words why."""
    return Leaf(np.zeros(1), method=f"nothing: {why}")


def absent(family: GapFamily, text: str) -> Leaf:
    """Return a leaf that nobody knows, by the name of what is missing."""
    return Leaf(None, name=text, gaps=(Gap("unknown", family, text),))


def product(records: Sequence[Record]) -> str:
    """Return the product of some records as an equation."""
    return " x ".join(record.symbol for record in records)
