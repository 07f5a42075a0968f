"""Numbers that can be asked about: where each stands in a drawing, and the marked one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from textual.content import Content, Span
from textual.style import Style

from planner.app.drawing.pieces import Lines

#: Keys of a style's meta, not `@click`: that would give the text the colours of a link.
_NUMBER = "number"
_ASKS = "asks"
MARKED = "bold reverse"


@dataclass(frozen=True)
class Number:
    """A number that can be asked about."""

    #: its id in the table of quantities
    quantity: str
    #: None: of the whole plan
    pool: str | None = None

    @property
    def group(self) -> str:
        """The panel of quantities that it belongs to."""
        return self.quantity.partition(".")[0]


@dataclass(frozen=True)
class Spot:
    """Where a number stands: its line, and from which cell to which."""

    number: Number
    #: how many earlier spots are of the same number
    nth: int
    row: int
    start: int
    end: int


def asked(content: Content, quantity: str, pool: str | None = None) -> Content:
    """Return text that can be clicked, or reached by arrow keys, to have its number explained."""
    return content.stylize(_link(quantity, pool))


def clickable(content: Content, quantity: str) -> Content:
    """Return text that can be clicked to have a number explained; arrow keys pass it by."""
    return content.stylize(_link(quantity, None, is_spot=False))


@lru_cache(maxsize=1024)
def _link(quantity: str, pool: str | None, *, is_spot: bool = True) -> Style:
    return Style.from_meta({_NUMBER if is_spot else _ASKS: (quantity, pool)})


def number_of(meta: Mapping[str, Any]) -> Number | None:
    """Return the number that text with such a meta stands for."""
    found = meta.get(_NUMBER) or meta.get(_ASKS)
    return Number(*found) if found else None


def spots(lines: Lines) -> list[Spot]:
    """Return where numbers stand in a drawing, in reading order."""
    seen: dict[Number, int] = {}
    found = []
    for row, content in enumerate(lines):
        for span, number in _numbers(content.spans):
            nth = seen.get(number, 0)
            seen[number] = nth + 1
            found.append(Spot(number, nth, row, span.start, span.end))
    return found


def _numbers(spans: Iterable[Span]) -> Iterator[tuple[Span, Number]]:
    for span in sorted(spans, key=lambda span: span.start):
        if isinstance(span.style, Style) and _NUMBER in span.style.meta:
            quantity, pool = span.style.meta[_NUMBER]
            yield span, Number(quantity, pool)


def with_mark(lines: Lines, number: Number, nth: int) -> Lines:
    """Return the lines with one number marked; as they are where it is not among them."""
    for spot in spots(lines):
        if spot.number == number and spot.nth == nth:
            marked = lines[spot.row].stylize(MARKED, spot.start, spot.end)
            return [*lines[: spot.row], marked, *lines[spot.row + 1 :]]
    return lines
