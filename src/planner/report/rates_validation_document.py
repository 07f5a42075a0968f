"""A validation of measured rates: how often bands hold, every row, and where demanded values lie."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from planner.report import numbers
from planner.report.document import Block, Cell, Heading, Table, cells, document, entries
from planner.report.validation_document import share, signed
from planner.report.validation_json import VALIDATION_SCHEMA
from planner.validation.measured_rates import DemandedPlace, RatesValidation, ScoredRate

_TERA = 1e12
_GIGA = 1e9
_GROUNDINGS = {"curve": "curve", "carried": "carried", "engine": "engine*"}


def rate_number(what: str, rate: float) -> str:
    """Return a rate in the unit that its tools print: TFLOP/s of matmuls, else GB/s."""
    return numbers.decimal(rate / (_TERA if what.startswith("matmul") else _GIGA), 4)


def size_text(size_bytes: float | None) -> str:
    """Return a message's size as tools write it; of what has none, a dash."""
    if size_bytes is None:
        return "-"
    if math.isinf(size_bytes):
        return "plateau"
    power = min(int(math.log2(max(size_bytes, 1.0)) // 10), 4)
    return f"{size_bytes / 2.0 ** (10 * power):.3g} {('B', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"


@document
def rates_validation_document(validation: RatesValidation) -> Iterator[Block]:
    """Yield the summary, the rows, and the demanded values."""
    yield Heading("Measured rates", f"{len(validation.scored)} scored, each without its own source")
    yield entries(_summary(validation), 24)
    yield Heading("Rows", "GB/s, TFLOP/s of matmuls; expected over measured, less 1; * from the wires alone")
    header = ("source", "what", "size", "measured", "expected", "error", "in band", "from")
    rows = (
        (
            one.file,
            one.what,
            size_text(one.size_bytes),
            rate_number(one.what, one.rate),
            rate_number(one.what, one.expected.rate),
            signed(one.error),
            ("yes" if one.is_covered else "no") + ("" if one.is_sound else ", failing"),
            _GROUNDINGS[one.expected.grounding],
        )
        for one in validation.scored
    )
    yield Table(header, cells(rows), right=frozenset({2, 3, 4, 5}))
    yield Heading("Demanded", "what gates and contracts ask, over what sound systems reach")
    yield Table(
        ("who asks", "chip", "what", "asked", "reached", "share"),
        tuple(
            (
                Cell(place.asked_by),
                Cell(place.scored.file),
                Cell(place.scored.what),
                Cell(rate_number(place.scored.what, place.scored.rate)),
                Cell(rate_number(place.scored.what, place.scored.expected.rate)),
                Cell(numbers.percent(place.scored.share)),
            )
            for place in validation.demanded
        ),
        right=frozenset({3, 4, 5}),
    )


def _summary(validation: RatesValidation) -> Iterator[tuple[str, str]]:
    yield "in their band", f"{share(validation.covered_share)} of {len(validation.scored)}"
    yield "median error", share(validation.median_error)
    for kind, one in validation.by_kind.items():
        if one.scored:
            yield (
                kind,
                f"{share(one.covered_share)} of {len(one.scored)} in their band, "
                f"median error {share(one.median_error)}",
            )
    failing = sum(not one.is_sound for one in validation.scored)
    yield "failing fabrics", f"{failing}, counted above and in no expectation"


def rates_validation_to_dict(validation: RatesValidation) -> dict[str, Any]:
    """Return the validation for JSON."""
    return {
        "schema": VALIDATION_SCHEMA,
        "covered_share": validation.covered_share,
        "median_error": validation.median_error,
        "by_kind": {
            kind: {
                "rows": len(one.scored),
                "covered_share": one.covered_share,
                "median_error": one.median_error,
            }
            for kind, one in validation.by_kind.items()
            if one.scored
        },
        "rows": [_row(one) for one in validation.scored],
        "demanded": [{"asked_by": place.asked_by, **_place(place)} for place in validation.demanded],
    }


def _row(one: ScoredRate) -> dict[str, Any]:
    return {
        "file": one.file,
        "what": one.what,
        "size_bytes": None if one.size_bytes is None or math.isinf(one.size_bytes) else one.size_bytes,
        "rate": one.rate,
        "expected": one.expected.rate,
        "p10": one.expected.low,
        "p90": one.expected.high,
        "is_covered": one.is_covered,
        "is_sound": one.is_sound,
        "evidence": one.expected.grounding,
        "basis": one.expected.basis,
        "sources": list(one.expected.sources),
    }


def _place(place: DemandedPlace) -> dict[str, Any]:
    return {**_row(place.scored), "share": place.scored.share}
