"""The published runs as a plot of predicted against measured, and as rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from textual.content import Content

from planner.app.drawing.field_help import LABEL_WIDTH
from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.app.drawing.plot import Band, Curve, Plot, Point
from planner.app.drawing.plot_axis import Axis
from planner.app.drawing.vendors import OTHER_VENDOR, VENDORS, vendor_sign, vendors_legend
from planner.app.evidence import ShownRun
from planner.report.numbers import decimal
from planner.report.page import cell_width, cut, pad
from planner.report.run_rows import HEADER
from planner.text import safe
from planner.validation.predictions import ClassBand

NEAR_SIGN = "\u25c6"
_NEAR_STYLE = "$override"
#: Widths of the columns behind the run's name.
_ROOMS = (15, 6, 9, 9, 8, 22, 9)
_RIGHT = frozenset((1, 2, 3, 4))
_LEAST_NAME = 20


class DrawnRuns:
    """Points and rows of runs, each made once: all of them are shown again with every key of a search."""

    def __init__(self) -> None:
        self.points: dict[tuple[str, bool], Point] = {}
        self.rows: dict[tuple[str, bool, int], Content] = {}

    def point(self, one: ShownRun, *, is_near: bool) -> Point:
        """Return a run's point."""
        key = (one.id, is_near)
        if key not in self.points:
            self.points[key] = _point(one, is_near)
        return self.points[key]

    def row(self, one: ShownRun, *, is_near: bool, width: int) -> Content:
        """Return a run's row."""
        key = (one.id, is_near, width)
        if key not in self.rows:
            self.rows[key] = evidence_row(one, is_near=is_near, width=width)
        return self.rows[key]


def evidence_plot(
    found: Sequence[ShownRun], near: Collection[str], band: ClassBand | None, drawn: DrawnRuns
) -> Plot:
    """Return predicted against measured rates, those like the plan marked, with the band of a class."""
    rates = [rate for one in found for rate in (one.measured, one.predicted) if rate]
    ends = [min(rates, default=10.0) / 1.3, max(rates, default=1000.0) * 1.3]
    axis = Axis("measured tokens/s a chip", is_log=True, low=ends[0], high=ends[1], write=_rate)
    bands = []
    if band is not None:
        lows, highs = ([end * factor for end in ends] for factor in (1.0 / band.factor, band.factor))
        bands.append(Band(f"80 % of {band.label}: within x{band.factor:.2f} held out", ends, lows, highs))
    vendors = {one.vendor for one in found}
    legend = vendors_legend(vendors)
    if near:
        legend.insert(0, (NEAR_SIGN, "like the plan", _NEAR_STYLE))
    return Plot(
        axis,
        Axis("predicted", is_log=True, low=ends[0], high=ends[1], write=_rate),
        curves=[Curve("", ends, ends, QUIET)],
        bands=bands,
        points=[drawn.point(one, is_near=one.id in near) for one in found],
        legend=legend,
    )


def _rate(value: float) -> str:
    for factor, suffix in ((1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:,.6g}{suffix}"
    return decimal(value, 1)


def _point(one: ShownRun, is_near: bool) -> Point:
    sign, style = vendor_sign(one.vendor)
    if is_near:
        sign, style = NEAR_SIGN, _NEAR_STYLE
    return Point(one.id, one.measured, one.predicted, sign, style, one.line, is_strong=is_near)


def _columns(width: int) -> list[int]:
    """Return which columns fit behind the name, error and rates before the rest."""
    kept: list[int] = []
    room = width - 2 - max(_LEAST_NAME, width // 3)
    for place in (4, 2, 3, 1, 0, 6, 5):
        if room < _ROOMS[place] + 2:
            break
        room -= _ROOMS[place] + 2
        kept.append(place)
    return sorted(kept)


def sign_lines(width: int) -> Lines:
    """Return what the signs of the plot and the table stand for."""
    vendors = ", ".join(f"{sign} {name}" for name, (sign, _) in VENDORS.items())
    told = (
        (NEAR_SIGN, "a run that is like the plan: chip, kind of model, arithmetic, sizes"),
        ("!", "a run whose measured rate lies outside the 80 % band of its prediction"),
        ("A..", f"on the plot whose chip it ran on: {vendors}, {OTHER_VENDOR[0]} others"),
        ("\u2591", "where 80 % of the runs of a class lie whose sources were left out of the fit"),
        ("\u2571", "where the prediction is what was measured"),
    )
    lines: Lines = [line(("SIGNS", HEADING))]
    for sign, meaning in told:
        lines += wrapped(meaning, width, first=(f"{sign:<{LABEL_WIDTH}}", STRONG))
    return [*lines, line("")]


def evidence_header(width: int) -> Content:
    """Return the titles of the columns."""
    return fitted(line((_row(HEADER, "  ", width), QUIET)), max(8, width))


def _row(texts: Sequence[str], lead: str, width: int) -> str:
    kept = _columns(width)
    name = max(8, width - 2 - sum(_ROOMS[place] + 2 for place in kept))
    cells = [
        pad(cut(safe(texts[place + 1]), _ROOMS[place]), _ROOMS[place], is_right=place in _RIGHT)
        for place in kept
    ]
    return lead + "  ".join([pad(cut(safe(texts[0]), name), name), *cells])


def evidence_row(one: ShownRun, *, is_near: bool, width: int) -> Content:
    """Return one run; a rate outside its band is said by a sign."""
    lead = NEAR_SIGN if is_near else " "
    sign = " " if one.is_inside_band else "!"
    text = _row(one.cells, "", width)
    return fitted(
        line((lead, HEADING), (sign, BAD), (text, STRONG if is_near else "")),
        max(8, min(width, cell_width(text) + 2)),
    )
