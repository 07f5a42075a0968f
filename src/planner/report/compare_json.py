"""A comparison of plans as JSON: SI units and days, unknown as null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from planner.differences.compare import Comparison, Row
from planner.quantities.table import TABLE
from planner.quotes.promises import PromisedWork
from planner.report.compare_rows import LETTERS
from planner.report.currency_words import sides_to_dict
from planner.report.diff_json import band_to_dict, unit_words
from planner.report.promise_words import promised_to_dict

COMPARE_SCHEMA = 1


def comparison_to_dict(
    comparison: Comparison, promised: Sequence[PromisedWork | None] = ()
) -> dict[str, Any]:
    """Return the comparison under the keys of `compare --json`; every value is plain and finite."""
    return {
        "schema": COMPARE_SCHEMA,
        "plans": [
            {
                "letter": letter,
                "label": side.label,
                "plan": side.plan.name,
                "feasible": side.estimate.is_feasible,
                "reasons": list(side.estimate.reasons),
                "chips": sum(pool.chips for pool in side.estimate.pools),
                "notes": len(side.estimate.compliance.notes),
                "needs_input": len(side.estimate.compliance.needs_input),
                **promised_to_dict(work),
            }
            for letter, side, work in zip(
                LETTERS, comparison.sides, promised or [None] * len(comparison.sides), strict=False
            )
        ],
        "same_job": comparison.is_same_job,
        "currency": sides_to_dict(comparison.sides),
        "rows": [_row(row) for row in comparison.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    unit = TABLE[row.id].unit
    return {
        "quantity": row.id,
        "unit": unit_words(unit),
        "comparable": row.is_comparable,
        "cells": [
            {
                "value": band_to_dict(cell.band, is_date=unit == "date"),
                "standing": cell.standing or None,
                "assumed": is_assumed,
            }
            for cell, is_assumed in zip(row.cells, row.is_assumed, strict=True)
        ],
    }
