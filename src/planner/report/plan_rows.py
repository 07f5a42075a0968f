"""Everything that a plan's report says in long form, under the ids by which JSON tells it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import planner
from planner.differences.plan_inputs import plan_inputs
from planner.estimate.result import Estimate
from planner.quantities.evaluation import Figures
from planner.quantities.over_pools import OVER_POOLS
from planner.quantities.table import TABLE, Quantity
from planner.report.compliance_rows import asked_name
from planner.report.diff_rows import input_text
from planner.report.explain_document import value_text
from planner.report.key_words import key_title
from planner.report.long_rows import LongRow
from planner.report.plan_report import Reported, grounds_of
from planner.report.words import TARGETS, words

#: Of what all pools need together.
ALL_POOLS = "all pools"


def plan_rows(reported: Reported) -> Iterator[LongRow]:
    """Yield everything that a plan's report says, under the ids by which JSON tells it."""
    plan, estimate = reported.plan, reported.estimate
    yield LongRow("plan", "name", text=plan.name)
    yield LongRow("plan", "as_of", text=estimate.compliance.as_of.isoformat())
    yield LongRow("plan", "program", text=f"planner {planner.__version__}")
    yield LongRow("plan", "feasible", text="yes" if estimate.is_feasible else "no")
    yield from (LongRow("plan", "reason", text=reason) for reason in estimate.reasons)
    if plan.notes:
        yield LongRow("plan", "notes", text=str(plan.notes))
    yield from _input_rows(reported)
    yield from estimate_rows(estimate)
    yield from (
        LongRow("target", it.target, it.quantity, words(it.target, TARGETS), text=f"{it.verdict}: {it.text}")
        for it in estimate.targets
    )
    yield from _ledger_rows(reported)
    yield from (LongRow("warning", "", text=text) for text in estimate.warnings)
    yield from _note_rows(estimate)
    yield from _ground_rows(reported)
    yield from (
        LongRow("profile", f"{use.kind}/{use.id}", title=use.origin, text=use.hash)
        for use in estimate.profiles
    )


def _input_rows(reported: Reported) -> Iterator[LongRow]:
    for key, one in plan_inputs(reported.plan).items():
        if one.written in ({}, [], ()):
            continue
        number = one.written if isinstance(one.written, int | float) else None
        is_number = number is not None and not isinstance(number, bool)
        value = float(number) if is_number and number is not None else None
        yield LongRow("input", key, title=key_title(key), value=value, text=input_text(one))


def estimate_rows(estimate: Estimate) -> Iterator[LongRow]:
    """Yield every published quantity of each pool, and what adds up over several."""
    for pool in estimate.pools:
        if pool.figures is None:
            yield from (LongRow("estimate", "reason", pool.id, text=reason) for reason in pool.reasons)
            continue
        for made in TABLE.values():
            if made.is_published:
                yield _quantity_row(made, pool.figures, pool.id)
    for identifier in OVER_POOLS if estimate.has_several_pools and estimate.figures is not None else ():
        made, total = TABLE[identifier], estimate.over_pools(identifier)
        ends = total.band
        yield LongRow(
            "estimate",
            identifier,
            ALL_POOLS,
            made.title,
            total.p50,
            None if ends is None else ends.p10,
            None if ends is None else ends.p90,
            made.unit,
            "" if total.is_known else "unknown",
        )


def _quantity_row(made: Quantity, figures: Figures, pool: str) -> LongRow:
    row = LongRow("estimate", made.id, pool, made.title)
    if made.form == "words":
        return row._replace(text=figures.words(made.id) or "unknown")
    ends = figures.band(made.id)
    without = ", ".join(figures.left_out(made.id))
    if ends is None:
        return row._replace(unit=made.unit, text=f"unknown: {without}" if without else "unknown")
    if made.unit == "date":
        texts = [datetime.date.fromordinal(round(end)).isoformat() for end in (ends.p10, ends.p50, ends.p90)]
        return row._replace(unit="date", text=f"{texts[1]} [{texts[0]}..{texts[2]}]")
    return row._replace(
        value=ends.p50,
        p10=ends.p10,
        p90=ends.p90,
        unit=made.unit,
        text=f"without: {without}" if without else "",
    )


def _ledger_rows(reported: Reported) -> Iterator[LongRow]:
    for line in reported.ledger.lines:
        ends = line.band
        yield LongRow(
            "ledger",
            line.id,
            line.pool,
            line.title,
            None if line.amount is None else float(line.amount),
            None if ends is None else ends.p10,
            None if ends is None else ends.p90,
            reported.ledger.currency,
            "; ".join(filter(None, (line.paid, line.state, line.note))),
        )
    for year, paid in enumerate(reported.ledger.cash):
        yield LongRow("cash", f"year {year}", value=float(paid), unit=reported.ledger.currency)


def _note_rows(estimate: Estimate) -> Iterator[LongRow]:
    report = estimate.compliance
    for section, notes in (("note", report.notes), ("ahead", report.upcoming)):
        for note in notes:
            said = "; ".join(filter(None, (note.note, note.citation, note.status, note.source)))
            yield LongRow(section, note.id, note.pool or "", f"{note.severity}: {note.title}", text=said)
    for need in report.needs_input:
        key = need.plan_key or asked_name(need)
        yield LongRow("needs input", key, ", ".join(need.pools), text=", ".join(need.rules))


def _ground_rows(reported: Reported) -> Iterator[LongRow]:
    named: dict[str, None] = {}
    for record in grounds_of(reported.estimate):
        grounds = record.grounds
        if grounds is None:
            continue
        named |= dict.fromkeys(grounds.sources)
        said = "; ".join(filter(None, (value_text(record), grounds.note, ", ".join(grounds.sources))))
        value = None if isinstance(record.value, str) else record.value
        yield LongRow("figure", grounds.where, grounds.kind, record.name, value, unit=record.unit, text=said)
    for key in named:
        source = reported.sources.get(key)
        if source is not None:
            read = "" if source.read is None else source.read.isoformat()
            yield LongRow("document", key, read, source.title, text=source.where)
