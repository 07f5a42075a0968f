"""What every drawing is made of: the view, lines cut to a width, bars, wrapped text, differences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from planner.report.numbers import ONE, Scale, decimal, pick_scale
from planner.report.page import pad, wrap
from planner.text import safe

if TYPE_CHECKING:
    from planner.app.session import Baseline
    from planner.domain.plan import Plan
    from planner.estimate.result import Estimate
    from planner.quantities.evaluation import Figures
    from planner.quantities.figure import Band

Lines = list[Content]
Part = str | Content | tuple[str, str]

GOOD = "$good"
BAD = "bold $bad"
QUIET = "$quiet"
STRONG = "bold"
HEADING = "bold $heading"
#: Fills that stay apart without colour, in the order in which parts are drawn.
FILLS = "\u2588\u2593\u2592\u2591\u2588\u2593\u2592\u2591\u2588\u2593"


@dataclass(frozen=True)
class View:
    """What the estimate panes show: the last valid estimate and how much it may be trusted now."""

    plan: Plan
    estimate: Estimate
    baseline: Baseline | None = None
    #: what stood here before the last change, for as long as that is worth a word
    before: Estimate | None = None

    @property
    def figures(self) -> Figures | None:
        """The plan's figures; None where it cannot run, or not yet be told as a whole."""
        return self.estimate.figures

    @property
    def base(self) -> Figures | None:
        """The baseline's figures, where one is pinned."""
        return None if self.baseline is None else self.baseline.estimate.figures


def line(*parts: Part) -> Content:
    """Return one line of text and styled text; nothing in it is read as markup."""
    return Content.assemble(*parts)


def fitted(content: Content, width: int) -> Content:
    """Return the line cut to a width, with an ellipsis where something was lost."""
    return content.truncate(width, ellipsis=True) if content.cell_length > width else content


def wrapped(text: str, width: int, *, first: str | tuple[str, str] = "", style: str = "") -> Lines:
    """Return text in lines of at most `width` cells, those after the first indented under `first`."""
    lead = first if isinstance(first, str) else first[0]
    rows = wrap(safe(text), max(10, width - len(lead))) or [""]
    lines = [line(first, (rows[0], style))]
    return lines + [line(" " * len(lead), (row, style)) for row in rows[1:]]


def flowed(items: Iterable[Content], width: int, *, gap: str = "   ", indent: int = 0) -> Lines:
    """Return items side by side in as many lines as they need; no item is torn apart."""
    lines: Lines = []
    current = Content(" " * indent)
    is_empty = True
    for item in items:
        extra = 0 if is_empty else len(gap)
        if not is_empty and current.cell_length + extra + item.cell_length > width:
            lines.append(current)
            current, is_empty, extra = Content(" " * indent), True, 0
        current = current + (gap if extra else "") + item
        is_empty = False
    return lines if is_empty else [*lines, current]


def shares_of(parts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return each part's share of the sum, those that are zero left out."""
    total = sum(parts.values())
    return [(name, value / total) for name, value in parts.items() if total > 0 and value > 0]


def stacked_bar(shares: list[tuple[str, float]], styles: Mapping[str, str], width: int) -> Content:
    """Return one bar of all shares; every share shows at least one cell, the largest gives way."""
    cells = [max(1, round(share * width)) for _, share in shares]
    while cells and sum(cells) != width:
        largest = cells.index(max(cells))
        step = 1 if sum(cells) < width else -1
        if cells[largest] + step < 1:
            break
        cells[largest] += step
    return Content.assemble(
        *(
            (FILLS[index % len(FILLS)] * count, styles.get(name, ""))
            for index, ((name, _), count) in enumerate(zip(shares, cells, strict=True))
        )
    )


def gauge(fraction: float, width: int, style: str) -> Content:
    """Return a bar that is filled to a fraction, for use against capacity."""
    filled = min(width, max(0, round(fraction * width)))
    return Content.assemble(("\u2588" * filled, style), ("\u2591" * (width - filled), QUIET))


def difference(
    band: Band | None, base: Band | None, scales: tuple[Scale, ...] = ONE, *, is_more_better: bool = False
) -> Content | None:
    """Return `-6.0 d, better` against the baseline; None where either is unknown or there is none."""
    if band is None or base is None:
        return None
    change = band.p50 - base.p50
    scale = pick_scale(max(abs(band.p50), abs(base.p50)), scales)
    shown = decimal(abs(change) / scale.factor, 2)
    if change == 0 or abs(change) < 5e-4 * abs(base.p50):
        return line(("= base", QUIET))
    is_better = (change > 0) == is_more_better
    text = f"{'+' if change > 0 else '-'}{shown}{' ' + scale.name if scale.name else ''}"
    return line((f"{text} {'better' if is_better else 'worse'}", GOOD if is_better else BAD))


def column(text: str, width: int, style: str = "") -> tuple[str, str]:
    """Return a cell of a table, cut or filled to a width."""
    return (pad(text, width), style)
