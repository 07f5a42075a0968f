"""The writers of documents: what holds of any document, and each block in both formats."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import ClassVar, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.estimate.result import Estimate
from planner.quantities.figure import Band
from planner.report.csv_text import csv_text
from planner.report.document import (
    ARROW,
    GAP,
    Bar,
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
    Heading,
    Item,
    Items,
    Lane,
    Lanes,
    Limit,
    Number,
    Paragraph,
    Role,
    Span,
    Stack,
    Summary,
    Table,
    cells,
    document,
    entries,
    plain,
)
from planner.report.estimate_document import estimate_document
from planner.report.figures import figure, numbers_of
from planner.report.html import html_text
from planner.report.long_rows import document_rows
from planner.report.markdown import escaped, markdown_text
from planner.report.numbers import MONEY, PERCENT, POWER
from planner.report.page import cell_width
from planner.report.terminal import terminal_text
from planner.text import first_unsafe

_Made = TypeVar("_Made")


def _built(
    make: Callable[..., _Made], *parts: st.SearchStrategy[object], **named: st.SearchStrategy[object]
) -> st.SearchStrategy[_Made]:
    """Return what is made from those parts alone; `st.builds` would fill the other fields, too."""
    return st.tuples(st.tuples(*parts), st.fixed_dictionaries(named)).map(lambda it: make(*it[0], **it[1]))


def _some(
    make: Callable[..., _Made], *parts: st.SearchStrategy[object], **named: st.SearchStrategy[object]
) -> st.SearchStrategy[tuple[_Made, ...]]:
    return st.lists(_built(make, *parts, **named), max_size=3).map(tuple)


_ROLES = st.sampled_from(("plain", "title", "good", "bad", "quiet"))
#: Texts with blanks of all kinds, at their ends as well.
_TEXTS = st.text(alphabet=st.sampled_from("ab-> \t\n\xa0\u3000\u4e2d\x1b*_`|<&\"'=+@\u202e"), max_size=60)
_NUMBERS = st.floats(-1e12, 1e12)
_SIGNS = st.sampled_from(("", "~", "+", "-", "x"))
_CELLS = _built(Cell, _TEXTS, role=_ROLES, sign=_SIGNS, short=_TEXTS, below=_TEXTS)


def _tables(columns: int, layout: str) -> st.SearchStrategy[Table]:
    rows = st.lists(st.tuples(*[_CELLS] * columns), min_size=1, max_size=4).map(tuple)
    header = st.tuples(*[_TEXTS] * columns)
    right = st.frozensets(st.integers(0, columns - 1))
    return _built(Table, header, rows, st.just(layout), right)


_BLOCKS: st.SearchStrategy[Block] = st.one_of(
    _built(Heading, _TEXTS, _TEXTS, _TEXTS),
    st.just(GAP),
    _built(Paragraph, _TEXTS, role=_ROLES, hanging=st.integers(0, 4)),
    _built(Items, _some(Item, _TEXTS, _SIGNS, _TEXTS, role=_ROLES)),
    _built(Entries, _some(Entry, _TEXTS, _TEXTS, _ROLES, sign=_SIGNS), st.integers(1, 30)),
    *(_tables(columns, layout) for columns, layout in ((3, "columns"), (5, "inputs"), (5, "figures"))),
    _tables(4, "plans"),
    _built(Bars, _some(Bar, _TEXTS, st.floats(0.001, 1.0), _TEXTS), st.just(8)),
    _built(Stack, _some(Bar, _TEXTS, st.floats(0.001, 1.0), _TEXTS), _TEXTS),
    _built(Lanes, _some(Lane, _TEXTS, _NUMBERS, _NUMBERS, _NUMBERS, _TEXTS, _some(Limit, _NUMBERS, _TEXTS))),
    _built(Columns, st.lists(st.tuples(_TEXTS, _NUMBERS, _TEXTS), max_size=4).map(tuple)),
    _built(Summary, _TEXTS, _TEXTS),
)
_DOCUMENTS = st.lists(_BLOCKS, min_size=1, max_size=5).map(lambda blocks: Document(tuple(blocks)))


@settings(max_examples=100, deadline=None)
@given(_DOCUMENTS, st.integers(20, 130), st.booleans())
def test_no_line_ends_in_a_blank_and_no_colour_holds_blanks_alone(
    made: Document, width: int, is_coloured: bool
) -> None:
    text = terminal_text(made, width=width, is_coloured=is_coloured)
    assert not re.search(r"\x1b\[[\d;]+m\s*\x1b\[0m", text)
    for line in text.split("\n"):
        shown = re.sub(r"\x1b\[[\d;]*m", "", line)
        assert shown == shown.rstrip()
        assert first_unsafe(shown) is None


@settings(max_examples=50, deadline=None)
@given(_DOCUMENTS, st.integers(20, 130))
def test_colours_change_nothing_else(made: Document, width: int) -> None:
    coloured = terminal_text(made, width=width, is_coloured=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == terminal_text(made, width=width)


@settings(max_examples=50, deadline=None)
@given(_DOCUMENTS)
def test_markdown_of_any_document_is_safe(made: Document) -> None:
    for line in markdown_text(made).split("\n"):
        assert first_unsafe(line) is None


class _Tags(HTMLParser):
    """What a browser would take for tags; every one that opens a part must close it, in order."""

    _ALONE: ClassVar = frozenset({"meta", "link"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= set(attrs)
        if tag not in self._ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= set(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


_TAGS = re.compile(
    r"html|head|meta|link|title|style|body|main|nav|a|h[123]|p|span|strong|code|div|b|dl|dt|dd|ul|li|table|"
    r"thead|tbody|tr|th|td|svg|rect|line|text|details|summary"
)


@settings(max_examples=80, deadline=None)
@given(_DOCUMENTS)
def test_html_of_any_document_is_our_tags_and_text(made: Document) -> None:
    tags = _Tags(html_text(made))
    assert all(map(_TAGS.fullmatch, tags.names))
    addresses = {value for name, value in tags.attributes if name in ("href", "src", "action", "style")}
    assert all(address == "data:," or str(address).startswith("#") for address in addresses)
    assert not any(name.startswith("on") for name, _ in tags.attributes)
    for line in tags.text.split("\n"):
        assert first_unsafe(line) is None


@settings(max_examples=80, deadline=None)
@given(_DOCUMENTS)
def test_csv_of_any_document_computes_nothing(made: Document) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(document_rows(made)))))
    for row in rows:
        assert None not in row
        for name in ("section", "row", "column", "title", "unit", "text"):
            assert not row[name].lstrip("'").startswith("=") or row[name].startswith("'")
            assert row[name][:1] not in ("=", "+", "-", "@", "\t", "\r")
            assert first_unsafe(row[name]) is None


def test_what_stands_beside_a_title_is_no_column_of_syllables() -> None:
    title, aside = "Smallest clusters of a model with a long name", "within 60 days"
    told = Document((Heading(title, aside, level=1),))
    assert terminal_text(told, width=80).split("\n")[0] == f"{title}  {aside}"
    narrow = terminal_text(told, width=40).split("\n")
    assert max(map(len, narrow)) <= 40
    assert f"  {aside}" in narrow


@pytest.mark.parametrize("width", [60, 80, 120])
def test_bars_line_up_within_the_page_whatever_stands_before_them(width: int) -> None:
    bars = (Bar("a", 0.9, "42.8 %, planned 29..62 %"), Bar("ab", 0.3, "6 %, planned 3.8..8.2 %"))
    told = terminal_text(Document((Bars(bars, 2),)), width=width, is_ascii=True)
    rows = [row for row in told.split("\n") if "#" in row]
    assert len(rows) == 2
    assert max(map(len, rows)) <= width
    assert len({row.index("#") for row in rows}) == 1


@pytest.mark.parametrize("width", [40, 57, 80, 120])
def test_a_row_of_a_diff_that_is_wrapped_in_colour_ends_in_its_text(width: int) -> None:
    cell = Cell("better", role="good")
    row = (Cell("training time", sign="~"), Cell("190 -> 111 days"), Cell("-79 days"), cell, Cell("[9..9]"))
    text = terminal_text(Document((_figures(row),)), width=width, is_coloured=True)
    ends = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in text.splitlines()]
    assert all(end == end.rstrip() for end in ends)
    assert "better\x1b[0m" in text or "better  [9..9]\x1b[0m" in text


def _figures(*rows: tuple[Cell, ...]) -> Table:
    return Table(("", "before -> after", "change", "", "band"), rows, layout="figures")


@document
def _example(name: str) -> list[Block]:
    return [
        Heading("Plan diff", (Span("a.toml", "code"), ARROW, Span(name, "code")), level=1),
        Heading("Step", "as made", "3 s"),
        Paragraph("said *so*", is_sentence=True),
        Paragraph("and so", is_sentence=True),
        entries([("power", ("5 MW", Span("unsure", "aside"), " = 2 + 3"))], 8),
        Items((Item("one", sign="!", word="new"), Item("two", depth=1))),
        Entries((Entry("a", "x", aside=("y", "z")),), 3, header=("", "plan", "pools")),
        ForTerminal((Paragraph("only here"),)),
        ForPage((Paragraph("only there"),)),
        Details("more", (Paragraph("folded"),)),
        Bars((Bar("compute", 0.75, "75 %"), Bar("idle", 0.25, "25 %")), 8),
        Stack((Bar("weights", 0.25, "5 GB"), Bar("states", 0.5, "10 GB")), "20 GB"),
        Lanes((Lane("days", 80.0, 90.0, 110.0, "90 [80..110]", (Limit(100.0, "by May"),)),)),
        Columns((("year 0", 3.0, "3 USD"), ("year 1", -1.0, "-1 USD"))),
        Table(("id", "n"), cells([("a|b", "1")]), right=frozenset({1})),
        Summary("better", "1 better"),
    ]


def test_each_block_on_a_terminal() -> None:
    assert terminal_text(_example("b.toml"), width=40, is_ascii=True).splitlines() == [
        "Plan diff  a.toml -> b.toml",
        "",
        "STEP 3 s  as made",
        "  said *so*",
        "  and so",
        "  power     5 MW, unsure, = 2 + 3",
        "  ! one",
        "    two",
        "  a    x",
        "       y",
        "       z",
        "  only here",
        "  folded",
        "  compute      75 %  ###################",
        "  idle         25 %  ######",
        "  weights 5 GB, states 10 GB",
        "id   n",
        "a|b  1",
        "",
        "Summary: better",
        "         1 better",
    ]


def test_each_block_as_markdown() -> None:
    assert markdown_text(_example("b.toml")).splitlines() == [
        "### Plan diff: `a.toml` \N{RIGHTWARDS ARROW} `b.toml`",
        "",
        "**better**",
        "",
        "1 better",
        "",
        "#### Step 3 s: as made",
        "",
        r"Said \*so\*.",
        "And so.",
        "",
        "- **power** 5 MW (unsure) = 2 + 3",
        "- new: one",
        "  - two",
        "",
        "|  | plan | pools |",
        "|---|---|---|",
        "| a | x | y<br>z |",
        "",
        "only there",
        "",
        "<details><summary>more</summary>",
        "",
        "folded",
        "",
        "</details>",
        "",
        "|  | share |",
        "|---|---|",
        "| compute | 75 % |",
        "| idle | 25 % |",
        "",
        "weights 5 GB, states 10 GB",
        "",
        "| id | n |",
        "|---|---|",
        r"| a\|b | 1 |",
    ]


def test_each_block_as_html() -> None:
    page = html_text(_example("<b>.toml"))
    body = page.partition("<main>")[2]
    assert "<title>Plan diff: a.toml -&gt; &lt;b&gt;.toml</title>" in page
    for part in (
        '<h1>Plan diff<span class="aside"><code>a.toml</code> \N{RIGHTWARDS ARROW} '
        '<code>&lt;b&gt;.toml</code></span></h1>\n<p class="title">better</p><p>1 better</p>',
        '<h2 id="step-3-s">Step 3 s<span class="aside">as made</span></h2>',
        "<p>Said *so*.</p>\n<p>And so.</p>",
        "<dl><dt>power</dt><dd>5 MW (unsure) = 2 + 3</dd></dl>",
        "<ul><li>new: one<ul><li>two</li></ul></li></ul>",
        "<tr><td>a</td><td>x</td><td><span>y</span><span>z</span></td></tr>",
        "<p>only there</p>",
        "<details open><summary>more</summary><p>folded</p>\n</details>",
        "<li><b>A</b>compute 75 %</li><li><b>B</b>idle 25 %</li>",
        "<li><b>A</b>weights 5 GB</li><li><b>B</b>states 10 GB</li>",
        'aria-label="days 90 [80..110]"',
        ">by May</text>",
        'aria-label="year 0 3 USD, year 1 -1 USD"',
        '<th class="right">n</th>',
        '<tr><td>a|b</td><td class="right">1</td></tr>',
    ):
        assert part in body
    assert "only here" not in body


def test_a_headline_is_read_from_afar() -> None:
    tiles = Entries((Entry("Days", "90 [82..102] *"), Entry("Fits", "yes: 5 of 6 GB")), 5, is_headline=True)
    page = html_text(Document((tiles,)))
    assert "<b>90</b><span>[82..102] *</span>" in page
    assert "<b>yes</b><span>5 of 6 GB</span>" in page


def test_a_page_asks_nobody_for_anything(example_estimate: Estimate) -> None:
    page = html_text(estimate_document(example_estimate))
    assert "default-src 'none'" in page
    assert not re.search(r"<script|@import|url\(|https?:|src=", page)
    assert page.count("<svg") == 3


def test_long_rows_keep_section_label_numbers_and_unit() -> None:
    lines = csv_text(document_rows(_example("b.toml"))).splitlines()
    assert lines[0] == "section,row,column,title,value,p10,p90,unit,text"
    assert "Step 3 s,compute,,,0.75,,,share,75 %" in lines
    assert "Step 3 s,a|b,n,,,,,,1" in lines
    assert 'Step 3 s,power,,,,,,,"5 MW, unsure, = 2 + 3"' in lines
    banded = Document((Entries((figure("power", Band(4.0, 5.0, 6.0), POWER),), 5),))
    assert csv_text(document_rows(banded)).splitlines()[1] == ",power,,,5,4,6,W,5.0 W [4.0..6.0]"


def test_an_estimate_is_written_as_markdown_too(example_estimate: Estimate) -> None:
    text = markdown_text(estimate_document(example_estimate))
    assert "- **At the meter** 5.1 MW" in text
    assert "#### Compliance: planning information, not legal advice" in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("entry", "text", "number"),
    [
        (
            figure("power", Band(4.8e6, 5.12e6, 5.5e6), POWER),
            "5.1 MW [4.8..5.5]",
            Number(5.12e6, "W", 4.8e6, 5.5e6),
        ),
        (figure("peak", 5.12e6, POWER), "5.1 MW", Number(5.12e6, "W")),
        (figure("MFU", Band(0.44, 0.5, 0.55), PERCENT), "50 % [44..55]", Number(0.5, "", 0.44, 0.55)),
        (
            figure("cost", Band(1.0, 2.0, 3.0), MONEY, behind=" *"),
            "2.0 USD [1.0..3.0] *",
            Number(2.0, "USD", 1.0, 3.0),
        ),
    ],
)
def test_a_figure_keeps_its_number_and_unit(entry: Entry, text: str, number: Number) -> None:
    assert entry.text == text
    assert entry.numbers == (number,)


def test_what_is_unknown_has_no_number() -> None:
    assert figure("power", None, POWER).numbers == ()
    assert numbers_of((None, float("nan"), 1.0), POWER) == (Number(1.0, "W"),)


def test_plain_text_of_pieces() -> None:
    assert plain(("a ", Span("b", "code"), Span("c", "aside"), Span("d", "strong"))) == "a b, c,d"


def test_columns_that_can_be_spared_go_first() -> None:
    table = Table(("id", "title", "from"), cells([("a", "b", "2026")]), spare=1)
    assert "2026" not in terminal_text(Document((table,)), width=80)
    assert "2026" in terminal_text(Document((table,)), width=120)
    assert "2026" in markdown_text(Document((table,)))


def test_a_wide_character_takes_two_cells_of_its_column() -> None:
    role: Role = "plain"
    made = Document((Entries((Entry("\u4e2d", "x" * 60, role),), 4),))
    assert max(map(cell_width, terminal_text(made, width=40).splitlines())) <= 40


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://a.example/x_y?b=1&c=2.", "see `https://a.example/x_y?b=1&c=2`."),
        ("(www.example.org), HTTP://B.EXAMPLE", "(`www.example.org`), `HTTP://B.EXAMPLE`"),
        ("ftp://c.example|x", "`ftp://c.example\\|x`"),
        ("[x](http://y)", "[x\\](`http://y`)"),
        ("a http:// b", "a http:// b"),
    ],
)
def test_an_address_in_markdown_is_no_link(text: str, shown: str) -> None:
    assert escaped(text) == shown
