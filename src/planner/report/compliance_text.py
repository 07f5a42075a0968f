"""Compliance notes as text: by severity, with their age and status, and never a word of permission."""

from __future__ import annotations

import datetime

from planner.planning.result import ComplianceNote, ComplianceReport, NeedsInput
from planner.report.numbers import count, date, decimal
from planner.report.page import Page, Role
from planner.report.words import SEVERITIES, SEVERITY_SIGNS, words

DISCLAIMER = "planning information, not legal advice"
_SEVERITY_ORDER = tuple(SEVERITIES)
_LABEL_WIDTH = 10
#: The first decide most; a longer list in full would bury the notes.
_MOST_NEEDS = 5


def add_compliance(page: Page, report: ComplianceReport) -> None:
    """Add the compliance section: notes, what is unknown, what is ahead, classifications."""
    page.heading("COMPLIANCE", f"{DISCLAIMER}; rules as of {date(report.as_of)}")
    for note in sorted(report.notes, key=_order):
        _add_note(page, note)
    if report.notes:
        page.paragraph("documents and caveats of a note: planner rules show ID", role="quiet")
    else:
        page.paragraph("No note from the rules that could be decided. That is not a clearance.")
    _add_needs(page, report.needs_input)
    for note in sorted(report.upcoming, key=_ahead):
        _add_upcoming(page, note)
    for entry in report.classifications:
        numbers = (
            f"TPP {count(entry.total_processing_performance)}, "
            f"performance density {decimal(entry.performance_density, 3)}"
        )
        text = f"{entry.chip} (pool {entry.pool}): {entry.eccn} by its numbers; {numbers}"
        page.entry("# CLASS", text, _LABEL_WIDTH, role="quiet")


def _order(note: ComplianceNote) -> tuple[int, str, str]:
    rank = _SEVERITY_ORDER.index(note.severity) if note.severity in SEVERITIES else len(SEVERITIES)
    return rank, note.subject, note.id


def _ahead(note: ComplianceNote) -> datetime.date:
    return note.applies_from or note.effective_from or datetime.date.max


def _add_note(page: Page, note: ComplianceNote) -> None:
    sign = SEVERITY_SIGNS.get(note.severity, "-")
    role: Role = "bad" if note.severity in ("block", "licence_required") else "title"
    where = f" (pool {note.pool})" if note.pool else ""
    page.entry(
        f"{sign} {words(note.severity, SEVERITIES)}",
        f"{note.id}{where}: {note.note}",
        _LABEL_WIDTH,
        role=role,
    )
    stale = "; STALE: past its review date" if note.is_stale else ""
    if note.review_policy:
        page.entry("", f"review policy: {words(note.review_policy)}", _LABEL_WIDTH)
    page.entry("", f"{note.citation}; {words(note.status)}{_period(note)}{stale}", _LABEL_WIDTH)
    evidence = f" ({words(note.evidence)})" if note.evidence else ""
    if note.source:
        # an address that is broken over lines helps nobody; `rules show` prints it whole
        title = note.source.partition(": http")[0]
        page.entry("", f"source: {title}{evidence}", _LABEL_WIDTH)


def _period(note: ComplianceNote) -> str:
    start = f" from {date(note.effective_from)}" if note.effective_from else ""
    end = f" until {date(note.effective_to)}" if note.effective_to else ""
    return start + end


def _add_needs(page: Page, needs: tuple[NeedsInput, ...]) -> None:
    for need in needs[:_MOST_NEEDS]:
        rules = len(need.rules)
        named = ", ".join(need.rules[:3]) + (", ..." if rules > 3 else "")
        text = f"{_key(need)}: {rules} rule{'s wait' if rules != 1 else ' waits'} for it ({named})"
        page.entry("? INPUT", text, _LABEL_WIDTH)
    if len(needs) > _MOST_NEEDS:
        rest = ", ".join(_key(need) for need in needs[_MOST_NEEDS:])
        page.entry("", f"and {len(needs) - _MOST_NEEDS} more that are unknown: {rest}", _LABEL_WIDTH)


def _key(need: NeedsInput) -> str:
    return need.plan_key or words(need.field.replace(".", " "))


def _add_upcoming(page: Page, note: ComplianceNote) -> None:
    where = f" (pool {note.pool})" if note.pool else ""
    day = _ahead(note)
    start = f"from {date(day)}: " if day != datetime.date.max else ""
    text = f"{start}{note.id}{where}: {note.title or note.note} ({words(note.status)})"
    page.entry("> AHEAD", text, _LABEL_WIDTH)
