"""Writes a document as one file of HTML: no script, no request to anywhere, text from files stays text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
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
    Table,
    Text,
    Timeline,
    inline,
    plain,
    summary_first,
)
from planner.report.html_style import STYLE
from planner.report.svg import columns_svg, lanes_svg, letter, parts_svg, shown, stack_svg, timeline_svg

#: So short are labels that are no more than a sign or a letter.
_MARK = 2
#: Fewer sections are found without a list of them.
_LISTED_SECTIONS = 5
#: Nothing may be loaded or run, whatever a text would have a browser do.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

#: What a document is called that does not say.
_UNTITLED = Heading("planner", level=1)


def html_text(document: Document) -> str:
    """Return the document as a page that stands alone."""
    blocks = list(document.blocks)
    title, rest = _title(blocks)
    rest = summary_first(rest)
    sections = _sections(rest)
    body = "".join(_all(rest))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'
        f"<title>{shown(': '.join(filter(None, (title.title, plain(title.aside)))))}</title>"
        f"<style>{STYLE}</style></head>\n<body><main>\n{_heading(title)}\n{sections}{body}</main></body></html>\n"
    )


def _title(blocks: list[Block]) -> tuple[Heading, list[Block]]:
    """Return what a document is called, and the rest of it."""
    first = blocks[0] if blocks else _UNTITLED
    if isinstance(first, Heading) and first.level == 1:
        return first, blocks[1:]
    if isinstance(first, Paragraph) and first.role == "title":
        return Heading(plain(first.text), level=1), blocks[1:]
    return _UNTITLED, blocks


def _sections(blocks: Iterable[Block]) -> str:
    headings = [block for block in _of_page(blocks) if isinstance(block, Heading) and block.level == 2]
    if len(headings) < _LISTED_SECTIONS:
        return ""
    links = (f'<a href="#{_anchor(heading)}">{_heading_text(heading)}</a> ' for heading in headings)
    return f"<nav>{''.join(links)}</nav>\n"


def _of_page(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, ForPage):
            yield from _of_page(block.blocks)
        else:
            yield block


def _anchor(heading: Heading) -> str:
    """Return the place of a section; of two with one title a link leads to the first."""
    text = f"{heading.title} {heading.name}".lower()
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in text)


def _all(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        written = _WRITERS[type(block)](block)
        if written:
            yield f"{written}\n"


def _class(*names: str) -> str:
    kept = " ".join(name for name in names if name and name != "plain")
    return f' class="{kept}"' if kept else ""


def _inline(text: Text) -> str:
    """Return a text whose pieces are written as what they are."""
    return inline(text, shown, _SPANS)


_SPANS: dict[str, Callable[[str], str]] = {
    "code": lambda text: f"<code>{shown(text)}</code>",
    "strong": lambda text: f"<strong>{shown(text)}</strong>",
    "aside": lambda text: f" ({shown(text)})",
}


def _heading(block: Heading) -> str:
    aside = f'<span class="aside">{_inline(block.aside)}</span>' if block.aside else ""
    place = f' id="{_anchor(block)}"' if block.level == 2 else ""
    return f"<h{block.level}{place}>{_heading_text(block)}{aside}</h{block.level}>"


def _heading_text(block: Heading) -> str:
    return shown(f"{block.title[:1].upper()}{block.title[1:]} {block.name}")


def _paragraph(block: Paragraph) -> str:
    text = plain(block.text)
    if not text:
        return ""
    written = f"{shown(text[:1].upper() + text[1:])}." if block.is_sentence else _inline(block.text)
    return f"<p{_class(block.role)}>{written}</p>"


def _items(block: Items) -> str:
    """Return a list, with lists inside it where items stand below others."""
    text, depth = "", -1
    for item in block.items:
        deeper = min(item.depth, depth + 1)
        text += "<ul>" if deeper > depth else "</li></ul>" * (depth - deeper) + "</li>"
        text += f"<li{_class(item.role)}>{_item(item)}"
        depth = deeper
    return text + "</li></ul>" * (depth + 1)


def _item(item: Item) -> str:
    about = " ".join(filter(None, (shown(item.label), item.word)))
    return f"{about + ': ' if about else ''}{_inline(item.text)}"


def _entries(block: Entries) -> str:
    if block.is_headline:
        return f'<div class="tiles">{"".join(map(_tile, block.entries))}</div>'
    if block.header:
        rows = (
            f"<td>{shown(entry.label)}</td><td>{_inline(entry.text)}</td>"
            f"<td>{''.join(f'<span>{shown(text)}</span>' for text in entry.aside)}</td>"
            for entry in block.entries
        )
        return _table_of(map(shown, block.header), rows, frozenset())
    labels = (f"{entry.word}{entry.label}" for entry in block.entries)
    kind = "marks" if all(len(label) <= _MARK for label in labels) else ""
    return f"<dl{_class(kind)}>{''.join(map(_entry, block.entries))}</dl>"


def _tile(entry: Entry) -> str:
    """Return a figure to be read from afar, and in small what stands behind it."""
    text = plain(entry.text)
    places = [place for mark in ("[", ": ", "(") if (place := text.find(mark)) > 0]
    cut = min(places, default=len(text))
    rest = text[cut:].removeprefix(":")
    return (
        f'<div class="tile"><span class="name">{shown(entry.label)}</span>'
        f"<b>{shown(text[:cut])}</b><span>{shown(rest)}</span></div>"
    )


def _entry(entry: Entry) -> str:
    label = " ".join(filter(None, (entry.word, entry.label)))
    further = "".join(f"<span>{shown(text)}</span>" for text in (*entry.aside, *entry.below))
    return f"<dt{_class(entry.role)}>{shown(label)}</dt><dd>{_inline(entry.text)}{further}</dd>"


def _table(table: Table) -> str:
    rows = (
        "".join(_cell(cell, is_right=column in table.right) for column, cell in enumerate(row))
        for row in table.rows
    )
    return _table_of(map(shown, table.header), rows, table.right)


def _cell(cell: Cell, *, is_right: bool) -> str:
    text = _inline(cell.text)
    text = f"<strong>{text}</strong>" if cell.is_strong else text
    below = f"<span{_class('quiet')}>{shown(cell.below)}</span>" if cell.below else ""
    return f"<td{_class('right' if is_right else '', cell.role)}>{text}{below}</td>"


def _table_of(header: Iterable[str], rows: Iterable[str], right: frozenset[int]) -> str:
    names = "".join(
        f"<th{_class('right' if column in right else '')}>{name}</th>"
        for column, name in zip(count(), header)
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def _legend(parts: Iterable[tuple[str, str]]) -> str:
    items = (
        f"<li><b>{letter(place)}</b>{shown(label)} {shown(text)}</li>"
        for place, (label, text) in enumerate(parts)
    )
    return f'<ul class="legend">{"".join(items)}</ul>'


def _bars(block: Bars) -> str:
    return parts_svg(block.bars) + _legend((bar.label, bar.text) for bar in block.bars)


def _stack(block: Stack) -> str:
    return stack_svg(block) + _legend((part.label, part.text) for part in block.parts)


def _lanes(block: Lanes) -> str:
    return lanes_svg(block) if block.lanes else ""


def _columns(block: Columns) -> str:
    return columns_svg(block) if any(value for _, value, _ in block.columns) else ""


def _details(block: Details) -> str:
    return f"<details open><summary>{shown(block.summary)}</summary>{''.join(_all(block.blocks))}</details>"


def _summary(block: Summary) -> str:
    return f'<p class="title">{shown(block.headline)}</p><p>{shown(block.detail)}</p>'


def _inner(block: ForPage) -> str:
    return "".join(_all(block.blocks))


def _nothing(_block: Gap | ForTerminal | Picture) -> str:
    return ""


_WRITERS: dict[type[Block], Callable[[Any], str]] = {
    Heading: _heading,
    Gap: _nothing,
    Paragraph: _paragraph,
    Items: _items,
    Entries: _entries,
    Table: _table,
    Bars: _bars,
    Lanes: _lanes,
    Stack: _stack,
    Timeline: timeline_svg,
    Columns: _columns,
    Details: _details,
    ForTerminal: _nothing,
    ForPage: _inner,
    Summary: _summary,
}
