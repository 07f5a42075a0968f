"""A tornado in cells: how far each input moves a quantity to either side, by signs and not by colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: What an input's lower and its upper end are drawn with, and the value itself; the same without block
#: characters.
MARKS = ("\N{LIGHT SHADE}", "\N{FULL BLOCK}", "\N{BOX DRAWINGS LIGHT VERTICAL}")
ASCII_MARKS = ("-", "#", "|")


class Pull(NamedTuple):
    """How far a quantity goes with an input at its lower and at its upper end; None: unknown."""

    low: float | None
    high: float | None


def tornado_bars(pulls: Sequence[Pull], cells: int, *, is_ascii: bool = False) -> list[str]:
    """Return a bar for each of some inputs, all on one scale about one value.

    Both ends may lie on one side: then the nearer one is drawn over the farther.

    Parameters
    ----------
    pulls
        How far each end moves the quantity, in any one unit.
    cells
        How wide a bar is, the sign of the value included: 3 or more.
    is_ascii
        Whether bars must do without block characters.

    Examples
    --------
    >>> for bar in tornado_bars([Pull(-4.0, 8.0), Pull(2.0, -1.0), Pull(6.0, 3.0)], 13, is_ascii=True):
    ...     print(bar)
    ----|########
       #|--
        |###---
    """
    lower, upper, middle = ASCII_MARKS if is_ascii else MARKS
    ends = [0.0, *(end for pull in pulls for end in pull if end is not None)]
    span = max(ends) - min(ends)
    room = max(cells - 1, 2)
    left = round(room * -min(ends) / span) if span else room // 2
    # whoever moves it to one side at all is seen there
    left = min(max(left, int(min(ends) < 0)), room - int(max(ends) > 0))

    def length(end: float | None) -> int:
        if not end:
            return 0
        side, reach = (left, min(ends)) if end < 0 else (room - left, max(ends))
        return max(1, round(side * end / reach))

    bars = []
    for pull in pulls:
        cells_of = ["" for _ in range(room + 1)]
        # the longer first, so that the shorter is seen
        drawn = sorted(zip(pull, (lower, upper), strict=True), key=lambda one: -length(one[0]))
        for end, mark in drawn:
            step = -1 if (end or 0.0) < 0 else 1
            for place in range(1, length(end) + 1):
                cells_of[left + step * place] = mark
        cells_of[left] = middle
        bars.append("".join(cell or " " for cell in cells_of).rstrip())
    return bars
