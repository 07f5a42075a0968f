"""A sheet of terminal cells to draw on: signs, fills, and curves in the eight dots of a braille cell."""

from __future__ import annotations

import math
from collections.abc import Iterable

from textual.content import Content

#: A braille cell is two dots wide and four high; these are the bits of its dots, by column and row.
DOTS_WIDE, DOTS_HIGH = 2, 4
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BRAILLE = 0x2800


class Cells:
    """Rows of cells, each with a sign and a style; what is drawn later covers what was there."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.signs = [[" "] * width for _ in range(height)]
        self.styles = [[""] * width for _ in range(height)]
        self.dots: dict[tuple[int, int], int] = {}

    def put(self, column: int, row: int, sign: str, style: str) -> None:
        """Put a sign into a cell; outside nothing is drawn."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self.signs[row][column] = sign
            self.styles[row][column] = style
            self.dots.pop((column, row), None)

    def style(self, column: int, row: int, style: str) -> None:
        """Give a cell another style, whatever stands in it."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self.styles[row][column] = style

    def write(self, column: int, row: int, text: str, style: str) -> None:
        """Write a text, one sign a cell, from a column on."""
        for place, sign in enumerate(text):
            self.put(column + place, row, sign, style)

    def dot(self, x: int, y: int, style: str) -> None:
        """Set one dot of a braille cell; dots of several curves share a cell."""
        column, row = x // DOTS_WIDE, y // DOTS_HIGH
        if 0 <= column < self.width and 0 <= row < self.height:
            bits = self.dots.get((column, row), 0) | _BITS[x % DOTS_WIDE][y % DOTS_HIGH]
            self.put(column, row, chr(_BRAILLE | bits), style)
            self.dots[column, row] = bits

    def curve(self, places: Iterable[tuple[float, float]], style: str) -> None:
        """Draw straight lines from place to place, in cells from the top left; a gap where one is unknown."""
        before: tuple[float, float] | None = None
        for column, row in places:
            if not (math.isfinite(column) and math.isfinite(row)):
                before = None
                continue
            here = (column * DOTS_WIDE, row * DOTS_HIGH)
            self._line(before or here, here, style)
            before = here

    def _line(self, start: tuple[float, float], end: tuple[float, float], style: str) -> None:
        # a piece that leaves the sheet at both ends is not followed to where nobody sees it
        far = 4 * (self.width * DOTS_WIDE + self.height * DOTS_HIGH)
        span = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        steps = max(1, math.ceil(min(span, far)))
        for step in range(steps + 1):
            share = step / steps
            x = start[0] + (end[0] - start[0]) * share
            y = start[1] + (end[1] - start[1]) * share
            self.dot(math.floor(x), math.floor(y), style)

    def rows(self) -> list[Content]:
        """Return the rows as styled text; nothing in them is read as markup."""
        return [
            Content.assemble(*_runs(signs, styles))
            for signs, styles in zip(self.signs, self.styles, strict=True)
        ]


def _runs(signs: list[str], styles: list[str]) -> list[tuple[str, str]]:
    """Return neighbours of one style as one text."""
    runs: list[tuple[str, str]] = []
    for sign, style in zip(signs, styles, strict=True):
        if runs and runs[-1][1] == style:
            runs[-1] = (runs[-1][0] + sign, style)
        else:
            runs.append((sign, style))
    return runs
