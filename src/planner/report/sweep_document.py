"""A sweep as a document: a row for each point, and why some have no figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.estimate.result import Estimate
from planner.exploring.axes import Axis
from planner.exploring.sweeps import SWEPT, Point
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.document import (
    Block,
    Cell,
    ForPage,
    ForTerminal,
    Gap,
    Item,
    Items,
    Paragraph,
    Role,
    Table,
    document,
)
from planner.report.figures import numbers_of, scales_of
from planner.report.layout_blocks import short_layout
from planner.report.numbers import ASSUMED_MARK, UNKNOWN
from planner.report.words import TARGETS, VERDICT_SIGNS, VERDICT_WORDS, words

#: A day says less than the days until then, which have a band.
_SHOWN = tuple(name for name in SWEPT if TABLE[name].unit != "date")
#: Of them, the last is left out with what stands behind it where there is little room.
_SPARE = 1
_NOTHING = "-"
_FAILED = "cannot run"
#: From the worst to the best.
_VERDICTS = ("missed", "unknown", "likely", "met")
_VERDICT_ROLES: dict[str, Role] = {"met": "good", "missed": "bad"}
#: Of what stands in a table, so many characters of a key or of a value at most.
_LONGEST = 24


@document
def sweep_document(plan_name: str, axes: Sequence[Axis], points: Sequence[Point]) -> Iterator[Block]:
    """Yield the points in order; on a terminal reasons stand below, each once, by number."""
    yield Paragraph(f"{plan_name}: {_count(axes, points)}", indent=0, role="title")
    yield Gap()
    reasons = list(dict.fromkeys(_reason(point) for point in points if not point.is_feasible))
    numbered = {reason: f"{_FAILED} ({number})" for number, reason in enumerate(reasons, 1)}
    has_targets = any(point.estimate.targets for point in points if point.estimate)
    told = [[_figure(identifier, point.estimate) for identifier in _SHOWN] for point in points]
    header = (
        *_keys(axes),
        *(("",) if has_targets else ()),
        *(_header(name, [row[place] for row in told]) for place, name in enumerate(_SHOWN)),
        *(("targets",) if has_targets else ()),
        "layout",
    )

    def table(named: dict[str, str]) -> Table:
        rows = tuple(
            _row(point, figures, named, has_targets=has_targets)
            for point, figures in zip(points, told, strict=True)
        )
        return Table(header, rows, right=_right(axes), spare=_SPARE + has_targets + 1)

    below = tuple(Item(f"({number}) {reason}", role="quiet") for number, reason in enumerate(reasons, 1))
    yield ForTerminal((table(numbered), *((Gap(), Items(below, indent=0)) if below else ())))
    yield ForPage((table({reason: f"{_FAILED}: {reason}" for reason in reasons}),))
    yield from _remarks(points, has_targets=has_targets)


def _count(axes: Sequence[Axis], points: Sequence[Point]) -> str:
    able = sum(point.is_feasible for point in points)
    over = " x ".join(f"{len(axis.values)} of {axis.key}" for axis in axes)
    every = "all of which can run" if able == len(points) else f"{able} of which can run"
    return f"{len(points):,} point{'' if len(points) == 1 else 's'} ({over}), {every}"


def _keys(axes: Sequence[Axis]) -> list[str]:
    """Return the last part of each key, which is enough to tell keys apart; else all of it."""
    last = [axis.key.rpartition(".")[2] for axis in axes]
    return [name if last.count(name) == 1 else axis.key for name, axis in zip(last, axes, strict=True)]


def _header(identifier: str, cells: Sequence[Cell | None]) -> str:
    made = TABLE[identifier]
    # what stands below days has no unit then; what is assumed of all rows is said once
    title = "days" if made.unit == "days" else made.short
    return title + ASSUMED_MARK if any(cell is not None and cell.sign for cell in cells) else title


def _right(axes: Sequence[Axis]) -> frozenset[int]:
    """Return the columns of keys whose values are plain numbers."""
    return frozenset(
        place
        for place, axis in enumerate(axes)
        if all(value.replace(".", "", 1).isdigit() for value in axis.values)
    )


def _row(
    point: Point, figures: Sequence[Cell | None], named: dict[str, str], *, has_targets: bool
) -> tuple[Cell, ...]:
    keys = [Cell(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 2]}..") for value in point.values]
    estimate = point.estimate
    if estimate is None or estimate.figures is None:
        failed = (Cell(VERDICT_SIGNS["missed"], role="bad"),) if has_targets else ()
        rest = len(_SHOWN) + has_targets
        return (*keys, *failed, Cell(named[_reason(point)], role="bad"), *[Cell(_NOTHING)] * rest)
    sign, worst = _targets(estimate)
    known = [cell for cell in figures if cell is not None]
    layout = Cell(short_layout(estimate.figures))
    return (*keys, sign, *known, worst, layout) if has_targets else (*keys, *known, layout)


def _figure(identifier: str, estimate: Estimate | None) -> Cell | None:
    """Return a quantity, signed where it rests on something assumed; the days have their band."""
    if estimate is None or estimate.figures is None:
        return None
    made, figure = TABLE[identifier], estimate.figure(identifier)
    if (band := figure.band) is None:
        return Cell(UNKNOWN)
    sign = ASSUMED_MARK if made.family != "other" and figure.gaps_of(made.family) else ""
    if made.unit == "days":
        return Cell(numbers.days(band), numbers_of((band,)), sign=sign)
    scales = scales_of(made.unit)
    return Cell(numbers.quantity(band.p50, scales), numbers_of((band,), scales), sign=sign)


def _targets(estimate: Estimate) -> tuple[Cell, Cell]:
    """Return the sign of the worst verdict, and it in words with what has it."""
    for verdict in _VERDICTS:
        named = [words(it.target, TARGETS) for it in estimate.targets if it.verdict == verdict]
        if named:
            of = f": {', '.join(named)}" if verdict != "met" else ""
            role = _VERDICT_ROLES.get(verdict, "plain")
            return Cell(VERDICT_SIGNS[verdict], role=role), Cell(
                words(verdict, VERDICT_WORDS) + of, role=role
            )
    return Cell(_NOTHING), Cell(_NOTHING)


def _reason(point: Point) -> str:
    return "; ".join(point.reasons)


def _remarks(points: Sequence[Point], *, has_targets: bool) -> Iterator[Block]:
    yield Gap()
    lines = ["[a..b] holds 8 of 10 outcomes; * rests on something assumed or left out"]
    if has_targets:
        signs = (f"{VERDICT_SIGNS[verdict]} {words(verdict, VERDICT_WORDS)}" for verdict in _VERDICTS)
        lines.append(f"the worst of the plan's targets: {', '.join(signs)}")
    along = dict.fromkeys(change.words for point in points for change in point.along)
    if along:
        lines.append(f"changed along with the system: {'; '.join(along)}")
    yield Items(tuple(Item(line, role="quiet") for line in lines), indent=0)
