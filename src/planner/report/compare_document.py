"""A comparison of plans: what each is, their figures side by side, and what cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.differences.compare import Comparison
from planner.quotes.promises import PromisedWork
from planner.report.compare_rows import LETTERS, ShownCell, shown_rows
from planner.report.compare_words import legend, remarks
from planner.report.diff_rows import side_words
from planner.report.document import (
    Block,
    Cell,
    Entries,
    Entry,
    ForPage,
    ForTerminal,
    Heading,
    Item,
    Items,
    Span,
    Table,
    document,
)


@document
def comparison_document(
    comparison: Comparison, promised: Sequence[PromisedWork | None] = ()
) -> Iterator[Block]:
    """Yield plans side by side; the best of a row is called so in words."""
    sides = tuple(
        Entry(
            letter, (Span(side.label, "code"), f": {side.plan.name}"), "title", aside=tuple(side_words(side))
        )
        for letter, side in zip(LETTERS, comparison.sides, strict=False)
    )
    rows = tuple((Cell(row.label), *map(_cell, row.cells)) for row in shown_rows(comparison, promised))
    signs = tuple(Item(text, role="quiet") for text in legend(comparison))
    told = tuple(map(Item, remarks(comparison)))
    yield Heading("Plans side by side", level=1)
    yield Entries(sides, 1)
    yield ForTerminal((Items(signs, indent=0),))
    yield Table(("", *LETTERS[: len(sides)]), rows, layout="plans")
    yield ForTerminal((Items(told, indent=0),))
    yield ForPage((Items((*signs, *told)),))


def _cell(cell: ShownCell) -> Cell:
    is_best = cell.standing == "best"
    return Cell(
        f"{cell.value} {cell.standing}".rstrip(),
        cell.numbers,
        "good" if is_best else "plain",
        is_strong=is_best,
        below=cell.band,
    )
