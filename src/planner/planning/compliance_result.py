"""What the compliance rules say of a plan: notes, what is asked, what is ahead."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComplianceNote:
    """One rule that applies."""

    id: str
    severity: str
    subject: str
    #: the pool it is about; None: the whole plan
    pool: str | None
    note: str
    citation: str
    status: str
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    source: str
    evidence: str
    is_stale: bool
    title: str = ""
    caveat: str | None = None
    jurisdiction: str = ""
    #: of a licence: the stated policy, for instance presumption_of_denial
    review_policy: str | None = None
    confidence: str = ""
    #: past this day the note is shown as not re-checked since
    review_by: datetime.date | None = None
    #: of an upcoming note: the day from which it applies to this plan
    applies_from: datetime.date | None = None
    #: of the source: a day, a month or a year as ISO text
    source_date: str | None = None


@dataclass(frozen=True, slots=True)
class NeedsInput:
    """A field that is unknown and the rules that wait for it, the most decisive field first."""

    field: str
    rules: tuple[str, ...]
    #: where in a plan it can be filled, for instance `parties.buyer_country`; None: not in the plan
    plan_key: str | None = None
    #: the pools that it is asked for, where it is about a chip
    pools: tuple[str, ...] = ()
    #: how many of the rules this field could settle alone
    decides: int = 0


@dataclass(frozen=True, slots=True)
class Classification:
    """A chip's export classification as its numbers say."""

    pool: str
    chip: str
    eccn: str
    total_processing_performance: float | None
    performance_density: float | None
    #: of the designer's headquarters; None: unknown
    designer_country: str | None = None


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    """Planning information, not legal advice: what applies, what is asked, what is ahead."""

    as_of: datetime.date
    notes: tuple[ComplianceNote, ...] = ()
    needs_input: tuple[NeedsInput, ...] = ()
    upcoming: tuple[ComplianceNote, ...] = ()
    classifications: tuple[Classification, ...] = ()
    #: the plan's answer on whether US export rules reach its chips; None: not given, and so assumed
    chip_subject_to_ear: bool | None = None
