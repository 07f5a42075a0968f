"""What a plot in terminal cells shows: curves, bands, points and targets over two axes.

A plot is plain data. `plot_drawing.py` draws it by a pure function for the room there is, `plot_table.py`
says the same as a table, and `widgets/plot_view.py` shows one and moves a cursor over its points. Colours
are variables of the theme, and each kind of points has a sign of its own beside its colour, so that a plot
is read without colour. It is our own because no library that is kept has logarithmic axes, filled bands and
points to choose from; those that there are read labels as markup, too.

Examples
--------
>>> plot = Plot(
...     Axis("systems", is_log=True),
...     Axis("days"),
...     curves=[Curve("median", [32, 64, 128], [250.0, 130.0, 70.0])],
...     bands=[Band("P10..P90", [32, 64, 128], [220.0, 120.0, 64.0], [300.0, 150.0, 80.0])],
...     points=[Point("now", 92, 91.0, words="92 systems: 91 days")],
...     targets=[Target(107.0, "107 d")],
... )
>>> [target.label for target in plot.targets]
['107 d']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from planner.app.drawing.pieces import QUIET
from planner.app.drawing.plot_axis import Axis

FILL = "\u2591"


@dataclass(frozen=True)
class Curve:
    """A line through points in the order in which they are given; an unknown one leaves a gap."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    style: str = "$part-1"


@dataclass(frozen=True)
class Band:
    """What lies between two curves over the same xs, which rise."""

    name: str
    xs: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]
    style: str = QUIET
    fill: str = FILL


@dataclass(frozen=True)
class Point:
    """One thing that somebody may choose."""

    #: what the widget's messages name it by
    id: str
    x: float
    y: float
    #: one cell
    sign: str = "\u25cf"
    style: str = "$part-2"
    #: what it is, for the line under the plot and for the table
    words: str = ""
    #: drawn over the others, and in bold
    is_strong: bool = False


@dataclass(frozen=True)
class Target:
    """A value to reach or not to pass, as a line across the plot."""

    value: float
    label: str
    axis: Literal["x", "y"] = "y"
    style: str = "$override"


@dataclass(frozen=True)
class Plot:
    """What is drawn, from below: bands, targets, curves, points."""

    x: Axis
    y: Axis
    curves: Sequence[Curve] = ()
    bands: Sequence[Band] = ()
    points: Sequence[Point] = ()
    targets: Sequence[Target] = ()
    #: further signs and what they stand for, with their style: kinds of points
    legend: Sequence[tuple[str, str, str]] = ()
