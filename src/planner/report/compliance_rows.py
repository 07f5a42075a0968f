"""Compliance notes as they are listed: by severity and subject, one row for all pools of a rule."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

from planner.planning.compliance_result import Classification, ComplianceNote, ComplianceReport, NeedsInput
from planner.report.numbers import count, date, decimal
from planner.report.words import CLASSES, LOOKED_UP, SEVERITIES, SUBJECTS, words

NOTHING_APPLIES = "No note from the rules that could be decided. That is not a clearance."
#: The plan key by which somebody says that US export rules do not reach the chips.
US_RULES_KEY = "parties.chip_subject_to_ear"


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One rule that applies, and the pools that it is about; none: the whole plan."""

    note: ComplianceNote
    pools: tuple[str, ...]


def _place(order: dict[str, str], key: str) -> int:
    names = list(order)
    return names.index(key) if key in order else len(names)


def _order(row: NoteRow) -> tuple[int, int, str, str]:
    note = row.note
    return _place(SEVERITIES, note.severity), _place(SUBJECTS, note.subject), note.subject, note.id


def note_rows(notes: Iterable[ComplianceNote]) -> list[NoteRow]:
    """Return the notes by severity, then subject, then rule; those that differ by pool alone are one."""
    pools: dict[ComplianceNote, list[str]] = {}
    for note in notes:
        pools.setdefault(replace(note, pool=None), []).extend([note.pool] if note.pool else [])
    return sorted((NoteRow(note, tuple(named)) for note, named in pools.items()), key=_order)


def upcoming_rows(notes: Iterable[ComplianceNote]) -> list[NoteRow]:
    """Return the notes that are ahead, the next first."""
    return sorted(note_rows(notes), key=lambda row: begins(row.note) or datetime.date.max)


def begins(note: ComplianceNote) -> datetime.date | None:
    """Return the day from which a note that is ahead applies to the plan."""
    return note.applies_from or note.effective_from


def pool_names(row: NoteRow, report: ComplianceReport) -> str:
    """Return the pools of a note in words; nothing where the plan has no other pool."""
    if not row.pools or len(report.classifications) < 2:
        return ""
    return f"pool{'s' if len(row.pools) > 1 else ''} {', '.join(row.pools)}"


def asked_name(need: NeedsInput) -> str:
    """Return what a rule asks for and no key of the plan holds, with the pools that it is about."""
    pools = f" (pool {', '.join(need.pools)})" if need.pools else ""
    return words(need.field, LOOKED_UP) + pools


def stale_mark(note: ComplianceNote) -> str:
    """Return the mark of a note that nobody has re-checked in time; nothing where it is fresh."""
    if not note.is_stale:
        return ""
    return f"STALE: not re-checked since {date(note.review_by)}" if note.review_by else "STALE"


def class_text(entry: Classification) -> str:
    """Return what a chip's numbers say of its export classification."""
    meaning = CLASSES.get(entry.eccn) or f"{entry.eccn} by its numbers"
    performance = count(entry.total_processing_performance)
    return f"{meaning}; TPP {performance}, performance density {decimal(entry.performance_density, 3)}"


def us_rules_text(report: ComplianceReport) -> str:
    """Return how US export rules are taken to reach chips of other designers; nothing where there is none."""
    chips = ", ".join(
        dict.fromkeys(entry.chip for entry in report.classifications if entry.designer_country != "US")
    )
    if not chips:
        return ""
    return {
        None: f"assumed to reach {chips}, as nothing else is given",
        True: f"said to reach {chips}",
        False: f"said not to reach {chips}; only on advice",
    }[report.chip_subject_to_ear]
