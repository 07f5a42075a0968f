"""An explanation's rows, the sentence above them, and what a term is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.content import Content

from planner.app.drawing.names import short_name
from planner.app.drawing.pieces import HEADING, QUIET, STRONG, Lines, line, wrapped
from planner.app.explanation import TreeRow, parts_behind
from planner.domain.evidence import Source
from planner.report import numbers
from planner.report.claim_document import run_words
from planner.report.explain_document import grounds_words, marked_value
from planner.report.sensitivity_document import DOUBLED, SPREAD, swing_row, tornado_scale

if TYPE_CHECKING:
    from planner.exploring.sensitivity import Tornado
    from planner.planning.exchange_rates import ExchangeRate
    from planner.quantities.record import Record

_STEP = 2
_SIGNS = {(True, True): "\u25be ", (True, False): "\u25b8 "}
RUNS_TITLE = "Published runs nearest to this plan"
#: So many inputs that move it are told.
_TOLD_SWINGS = 2
_LABEL_WIDTH = 12


def tree_row(row: TreeRow, rate: ExchangeRate, sources: Mapping[str, Source], width: int) -> Content:
    """Return a row of the tree, in as many lines as it needs."""
    indent = " " * (_STEP * row.depth)
    sign = _SIGNS.get((row.can_open, row.is_open), "  ")
    if row.run is not None:
        return _joined(wrapped(f"{run_words(row.run)}; {row.run.run.source.title}", width, first=indent))
    if row.record is None:
        return line(indent, (sign, HEADING), (RUNS_TITLE, HEADING))
    if row.is_reason:
        return _joined(_reasons(row.record, indent + " " * (2 * _STEP), sources, width))
    record = row.record
    head = line(indent, (sign, HEADING), (f"{record.symbol} = {marked_value(record, rate)}", STRONG))
    told = wrapped(record.name, width, first=" " * (_STEP * row.depth + 4))
    first = line(head, "  ", record.name)
    lines = [first] if first.cell_length <= width else [head, *told]
    if record.grounds is not None and not row.can_open:
        lines += wrapped(grounds_words(record.grounds, sources), width, first=indent + "    ", style=QUIET)
    return _joined(lines)


def _joined(lines: Lines) -> Content:
    return Content("\n").join(lines)


def _reasons(record: Record, indent: str, sources: Mapping[str, Source], width: int) -> Lines:
    lines: Lines = []
    if record.equation is not None:
        lines += wrapped(f"= {record.equation}", width, first=indent)
    if record.method is not None:
        lines += wrapped(f"by {record.method}", width, first=indent)
    if record.grounds is not None:
        lines += wrapped(grounds_words(record.grounds, sources), width, first=indent, style=QUIET)
    return lines


def why_words(record: Record) -> str:
    """Return in a sentence why a number is what it is; empty where it is no matter of parts."""
    found = parts_behind(record)
    if found is None:
        return ""
    whole, ((first, share), *others) = found
    more = " and ".join(f"{short_name(part.id)} {numbers.percent(other)}" for part, other in others)
    return f"{numbers.percent(share)} of the {whole} is {short_name(first.id)}, {more}."


def moves_words(tornado: Tornado, *, is_growing: bool) -> str:
    """Return in a sentence what would move a number most."""
    scale, unit = tornado_scale(tornado)
    told = []
    for swing in tornado.swings[:_TOLD_SWINGS]:
        row = swing_row(swing, tornado, scale)
        told.append(
            f"{row.label} ({row.lower} to {row.upper} {unit}, {_step_words(row.by)})".replace("  ", " ")
        )
    if not told:
        return "" if is_growing else "Nothing that was tried moves it."
    return f"Moved most{' so far' if is_growing else ''} by {', then '.join(told)}."


def _step_words(by: str) -> str:
    """Return by how much an input is moved, in a sentence, from what a table says of it."""
    if by == SPREAD:
        return "from its P10 to its P90"
    if by == DOUBLED:
        return "halved and doubled"
    return f"from {by.replace('..', ' to ')}" if ".." in by else f"by {by} either way"


def term_lines(record: Record, rate: ExchangeRate, sources: Mapping[str, Source], width: int) -> Lines:
    """Return what a term is: its name, value, id and equation, and what it rests on."""
    entries = [
        ("value", marked_value(record, rate)),
        ("equation", record.equation or ""),
        ("worked out by", record.method or ""),
        ("rests on", "" if record.grounds is None else grounds_words(record.grounds, sources)),
        ("made of", ", ".join(f"{child.symbol}: {child.name}" for child in record.children)),
        ("its id", record.id),
    ]
    lines: Lines = [*wrapped(record.name, width, style=STRONG), Content("")]
    for label, text in entries:
        if text:
            lines += wrapped(text, width, first=(f"{label:<{_LABEL_WIDTH + 3}}", HEADING))
    return lines
