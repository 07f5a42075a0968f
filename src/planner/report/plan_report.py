"""The whole of a plan for whoever signs it: its estimate, its ledger, and all that they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import planner
from planner.differences.plan_inputs import plan_inputs
from planner.domain.evidence import Source
from planner.domain.plan import Plan
from planner.estimate.result import Estimate
from planner.ledger.ledger import Ledger
from planner.quantities.currency import told_in
from planner.quantities.record import Record, each_record
from planner.report import numbers
from planner.report.diff_rows import input_text
from planner.report.document import Block, Cell, Heading, Paragraph, Span, Table, document
from planner.report.estimate_document import estimate_document
from planner.report.explain_document import value_text
from planner.report.key_words import key_title
from planner.report.ledger_document import ledger_document
from planner.report.numbers import ASSUMED_MARK
from planner.report.words import PROFILE_KINDS, known_words, words

#: What the figures are told of that a report rests on.
_ANSWERS = ("training_days", "power.facility_w", "cost.capex", "cost.total", "cost.life")
#: How a figure is known, the weakest first: what is doubtful is read first.
_KINDS = ("assumed", "memory", "claim", "derived", "datasheet", "measured", "plan", "layout")


@dataclass(frozen=True, slots=True, eq=False)
class Reported:
    """What a report is made of."""

    plan: Plan
    estimate: Estimate
    ledger: Ledger
    #: the documents that figures name, by key
    sources: Mapping[str, Source]


@document
def plan_report(reported: Reported) -> Iterator[Block]:
    """Yield the estimate, the ledger, what the plan says, and what its figures rest on."""
    plan, estimate = reported.plan, reported.estimate
    as_of = numbers.date(estimate.compliance.as_of)
    yield Heading(plan.name, f"capacity plan; facts, prices and rules as of {as_of}", level=1)
    for paragraph in str(plan.notes or "").split("\n\n"):
        if paragraph.strip():
            yield Paragraph(paragraph)
    # their titles are this one's
    yield from estimate_document(estimate).blocks[1:]
    yield Heading("Ledger", "line by line; what has no price is in no sum")
    for block in ledger_document(estimate, reported.ledger).blocks[1:]:
        yield block._replace(level=3) if isinstance(block, Heading) else block
    yield from _inputs(plan)
    yield from _grounds(reported)
    yield from _profiles(estimate)


def _inputs(plan: Plan) -> Iterator[Block]:
    """Yield what the plan says; what holds by default is marked."""
    yield Heading("Inputs", f"what the plan says;{ASSUMED_MARK} holds because it says nothing else")
    rows = tuple(
        (Cell(key_title(key)), Cell(input_text(one)), Cell((Span(key, "code"),)))
        for key, one in plan_inputs(plan).items()
        if one.written not in ({}, [], ())
    )
    yield Table(("input", "value", "key"), rows)


def grounds_of(estimate: Estimate) -> list[Record]:
    """Return what was read for the answers, each once, the weakest evidence first."""
    found: dict[tuple[str, str], Record] = {}
    for figures in (pool.figures or pool.known for pool in estimate.pools):
        for answer in _ANSWERS if estimate.figures is not None else ():
            for record in each_record(figures.record(answer)):
                if record.grounds is not None:
                    found.setdefault((record.id or record.name, record.grounds.where), record)
    return sorted(found.values(), key=lambda one: _KINDS.index(one.grounds.kind) if one.grounds else 0)


def _grounds(reported: Reported) -> Iterator[Block]:
    records = grounds_of(reported.estimate)
    if not records:
        return
    rate = told_in(reported.estimate.known.setting)
    yield Heading("What it rests on", "every figure that was read, the weakest evidence first")
    yield Table(
        ("figure", "value", "known by", "documents"),
        tuple(
            (
                Cell(one.name, below="; ".join(filter(None, (one.grounds.where, one.grounds.note)))),
                Cell(value_text(one, rate) + (ASSUMED_MARK if one.is_assumed else "")),
                Cell(known_words(one.grounds.kind)),
                Cell(", ".join(one.grounds.sources)),
            )
            for one in records
            if one.grounds is not None
        ),
    )
    named = dict.fromkeys(key for one in records if one.grounds for key in one.grounds.sources)
    known = [(key, reported.sources[key]) for key in named if key in reported.sources]
    if known:
        yield Heading("Documents")
        yield Table(
            ("", "document", "kind", "read", "where"),
            tuple(
                (
                    Cell(key),
                    Cell(source.title),
                    Cell(source.kind or ""),
                    Cell("" if source.read is None else numbers.date(source.read)),
                    Cell((Span(source.where, "code"),)),
                )
                for key, source in known
            ),
        )


def _profiles(estimate: Estimate) -> Iterator[Block]:
    """Yield by what content each profile was, so that a later check says whether anything moved."""
    yield Heading("Profiles", f"by the hash of their content; planner {planner.__version__}")
    yield Table(
        ("kind", "id", "from", "hash"),
        tuple(
            (
                Cell(words(use.kind, PROFILE_KINDS)),
                Cell((Span(use.id, "code"),)),
                Cell(use.origin),
                Cell((Span(use.hash, "code"),)),
            )
            for use in estimate.profiles
        ),
    )
