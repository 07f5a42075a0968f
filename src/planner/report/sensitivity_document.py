"""What matters most to a quantity, as a document: a tornado of its inputs, and what the next million buys."""

from __future__ import annotations

from collections.abc import Iterator

from planner.exploring.next_million import Basis, Bought, NextMillion
from planner.exploring.sensitivity import Swing, Tornado
from planner.exploring.streams import Spread
from planner.quantities.figure import Band
from planner.quantities.table import Quantity
from planner.quantities.units import Unit
from planner.report import numbers
from planner.report.document import (
    Block,
    Cell,
    ForPage,
    ForTerminal,
    Heading,
    Item,
    Items,
    Paragraph,
    Role,
    SwingRow,
    Swings,
    Table,
    document,
)
from planner.report.figures import numbers_of, scales_of
from planner.report.input_words import input_label, input_title
from planner.report.numbers import ASSUMED_MARK, ONE, Scale
from planner.report.words import listed

#: More of them say nothing new.
MOST_SHOWN = 20
_NOTHING = "-"
#: How an input is moved: to its P10 and its P90, or to half and twice its value.
SPREAD, DOUBLED = "spread", "x 2, / 2"
_HEADER = ("input", "moved by", "lower", "upper", "rank")
_BASIS_WORDS: dict[Basis, str] = {"purchase": "added to the purchase", "run": "added to this run's money"}
#: By so much a whole number may miss its step.
_ROUNDED = 0.02
#: Days that are not worth telling.
LEAST_SHOWN = 5e-3
#: What a way to be done sooner comes to, and how it stands out.
_SIGNS: dict[str, tuple[str, Role]] = {
    "+": ("saves days", "good"),
    "?": ("saves days at an unknown price", "plain"),
    ".": ("saves next to none", "quiet"),
    "-": ("costs days", "quiet"),
    "x": ("cannot be", "quiet"),
}


@document
def sensitivity_document(tornado: Tornado, million: NextMillion) -> Iterator[Block]:
    """Yield the quantity, its tornado, and the ways to be done sooner."""
    made = tornado.quantity
    yield Paragraph(f"{tornado.plan_name}: what moves the {made.title}", indent=0, role="title")
    yield Paragraph(f"{_value(made, tornado.band)}; {_moved(tornado)}", indent=0)
    yield from tornado_blocks(tornado)
    yield from million_blocks(million)


def _value(made: Quantity, band: Band) -> str:
    if made.unit == "date":
        return numbers.date(numbers.day(band.p50))
    if band.p10 == band.p90:
        return numbers.quantity(band.p50, scales_of(made.unit))
    return numbers.banded(band, scales_of(made.unit))


def _moved(tornado: Tornado) -> str:
    still = len(tornado.still)
    moving = len(tornado.swings)
    return f"{moving} input{'' if moving == 1 else 's'} move it, {still} that were tried do not"


def tornado_blocks(tornado: Tornado) -> Iterator[Block]:
    """Yield the widest swings, and what they are."""
    scale, unit = tornado_scale(tornado)
    shown = tornado.swings[:MOST_SHOWN]
    aside = f"in {unit}, each moved alone" if unit else "each moved alone"
    yield Heading("What moves it", aside)
    if not shown:
        yield Paragraph("nothing that was tried moves it")
        return
    rows = tuple(swing_row(swing, tornado, scale) for swing in shown)
    yield ForTerminal((Swings(_HEADER, rows),))
    yield ForPage(
        (Table(_HEADER, tuple(map(_cells, zip(shown, rows, strict=True))), right=frozenset({2, 3, 4})),)
    )
    yield Items(tuple(Item(text, role="quiet") for text in _legend(tornado)), indent=2)


def tornado_scale(tornado: Tornado) -> tuple[Scale, str]:
    """Return the unit in which all swings are told, that of the widest."""
    unit: Unit = tornado.quantity.unit
    if unit == "date":
        return ONE[0], "days"
    widest = max((swing.width for swing in tornado.swings), default=0.0)
    scale = numbers.pick_scale(widest, scales_of(unit))
    return scale, scale.name


def swing_row(swing: Swing, tornado: Tornado, scale: Scale) -> SwingRow:
    """Return an input with how far its ends move the quantity, in a unit."""
    low, high = (
        None if end is None else (end - tornado.middle) / scale.factor for end in (swing.low, swing.high)
    )
    rank = f"{swing.of.rank_correlation:+.2f}" if isinstance(swing.of, Spread) else ""
    return SwingRow(
        input_label(swing.of), moved_by(swing, tornado.step), low, high, _signed(low), _signed(high), rank
    )


def moved_by(swing: Swing, step: float) -> str:
    """Return by how much an input was moved."""
    if isinstance(swing.of, Spread):
        return SPREAD
    share = swing.of.more.value / swing.of.value - 1.0
    if abs(share - step) < _ROUNDED:
        return numbers.percent(step)
    return DOUBLED if abs(share - 1.0) < _ROUNDED else f"{swing.of.less.value:g}..{swing.of.more.value:g}"


def _signed(value: float | None) -> str:
    if value is None:
        return _NOTHING
    if abs(value) < 1e-9:
        return "0"
    return f"{'+' if value > 0 else '-'}{numbers.decimal(abs(value))}"


def _cells(told: tuple[Swing, SwingRow]) -> tuple[Cell, ...]:
    swing, row = told
    title = input_title(swing.of)
    name = row.label if title == row.label else f"{row.label}: {title}"
    return tuple(map(Cell, (name, row.by, row.lower, row.upper, row.rank or _NOTHING)))


def _legend(tornado: Tornado) -> Iterator[str]:
    yield (
        "lower, upper: the input at its P10 and at its P90 (spread), or a step either way where nobody says "
        "how far it may be off, with all estimated anew; rank: of the joint draws (Spearman)"
    )
    more = len(tornado.swings) - MOST_SHOWN
    if more > 0:
        scale, unit = tornado_scale(tornado)
        width = numbers.decimal(tornado.swings[MOST_SHOWN].width / scale.factor)
        yield f"{more} more move it by {width} {unit} or less: --json".replace("  ", " ")
    if tornado.failed:
        yield f"cannot be moved: {listed([f'{name} ({reason})' for name, reason in tornado.failed], 1)}"


def million_blocks(million: NextMillion) -> Iterator[Block]:
    """Yield the ways to be done sooner, what helps most for its price first."""
    finish = "" if million.finish is None else f", done {numbers.date(numbers.day(million.finish.p50))}"
    yield Heading("The next million", f"{numbers.days(million.days)} days{finish}; what would save some")
    yield ForTerminal((Items(tuple(_item(way) for way in million.ways)),))
    header = ("what is bought", "saves", "done", "costs", "days per million")
    yield ForPage((Table(header, tuple(map(_way, million.ways)), right=frozenset({1, 4})),))
    signs = ", ".join(f"{sign} {meaning}" for sign, (meaning, _) in _SIGNS.items())
    note = f"{signs}; {_BASIS_WORDS[million.basis]}; * rests on something assumed or left out"
    yield Items((Item(note, role="quiet"),))


def _sign(way: Bought) -> str:
    if way.saved is None:
        return "x"
    if way.does_nothing:
        return "-" if way.saved.p50 < -LEAST_SHOWN else "."
    return "?" if way.cost_usd is None else "+"


def _item(way: Bought) -> Item:
    sign = _sign(way)
    saves, done, costs, per_million = _told(way)
    told = [saves, *([f"done {done}"] if done and sign in "+?-" else []), *([costs] if costs else [])]
    told += [f"{per_million} days per million"] if per_million and sign in "+-" else []
    return Item(f"{way.upgrade.name}: {'; '.join(told)}", sign, role=_SIGNS[sign][1], hanging=4)


def _way(way: Bought) -> tuple[Cell, ...]:
    name = f"{_sign(way)} {way.upgrade.name}"
    saved = () if way.saved is None else numbers_of((way.saved,))
    saves, done, costs, per_million = _told(way)
    return Cell(name), Cell(saves, saved), Cell(done), Cell(costs), Cell(per_million or _NOTHING)


def _told(way: Bought) -> tuple[str, str, str, str]:
    """Return what is saved, when it is done, what it costs, and what a million saves."""
    if way.saved is None:
        return f"cannot be: {way.reason}", "", "", ""
    done = "" if way.finish is None else numbers.date(numbers.day(way.finish.p50))
    per_million = way.saved_per_million
    saved = way.saved.p50
    if abs(saved) <= LEAST_SHOWN:
        saves = "0 days"
    else:
        ends = Band(*sorted((-way.saved.p10, -saved, -way.saved.p90))) if saved < 0 else way.saved
        saves = f"{numbers.banded(ends)} days {'later' if saved < 0 else 'sooner'}"
    shown = "" if per_million is None else _signed(per_million).lstrip("+")
    return saves, done, _costs(way), shown


def _costs(way: Bought) -> str:
    if way.cost_usd is None:
        is_free = way.upgrade.changes_nothing
        return "" if is_free else f"price unknown: {way.cost_note}"
    mark = ASSUMED_MARK if way.cost_note else ""
    if way.cost_usd < 0:
        return f"{numbers.quantity(-way.cost_usd, numbers.MONEY)} less{mark}"
    return numbers.quantity(way.cost_usd, numbers.MONEY) + mark
