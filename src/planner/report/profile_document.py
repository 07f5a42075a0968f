"""Profiles as documents and JSON: tables of many, and one in full with the evidence of each figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any, get_args

from planner.catalog.entry import Entry
from planner.catalog.evidence import kinds_of
from planner.domain.evidence import Evidence, EvidenceKind, Source
from planner.report import numbers
from planner.report.document import (
    Block,
    Entries,
    Heading,
    Item,
    Items,
    Paragraph,
    document,
    entries,
)
from planner.report.document import Entry as Beside
from planner.report.profile_rows import RivalRow, Row, profile_rows
from planner.report.words import MATURITIES, PROFILE_KINDS, known_words, words

#: Room that labels leave beside half the width.
_LABEL_MARGIN = 4


def name_of(profile: object) -> str:
    """Return what a profile is called: its name, a rule's title, else the document it is from."""
    for attribute in ("name", "title", "source"):
        text = getattr(profile, attribute, None)
        if isinstance(text, str):
            return text
    return ""


def evidence_summary(counts: Mapping[str, int]) -> str:
    """Return how figures are known, best first: `12: 7 datasheet, 5 from memory`."""
    total = sum(counts.values())
    shares = (
        f"{counts[kind]:,} {known_words(kind)}"
        for kind in (*get_args(EvidenceKind), "unknown")
        if counts.get(kind)
    )
    return f"{total}: {', '.join(shares)}" if total else "none"


def profile_to_dict(
    kind: str,
    identifier: str,
    entry: Entry[Any],
    sources: Mapping[str, Source],
    uses: Sequence[str] | None = None,
) -> dict[str, object]:
    """Return one profile for JSON: every fact, every figure with evidence, the documents and plans named."""
    rows = profile_rows(entry.profile)
    return {
        "kind": kind,
        "id": identifier,
        "name": name_of(entry.profile),
        "notes": list(getattr(entry.profile, "notes", ())),
        "hash": entry.hash,
        "from": entry.origin,
        "path": str(entry.path),
        "shadows": list(entry.shadows),
        "evidence": kinds_of(entry.profile),
        "facts": {row.key: row.value for row in rows if row.evidence is None},
        "figures": [_figure_record(row) for row in rows if row.evidence is not None],
        "sources": {
            key: {"title": sources[key].title, "where": sources[key].where}
            for key in sorted(_named_sources(rows))
            if key in sources
        },
        **({} if uses is None else {"used_in": list(uses)}),
    }


def _figure_record(row: Row) -> dict[str, object]:
    assert row.evidence is not None
    return {
        "key": row.key,
        "value": row.value,
        "text": row.text,
        **_evidence_record(row.evidence),
        "chosen_because": row.chosen_because,
        "rivals": [
            {
                "value": rival.value,
                "text": rival.text,
                **_evidence_record(rival.evidence),
                "wrong_because": rival.wrong_because,
            }
            for rival in row.rivals
        ],
    }


def _evidence_record(evidence: Evidence) -> dict[str, object]:
    return {
        "kind": evidence.kind,
        "sources": list(evidence.sources),
        "date": evidence.date.isoformat() if evidence.date else None,
        "confidence": evidence.confidence,
        "note": evidence.note,
    }


def _named_sources(rows: Iterable[Row]) -> set[str]:
    named: set[str] = set()
    for row in rows:
        if row.evidence is not None:
            named.update(row.evidence.sources)
        for rival in row.rivals:
            named.update(rival.evidence.sources)
    return named


@document
def profile_document(
    kind: str,
    identifier: str,
    entry: Entry[Any],
    sources: Mapping[str, Source],
    uses: Sequence[str] | None = None,
) -> Iterator[Block]:
    """Yield one profile in full: facts, then figures with kind, documents, notes and rivals.

    Parameters
    ----------
    kind, identifier, entry
        The profile.
    sources
        The documents that figures name.
    uses
        Names of the plans that use it; None where nobody looked.
    """
    profile = entry.profile
    title = f"{name_of(profile)} ({words(kind, PROFILE_KINDS)} {identifier})"
    yield Paragraph(title, indent=0, role="title")
    yield Paragraph(f"from {entry.origin}: {entry.path}", role="quiet", hanging=2)
    yield Paragraph(f"hash {entry.hash}", role="quiet")
    if entry.shadows:
        yield Paragraph(f"stands before the one of {', '.join(entry.shadows)}", role="quiet")
    maturity = getattr(profile, "maturity", "proven")
    if maturity in MATURITIES:
        yield entries((("!", MATURITIES[maturity]),), 1, role="bad")
    yield entries((("-", note) for note in getattr(profile, "notes", ())), 1)
    rows = profile_rows(profile)
    label_width = max((len(row.label) for row in rows), default=0)
    facts = [(row.label, row.text) for row in rows if row.evidence is None]
    figures = [row for row in rows if row.evidence is not None]
    if facts:
        yield Heading("Facts")
        yield Entries(tuple(starmap(Beside, facts)), label_width, margin=_LABEL_MARGIN)
    if figures:
        yield Heading("Figures", f"{evidence_summary(kinds_of(profile))}; each with its evidence")
        told = tuple(shown for row in figures for shown in _figure(row, sources))
        yield Entries(told, label_width, margin=_LABEL_MARGIN)
    if uses is not None:
        yield Heading("Used in", f"{len(uses)} of the plans here and those shipped")
        yield Items(tuple(map(Item, uses)))


def _figure(row: Row, sources: Mapping[str, Source]) -> Iterator[Beside]:
    assert row.evidence is not None
    mark = numbers.ASSUMED_MARK if row.evidence.kind in ("assumed", "memory") else ""
    value = f"{row.text}{mark}, " if row.text else ""
    below = _evidence_lines(row.evidence, sources)
    below += [f"chosen because {row.chosen_because}"] if row.chosen_because else []
    yield Beside(row.label, f"{value}{_evidence_words(row.evidence)}", "title", aside=tuple(below))
    for rival in row.rivals:
        yield _rival(rival, sources)


def _rival(rival: RivalRow, sources: Mapping[str, Source]) -> Beside:
    verdict = "x wrong" if rival.wrong_because else "~ disputed"
    below = [f"wrong because {rival.wrong_because}"] if rival.wrong_because else []
    below += _evidence_lines(rival.evidence, sources)
    return Beside(verdict, f"{rival.text}, {_evidence_words(rival.evidence)}", "bad", aside=tuple(below))


def _evidence_words(evidence: Evidence) -> str:
    confidence = f", confidence {evidence.confidence}" if evidence.confidence else ""
    day = f", {numbers.date(evidence.date)}" if evidence.date else ""
    return f"{known_words(evidence.kind)}{confidence}{day}"


def _evidence_lines(evidence: Evidence, sources: Mapping[str, Source]) -> list[str]:
    lines = [
        f"{sources[key].title} [{key}]" if key in sources else f"[{key}] (not in sources.toml)"
        for key in evidence.sources
    ]
    return [*lines, f"note: {evidence.note}"] if evidence.note else lines


@document
def sources_document(sources: Mapping[str, Source]) -> Iterator[Block]:
    """Yield the documents that figures come from."""
    items: list[Item] = []
    for key, source in sorted(sources.items()):
        kind = f" ({source.kind})" if source.kind else ""
        read = f", read {numbers.date(source.read)}" if source.read else ""
        items.append(Item(f"{key}: {source.title}", role="title"))
        items.append(Item(f"{source.where}{kind}{read}", depth=1))
    yield Items(tuple(items), indent=0)


def sources_to_list(sources: Mapping[str, Source]) -> list[dict[str, object]]:
    """Return the documents as records for JSON."""
    return [
        {
            "key": key,
            "title": source.title,
            "where": source.where,
            "kind": source.kind,
            "read": source.read.isoformat() if source.read else None,
        }
        for key, source in sorted(sources.items())
    ]
