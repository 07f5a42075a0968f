"""A validation of memory cases: peaks by source, verdicts, all rows, and what is not scored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from planner.domain.memory_case import MemoryKind
from planner.report.document import Block, Heading, Item, Items, Table, cells, document, entries
from planner.report.numbers import decimal
from planner.report.validation_document import share, signed
from planner.report.validation_json import VALIDATION_SCHEMA, summary_to_dict
from planner.validation.memory_scores import MemoryValidation, ScoredCase, Verdicts, wrong_verdicts

_GIB = 2.0**30
_KINDS: dict[MemoryKind, str] = {"ran": "ran, refused", "oom": "ran out, passed", "peak": "measured, refused"}


@document
def memory_validation_document(validation: MemoryValidation) -> Iterator[Block]:
    """Yield the figures, summary first."""
    yield Heading("Memory", f"{len(validation.scored)} cases scored, {len(validation.unscored)} not")
    yield entries(_summary(validation), 18)
    yield Heading("Peaks by source", "predicted over measured, less 1")
    rows = (
        (source, str(summary.n), share(summary.mean_abs), share(summary.median_abs), signed(summary.bias))
        for source, summary in sorted(
            validation.by_source.items(), key=lambda entry: -(entry[1].mean_abs or 0.0)
        )
    )
    yield Table(("source", "n", "mean", "median", "bias"), cells(rows), right=frozenset({1, 2, 3, 4}))
    yield Heading("Rows", "GiB of one chip; wrong verdicts are marked")
    header = ("case", "kind", "measured", "predicted", "error", "share", "fits")
    ordered = sorted(validation.scored, key=lambda scored: scored.case.id)
    yield Table(header, cells(map(_row, ordered)), right=frozenset({2, 3, 4, 5}))
    if validation.unscored:
        yield Heading("Not scored")
        yield Items(tuple(Item(f"{name}: {reason}") for name, reason in validation.unscored))


def _summary(validation: MemoryValidation) -> Iterator[tuple[str, str]]:
    peaks = validation.peaks
    yield (
        "peaks",
        f"{peaks.n}: mean error {share(validation.error_by_source)} by source, {share(peaks.mean_abs)} by "
        f"row, median {share(peaks.median_abs)}, bias {signed(peaks.bias)}",
    )
    for kind, words in _KINDS.items():
        yield words, _verdict_words(validation.verdicts(kind))


def _verdict_words(verdicts: Verdicts) -> str:
    return f"{verdicts.wrong} of {verdicts.judged} ({share(verdicts.share)})"


def _row(scored: ScoredCase) -> tuple[str, ...]:
    case, fit = scored.case, scored.fit
    peak = "-" if case.peak_bytes is None else decimal(case.peak_bytes / _GIB, 3)
    verdict = "-" if fit is None else "yes" if fit.fits else "no"
    return (
        case.id,
        case.kind,
        peak,
        decimal(scored.predicted_bytes / _GIB, 3),
        signed(scored.error),
        "-" if fit is None else f"{fit.memory_share:.2f}",
        f"{verdict} (wrong)" if scored.is_wrong else verdict,
    )


def memory_validation_to_dict(validation: MemoryValidation) -> dict[str, Any]:
    """Return the rows and their summary."""
    kinds = {kind: validation.verdicts(kind) for kind in _KINDS}
    return {
        "schema": VALIDATION_SCHEMA,
        "cases": [_to_dict(scored) for scored in validation.scored],
        "unscored": [{"id": name, "reason": reason} for name, reason in validation.unscored],
        "summary": {
            "peaks": summary_to_dict(validation.peaks),
            "mean_abs_error_by_source": validation.error_by_source,
            "sources": {name: summary_to_dict(found) for name, found in validation.by_source.items()},
            "verdicts": {
                kind: {"judged": found.judged, "wrong": found.wrong, "share": found.share}
                for kind, found in kinds.items()
            },
            "wrong": [scored.case.id for scored in wrong_verdicts(validation.scored)],
        },
    }


def _to_dict(scored: ScoredCase) -> dict[str, Any]:
    case, fit = scored.case, scored.fit
    return {
        "id": case.id,
        "kind": case.kind,
        "source": case.source_key,
        "model": case.model,
        "chip": case.hardware.chip,
        "chips": case.hardware.chip_count,
        "stack": scored.job.stack.id,
        "instrument": case.instrument,
        "measured_bytes": case.peak_bytes,
        "predicted_bytes": scored.predicted_bytes,
        "error": scored.error,
        "fits": None if fit is None else fit.fits,
        "memory_share": None if fit is None else fit.memory_share,
        "assumed": list(scored.job.assumed),
        "missing": list(case.missing),
    }
