"""The cells of a plan diff, for text and Markdown: figures whose differences can be checked by eye."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.differences.attribution import Attribution, Share
from planner.differences.diff import PlanDiff, QuantityChange, Side
from planner.differences.plan_inputs import Input, InputChange, pool_pairs
from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate
from planner.quantities.figure import Band
from planner.quantities.table import TABLE
from planner.quantities.units import Unit
from planner.report import numbers
from planner.report.document import Cell, Role
from planner.report.estimate_document import pool_words
from planner.report.figures import numbers_of, scales_of
from planner.report.numbers import ASSUMED_MARK, ONE, UNKNOWN, Scale

#: The quantities that text tells, in this order; the others follow from them.
HEADLINE = (
    "training_days",
    "finish_date",
    "tokens_per_second",
    "tokens_per_second_per_chip",
    "mfu",
    "interconnect_overhead.fraction",
    "memory.per_chip_bytes",
    "power.facility_w",
    "power.peak_facility_w",
    "energy_mwh",
    "carbon_t",
    "carbon_embodied_t",
    "water_m3",
    "cost.total",
    "cost.per_million_tokens",
    "cost.per_chip_hour",
    "cost.capex",
    "cost.life",
)
_ROLES: dict[str, Role] = {"better": "good", "worse": "bad"}
#: More digits than these are never shown, however small a difference is.
_MOST_DIGITS = 4
_DIGITS = 2
#: Days stand beside dates, and must not differ from them by rounding.
_DAY_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Precision:
    """The unit and decimals in which both figures, their difference and its shares are told."""

    scale: Scale
    decimals: int

    def number(self, value: float, *, is_signed: bool = False) -> str:
        """Return a number without its unit."""
        if not math.isfinite(value):
            return UNKNOWN
        rounded = self.rounded(value)
        return f"{rounded:{'+' if is_signed and rounded else ''},.{self.decimals}f}"

    def rounded(self, value: float) -> float:
        """Return the number as it is shown, in the unit."""
        return round(value / self.scale.factor, self.decimals) + 0.0


def precision_of(
    before: float, after: float, scales: tuple[Scale, ...] = ONE, digits: int = _DIGITS
) -> Precision:
    """Return the unit of the larger figure, and decimals that leave the difference two digits.

    Examples
    --------
    >>> precision_of(1.462e6, 0.902e6, numbers.POWER).decimals, precision_of(110.6, 184.1).decimals
    (2, 0)
    """
    largest = max(abs(before), abs(after))
    scale = numbers.pick_scale(largest, scales)
    if largest == 0 or not math.isfinite(largest):
        return Precision(scale, 0)
    exponent = math.floor(math.log10(largest / scale.factor))
    first = max(0, digits - 1 - exponent)
    last = max(first, _MOST_DIGITS - 1 - exponent)
    for decimals in range(first, last + 1):
        precision = Precision(scale, decimals)
        units = abs(precision.rounded(after) - precision.rounded(before)) * 10.0**decimals
        if round(units) >= 10:
            return precision
    return Precision(scale, last if before != after else first)


@dataclass(frozen=True, slots=True)
class QuantityRow:
    """One figure of both plans as it is shown."""

    label: str
    #: `1.46 -> 0.90 MW`
    figures: str
    #: `-0.56 MW (-38 %)`; empty where a side is unknown
    change: str
    #: the same without its unit, where there is no room: `-0.56 (-38 %)`
    short_change: str
    verdict: str
    #: the 80 % band of the second plan's figure
    band: str


def quantity_row(change: QuantityChange, rate: ExchangeRate = NO_EXCHANGE) -> QuantityRow:
    """Return a figure's cells; money in the rate's currency."""
    made = TABLE[change.id]
    mark = ASSUMED_MARK if change.is_assumed else ""
    if made.unit == "date":
        return _date_row(made.short, change)
    precision = _precision(change, rate)
    figures = _figures(change, precision)
    moved = short = relative = ""
    if change.before and change.after:
        short = _signed(change, precision)
        moved = short + _unit(precision.scale, is_change=True)
        if made.unit == "share":
            short = moved
        elif change.fraction is not None:
            relative = f" ({signed_percent(change.fraction)})"
    return QuantityRow(
        made.short,
        figures + mark,
        moved + relative,
        short + relative,
        change.verdict,
        _band(change.after, precision),
    )


def quantity_cells(change: QuantityChange, rate: ExchangeRate) -> tuple[Cell, ...]:
    """Return a figure's row of a table: label, both figures, change, verdict, band of the second."""
    row = quantity_row(change, rate)
    unit = TABLE[change.id].unit
    is_decided = row.verdict in ("better", "worse", "differs")
    return (
        Cell(row.label, sign="~" if is_decided else ""),
        Cell(row.figures, numbers_of((change.before, change.after), scales_of(unit, rate))),
        Cell(
            row.change,
            numbers_of((change.change,), scales_of("days" if unit == "date" else unit, rate)),
            short=row.short_change,
        ),
        Cell(
            "" if row.verdict in ("differs", "unknown") else row.verdict,
            role=_ROLES.get(row.verdict, "plain"),
        ),
        Cell(row.band),
    )


def _precision(change: QuantityChange, rate: ExchangeRate) -> Precision:
    known = [band.p50 for band in (change.before, change.after) if band is not None]
    unit = TABLE[change.id].unit
    return precision_of(known[0], known[-1], scales_of(unit, rate), least_digits(unit))


def least_digits(unit: Unit) -> int:
    """Return the digits that a figure has where no difference asks for more."""
    return _DAY_DIGITS if unit == "days" else _DIGITS


def _figures(change: QuantityChange, precision: Precision) -> str:
    first, last = (precision.number(band.p50) if band else UNKNOWN for band in (change.before, change.after))
    unit = precision.scale.name
    if change.after is None:
        return f"{first} {unit}".rstrip() + f" -> {last}"
    return f"{first} -> {last} {unit}".rstrip()


def _unit(scale: Scale, *, is_change: bool) -> str:
    """Return a unit with its space; percents change by points."""
    name = "points" if is_change and scale.name == "%" else scale.name
    return f" {name}" if name else ""


def shown_change(change: QuantityChange, precision: Precision) -> float:
    """Return the difference of the two figures as they are shown, in the unit: what a reader would get."""
    assert change.before is not None
    assert change.after is not None
    return precision.rounded(change.after.p50) - precision.rounded(change.before.p50)


def _signed(change: QuantityChange, precision: Precision) -> str:
    return precision.number(shown_change(change, precision) * precision.scale.factor, is_signed=True)


def signed_percent(fraction: float) -> str:
    """Return a relative change: `+67 %`, `-9.3 %`."""
    text = numbers.percent(abs(fraction))
    return text if text.startswith("0 ") else f"{'-' if fraction < 0 else '+'}{text}"


def _band(band: Band | None, precision: Precision) -> str:
    if band is None or band.p10 == band.p90:
        return ""
    return f"[{precision.number(band.p10)}..{precision.number(band.p90)}]"


def _date_row(label: str, change: QuantityChange) -> QuantityRow:
    first, last = (_day(band.p50) if band else UNKNOWN for band in (change.before, change.after))
    year = last[-4:]
    if change.before and change.after and first.endswith(year):
        first = first.removesuffix(f" {year}")
    moved = f"{round(change.change.p50):+,} days" if change.change else ""
    band = ""
    if change.after is not None:
        begin, middle, end = map(numbers.day, (change.after.p10, change.after.p50, change.after.p90))
        band = f"[{numbers.date_span(begin, end, middle)}]"
    return QuantityRow(label, f"{first} -> {last}", moved, moved, change.verdict, band)


def _day(ordinal: float) -> str:
    return numbers.date(numbers.day(ordinal))


def input_text(given: Input | None) -> str:
    """Return an input as a plan file writes it, with a mark where the plan does not say it."""
    if given is None:
        return ""
    written = given.written
    if isinstance(written, bool):
        text = "true" if written else "false"
    elif isinstance(written, datetime.date):
        text = written.isoformat()
    elif isinstance(written, int):
        text = f"{written:,}"
    elif isinstance(written, float):
        text = f"{written:,.12g}"
    elif isinstance(written, tuple | list):
        text = ", ".join(map(str, written))
    else:
        text = str(written)
    return text if given.is_given else text + ASSUMED_MARK


def input_moves(diff: PlanDiff) -> dict[str, str]:
    """Return how far each number of the inputs moved; a count of other systems says its chips."""
    systems = {
        change.key.removesuffix(".system") for change in diff.inputs.changes if change.key.endswith(".system")
    }
    moves = {change.key: _input_move(change) for change in diff.inputs.changes}
    for old, new in pool_pairs(diff.before.plan, diff.after.plan):
        if old is None or new is None or f"cluster.pools[{old.id}]" not in systems:
            continue
        sizes = [
            next(pool.chips for pool in side.estimate.pools if pool.id == identifier)
            for side, identifier in ((diff.before, old.id), (diff.after, new.id))
        ]
        same = "the same" if sizes[0] == sizes[1] else f"{sizes[0]:,} ->"
        moves[f"cluster.pools[{old.id}].count"] = f"{same} {sizes[1]:,} chips"
    return {key: text for key, text in moves.items() if text}


def _input_move(change: InputChange) -> str:
    """Return `-128 (-50 %)`; for a quantity with its unit the percent alone."""
    if change.before is None or change.after is None:
        return ""
    old, new = change.before.value, change.after.value
    if isinstance(old, datetime.date) and isinstance(new, datetime.date):
        return f"{(new - old).days:+,} days"
    if not _is_number(old) or not _is_number(new):
        return ""
    relative = signed_percent((new - old) / abs(old)) if old else ""
    if isinstance(change.after.written, str):
        return relative
    moved = f"{new - old:+,.6g}" if isinstance(new - old, float) else f"{new - old:+,}"
    return f"{moved} ({relative})" if relative else moved


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def cause_cells(
    cause: Attribution, change: QuantityChange, rate: ExchangeRate = NO_EXCHANGE
) -> tuple[str, list[str]]:
    """Return the total and the shares as they are shown; the shares' sum is the total, digit for digit."""
    precision = _precision(change, rate)
    units = 10.0**precision.decimals
    total = round(shown_change(change, precision) * units)
    amounts = [share.amount / precision.scale.factor * units for share in cause.shares]
    whole = whole_parts(amounts, total)
    shown = sorted(zip(cause.shares, whole, strict=True), key=lambda pair: -abs(pair[1]))
    shares = [
        f"{share_name(share)} {precision.number(number / units * precision.scale.factor, is_signed=True)}"
        for share, number in shown
        if number
    ]
    return f"{_signed(change, precision)}{_unit(precision.scale, is_change=True)}", shares


def share_name(share: Share) -> str:
    """Return the change that a share is of; several that could not be told apart are named together."""
    return " with ".join(share.changes)


def whole_parts(amounts: Sequence[float], total: int) -> list[int]:
    """Return the amounts as whole numbers that sum to `total`: rounded down, the largest rests first up.

    Examples
    --------
    >>> whole_parts([90.7, -17.4], 73), whole_parts([0.5, 0.5, 0.0], 1)
    ([91, -18], [1, 0, 0])
    """
    whole = [math.floor(amount) for amount in amounts]
    by_rest = sorted(
        range(len(amounts)), key=lambda position: (whole[position] - amounts[position], position)
    )
    missing = total - sum(whole)
    step = 1 if missing > 0 else -1
    for turn in range(abs(missing)):
        if by_rest:
            order = by_rest if step > 0 else by_rest[::-1]
            whole[order[turn % len(order)]] += step
    return whole


def side_words(side: Side) -> list[str]:
    """Return what a plan is, in a line per pool."""
    return [pool_words(pool) for pool in side.estimate.pools]
