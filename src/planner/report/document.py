"""What a document says, whatever it is written as: headings, sentences, entries, lists, tables, pictures.

One function per document returns a `Document`; one writer per format (`terminal`, `markdown`, `html`,
`csv_text`, `workbook`) writes any.
A block holds texts as they were made, safe or not: the writer makes them safe for its format. Named tuples,
as every command that prints reads this module, and as many dataclasses take five times as long to make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Literal, NamedTuple, ParamSpec

from planner.text import NO_BREAK

Arguments = ParamSpec("Arguments")

Role = Literal["plain", "title", "good", "bad", "quiet"]
#: Leads from one thing to another in a heading; a writer may have a better sign.
ARROW = " -> "


class Span(NamedTuple):
    """A piece of a text that is a name to be typed, stands out, or is said between commas or in brackets."""

    text: str
    kind: Literal["code", "strong", "aside"]


Text = str | tuple[str | Span, ...]


class Number(NamedTuple):
    """A number behind a text, for formats that hold numbers: in its base unit, such as W or USD."""

    value: float
    unit: str
    #: the ends of its band, where it has one
    low: float | None = None
    high: float | None = None


class Heading(NamedTuple):
    """The start of the document (level 1), of a section (level 2) or of a part of one (level 3)."""

    title: str
    aside: Text = ""
    #: what the section is about, behind its title
    name: str = ""
    level: Literal[1, 2, 3] = 2


class Gap(NamedTuple):
    """An empty line between what belongs together and what does not."""


class Paragraph(NamedTuple):
    """A text that wraps; lines after the first are indented by `hanging` more."""

    text: Text
    indent: int = 2
    hanging: int = 0
    role: Role = "plain"
    #: a page begins it with a capital and ends it with a full stop
    is_sentence: bool = False


class Item(NamedTuple):
    """A line of a list: what it is about and its sign, or the sign's word where signs are not used."""

    text: Text
    sign: str = ""
    label: str = ""
    word: str = ""
    #: of a tree: how far below its root
    depth: int = 0
    role: Role = "plain"
    hanging: int = 2


class Items(NamedTuple):
    """A list, or with depths a tree."""

    items: tuple[Item, ...]
    indent: int = 2
    #: a terminal shows no more characters of one
    longest: int = 0


class Entry(NamedTuple):
    """A label and what stands beside it."""

    label: str
    text: Text
    role: Role = "plain"
    numbers: tuple[Number, ...] = ()
    #: what became of it, as a sign and in a word
    sign: str = ""
    word: str = ""
    #: further lines beside the label: of the same, and what goes on from the text
    aside: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


class Entries(NamedTuple):
    """Entries whose texts stand below each other; with a header a page makes them a table."""

    entries: tuple[Entry, ...]
    label_width: int
    header: tuple[str, ...] = ()
    #: labels take half the width at most, less this
    margin: int = 0
    #: what the whole document is read for
    is_headline: bool = False


class Cell(NamedTuple):
    """What stands in a table: a text, the numbers it was made from, and what else a layout may show."""

    text: Text
    numbers: tuple[Number, ...] = ()
    role: Role = "plain"
    is_strong: bool = False
    #: shown before a row where signs are used
    sign: str = ""
    #: the same text where there is little room
    short: str = ""
    #: a second line
    below: str = ""
    #: the same text in labelled parts, where one line is too long for it
    parts: tuple[tuple[str, str], ...] = ()


Layout = Literal["columns", "inputs", "figures", "plans"]


class Table(NamedTuple):
    """Rows of cells below a header.

    A page writes every table alike. A terminal has layouts for those that it has no room for: `inputs`
    (word, key, before, after, change), `figures` (label, both figures, change, verdict, band) and `plans`
    (as many columns beside each other as fit).
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    layout: Layout = "columns"
    #: columns of numbers
    right: frozenset[int] = frozenset()
    #: so many of the last columns are left out where there is little room
    spare: int = 0
    #: so many cells wide at least is each column on a terminal, where several tables line up
    least: tuple[int, ...] = ()


class Bar(NamedTuple):
    """A part of a whole as a bar, longest for the largest part."""

    label: str
    share: float
    text: str


class Bars(NamedTuple):
    """The parts of a whole, the largest first."""

    bars: tuple[Bar, ...]
    label_width: int


class SwingRow(NamedTuple):
    """An input of a tornado: how far its lower and its upper end move the result, and both as texts."""

    label: str
    by: str
    low: float | None
    high: float | None
    lower: str
    upper: str
    rank: str


class Swings(NamedTuple):
    """A tornado, drawn in cells; a page has a table of the same in its place."""

    header: tuple[str, str, str, str, str]
    rows: tuple[SwingRow, ...]


class Limit(NamedTuple):
    """What a figure may come up to."""

    value: float
    text: str


class Lane(NamedTuple):
    """A median in its band beside its limits; all from an origin on, such as a first day or zero."""

    label: str
    low: float
    middle: float
    high: float
    text: str
    limits: tuple[Limit, ...] = ()
    origin: float = 0.0
    role: Role = "plain"


class Lanes(NamedTuple):
    """Figures in their bands, each on a scale of its own; a picture of what is said in words beside it."""

    lanes: tuple[Lane, ...]


class Stack(NamedTuple):
    """Parts of a whole end to end in one bar, as shares of what there is room for; without one, in words."""

    parts: tuple[Bar, ...]
    #: what the end of the bar stands for
    room: str


class Phase(NamedTuple):
    """What is done in a part of a step's time, both as shares of it, and how long it takes as texts."""

    label: str
    begins: float
    share: float
    seconds: str
    percent: str
    #: somebody waits
    is_idle: bool = False


class Timeline(NamedTuple):
    """The phases of a step in their places on its time."""

    phases: tuple[Phase, ...]
    label_width: int


class Columns(NamedTuple):
    """Amounts side by side, such as one a year; a picture of what is said in words beside it."""

    columns: tuple[tuple[str, float, str], ...]


class Details(NamedTuple):
    """Blocks that a page folds away behind a summary."""

    summary: str
    blocks: tuple[Block, ...]


class ForTerminal(NamedTuple):
    """What only a terminal shows: the meaning of its signs, names of commands."""

    blocks: tuple[Block, ...]


class ForPage(NamedTuple):
    """What only a page shows: Markdown and HTML."""

    blocks: tuple[Block, ...]


class Summary(NamedTuple):
    """What a document comes to: its last block, where a terminal keeps it in sight; a page has it first."""

    headline: str
    detail: str


Picture = Lanes | Columns
Block = (
    Heading
    | Gap
    | Paragraph
    | Items
    | Entries
    | Table
    | Bars
    | Swings
    | Stack
    | Timeline
    | Picture
    | Details
    | ForTerminal
    | ForPage
    | Summary
)
GAP = Gap()


def stack_words(block: Stack) -> str:
    """Return the parts of a whole in a line; a part and its amount stay together."""
    return ", ".join(f"{part.label} {part.text}".replace(" ", NO_BREAK) for part in block.parts)


class Document(NamedTuple):
    """Blocks in reading order."""

    blocks: tuple[Block, ...]


def document(blocks: Callable[Arguments, Iterable[Block]]) -> Callable[Arguments, Document]:
    """Make a function that yields blocks return them as a document."""

    @wraps(blocks)
    def made(*arguments: Arguments.args, **named: Arguments.kwargs) -> Document:
        return Document(tuple(blocks(*arguments, **named)))

    return made


def plain(text: Text) -> str:
    """Return a text without what its pieces are."""
    if isinstance(text, str):
        return text
    return "".join(map(_plain_piece, text))


def _plain_piece(piece: str | Span) -> str:
    if isinstance(piece, str):
        return piece
    return f", {piece.text}," if piece.kind == "aside" else piece.text


def inline(text: Text, shown: Callable[[str], str], spans: Mapping[str, Callable[[str], str]]) -> str:
    """Return a text as a page writes it: `shown` makes what is plain safe, `spans` a piece of each kind."""
    if isinstance(text, str):
        return shown(text)
    return "".join(_piece(piece, shown, spans) for piece in text)


def _piece(piece: str | Span, shown: Callable[[str], str], spans: Mapping[str, Callable[[str], str]]) -> str:
    if isinstance(piece, Span):
        return spans[piece.kind](piece.text)
    if piece == ARROW:
        return " \N{RIGHTWARDS ARROW} "
    lead, tail = (" " if blank.isspace() else "" for blank in (piece[:1], piece[-1:]))
    return f"{lead}{shown(piece)}{tail}"


def summary_first(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks of a page: what it comes to stands below its title."""
    return sorted(blocks, key=lambda block: not isinstance(block, Summary))


def entries(rows: Iterable[tuple[str, Text]], label_width: int, *, role: Role = "plain") -> Entries:
    """Return labels and texts as entries."""
    return Entries(tuple(Entry(label, text, role) for label, text in rows), label_width)


def cells(rows: Iterable[Iterable[str]]) -> tuple[tuple[Cell, ...], ...]:
    """Return texts as the cells of a table."""
    return tuple(tuple(map(Cell, row)) for row in rows)
