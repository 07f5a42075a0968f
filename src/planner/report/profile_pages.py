"""The page of one profile, of whatever kind: that which the command for its kind prints."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from planner.domain.evidence import Source
from planner.domain.rule import Rule
from planner.report.document import Document
from planner.report.profile_document import profile_document
from planner.report.profile_listing import Listed
from planner.report.rule_document import rule_document


def profile_page(
    one: Listed, sources: Mapping[str, Source], uses: Sequence[str] | None, *, today: datetime.date
) -> Document:
    """Return the page of a profile that can be used."""
    assert one.entry is not None
    if isinstance(one.entry.profile, Rule):
        return rule_document(one.entry.profile, one.entry.origin, today=today)
    return profile_document(one.kind, one.id, one.entry, sources, uses)
