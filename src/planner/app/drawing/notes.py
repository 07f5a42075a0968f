"""Compliance notes as rows of a list and as a page; what they say comes from rule files, never markup."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.planning.result import ComplianceNote, ComplianceReport
from planner.report import numbers
from planner.report.words import SEVERITIES, SEVERITY_SIGNS, words
from planner.text import safe

ADVICE = "planning information, not legal advice"
LEAD_WIDTH = 12
SEVERE = ("block", "licence_required")


@dataclass(frozen=True)
class NoteRow:
    """One row of the compliance list, and what opens with it."""

    prompt: Content
    #: opens as a page
    note: ComplianceNote | None = None
    #: the plan key of the field that it asks for
    plan_key: str = ""


def severity_order(severity: str) -> int:
    """Return the place of a severity, worst first; an unknown one stands last."""
    order = list(SEVERITIES)
    return order.index(severity) if severity in order else len(order)


def note_rows(report: ComplianceReport, width: int) -> list[NoteRow]:
    """Return the rows: notes by severity, what is asked, what is ahead, classifications."""
    rows = [
        NoteRow(_note_line(note, width), note)
        for note in sorted(
            report.notes, key=lambda note: (severity_order(note.severity), note.subject, note.id)
        )
    ]
    if not rows:
        text = f"No rule applies on what is filled in, as of {numbers.date(report.as_of)}."
        rows.append(NoteRow(fitted(line((text, QUIET)), width)))
    for needed in report.needs_input:
        count = len(needed.rules)
        text = words(needed.plan_key or needed.field).replace(".", ": ")
        aside = f"{count} rule{'s wait' if count > 1 else ' waits'}"
        rows.append(
            NoteRow(_row("? INPUT", STRONG, safe(text), "", aside, width), None, needed.plan_key or "")
        )
    for note in report.upcoming:
        rows.append(NoteRow(_note_line(note, width, ahead=True), note))
    for item in report.classifications:
        performance = numbers.decimal(item.total_processing_performance, 4)
        density = numbers.decimal(item.performance_density, 3)
        text = f"  {safe(item.chip)}: {safe(item.eccn)}  TPP {performance}, density {density}"
        rows.append(NoteRow(fitted(line((text, QUIET)), width)))
    return rows


def _note_line(note: ComplianceNote, width: int, *, ahead: bool = False) -> Content:
    severity = SEVERITIES.get(note.severity, note.severity.upper())
    sign = ">" if ahead else SEVERITY_SIGNS.get(note.severity, "-")
    style = BAD if note.severity in SEVERE and not ahead else STRONG
    aside = f"from {numbers.date(note.effective_from)}" if ahead else words(note.status)
    if note.is_stale:
        aside += ", review overdue"
    pool = f" [{note.pool}]" if note.pool else ""
    return _row(f"{sign} {severity}", style, safe(note.title or note.note), pool, aside, width)


def _row(lead: str, style: str, text: str, pool: str, aside: str, width: int) -> Content:
    """Return one row: what kind of row, what it says, and at the right end an aside."""
    room = max(10, width - LEAD_WIDTH - len(aside) - len(pool) - 2)
    head = line((f"{lead:<{LEAD_WIDTH}}", style), fitted(Content(text), room), (pool, QUIET))
    gap = max(1, width - head.cell_length - len(aside))
    return fitted(head + line(" " * gap, (aside, QUIET)), width)


def note_page(note: ComplianceNote, width: int) -> Lines:
    """Return all that a note says."""
    severity = SEVERITIES.get(note.severity, note.severity)
    dates = f"{numbers.date(note.effective_from)} to {numbers.date(note.effective_to)}"
    if note.effective_to is None:
        dates = f"from {numbers.date(note.effective_from)}"
    about = f"pool {note.pool}" if note.pool else "the whole plan"
    lines = [
        line(
            (
                f"{SEVERITY_SIGNS.get(note.severity, '-')} {severity}",
                BAD if note.severity in SEVERE else STRONG,
            )
        ),
        *wrapped(note.title or note.id, width, style=STRONG),
        Content(""),
        *wrapped(note.note, width),
        Content(""),
    ]
    if note.caveat:
        lines += [*wrapped(note.caveat, width, first=("caveat    ", HEADING)), Content("")]
    entries = (
        ("about", f"{words(note.subject)}, {about}"),
        ("status", words(note.status) + (", review overdue" if note.is_stale else "")),
        ("effective", dates),
        ("citation", note.citation),
        ("source", f"{note.source} ({note.evidence})"),
        ("rule", note.id),
    )
    for label, text in entries:
        lines += wrapped(text, width, first=(f"{label:<10}", HEADING))
    return [*lines, Content(""), line((ADVICE, QUIET))]


def counts_line(report: ComplianceReport) -> str:
    """Return how many notes there are of each severity, worst first."""
    shown = []
    for severity, name in SEVERITIES.items():
        number = sum(1 for note in report.notes if note.severity == severity)
        if number:
            shown.append(f"{number} {name.lower()}")
    if report.needs_input:
        shown.append(f"{len(report.needs_input)} to fill in")
    return ", ".join(shown)
