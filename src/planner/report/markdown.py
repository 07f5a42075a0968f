"""Writes a document as Markdown: text from files shows as text, pings nobody and opens no tag."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from planner.report.document import (
    Bars,
    Block,
    Cell,
    Columns,
    Details,
    Document,
    Entries,
    Entry,
    ForPage,
    ForTerminal,
    Gap,
    Heading,
    Item,
    Items,
    Lanes,
    Paragraph,
    Picture,
    Stack,
    Summary,
    Swings,
    Table,
    Text,
    Timeline,
    inline,
    plain,
    stack_words,
    summary_first,
)
from planner.text import safe

#: An underscore inside a word is no emphasis; brackets make a link only where something follows them.
_SPECIAL = re.compile(r"([\\`*<|~$]|(?<!\w)_|_(?!\w)|\](?=[\[(:]))")
#: `@name` and `#12` would call people and link issues; an empty comment behind the sign stops that.
_REFERENCES = re.compile(r"([@#])(?=\w)")
#: What GitHub makes a link of by itself, without the punctuation of the sentence behind it.
_ADDRESS = re.compile(r"((?:https?://|ftp://|www\.)[^\s`<>]*[^\s`<>.,;:!?)\]}'\"*_~|])", re.IGNORECASE)


def markdown_text(document: Document) -> str:
    """Return the document as Markdown, to stand in a pull request."""
    title, *rest = document.blocks
    return "\n".join(_lines([title, *summary_first(rest)])) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, within a line that begins with something else.

    An address is a code span: text from a file leads nobody anywhere by a click.
    """
    pieces = _ADDRESS.split(safe(" ".join(text.split())))
    return "".join(code(piece) if index % 2 else _escaped(piece) for index, piece in enumerate(pieces))


def _escaped(line: str) -> str:
    line = _SPECIAL.sub(r"\\\1", line.replace("&", "&amp;"))
    return _REFERENCES.sub(r"\1<!-- -->", line)


def code(text: str) -> str:
    """Return text as a code span; pipes are escaped, as tables need it."""
    line = safe(" ".join(text.split())).replace("|", r"\|")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    if longest == 0:
        return f"`{line}`" if line else ""
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}"


def _lines(blocks: Iterable[Block]) -> list[str]:
    """Return the lines of blocks: an empty one between two, none in a list or in a run of sentences."""
    lines: list[str] = []
    last = ""
    for block in blocks:
        shown = _WRITERS[type(block)](block)
        if not shown:
            continue
        kind = _kind(block)
        lines += [""] if lines and not (kind and kind == last) else []
        lines += shown
        last = kind
    return lines


def _kind(block: Block) -> str:
    if isinstance(block, Items) or (isinstance(block, Entries) and not block.header):
        return "list"
    return "sentence" if isinstance(block, Paragraph) and block.is_sentence else ""


def _inline(text: Text) -> str:
    """Return a text whose pieces are written as what they are."""
    return inline(text, escaped, _SPANS)


_SPANS: dict[str, Callable[[str], str]] = {
    "code": code,
    "strong": lambda text: f"**{escaped(text)}**",
    "aside": lambda text: f" ({escaped(text)})",
}


def _heading(block: Heading) -> list[str]:
    title = escaped(f"{block.title} {block.name}")
    aside = f": {_inline(block.aside)}" if block.aside else ""
    return [f"{'#' * (block.level + 2)} {title}{aside}"]


def _paragraph(block: Paragraph) -> list[str]:
    text = plain(block.text)
    if block.is_sentence and text:
        return [f"{escaped(text[:1].upper() + text[1:])}."]
    shown = _inline(block.text)
    return [f"**{shown}**" if block.role == "title" else shown] if shown else []


def _items(block: Items) -> list[str]:
    return [_item(item) for item in block.items]


def _item(item: Item) -> str:
    about = " ".join(filter(None, (escaped(item.label), item.word)))
    return f"{'  ' * item.depth}- {about + ': ' if about else ''}{_inline(item.text)}"


def _entries(block: Entries) -> list[str]:
    if not block.header:
        return [_entry(entry) for entry in block.entries]
    rows = [
        (escaped(entry.label), _inline(entry.text), "<br>".join(map(escaped, entry.aside)))
        for entry in block.entries
    ]
    return _table_lines(block.header, rows)


def _entry(entry: Entry) -> str:
    text = " ".join(filter(None, (_inline(entry.text), *map(escaped, entry.below))))
    text += f" ({escaped('; '.join(entry.aside))})" if entry.aside else ""
    if not entry.label:
        return f"  - {text}"
    label = escaped(entry.label)
    label = f"{label}:" if entry.role == "quiet" else f"**{label}**"
    return f"- {entry.word + ': ' if entry.word else ''}{label} {text}"


def _table(table: Table) -> list[str]:
    return _table_lines(map(escaped, table.header), ([_cell(cell) for cell in row] for row in table.rows))


def _cell(cell: Cell) -> str:
    text = _inline(cell.text)
    text = f"**{text}**" if cell.is_strong else text
    return f"{text}<br>{escaped(cell.below)}" if cell.below else text


def _bars(block: Bars) -> list[str]:
    return _table_lines(("", "share"), ((escaped(bar.label), escaped(bar.text)) for bar in block.bars))


def _swings(block: Swings) -> list[str]:
    told = ((row.label, row.by, row.lower, row.upper, row.rank) for row in block.rows)
    return _table_lines(map(escaped, block.header), (list(map(escaped, row)) for row in told))


def _timeline(block: Timeline) -> list[str]:
    told = ((phase.label, phase.seconds, phase.percent) for phase in block.phases)
    return _table_lines(("phase", "takes", "of the step"), (list(map(escaped, row)) for row in told))


def _stack(block: Stack) -> list[str]:
    return [escaped(stack_words(block))] if block.parts else []


def _table_lines(header: Iterable[str], rows: Iterable[Sequence[str]]) -> list[str]:
    names = list(header)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def _details(block: Details) -> list[str]:
    return [
        f"<details><summary>{escaped(block.summary)}</summary>",
        "",
        *_lines(block.blocks),
        "",
        "</details>",
    ]


def _summary(block: Summary) -> list[str]:
    return [f"**{escaped(block.headline)}**", "", escaped(block.detail)]


def _inner(block: ForPage) -> list[str]:
    return _lines(block.blocks)


def _nothing(_block: Gap | ForTerminal | Picture) -> list[str]:
    return []


_WRITERS: dict[type[Block], Callable[[Any], list[str]]] = {
    Heading: _heading,
    Gap: _nothing,
    Paragraph: _paragraph,
    Items: _items,
    Entries: _entries,
    Table: _table,
    Bars: _bars,
    Swings: _swings,
    Lanes: _nothing,
    Stack: _stack,
    Timeline: _timeline,
    Columns: _nothing,
    Details: _details,
    ForTerminal: _nothing,
    ForPage: _inner,
    Summary: _summary,
}
