"""A plan against its run: tokens by week, rate, goodput and the end, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.acceptance.progress import weeks_between
from planner.acceptance.track import Track, expected_tokens
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.report import numbers
from planner.report.document import (
    Bar,
    Bars,
    Block,
    Cell,
    Heading,
    Paragraph,
    Summary,
    Table,
    cells,
    document,
)
from planner.report.export import Exported
from planner.report.measured_document import count_cell, date_cell

TRACK_SCHEMA = 1


def exported_track(track: Track, figures: Figures) -> Exported:
    """Return a plan against its run in all its forms."""
    return Exported(lambda: track_document(track, figures), lambda: track_to_dict(track, figures))


@document
def track_document(track: Track, figures: Figures) -> Iterator[Block]:
    """Yield where it stands, the tokens by week, and the end with its reasons."""
    progress = track.progress
    yield Paragraph(f"{track.plan_name}: the run so far", indent=0, role="title")
    done = numbers.percent(track.share_done, 3)
    yield Heading("Where it stands", f"{numbers.count(progress.tokens)} tokens, {done} of all")
    goodput = (numbers.percent_band(band) for band in (track.planned_goodput, track.goodput))
    rows = (
        (Cell("days in all"), Cell(numbers.days(track.planned_days)), Cell(numbers.days(track.days))),
        (Cell("done by"), date_cell(track.planned_finish), date_cell(track.finish)),
        (Cell("tokens a second"), count_cell(track.planned_rate), count_cell(track.rate)),
        (Cell("goodput"), *map(Cell, goodput)),
    )
    yield Table(("", "plan", "by the run so far"), rows, layout="plans")
    many = "1 stop" if progress.stops == 1 else f"{progress.stops} stops"
    stops = f"{many}, {progress.stopped_h:,.1f} h stopped, {progress.steps_again:,} steps again"
    yield Paragraph(
        stops if progress.elapsed_days is not None else f"{stops}: no line says a time, so no goodput"
    )
    weeks = tuple(_weeks(track, figures))
    if weeks:
        yield Heading("Tokens by week", "of all; the plan's band beside")
        yield Bars(weeks, max(len(bar.label) for bar in weeks))
    if track.causes:
        yield Heading("Why")
        rows_of_causes = [(cause.text, f"{cause.days:+.1f} days") for cause in track.causes]
        yield Table(("cause", "moves the end by"), cells(rows_of_causes), right=frozenset({1}))
    yield Summary(track.sentence, f"{numbers.days(track.days)} against {numbers.days(track.planned_days)}")


def _weeks(track: Track, figures: Figures) -> Iterator[Bar]:
    for day, tokens in weeks_between(track.progress):
        if round(day) == 0:
            # what the first line says, beside which nothing was planned
            continue
        low, _, high = (numbers.percent(end / track.tokens_in_all) for end in expected_tokens(figures, day))
        share = tokens / track.tokens_in_all
        planned = f"{low.removesuffix(' %')}..{high}"
        yield Bar(f"day {day:.0f}", share, f"{numbers.percent(share, 3)}, planned {planned}")


def track_to_dict(track: Track, figures: Figures) -> dict[str, Any]:
    """Return a plan against its run for JSON."""
    progress = track.progress
    return {
        "schema": TRACK_SCHEMA,
        "plan": track.plan_name,
        "tokens": progress.tokens,
        "share_done": track.share_done,
        "last_step": progress.last_step,
        "stops": progress.stops,
        "stopped_hours": progress.stopped_h,
        "steps_again": progress.steps_again,
        "elapsed_days": progress.elapsed_days,
        "plan_says": _forecast(
            track.planned_days, track.planned_rate, track.planned_goodput, track.planned_finish
        ),
        "run_says": _forecast(track.days, track.rate, track.goodput, track.finish),
        "causes": [{"name": cause.name, "days": cause.days, "text": cause.text} for cause in track.causes],
        "sentence": track.sentence,
        "weeks": [
            {"day": day, "tokens": tokens, "planned": list(expected_tokens(figures, day))}
            for day, tokens in weeks_between(progress)
        ],
    }


def _forecast(days: Band, rate: Band, goodput: Band, finish: Band | None) -> dict[str, Any]:
    def ends(band: Band) -> dict[str, float]:
        return {"p10": band.p10, "p50": band.p50, "p90": band.p90}

    return {
        "days": ends(days),
        "tokens_per_s": ends(rate),
        "goodput": ends(goodput),
        "finish_date": None
        if finish is None
        else {end: numbers.day(value).isoformat() for end, value in ends(finish).items()},
    }
