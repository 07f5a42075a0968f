"""What a plan's cluster came to in its tests, line by line, and what is left of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.acceptance.after import After
from planner.acceptance.price import PriceCut
from planner.acceptance.results import Judged
from planner.estimate.result import Estimate
from planner.quantities.figure import Band
from planner.report import numbers
from planner.report.acceptance_document import amount_text, money_text
from planner.report.acceptance_json import ACCEPTANCE_SCHEMA
from planner.report.document import (
    Block,
    Cell,
    Heading,
    Item,
    Items,
    Paragraph,
    Role,
    Table,
    document,
    entries,
)
from planner.report.export import Exported

_ROLES: dict[str, Role] = {"passed": "good", "failed": "bad", "not shown": "quiet"}


def exported_after(after: After) -> Exported:
    """Return what is left of a plan in all its forms."""
    return Exported(lambda: measured_document(after), lambda: after_to_dict(after))


@document
def measured_document(after: After) -> Iterator[Block]:
    """Yield the verdicts, the gap, and the forecast beside the plan's."""
    yield Paragraph(f"{after.schedule.plan_name}: what was measured", indent=0, role="title")
    yield Heading("Lines", f"{len(after.failed)} failed")
    header = ("line", "measured", "expected", "of it", "threshold", "verdict")
    yield Table(header, tuple(_row(one) for one in after.lines), right=frozenset({1, 2, 3, 4}))
    reasons = [f"{one.line.id}: {one.reason}" for one in after.lines if one.reason]
    if reasons:
        yield Items(tuple(Item(text) for text in reasons))
    if after.unused:
        yield Heading("Not used", "of no line of this plan")
        yield Items(tuple(Item(text) for text in after.unused))
    yield Heading("The gap", "days that each kind of part moves by itself, at the medians")
    yield entries([(part.name, f"{part.days:+.2f} days") for part in after.gap], 12)
    yield Heading("Forecast", "before and after acceptance, with bands")
    both = (after.before, after.after)
    rows = (
        (Cell("days"), *(Cell(numbers.days(band)) for band in after.days)),
        (Cell("done by"), *(date_cell(_band(one, "finish_date")) for one in both)),
        (Cell("money of the run, USD"), *(count_cell(_band(one, "cost.total")) for one in both)),
        (Cell("tokens a second"), *(count_cell(_band(one, "tokens_per_second")) for one in both)),
    )
    yield Table(("", "plan", "after acceptance"), rows, layout="plans")
    yield Heading("Indifference price", "at which what was delivered is as good a buy as what was promised")
    yield Paragraph(_cut_text(after.cut, is_post_training=after.revision.workload.is_post_training))


def _cut_text(cut: PriceCut | None, *, is_post_training: bool) -> str:
    if cut is None and is_post_training:
        return "not told of post-training: planner acceptance tells of each line the cut that makes up for it"
    if cut is None:
        return "unknown: the plan knows no price of its systems, or not what the run costs"
    of = "rent" if cut.is_of_rent else "price of the systems"
    return (
        f"{numbers.percent_band(cut.band)} of the {of}, "
        f"{money_text(cut.usd)} of {money_text(cut.price_usd)}; "
        f"a cap at {numbers.percent(max(cut.band.p90, 0.0))} covers nine of ten outcomes"
    )


def _row(one: Judged) -> tuple[Cell, ...]:
    line, measured, share = one.line, one.measured, one.over_expected
    return (
        Cell(line.id),
        Cell("-" if measured is None else amount_text(line, measured.value)),
        Cell("-" if line.expected is None else amount_text(line, line.expected.rate)),
        Cell("-" if share is None else numbers.percent(share, 3)),
        Cell("-" if line.threshold is None else amount_text(line, line.threshold)),
        Cell(one.verdict, role=_ROLES[one.verdict]),
    )


def date_cell(band: Band | None) -> Cell:
    """Return a day with its band below; of an unknown one that it is."""
    if band is None:
        return Cell(numbers.UNKNOWN)
    first, middle, last = (numbers.day(end) for end in (band.p10, band.p50, band.p90))
    return Cell(numbers.date(middle), below=numbers.date_span(first, last))


def count_cell(band: Band | None) -> Cell:
    """Return a number with its band below; of an unknown one that it is."""
    if band is None:
        return Cell(numbers.UNKNOWN)
    return Cell(numbers.count(band.p50), below=f"[{numbers.count(band.p10)}..{numbers.count(band.p90)}]")


def _band(estimate: Estimate, identifier: str) -> Band | None:
    return None if estimate.figures is None else estimate.figures.band(identifier)


def after_to_dict(after: After) -> dict[str, Any]:
    """Return what is left of a plan for JSON."""
    return {
        "schema": ACCEPTANCE_SCHEMA,
        "plan": after.schedule.plan_name,
        "lines": [
            {
                "id": one.line.id,
                "verdict": one.verdict,
                "reason": one.reason,
                "measured": None if one.measured is None else one.measured.value,
                "log_error": None if one.measured is None else one.measured.log_error,
                "samples": None if one.measured is None else one.measured.samples,
                "file": None if one.measured is None else one.measured.file,
                "unit": one.line.unit,
                "expected": None if one.line.expected is None else one.line.expected.rate,
                "threshold": one.line.threshold,
            }
            for one in after.lines
        ],
        "unused": list(after.unused),
        "gap_days": {part.name: part.days for part in after.gap},
        "indifference": None
        if after.cut is None
        else {
            "p10": after.cut.band.p10,
            "p50": after.cut.band.p50,
            "p90": after.cut.band.p90,
            "usd": after.cut.usd,
            "is_of_rent": after.cut.is_of_rent,
        },
        "before": _forecast(after.before),
        "after": _forecast(after.after),
    }


def _forecast(estimate: Estimate) -> dict[str, Any]:
    ids = {
        "days": "training_days",
        "finish_date": "finish_date",
        "usd": "cost.total",
        "tokens_per_s": "tokens_per_second",
    }
    found: dict[str, Any] = {}
    for key, identifier in ids.items():
        band = _band(estimate, identifier)
        found[key] = None if band is None else {"p10": band.p10, "p50": band.p50, "p90": band.p90}
    if found["finish_date"] is not None:
        found["finish_date"] = {
            end: numbers.day(value).isoformat() for end, value in found["finish_date"].items()
        }
    return found
