"""Writes a document for a terminal: wrapped to its width, with signs, bars and a few colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from planner.report.document import (
    Bars,
    Block,
    Columns,
    Details,
    Document,
    Entries,
    Entry,
    ForPage,
    ForTerminal,
    Gap,
    Heading,
    Items,
    Lanes,
    Paragraph,
    Picture,
    Stack,
    Summary,
    Swings,
    Table,
    Timeline,
    plain,
    stack_words,
)
from planner.report.page import Page, cell_width, cut, pad, wrap
from planner.report.terminal_tables import add_table
from planner.report.timeline import phase_bar
from planner.report.tornado import Pull, tornado_bars
from planner.text import safe

#: Cells of a bar's percentage.
_SHARE_WIDTH = 7
_SUMMARY = "Summary: "
#: Of a step's time.
_TIMELINE_CELLS = 34
#: Cells of an input's name in a tornado at most, and of what is drawn at least.
_INPUT_WIDTH = 32
_NARROWEST_BAR = 12
#: What is said beside a title has that many cells at least, else it stands below.
_NARROWEST_ASIDE = 16


def terminal_text(
    document: Document, *, width: int = 80, is_coloured: bool = False, is_ascii: bool = False
) -> str:
    """Return the document as text for a terminal.

    Parameters
    ----------
    document : Document
        What to write; its texts are made safe on the way.
    width : int
        Columns; what is asked for is kept between 40 and 120, where lines still read well.
    is_coloured : bool
        Whether a few escapes for colour may be written; signs and words say the same without.
    is_ascii : bool
        Whether bars must do without block characters.
    """
    page = Page(width, is_coloured=is_coloured, is_ascii=is_ascii)
    _add_all(page, document.blocks)
    return page.text


def _add_all(page: Page, blocks: Iterable[Block]) -> None:
    for block in blocks:
        _WRITERS[type(block)](page, block)


def _add_heading(page: Page, heading: Heading) -> None:
    page.gap()
    title = heading.title.upper() if heading.level > 1 else heading.title
    title = f"{title} {heading.name}" if heading.name else title
    aside, room = safe(plain(heading.aside)), page.width - cell_width(title) - 2
    if room < min(_NARROWEST_ASIDE, cell_width(aside)):
        # beside the title it would be a column of syllables
        page.paragraph(title, indent=0, role="title")
        page.paragraph(aside, indent=2)
        return
    first, *rest = wrap(aside, room) or [""]
    page.line((title, "title"), f"  {first}")
    for text in rest:
        page.line(" " * (cell_width(title) + 2), text)


def _add_gap(page: Page, _gap: Gap) -> None:
    page.gap()


def _add_paragraph(page: Page, block: Paragraph) -> None:
    page.paragraph(plain(block.text), indent=block.indent, hanging=block.hanging, role=block.role)


def _add_items(page: Page, block: Items) -> None:
    for item in block.items:
        text = safe(plain(item.text))
        text = cut(text, block.longest) if block.longest else text
        text = f"{item.label}: {text}" if item.label else text
        text = f"{item.sign} {text}" if item.sign else text
        page.paragraph(text, indent=block.indent + 2 * item.depth, hanging=item.hanging, role=item.role)


def _add_entries(page: Page, block: Entries) -> None:
    width = min(block.label_width, page.width // 2 - block.margin)
    for entry in block.entries:
        _add_entry(page, entry, width)


def _add_entry(page: Page, entry: Entry, label_width: int) -> None:
    page.entry(entry.label, plain(entry.text), label_width, role=entry.role, sign=entry.sign)
    for text in (*entry.aside, *entry.below):
        page.entry("", text, label_width)


def _add_bars(page: Page, block: Bars) -> None:
    largest = max((bar.share for bar in block.bars), default=0.0)
    # label, share and their gaps; a full bar is the largest part, so that small ones can be told apart
    widest = max((cell_width(bar.text) for bar in block.bars), default=0)
    told = max(_SHARE_WIDTH, widest)
    room = max(page.width - 2 - block.label_width - 2 - told - 2, 1)
    for bar in block.bars:
        cells = max(round(bar.share / largest * room), 1)
        drawn = ("#" if page.is_ascii else "\N{FULL BLOCK}") * cells
        share = pad(bar.text, told, is_right=True)
        page.line("  ", pad(safe(bar.label), block.label_width), "  ", share, "  ", (drawn, "good"))


def _add_swings(page: Page, block: Swings) -> None:
    """Add a tornado: name and step, the bar between what both ends do, and the rank correlation."""
    told = [(row.label, row.by, row.lower, row.upper, row.rank) for row in block.rows]
    names, *others = (max(map(cell_width, column)) for column in zip(block.header, *told, strict=True))
    # gaps of two cells around each column, the bar among them
    room = page.width - 2 - sum(others) - 2 * (len(others) + 1)
    names = min(names, _INPUT_WIDTH, max(room - _NARROWEST_BAR, 2))
    pulls = [Pull(row.low, row.high) for row in block.rows]
    bars = tornado_bars(pulls, max(room - names, 3), is_ascii=page.is_ascii)
    for (name, by, lower, upper, rank), bar in zip([block.header, *told], ["", *bars], strict=True):
        before = (
            pad(cut(safe(name), names), names),
            pad(by, others[0]),
            pad(lower, others[1], is_right=True),
        )
        after = (pad(upper, others[2], is_right=True), pad(rank, others[3], is_right=True))
        page.line("  ", "  ".join(before), "  ", pad(bar, room - names), "  ", "  ".join(after))


def _add_stack(page: Page, block: Stack) -> None:
    page.paragraph(stack_words(block))


def _add_timeline(page: Page, block: Timeline) -> None:
    for phase in block.phases:
        bar = phase_bar(phase, _TIMELINE_CELLS)
        page.entry(phase.label, f"{bar}  {phase.seconds} ({phase.percent})", block.label_width)


def _add_inner(page: Page, block: Details | ForTerminal) -> None:
    _add_all(page, block.blocks)


def _add_nothing(page: Page, _block: ForPage | Picture) -> None:
    pass


def _add_summary(page: Page, summary: Summary) -> None:
    page.gap()
    indent = len(_SUMMARY)
    page.paragraph(f"{_SUMMARY}{summary.headline}", indent=0, role="title", hanging=indent)
    page.paragraph(summary.detail, indent=indent)


_WRITERS: dict[type[Block], Callable[[Page, Any], None]] = {
    Heading: _add_heading,
    Gap: _add_gap,
    Paragraph: _add_paragraph,
    Items: _add_items,
    Entries: _add_entries,
    Table: add_table,
    Bars: _add_bars,
    Swings: _add_swings,
    Lanes: _add_nothing,
    Stack: _add_stack,
    Timeline: _add_timeline,
    Columns: _add_nothing,
    Details: _add_inner,
    ForTerminal: _add_inner,
    ForPage: _add_nothing,
    Summary: _add_summary,
}
