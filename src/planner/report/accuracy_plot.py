"""Predicted against measured as an SVG: log-log, a shape and colour per vendor, hollow for filled gaps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from planner.text import safe
from planner.validation.run_scores import ScoredRun

_SIZE, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 80, 50, 45, 60
#: Okabe and Ito's palette, told apart by people with any kind of colour vision; shapes say it once more.
_VENDORS: dict[str, tuple[str, str]] = {
    "NVIDIA": ("#0072B2", "circle"),
    "Huawei": ("#D55E00", "triangle"),
    "Google": ("#009E73", "square"),
    "AWS": ("#CC79A7", "diamond"),
    "Intel": ("#E69F00", "down"),
    "AMD": ("#000000", "cross"),
}
_OTHER = ("#56B4E9", "hexagon")
_BANDS = ((0.25, "#f1f1f1"), (0.10, "#dfe7ee"))
_CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    "triangle": ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    "down": ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "cross": ((-1, -0.3), (-0.3, -0.3), (-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3),
              (0.3, 1), (-0.3, 1), (-0.3, 0.3), (-1, 0.3)),
    "hexagon": ((-1, 0), (-0.5, -0.9), (0.5, -0.9), (1, 0), (0.5, 0.9), (-0.5, 0.9)),
}  # fmt: skip
_RADIUS = 4.0


def accuracy_plot(runs: Sequence[ScoredRun]) -> str:
    """Return the plot of the runs that have a measured rate, as the text of an SVG file."""
    points = [(run, run.measured, run.predicted.p50) for run in runs if run.measured]
    ends = [value for _, measured, predicted in points for value in (measured, predicted)] or [1.0, 10.0]
    axis = _Axis(10 ** math.floor(math.log10(min(ends))), 10 ** math.ceil(math.log10(max(ends) * 1.0001)))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" '
        'font-family="sans-serif" font-size="13">',
        "<title>Predicted against measured training rates</title>",
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="#ffffff"/>',
        *_frame(axis),
    ]
    for run, measured, predicted in sorted(points, key=lambda point: point[0].case.run.id):
        colour, shape = _VENDORS.get(run.case.chip_profile.vendor, _OTHER)
        title = f"{run.case.run.id}: measured {measured:.4g}, predicted {predicted:.4g}"
        mark = _mark(axis.x(measured), axis.y(predicted), shape, colour, is_full=run.case.run.tier == "A")
        lines.append(f"<g><title>{escape(safe(title))}</title>{mark}</g>")
    return (
        "\n".join([*lines, *_legend({run.case.chip_profile.vendor for run, *_ in points}), "</svg>"]) + "\n"
    )


class _Axis:
    """The same logarithmic scale both ways."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, max(high, low * 10)

    def _share(self, value: float) -> float:
        return math.log(value / self.low) / math.log(self.high / self.low)

    def x(self, value: float) -> float:
        return _LEFT + self._share(value) * (_SIZE - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _SIZE - _BOTTOM - self._share(value) * (_SIZE - _TOP - _BOTTOM)

    @property
    def decades(self) -> list[float]:
        count = round(math.log10(self.high / self.low))
        return [self.low * 10**power for power in range(count + 1)]


def _frame(axis: _Axis) -> Iterator[str]:
    low, high = axis.low, axis.high
    clip = f'x="{_LEFT}" y="{_TOP}" width="{_SIZE - _LEFT - _RIGHT}" height="{_SIZE - _TOP - _BOTTOM}"'
    yield f'<clipPath id="frame"><rect {clip}/></clipPath>'
    for share, colour in _BANDS:
        corners = ((low, 1 - share), (high, 1 - share), (high, 1 + share), (low, 1 + share))
        path = " ".join(f"{axis.x(value):.1f},{axis.y(value * factor):.1f}" for value, factor in corners)
        yield f'<polygon points="{path}" fill="{colour}" clip-path="url(#frame)"/>'
    for value in axis.decades:
        x, y = axis.x(value), axis.y(value)
        grid = f"M{x:.1f} {_TOP}V{_SIZE - _BOTTOM}M{_LEFT} {y:.1f}H{_SIZE - _RIGHT}"
        yield f'<path d="{grid}" stroke="#cccccc"/>'
        yield f'<text x="{x:.1f}" y="{_SIZE - _BOTTOM + 20}" text-anchor="middle">{value:,.15g}</text>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,.15g}</text>'
    ends = f"M{axis.x(low):.1f} {axis.y(low):.1f}L{axis.x(high):.1f} {axis.y(high):.1f}"
    yield f'<path d="{ends}" stroke="#555555"/><rect {clip} fill="none" stroke="#555555"/>'
    middle = (_SIZE - _BOTTOM + _TOP) / 2
    centre = (_SIZE - _RIGHT + _LEFT) / 2
    yield f'<text x="{centre}" y="{_SIZE - 18}" text-anchor="middle">measured, tokens/s per chip</text>'
    yield (
        f'<text x="20" y="{middle}" text-anchor="middle" transform="rotate(-90 20 {middle})">'
        "predicted, tokens/s per chip</text>"
    )


def _mark(x: float, y: float, shape: str, colour: str, *, is_full: bool) -> str:
    style = f'fill="{colour if is_full else "none"}" fill-opacity="0.65" stroke="{colour}"'
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}" {style}/>'
    corners = " ".join(f"{x + _RADIUS * dx:.1f},{y + _RADIUS * dy:.1f}" for dx, dy in _CORNERS[shape])
    return f'<polygon points="{corners}" {style}/>'


def _legend(vendors: set[str]) -> Iterator[str]:
    known = [name for name in _VENDORS if name in vendors]
    names = [*known, *(["others"] if vendors - set(known) else [])]
    for number, name in enumerate(names):
        x = _LEFT + 10 + 88 * number
        colour, shape = _VENDORS.get(name, _OTHER)
        yield _mark(x, 22, shape, colour, is_full=True) + f'<text x="{x + 10}" y="26">{escape(name)}</text>'
    yield (
        f'<text x="{_LEFT + 5}" y="{_TOP - 6}" font-size="11">'
        "filled: every input published; hollow: gaps filled; shades: within 10 and 25 %</text>"
    )
