"""What a report shows as a picture beside its words: bands against targets, memory, cash by year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from planner.quantities.figure import Band
from planner.quantities.over_pools import OVER_POOLS
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.calendar_section import days_words
from planner.report.document import Bar, Columns, Lane, Lanes, Limit, Role, Stack
from planner.report.figures import scales_of
from planner.report.words import TARGETS, words

if TYPE_CHECKING:
    from planner.estimate.result import Estimate, TargetVerdict
    from planner.ledger.ledger import Ledger
    from planner.quantities.evaluation import Figures

_DATE = "finish_date"
#: What is shown in its band whether or not it has a target.
_SHOWN = (_DATE, "power.facility_w", "cost.total")
_ROLES: dict[str, Role] = {"met": "good", "likely": "good", "missed": "bad"}


def target_lanes(estimate: Estimate) -> Lanes:
    """Return date, power and money in their bands, beside the targets that they are held against."""
    held = {verdict.quantity: verdict for verdict in estimate.targets if verdict.quantity}
    names = dict.fromkeys((*_SHOWN, *held))
    lanes = (_lane(estimate, name, [it for it in estimate.targets if it.quantity == name]) for name in names)
    return Lanes(tuple(lane for lane in lanes if lane is not None))


def _lane(estimate: Estimate, identifier: str, verdicts: list[TargetVerdict]) -> Lane | None:
    band = _band(estimate, identifier)
    if band is None:
        return None
    is_date = TABLE[identifier].unit == "date"
    scales = scales_of(TABLE[identifier].unit)
    role: Role = next((_ROLES[it.verdict] for it in verdicts if it.verdict in _ROLES), "plain")
    return Lane(
        "done" if is_date else TABLE[identifier].short,
        band.p10,
        band.p50,
        band.p90,
        days_words(band) if is_date else numbers.banded(band, scales),
        tuple(filter(None, map(_limit, verdicts))),
        _beginning(estimate, band) if is_date else 0.0,
        role,
    )


def _band(estimate: Estimate, identifier: str) -> Band | None:
    """Return a band of the plan; of several pools only what adds up has one."""
    figures = estimate.figures
    if figures is None:
        return None
    if estimate.has_several_pools:
        return estimate.over_pools(identifier).band if identifier in OVER_POOLS else None
    return figures.band(identifier)


def _beginning(estimate: Estimate, band: Band) -> float:
    return band.p10 if estimate.calendar is None else estimate.calendar.begins.p50


def _limit(verdict: TargetVerdict) -> Limit | None:
    if verdict.limit is None:
        return None
    if TABLE[verdict.quantity].unit == "date":
        return Limit(verdict.limit, f"by {numbers.date(numbers.day(verdict.limit))}")
    scales = scales_of(TABLE[verdict.quantity].unit)
    name = words(verdict.target, TARGETS)
    return Limit(verdict.limit, f"{name} {numbers.quantity(verdict.limit, scales)}")


def memory_stack(figures: Figures) -> Stack:
    """Return what fills the fullest chip, as shares of what software sees of it."""
    usable = figures.number("memory.usable_bytes")
    parts = sorted(figures.parts("memory.parts").items(), key=lambda part: -part[1])
    return Stack(
        tuple(
            Bar(
                TABLE[f"memory.parts.{name}"].short, value / usable, numbers.quantity(value, numbers.BYTES, 3)
            )
            for name, value in parts
            if value > 0
        ),
        numbers.quantity(usable, numbers.BYTES, 3),
    )


def cash_columns(ledger: Ledger) -> Columns:
    """Return what is paid in each year."""

    def columns() -> Iterator[tuple[str, float, str]]:
        for year, paid in enumerate(ledger.cash):
            yield f"year {year}", float(paid), f"{numbers.count(float(paid))} {ledger.currency}"

    return Columns(tuple(columns()))
