"""Compliance notes: by severity and subject, with age and status, and never a word of permission."""

from __future__ import annotations

from collections.abc import Iterator

from planner.planning.compliance_result import ComplianceNote, ComplianceReport, NeedsInput
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
from planner.report.document import Block, Entries, Entry, Heading, Item, Items, Paragraph, Role
from planner.report.numbers import date
from planner.report.words import SEVERITIES, SEVERITY_SIGNS, SUBJECTS, words

DISCLAIMER = "planning information, not legal advice"
_LABEL_WIDTH = 10
#: Where an entry begins beside its label.
_NOTE_INDENT = 2 + _LABEL_WIDTH + 2
#: The first decide most; a longer list in full would bury the notes.
_MOST_NEEDS = 5


def compliance_blocks(report: ComplianceReport) -> Iterator[Block]:
    """Yield the compliance section: notes, what is unknown, what is ahead, classifications."""
    yield Heading("Compliance", f"{DISCLAIMER}; rules as of {date(report.as_of)}")
    group = ("", "")
    for row in note_rows(report.notes):
        if (row.note.severity, row.note.subject) != group:
            group = (row.note.severity, row.note.subject)
            yield Entries((_group(row.note),), _LABEL_WIDTH)
        yield Items(tuple(_note(row, report)), indent=_NOTE_INDENT)
    if report.notes:
        yield Paragraph("documents and caveats of a note: planner rules show ID", role="quiet")
    else:
        yield Paragraph(NOTHING_APPLIES)
    told = [*_needs(report.needs_input), *(_upcoming(row, report) for row in upcoming_rows(report.upcoming))]
    told += [
        Entry("# CLASS", f"{entry.chip} (pool {entry.pool}): {class_text(entry)}", "quiet")
        for entry in report.classifications
    ]
    us_rules = us_rules_text(report)
    told += [Entry("# US RULES", f"{us_rules} ({US_RULES_KEY})", "quiet")] if us_rules else []
    if told:
        yield Entries(tuple(told), _LABEL_WIDTH)


def _group(note: ComplianceNote) -> Entry:
    role: Role = "bad" if note.severity in ("block", "licence_required") else "title"
    sign = SEVERITY_SIGNS.get(note.severity, "-")
    subject = words(note.subject, SUBJECTS)
    return Entry(f"{sign} {words(note.severity, SEVERITIES)}", f"on {subject}", role)


def _note(row: NoteRow, report: ComplianceReport) -> Iterator[Item]:
    note = row.note
    pools = pool_names(row, report)
    where = f" ({pools})" if pools else ""
    yield Item(f"{note.id}{where}: {note.note}")
    if note.review_policy:
        yield Item(f"review policy: {words(note.review_policy)}", depth=1, role="quiet", hanging=0)
    said = (note.citation, words(note.status) + _period(note), stale_mark(note))
    yield Item("; ".join(filter(None, said)), depth=1, role="quiet", hanging=0)
    if note.source:
        # an address that is broken over lines helps nobody; `rules show` prints it whole
        title = note.source.partition(": http")[0]
        evidence = f" ({words(note.evidence)})" if note.evidence else ""
        yield Item(f"source: {title}{evidence}", depth=1, role="quiet", hanging=0)


def _period(note: ComplianceNote) -> str:
    start = f" from {date(note.effective_from)}" if note.effective_from else ""
    end = f" until {date(note.effective_to)}" if note.effective_to else ""
    return start + end


def _needs(needs: tuple[NeedsInput, ...]) -> Iterator[Entry]:
    for need in needs[:_MOST_NEEDS]:
        rules = len(need.rules)
        named = ", ".join(need.rules[:3]) + (", ..." if rules > 3 else "")
        text = f"{_key(need)}: {rules} rule{'s wait' if rules != 1 else ' waits'} for it ({named})"
        yield Entry("? INPUT", text)
    if len(needs) > _MOST_NEEDS:
        rest = ", ".join(_key(need) for need in needs[_MOST_NEEDS:])
        yield Entry("", f"and {len(needs) - _MOST_NEEDS} more that are unknown: {rest}")


def _key(need: NeedsInput) -> str:
    return need.plan_key or asked_name(need)


def _upcoming(row: NoteRow, report: ComplianceReport) -> Entry:
    note = row.note
    pools = pool_names(row, report)
    where = f" ({pools})" if pools else ""
    day = begins(note)
    start = f"from {date(day)}: " if day is not None else ""
    said = "; ".join(filter(None, (f"{words(note.severity)}, {words(note.status)}", stale_mark(note))))
    return Entry("> AHEAD", f"{start}{note.id}{where}: {note.title or note.note} ({said})")
