"""Compliance notes as text: by severity and subject, with age and status, and never a word of permission."""

from __future__ import annotations

from planner.planning.result import ComplianceNote, ComplianceReport, NeedsInput
from planner.report.compliance_rows import (
    NOTHING_APPLIES,
    US_RULES_KEY,
    NoteRow,
    asked_name,
    begins,
    class_text,
    note_rows,
    pool_names,
    stale_mark,
    upcoming_rows,
    us_rules_text,
)
from planner.report.numbers import date
from planner.report.page import Page, Role
from planner.report.words import SEVERITIES, SEVERITY_SIGNS, SUBJECTS, words

DISCLAIMER = "planning information, not legal advice"
_LABEL_WIDTH = 10
#: Where an entry begins beside its label.
_NOTE_INDENT = 2 + _LABEL_WIDTH + 2
#: The first decide most; a longer list in full would bury the notes.
_MOST_NEEDS = 5


def add_compliance(page: Page, report: ComplianceReport) -> None:
    """Add the compliance section: notes, what is unknown, what is ahead, classifications."""
    page.heading("COMPLIANCE", f"{DISCLAIMER}; rules as of {date(report.as_of)}")
    group = ("", "")
    for row in note_rows(report.notes):
        if (row.note.severity, row.note.subject) != group:
            group = (row.note.severity, row.note.subject)
            _add_group(page, row.note)
        _add_note(page, row, report)
    if report.notes:
        page.paragraph("documents and caveats of a note: planner rules show ID", role="quiet")
    else:
        page.paragraph(NOTHING_APPLIES)
    _add_needs(page, report.needs_input)
    for row in upcoming_rows(report.upcoming):
        _add_upcoming(page, row, report)
    for entry in report.classifications:
        text = f"{entry.chip} (pool {entry.pool}): {class_text(entry)}"
        page.entry("# CLASS", text, _LABEL_WIDTH, role="quiet")
    us_rules = us_rules_text(report)
    if us_rules:
        page.entry("# US RULES", f"{us_rules} ({US_RULES_KEY})", _LABEL_WIDTH, role="quiet")


def _add_group(page: Page, note: ComplianceNote) -> None:
    role: Role = "bad" if note.severity in ("block", "licence_required") else "title"
    sign = SEVERITY_SIGNS.get(note.severity, "-")
    subject = words(note.subject, SUBJECTS)
    page.entry(f"{sign} {words(note.severity, SEVERITIES)}", f"on {subject}", _LABEL_WIDTH, role=role)


def _add_note(page: Page, row: NoteRow, report: ComplianceReport) -> None:
    note = row.note
    pools = pool_names(row, report)
    where = f" ({pools})" if pools else ""
    page.paragraph(f"{note.id}{where}: {note.note}", indent=_NOTE_INDENT, hanging=2)

    def beside(text: str) -> None:
        page.paragraph(text, indent=_NOTE_INDENT + 2, role="quiet")

    if note.review_policy:
        beside(f"review policy: {words(note.review_policy)}")
    said = (note.citation, words(note.status) + _period(note), stale_mark(note))
    beside("; ".join(filter(None, said)))
    if note.source:
        # an address that is broken over lines helps nobody; `rules show` prints it whole
        title = note.source.partition(": http")[0]
        beside(f"source: {title}" + (f" ({words(note.evidence)})" if note.evidence else ""))


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
    return need.plan_key or asked_name(need)


def _add_upcoming(page: Page, row: NoteRow, report: ComplianceReport) -> None:
    note = row.note
    pools = pool_names(row, report)
    where = f" ({pools})" if pools else ""
    day = begins(note)
    start = f"from {date(day)}: " if day is not None else ""
    said = f"{words(note.severity)}, {words(note.status)}"
    page.entry("> AHEAD", f"{start}{note.id}{where}: {note.title or note.note} ({said})", _LABEL_WIDTH)
