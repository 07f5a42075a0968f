"""A rule that nobody has re-checked in time says so wherever it is shown."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from planner.catalog.catalog import load_catalog
from planner.catalog.rules import load_rule_book
from planner.differences.note_changes import NoteChange
from planner.planning.compliance_result import ComplianceNote, ComplianceReport
from planner.report.compliance_document import compliance_blocks
from planner.report.diff_words import note_words
from planner.report.document import document
from planner.report.rule_document import rule_document, rules_document
from planner.report.terminal import terminal_text

REVIEW_BY = datetime.date(2026, 12, 4)
NOTE = ComplianceNote(
    id="US-AFFILIATES",
    severity="licence_required",
    subject="screening",
    pool=None,
    note="A party owned by listed parties is treated like its owners.",
    citation="90 FR 47201",
    status="uncertain",
    effective_from=datetime.date(2026, 11, 10),
    effective_to=None,
    source="90 FR 50857",
    evidence="secondary",
    is_stale=True,
    review_by=REVIEW_BY,
)
MARK = "STALE: not re-checked since 4 Dec 2026"


def section(report: ComplianceReport) -> str:
    return " ".join(terminal_text(document(compliance_blocks)(report), width=200).split())


def test_a_stale_note_says_so_whether_it_applies_or_is_ahead() -> None:
    day = datetime.date(2027, 1, 1)
    assert MARK in section(ComplianceReport(day, notes=(NOTE,)))
    assert MARK in section(ComplianceReport(day, upcoming=(NOTE,)))
    fresh = dataclasses.replace(NOTE, is_stale=False)
    assert "STALE" not in section(ComplianceReport(day, notes=(fresh,), upcoming=(fresh,)))


def test_a_stale_note_that_a_change_brings_says_so() -> None:
    assert note_words(NoteChange("+", NOTE, (), False)).endswith(f"; uncertain; {MARK}")


@pytest.mark.parametrize(("days_after", "is_stale"), [(0, False), (1, True)])
def test_the_list_of_rules_and_a_rule_in_full_say_it_from_the_day_after(
    days_after: int, is_stale: bool
) -> None:
    book = load_rule_book(load_catalog(include_user=False), REVIEW_BY)
    rule, today = book.rules["US-AFFILIATES"], REVIEW_BY + datetime.timedelta(days=days_after)
    listed = terminal_text(rules_document([rule], book.origins, today=today), width=120)
    assert ("uncertain, STALE" in listed) == is_stale
    full = terminal_text(rule_document(rule, "built-in", today=today), width=120)
    assert ("STALE: not re-checked since" in full) == is_stale
