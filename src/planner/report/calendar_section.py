"""The section of an estimate that tells of its calendar: deliveries, stops, phases and the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.report import numbers
from planner.report.document import Block, Entries, Entry, Heading

if TYPE_CHECKING:
    # the app's form draws before any engine is loaded
    from planner.estimate.calendar import CalendarView, DeliveryView
    from planner.quantities.figure import Band

_LABEL_WIDTH = 13


def days_words(days: Band) -> str:
    """Return a day with its band: `14 Mar 2027 [6 Mar..26 Mar 2027]`."""
    ends = [numbers.day(end) for end in (days.p10, days.p50, days.p90)]
    if ends[0] == ends[2]:
        return numbers.date(ends[1])
    return f"{numbers.date(ends[1])} [{numbers.date_span(ends[0], ends[2])}]"


def calendar_blocks(view: CalendarView | None) -> Iterator[Block]:
    """Yield the calendar of a plan that shapes its run by one; of others the headline says all."""
    if view is None or view.is_plain:
        return
    yield Heading("Calendar", f"done {days_words(view.ends[-1])}")
    rows = [
        Entry(
            "delivery" if place == 1 else f"delivery {place}" if len(view.deliveries) > 1 else "delivery",
            f"{numbers.count(one.systems)} systems{_whose(one)}, promised for "
            f"{numbers.date(numbers.day(one.promised))}, train from {days_words(one.works)}",
        )
        for place, one in enumerate(view.deliveries, start=1)
    ]
    rows += [Entry("before it", name) for name in view.before]
    once = f", once {view.begins_once}" if view.begins_once else ""
    rows.append(Entry("begins", f"{days_words(view.begins)}{once}"))
    rows += [
        Entry(
            "stop",
            f"{stop.name}: {numbers.decimal(stop.days)} days from {numbers.date(numbers.day(stop.first))}",
        )
        for stop in view.stops
    ]
    rows += [Entry(f"phase {number}", f"until {days_words(end)}") for number, end in _phases(view)]
    yield Entries(tuple(rows), _LABEL_WIDTH)


def _whose(delivery: DeliveryView) -> str:
    return "" if delivery.pool is None else f" of pool '{delivery.pool}'"


def _phases(view: CalendarView) -> list[tuple[int, Band]]:
    """Return the end of each phase, where there are several."""
    return list(enumerate(view.ends, start=1)) if len(view.ends) > 1 else []
