"""Profiles as documents and JSON: tables of many, and one in full with the evidence of each figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import starmap
from typing import Any, get_args

from planner.catalog.entry import Entry
from planner.catalog.evidence import kinds_of
from planner.domain.evidence import Evidence, EvidenceKind, Source, Sourced, value_of
from planner.domain.maturity import MARKS
from planner.domain.unlisted import UnlistedParts
from planner.report import numbers
from planner.report.document import (
    Block,
    Entries,
    Heading,
    Item,
    Items,
    Paragraph,
    Table,
    cells,
    document,
    entries,
)
from planner.report.document import Entry as Beside
from planner.report.numbers import UNKNOWN
from planner.report.profile_rows import RivalRow, Row, profile_rows
from planner.report.words import MATURITIES, PROFILE_KINDS, words

#: Room that labels leave beside half the width.
_LABEL_MARGIN = 4


def _number(figure: Sourced[float] | None, factor: float = 1.0) -> str:
    """Return a figure in the unit of its column, so that a column can be read down."""
    value = value_of(figure)
    return UNKNOWN if value is None else f"{value / factor:,.5g}"


def _chip(chip: Any) -> tuple[str, ...]:
    peak = chip.peak_dense_flops_per_s.get("bf16") or chip.peak_dense_flops_per_s.get("fp16")
    return (
        _number(peak, 1e12),
        _number(chip.memory.capacity_bytes, 1e9),
        _number(chip.tdp_w),
        MARKS[chip.maturity],
    )


def _system(system: Any) -> tuple[str, ...]:
    power = _number(system.max_power_w, 1e3)
    return f"{system.chips_per_system:,}", power, system.chip, MARKS[system.maturity]


def _fabric(fabric: Any) -> tuple[str, ...]:
    return _number(fabric.port_bytes_per_s, 1e9 / 8), fabric.kind


def _stack(stack: Any) -> tuple[str, ...]:
    return str(stack.year), stack.platform, "default" if stack.is_default else ""


def _model(model: Any) -> tuple[str, ...]:
    active = numbers.count(value_of(model.published_active_parameters))
    return (
        numbers.count(value_of(model.published_parameters)),
        "dense" if model.architecture and model.architecture.mixture is None else active,
        numbers.count(value_of(model.training_tokens)),
        model.developer,
    )


def _site(site: Any) -> tuple[str, ...]:
    price = value_of(site.electricity_usd_per_kwh)
    pue = value_of(site.pue)
    shown = UNKNOWN if price is None else f"{getattr(price, 'middle', price):.3f}"
    return UNKNOWN if pue is None else f"{pue:.2f}", shown, site.country


def _price(price: Any) -> tuple[str, ...]:
    days = [quote.date for quote in price.quotes if quote.date]
    return f"{len(price.quotes)}", price.per, price.currency, numbers.date(max(days)) if days else UNKNOWN


@dataclass(frozen=True, slots=True)
class _Columns:
    """What a table of one kind shows between the name and the origin; the first `numeric` are numbers."""

    names: tuple[str, ...]
    numeric: int
    cells: Callable[[Any], tuple[str, ...]]


_COLUMNS = {
    "chips": _Columns(("bf16 TFLOP/s", "GB", "TDP W", ""), 3, _chip),
    "systems": _Columns(("chips", "max kW", "chip", ""), 2, _system),
    "fabrics": _Columns(("port Gb/s", "kind"), 1, _fabric),
    "stacks": _Columns(("year", "platform", ""), 1, _stack),
    "models": _Columns(("parameters", "active", "tokens", "developer"), 3, _model),
    "sites": _Columns(("PUE", "USD/kWh", "country"), 2, _site),
    "prices": _Columns(("quotes", "per", "currency", "newest"), 1, _price),
}
_NO_COLUMNS = _Columns((), 0, lambda _profile: ())


def name_of(profile: object) -> str:
    """Return what a profile is called: its name, a rule's title, else the document it is from."""
    for attribute in ("name", "title", "source"):
        text = getattr(profile, attribute, None)
        if isinstance(text, str):
            return text
    return ""


def evidence_summary(counts: Mapping[str, int]) -> str:
    """Return how figures are known, best first, as shares: `12: 58 % datasheet, 42 % memory`."""
    total = sum(counts.values())
    shares = (
        f"{numbers.percent(counts[kind] / total)} {words(kind)}"
        for kind in (*get_args(EvidenceKind), "unknown")
        if counts.get(kind)
    )
    return f"{total}: {', '.join(shares)}" if total else "none"


@document
def profiles_document(
    profiles: Mapping[str, Mapping[str, Entry[Any]]], unlisted: UnlistedParts | None = None
) -> Iterator[Block]:
    """Yield a table of the profiles of each kind, with where each came from, and parts that have none."""
    for kind, found in profiles.items():
        columns = _COLUMNS.get(kind, _NO_COLUMNS)
        yield Heading(kind, f"{len(found)}")
        rows = (
            (identifier, name_of(entry.profile), *columns.cells(entry.profile), entry.origin)
            for identifier, entry in found.items()
        )
        if found:
            right = frozenset(range(2, 2 + columns.numeric))
            yield Table(("id", "name", *columns.names, "from"), cells(rows), right=right)
    if unlisted is not None:
        yield from _unlisted(unlisted)


def _unlisted(parts: UnlistedParts) -> Iterator[Block]:
    if parts.without_figures:
        yield Heading("announced, no figures", f"{len(parts.without_figures)}, which no plan can name")
        yield entries(((part.name, part.why) for part in parts.without_figures), 1)
    if parts.shared_names:
        yield Heading("other names", f"{len(parts.shared_names)}")
        yield entries(
            ((shared.name, f"{' or '.join(shared.products)}: {shared.ask}") for shared in parts.shared_names),
            1,
        )


def profiles_to_list(profiles: Mapping[str, Mapping[str, Entry[Any]]]) -> list[dict[str, object]]:
    """Return the profiles as records for JSON."""
    return [
        {
            "kind": kind,
            "id": identifier,
            "name": name_of(entry.profile),
            "hash": entry.hash,
            "from": entry.origin,
            "path": str(entry.path),
        }
        for kind, entries in profiles.items()
        for identifier, entry in entries.items()
    ]


def profile_to_dict(
    kind: str, identifier: str, entry: Entry[Any], sources: Mapping[str, Source]
) -> dict[str, object]:
    """Return one profile for JSON: every fact, every figure with evidence, and the documents named."""
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
    kind: str, identifier: str, entry: Entry[Any], sources: Mapping[str, Source]
) -> Iterator[Block]:
    """Yield one profile in full: facts, then figures with kind, documents, notes and rivals."""
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
    return f"{words(evidence.kind)}{confidence}{day}"


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
