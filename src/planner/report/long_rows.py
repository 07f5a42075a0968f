"""What a document says in long form: one value a row, for a spreadsheet's pivot or a data frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from planner.report.document import (
    Bars,
    Block,
    Cell,
    Columns,
    Details,
    Document,
    Entries,
    ForPage,
    Heading,
    Item,
    Items,
    Number,
    Paragraph,
    Stack,
    Summary,
    Table,
    Timeline,
    plain,
)


class LongRow(NamedTuple):
    """One value: where it stands, the number in its base unit where there is one, and its text."""

    section: str
    row: str
    column: str = ""
    title: str = ""
    value: float | None = None
    p10: float | None = None
    p90: float | None = None
    unit: str = ""
    text: str = ""


def document_rows(document: Document) -> Iterator[LongRow]:
    """Yield the values of any document, by its sections and the labels of their rows and columns."""
    yield from _of_blocks(document.blocks, "")


def _of_blocks(blocks: Iterable[Block], section: str) -> Iterator[LongRow]:
    for block in blocks:
        if isinstance(block, Heading):
            section = f"{block.title} {block.name}".strip()
            yield from (LongRow(section, "", text=text) for text in (plain(block.aside),) if text)
        elif isinstance(block, Details | ForPage):
            yield from _of_blocks(block.blocks, section)
        else:
            yield from _of_block(block, section)


def _of_block(block: Block, section: str) -> Iterator[LongRow]:
    """Yield what a block says; a picture says no more than words beside it, a terminal's own is no file's."""
    if isinstance(block, Table):
        yield from _of_table(block, section)
    elif isinstance(block, Entries):
        label = ""
        for entry in block.entries:
            label = entry.label or label
            text = "; ".join(filter(None, (plain(entry.text), *entry.aside, *entry.below)))
            yield from _numbered(LongRow(section, label, entry.word, text=text), entry.numbers)
    elif isinstance(block, Items):
        yield from (_of_item(item, section) for item in block.items)
    elif isinstance(block, Bars | Stack):
        bars = block.bars if isinstance(block, Bars) else block.parts
        yield from (LongRow(section, bar.label, value=bar.share, unit="share", text=bar.text) for bar in bars)
    elif isinstance(block, Timeline):
        for phase in block.phases:
            yield LongRow(section, phase.label, value=phase.share, unit="share", text=phase.seconds)
    elif isinstance(block, Columns):
        yield from (LongRow(section, label, value=value, text=text) for label, value, text in block.columns)
    elif isinstance(block, Paragraph):
        yield LongRow(section, "", text=plain(block.text))
    elif isinstance(block, Summary):
        yield LongRow("Summary", "", text=block.headline)
        yield LongRow("Summary", "", text=block.detail)


def _of_item(item: Item, section: str) -> LongRow:
    return LongRow(section, item.label, item.word, text=plain(item.text))


def _of_table(table: Table, section: str) -> Iterator[LongRow]:
    for row in table.rows:
        names = [plain(cell.text) for cell in row]
        # what became of an input stands before its name
        named = 1 if table.layout == "inputs" else 0
        for place, cell in enumerate(row):
            if place == named and len(row) > 1:
                continue
            column = table.header[place] if place < len(table.header) else ""
            yield from _numbered(LongRow(section, names[named], column, text=_cell_text(cell)), cell.numbers)


def _cell_text(cell: Cell) -> str:
    return "; ".join(filter(None, (plain(cell.text), cell.below)))


def _numbered(row: LongRow, found: tuple[Number, ...]) -> Iterator[LongRow]:
    """Yield a row for each number behind a text, or one without any."""
    if not found:
        yield row
    for number in found:
        yield row._replace(value=number.value, unit=number.unit, p10=number.low, p90=number.high)
