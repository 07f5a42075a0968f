"""Draws the pictures of a document as inline SVG: told by place, letter and text, never by colour alone."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from html import escape

from planner.report.document import Bar, Columns, Lane, Lanes, Stack, Timeline
from planner.text import safe

_WIDTH = 760
#: Of a lane: where its scale begins and ends, and how high it is.
_LEFT, _RIGHT, _LANE_HEIGHT = 130, 500, 62
_STACK_HEIGHT = 34
_PHASE_HEIGHT = 26
#: Narrower, a part of a bar has no room for its letter.
_LETTER_WIDTH = 14
_COLUMN_HEIGHT = 120
_WIDEST_COLUMN = 110
#: Colours of parts, by class: `c0` to `c7`.
_COLOURS = 8
#: The scale of a lane goes so far beyond what stands on it.
_BEYOND = 1.06


def shown(text: str) -> str:
    """Return a text as HTML or SVG shows it: one line, nothing of it markup."""
    return escape(safe(" ".join(text.split())))


def letter(place: int) -> str:
    """Return the letter of a part, by which its row and its piece of the bar find each other."""
    return string.ascii_uppercase[place % 26]


def _svg(height: float, words: str, shapes: Iterator[str] | Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{shown(words)}">'
        f"{''.join(shapes)}</svg>"
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{shown(text)}</text>'


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}" class="{kind}"/>'
    )


def _line(x: float, top: float, bottom: float, kind: str) -> str:
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="{kind}"/>'


def lanes_svg(block: Lanes) -> str:
    """Return figures in their bands, a line each, with their limits as marks."""
    words = "; ".join(f"{lane.label} {lane.text}" for lane in block.lanes)
    drawn = (_lane(lane, place * _LANE_HEIGHT) for place, lane in enumerate(block.lanes))
    return _svg(len(block.lanes) * _LANE_HEIGHT, words, [shape for shapes in drawn for shape in shapes])


def _lane(lane: Lane, top: float) -> Iterator[str]:
    furthest = max((lane.high, lane.middle, *(limit.value for limit in lane.limits)))
    span = (furthest - lane.origin) * _BEYOND or 1.0

    def place(value: float) -> float:
        share = min(max((value - lane.origin) / span, 0.0), 1.0)
        return _LEFT + share * (_RIGHT - _LEFT)

    middle = top + 30
    yield _text(0, middle + 4, lane.label, "label")
    yield _box(_LEFT, middle - 1, _RIGHT - _LEFT, 2, "axis")
    yield _box(place(lane.low), middle - 7, place(lane.high) - place(lane.low), 14, f"band {lane.role}")
    yield _line(place(lane.middle), middle - 9, middle + 9, "median")
    for number, limit in enumerate(lane.limits):
        x = place(limit.value)
        yield _line(x, middle - 13, middle + 13, "limit")
        # within the picture: a mark near an end has its text on the other side
        anchor = "end" if x > (_LEFT + _RIGHT) / 2 else "start"
        # and the next one's stands below
        below = middle + (24 if number % 2 else -16)
        yield _text(x + (3 if anchor == "end" else -3), below, limit.text, "small", anchor)
    yield _text(_RIGHT + 16, middle + 4, lane.text, "value")


def stack_svg(block: Stack) -> str:
    """Return parts end to end; what is free stays open, what exceeds the room runs beyond its mark."""
    total = sum(part.share for part in block.parts)
    scale = _WIDTH / max(1.0, total)
    words = ", ".join(f"{part.label} {part.text}" for part in block.parts)
    shapes = [_box(0, 0, scale, _STACK_HEIGHT, "room"), *_pieces(block.parts, scale)]
    if total > 1.0:
        shapes.append(_line(scale, 0, _STACK_HEIGHT, "limit"))
    return _svg(_STACK_HEIGHT, f"{words} of {block.room}", shapes)


def parts_svg(bars: Sequence[Bar]) -> str:
    """Return the parts of a whole end to end."""
    total = sum(bar.share for bar in bars) or 1.0
    words = ", ".join(f"{bar.label} {bar.text}" for bar in bars)
    return _svg(_STACK_HEIGHT, words, list(_pieces(bars, _WIDTH / total)))


def _pieces(bars: Sequence[Bar], scale: float) -> Iterator[str]:
    x = 0.0
    for place, bar in enumerate(bars):
        width = bar.share * scale
        yield _box(x, 0, width, _STACK_HEIGHT, f"part c{place % _COLOURS}")
        if width >= _LETTER_WIDTH:
            yield _text(
                x + width / 2, _STACK_HEIGHT / 2 + 4.5, letter(place), f"on c{place % _COLOURS}", "middle"
            )
        x += width


def timeline_svg(block: Timeline) -> str:
    """Return phases below each other, each in its place on the time of a step; who waits has no fill."""
    span = _RIGHT - _LEFT
    shapes: list[str] = []
    for place, phase in enumerate(block.phases):
        middle = (place + 0.5) * _PHASE_HEIGHT
        x, width = _LEFT + phase.begins * span, phase.share * span
        shapes.append(_text(0, middle + 4, phase.label, "label"))
        shapes.append(_box(_LEFT, middle - 0.5, span, 1, "axis"))
        shapes.append(_box(x, middle - 7, max(width, 2.0), 14, "room" if phase.is_idle else "part c0"))
        shapes.append(_text(_RIGHT + 16, middle + 4, f"{phase.seconds} ({phase.percent})", "value"))
    words = ", ".join(f"{phase.label} {phase.seconds}" for phase in block.phases)
    return _svg(len(block.phases) * _PHASE_HEIGHT, words, shapes)


def columns_svg(block: Columns) -> str:
    """Return amounts side by side about zero."""
    values = [value for _, value, _ in block.columns]
    highest, lowest = max((0.0, *values)), min((0.0, *values))
    scale = _COLUMN_HEIGHT / (highest - lowest) if highest > lowest else 0.0
    step = min(_WIDTH / max(len(values), 1), _WIDEST_COLUMN)
    zero = 18 + highest * scale
    height = zero - lowest * scale + (34 if lowest < 0 else 20)
    shapes: list[str] = []
    for place, (label, value, text) in enumerate(block.columns):
        x, end = place * step, zero - value * scale
        shapes.append(_box(x + step * 0.15, min(zero, end), step * 0.7, abs(value * scale), "part c0"))
        shapes.append(_text(x + step / 2, end - 5 if value >= 0 else end + 13, text, "small", "middle"))
        shapes.append(_text(x + step / 2, height - 4, label, "small quiet", "middle"))
    shapes.append(_box(0, zero - 0.5, step * len(values), 1, "axis"))
    return _svg(height, ", ".join(f"{label} {text}" for label, _, text in block.columns), shapes)
