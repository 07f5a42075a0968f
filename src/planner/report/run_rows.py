"""Published runs against their predictions: a table of many, and one in full with what explains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from planner.domain.run import Run
from planner.domain.team import TEAM_WORDS
from planner.quantities import families  # noqa: F401 - fills the table
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.document import (
    Bar,
    Bars,
    Block,
    Entries,
    Entry,
    Heading,
    Item,
    Items,
    Paragraph,
    Table,
    cells,
    document,
)
from planner.report.numbers import UNKNOWN
from planner.report.validation_document import signed
from planner.report.words import words
from planner.validation.predictions import ClassBand
from planner.validation.run_scores import ScoredRun

HEADER = ("run", "chip", "chips", "measured", "predicted", "error", "stack", "by")
_RIGHT = frozenset(range(2, 6))
_LABEL = 16
_TIERS = {
    "A": "every input is published",
    "B": "gaps are filled by defaults or a search of the layout",
    "E": "a whole training with its interruptions",
}


def run_cells(scored: ScoredRun) -> tuple[str, ...]:
    """Return a run as a row: what it is, what was measured and predicted, and by whom."""
    run = scored.case.run
    return (
        run.id,
        run.hardware.chip,
        f"{scored.case.chips:,.0f}",
        numbers.decimal(scored.measured, 3),
        numbers.decimal(scored.predicted.p50, 3),
        signed(scored.error),
        scored.case.stack.id,
        run.team,
    )


@document
def runs_document(found: Sequence[tuple[str, ...]], of: int) -> Iterator[Block]:
    """Yield a table of runs, by their `run_cells`, in their order; `of` says how many there are."""
    yield Heading("Published runs", f"{len(found)} of {of}; rates in tokens/s of a chip, error of the median")
    if found:
        yield Table(HEADER, cells(found), right=_RIGHT, spare=2)


def rate_line(scored: ScoredRun) -> str:
    """Return what was measured and predicted of a run."""
    told = scored.predicted
    band = f"{numbers.decimal(told.p10, 3)}..{numbers.decimal(told.p90, 3)}"
    return (
        f"measured {numbers.decimal(scored.measured, 3)}, predicted {numbers.decimal(told.p50, 3)} [{band}] "
        f"tokens/s a chip, {signed(scored.error)}"
    )


def run_line(scored: ScoredRun) -> str:
    """Return a run in one line, its rates first."""
    case = scored.case
    return f"{rate_line(scored)}: {case.run.model} on {case.chips:,.0f} x {case.chip_profile.name}"


@document
def run_document(
    scored: ScoredRun, shares: Mapping[str, float], band: ClassBand | None = None
) -> Iterator[Block]:
    """Yield one run in full: source and configuration, what was assumed, what explains its prediction."""
    run = scored.case.run
    yield Paragraph(f"{run.model} ({run.id})", indent=0, role="title")
    yield Paragraph(rate_line(scored), indent=0, hanging=2)
    yield Heading("Source")
    yield _entries(_source(run))
    yield Heading("Configuration")
    yield _entries(_configuration(scored))
    if scored.case.assumed:
        yield Heading("Assumed", "where the source is silent")
        yield Items(tuple(Item(text, sign="-") for text in scored.case.assumed))
    if scored.contradictions:
        yield Heading("Contradictions", "of the row with itself")
        yield Items(tuple(Item(text, sign="!") for text in scored.contradictions))
    yield Heading("Prediction", f"under the constants of {scored.case.stack.name}")
    yield _entries(_prediction(scored, band))
    yield Heading("Step", "where the predicted time goes")
    names = {part: TABLE[f"step.parts.{part}"].short for part in shares}
    largest = sorted(shares.items(), key=lambda pair: -pair[1])
    bars = tuple(Bar(names[part], share, numbers.percent(share)) for part, share in largest)
    yield Bars(bars, max((len(name) for name in names.values()), default=0))


def _entries(told: Sequence[tuple[str, str | None]]) -> Entries:
    return Entries(tuple(Entry(label, text) for label, text in told if text), _LABEL)


def _source(run: Run) -> list[tuple[str, str | None]]:
    source = run.source
    return [
        ("document", source.title),
        ("where", source.url),
        ("place in it", source.location),
        ("date", source.date),
        ("run by", f"{TEAM_WORDS[run.team]}{'' if source.team else ' (not labelled)'}"),
        ("known", f"tier {run.tier}: {_TIERS.get(run.tier, '')}"),
        ("quality", run.quality),
        ("notes", run.notes),
        ("known issue", run.known_issue),
    ]


def _configuration(scored: ScoredRun) -> list[tuple[str, str | None]]:
    case, run = scored.case, scored.case.run
    batch = float(np.ravel(case.workload.global_batch_sequences)[0])
    length = float(np.ravel(case.workload.sequence_length)[0])
    where = "searched" if scored.is_layout_searched else "as published"
    recompute = UNKNOWN if run.recompute is None else words(run.recompute.kind)
    software = " ".join(filter(None, (run.software.name or run.software.framework, run.software.release)))
    return [
        ("chips", f"{case.chips:,.0f} x {case.chip_profile.name}"),
        ("sequence", f"{length:,.0f} tokens"),
        ("batch", f"{batch:,.0f} sequences"),
        ("precision", run.precision),
        ("layout", f"{_layout(scored)} ({where})"),
        ("recompute", recompute),
        ("software", software),
        ("stack", f"{case.stack.name} ({case.stack.id})"),
        ("network", run.hardware.network or run.hardware.fabric),
    ]


def _layout(scored: ScoredRun) -> str:
    layout = scored.case.layout
    degrees = (
        ("tensor", layout.tensor),
        ("context", layout.context),
        ("expert", layout.expert),
        ("pipeline", layout.pipeline),
        ("data", layout.data),
        ("microbatch", layout.microbatch),
    )
    shown = ((name, float(np.ravel(degree)[0])) for name, degree in degrees)
    return ", ".join(f"{name} {degree:,.0f}" for name, degree in shown if degree != 1 or name == "data")


def _prediction(scored: ScoredRun, band: ClassBand | None) -> list[tuple[str, str | None]]:
    ends = [
        numbers.decimal(value, 4)
        for value in (scored.predicted.p10, scored.predicted.p50, scored.predicted.p90)
    ]
    place = {None: "no rate is published", True: "inside the 80 % band", False: "outside the 80 % band"}
    verdict = place[scored.is_inside_band]
    return [
        ("measured", f"{numbers.decimal(scored.measured, 4)} tokens/s a chip"),
        ("predicted", f"{ends[1]} [{ends[0]}..{ends[2]}]"),
        ("error", f"{signed(scored.error)}, {verdict}"),
        ("memory", f"{numbers.percent(scored.fit.memory_share)} of what a chip holds"),
        ("goodput", numbers.percent(scored.goodput) if scored.is_whole_run else None),
        ("its class", None if band is None else band_words(band)),
        ("beyond data", ", ".join(one.name for one in scored.case.beyond) or None),
    ]


def band_words(band: ClassBand) -> str:
    """Return what a class came to where its sources were left out."""
    return (
        f"{band.label}: 80 % of {band.runs} runs of {band.sources} sources, each left out of its fit, "
        f"lie within a factor of {band.factor:.2f}"
    )
