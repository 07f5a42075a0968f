"""Compliance notes as rows of a list and as a page; what they say comes from rule files, never markup."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from textual.content import Content

from planner.app.drawing.pieces import BAD, HEADING, QUIET, STRONG, Lines, fitted, line, wrapped
from planner.app.fields import FIELDS
from planner.planning.compliance_result import ComplianceNote, ComplianceReport, NeedsInput
from planner.report import compliance_rows, numbers
from planner.report.compliance_document import DISCLAIMER
from planner.report.compliance_rows import NOTHING_APPLIES, US_RULES_KEY
from planner.report.words import SEVERITIES, SEVERITY_SIGNS, SUBJECTS, words
from planner.text import safe

ADVICE = DISCLAIMER
LEAD_WIDTH = 12
SUBJECT_WIDTH = 10
#: Below it a row has no room for the date of a note's source, or for its subject.
WIDE, MIDDLE = 96, 60
SEVERE = ("block", "licence_required")


@dataclass(frozen=True)
class NoteRow:
    """One row of the compliance list, and what opens with it."""

    prompt: Content
    #: opens as a page
    note: ComplianceNote | None = None
    #: the day that the rules were read for
    as_of: datetime.date | None = None
    #: the plan key of the field that it asks for
    plan_key: str = ""
    #: said where it asks for what no field of the plan holds
    advice: str = ""


def note_rows(report: ComplianceReport, width: int) -> list[NoteRow]:
    """Return the rows: notes by severity and subject, what is asked, what is ahead, classifications."""
    rows = [_note_row(row, report, width) for row in compliance_rows.note_rows(report.notes)]
    if not rows:
        rows += [NoteRow(text) for text in wrapped(NOTHING_APPLIES, width, style=QUIET)]
    us_rules = compliance_rows.us_rules_text(report)
    if us_rules:
        # the switch stands where it is seen: after what is severe, before what is only good to know
        at = sum(row.note is not None and row.note.severity in SEVERE for row in rows)
        sign = "?" if report.chip_subject_to_ear is None else "="
        prompt = _row(f"{sign} US RULES", STRONG, None, safe(us_rules), "Enter sets it", width)
        rows.insert(at, NoteRow(prompt, plan_key=US_RULES_KEY))
    rows += [_asking_row(needed, width) for needed in report.needs_input]
    rows += [
        _note_row(row, report, width, ahead=True) for row in compliance_rows.upcoming_rows(report.upcoming)
    ]
    for item in report.classifications:
        text = f"# {safe(item.chip)}: {safe(compliance_rows.class_text(item))}"
        rows.append(NoteRow(fitted(line((text, QUIET)), width)))
    return rows


def _note_row(
    row: compliance_rows.NoteRow, report: ComplianceReport, width: int, *, ahead: bool = False
) -> NoteRow:
    note = row.note
    severity = words(note.severity, SEVERITIES) if note.severity in SEVERITIES else note.severity.upper()
    sign = ">" if ahead else SEVERITY_SIGNS.get(note.severity, "-")
    style = BAD if note.severity in SEVERE and not ahead else STRONG
    aside = [words(note.status)]
    if ahead:
        aside.insert(0, f"from {numbers.date(compliance_rows.begins(note))}")
    if note.is_stale:
        aside.append("STALE")
    if note.source_date and width >= WIDE:
        aside.append(f"src {note.source_date[:4]}")
    pools = compliance_rows.pool_names(row, report)
    text = safe(note.title or note.note) + (f" [{', '.join(row.pools)}]" if pools else "")
    shown = _row(f"{sign} {severity}", style, words(note.subject, SUBJECTS), text, "  ".join(aside), width)
    return NoteRow(shown, replace(note, pool=", ".join(row.pools) or None), report.as_of)


def _asking_row(needed: NeedsInput, width: int) -> NoteRow:
    """Return the row that asks for a field, in the words of the field's own help."""
    count = len(needed.rules)
    aside = f"{count} rule{'s' if count > 1 else ''}"
    spec = FIELDS.by_key.get(needed.plan_key or "")
    subject = (needed.plan_key or needed.field).partition(".")[0]
    text = compliance_rows.asked_name(needed) if spec is None else _question(spec.help)
    advice = "" if needed.plan_key else f"Not a field of the plan: {text}. A profile must say it."
    prompt = _row("? INPUT", STRONG, subject, safe(text), aside, width)
    return NoteRow(prompt, plan_key=needed.plan_key or "", advice=advice)


def _question(help_text: str) -> str:
    """Return a field's help as the name of what is asked."""
    text = help_text.rstrip(".").removeprefix("Whether ")
    text = text.removeprefix("the ").removeprefix("The ")
    return text[:1].lower() + text[1:]


def _row(lead: str, style: str, subject: str | None, text: str, aside: str, width: int) -> Content:
    """Return one row: what kind of row, on what, what it says, and at the right end an aside."""
    about = f"{subject:<{SUBJECT_WIDTH}}" if width >= MIDDLE and subject is not None else ""
    if width < MIDDLE and aside == "in force":
        aside = ""
    room = max(10, width - LEAD_WIDTH - len(about) - len(aside) - 2)
    head = line((f"{lead:<{LEAD_WIDTH}}", style), (about, QUIET), fitted(Content(text), room))
    gap = max(1, width - head.cell_length - len(aside))
    return fitted(head + line(" " * gap, (aside, QUIET)), width)


def note_page(note: ComplianceNote, as_of: datetime.date | None, width: int) -> Lines:
    """Return all that a note says."""
    severity = words(note.severity, SEVERITIES)
    sign = SEVERITY_SIGNS.get(note.severity, "-")
    lines = [
        line((f"{sign} {severity}", BAD if note.severity in SEVERE else STRONG)),
        *wrapped(note.title or note.id, width, style=STRONG),
        Content(""),
        *wrapped(note.note, width),
        Content(""),
    ]
    if note.caveat:
        lines += [*wrapped(note.caveat, width, first=("caveat    ", HEADING)), Content("")]
    for label, text in _entries(note, as_of):
        lines += wrapped(text, width, first=(f"{label:<10}", HEADING))
    return [*lines, Content(""), line((ADVICE, QUIET))]


def _entries(note: ComplianceNote, as_of: datetime.date | None) -> list[tuple[str, str]]:
    dates = f"{numbers.date(note.effective_from)} to {numbers.date(note.effective_to)}"
    if note.effective_to is None:
        dates = f"from {numbers.date(note.effective_from)}" if note.effective_from else "no dates given"
    about = f"pool {note.pool}" if note.pool else "the whole plan"
    confidence = f", confidence {note.confidence}" if note.confidence else ""
    entries = [
        ("about", f"{words(note.subject)}, {about}"),
        ("status", words(note.status)),
        ("policy", words(note.review_policy or "")),
        ("effective", dates),
        (
            "ahead",
            f"applies to this plan from {numbers.date(note.applies_from)}" if note.applies_from else "",
        ),
        ("citation", note.citation),
        ("source", f"{note.source} ({words(note.evidence)}{confidence})"),
        ("as of", numbers.date(as_of) if as_of else ""),
        ("review", f"due by {numbers.date(note.review_by)}" if note.review_by else ""),
        ("", compliance_rows.stale_mark(note)),
        ("rule", note.id),
    ]
    return [(label, text) for label, text in entries if text]


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
