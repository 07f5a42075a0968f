"""The calendar as a bar: how much of the fleet is there, which phase it trains, and where the end lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from planner.app.drawing.numbers_asked import asked
from planner.app.drawing.pieces import FILLS, HEADING, QUIET, Lines, View, flowed, line
from planner.report import numbers
from planner.report.calendar_section import days_words

if TYPE_CHECKING:
    from planner.estimate.calendar import CalendarView

#: Eighths of a cell: how much of the fleet is there.
HEIGHTS = " ▁▂▃▄▅▆▇█"
_LABEL = 7
_NARROWEST = 10


def draw_calendar(view: View, width: int) -> Lines:
    """Return deliveries, phases and the band of the end over one axis of days; nothing without dates."""
    calendar = view.estimate.calendar
    if calendar is None:
        return []
    first, last = _ends(calendar)
    cells = max(_NARROWEST, width - _LABEL)
    days = [first + (last - first) * (cell + 0.5) / cells for cell in range(cells)]
    rows = [line(("CALENDAR ", HEADING), asked(line(f"done {days_words(calendar.ends[-1])}"), "finish_date"))]
    if calendar.deliveries:
        rows.append(_row("fleet", "".join(_height(calendar, day) for day in days)))
    rows.append(_row("trains", "".join(_phase(calendar, day) for day in days)))
    rows.append(_row("done", "".join(_done(calendar, day, last - first, cells) for day in days)))
    return [*rows, *flowed(_labels(calendar, first, last), width, gap="  ")]


def _ends(calendar: CalendarView) -> tuple[float, float]:
    """Return the first and the last day of the axis."""
    first = min([calendar.begins.p10, *(one.promised for one in calendar.deliveries)])
    return first, max(calendar.ends[-1].p90, first + 1.0)


def _row(label: str, cells: str) -> Content:
    return line((label.ljust(_LABEL), QUIET), cells)


def _height(calendar: CalendarView, day: float) -> str:
    """Return how much of the fleet works on a day, on the median."""
    whole = sum(one.chips for one in calendar.deliveries)
    there = sum(one.chips for one in calendar.deliveries if one.works.p50 <= day)
    return HEIGHTS[-(-there * (len(HEIGHTS) - 1) // whole)]


def _phase(calendar: CalendarView, day: float) -> str:
    """Return which phase trains on a day, on the median; a point where it stops."""
    if not calendar.begins.p50 <= day < calendar.ends[-1].p50:
        return " "
    if any(stop.first <= day < stop.first + stop.days for stop in calendar.stops):
        return "·"
    phase = sum(1 for end in calendar.ends if end.p50 <= day)
    return FILLS[phase % len(FILLS)]


def _done(calendar: CalendarView, day: float, span: float, cells: int) -> str:
    """Return the band of the end, with its median."""
    end = calendar.ends[-1]
    half = span / cells / 2.0
    if day - half <= end.p50 <= day + half:
        return "┃"
    return "─" if end.p10 - half <= day <= end.p90 + half else " "


def _labels(calendar: CalendarView, first: float, last: float) -> Lines:
    """Return what the bar cannot say: its ends, and the day of each phase's end."""
    labels = [line((f"{numbers.date(numbers.day(first))} to {numbers.date(numbers.day(last))}", QUIET))]
    for number, end in enumerate(calendar.ends, start=1):
        if len(calendar.ends) > 1:
            fill = FILLS[(number - 1) % len(FILLS)]
            labels.append(line(f"{fill} phase {number} until {numbers.date(numbers.day(end.p50))}"))
    labels += [line(f"· {stop.name} {numbers.decimal(stop.days)} d") for stop in calendar.stops]
    return labels
