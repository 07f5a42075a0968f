"""A diff of two plans as JSON: SI units and days, unknown as null, bands of the differences themselves."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from planner.differences.attribution import Attribution
from planner.differences.diff import PlanDiff, QuantityChange, Side
from planner.differences.plan_inputs import Input, InputChange
from planner.files.canonical import canonical_form
from planner.quantities.figure import Band
from planner.quantities.table import TABLE
from planner.quantities.units import Unit
from planner.report.currency_words import sides_to_dict

DIFF_SCHEMA = 1
#: Units that are said in other words than those of the table.
_UNIT_WORDS: Mapping[Unit, str] = {"share": "fraction", "t CO2": "t"}
Json = dict[str, Any]


def diff_to_dict(diff: PlanDiff) -> Json:
    """Return the diff under the keys of `diff --json`; every value is plain and finite."""
    return {
        "schema": DIFF_SCHEMA,
        "before": _side(diff.before),
        "after": _side(diff.after),
        "different": diff.has_differences,
        "inputs": {
            "changed": [_input_change(change) for change in diff.inputs.changes],
            "unchanged": diff.inputs.unchanged,
            "texts": [_input_change(change) for change in diff.inputs.texts],
        },
        "errors_shared": diff.is_paired,
        "estimates": [_quantity(change) for change in diff.quantities],
        "attribution": [_cause(identifier, cause) for identifier, cause in diff.causes.items()],
        "changes": [{"name": change.name, "meaning": change.meaning} for change in diff.changes],
        "blockers": list(diff.blockers),
        "currency": sides_to_dict((diff.before, diff.after)),
        "notes": {
            "changed": [
                {
                    "mark": change.mark,
                    "id": change.note.id,
                    "severity": change.note.severity,
                    "title": change.note.title,
                    "pools": list(change.pools),
                    "upcoming": change.is_upcoming,
                    "stale": change.note.is_stale,
                }
                for change in diff.notes.changes
            ],
            "unchanged": diff.notes.unchanged,
            "newly_asked": list(diff.notes.newly_asked),
            "no_longer_asked": list(diff.notes.no_longer_asked),
        },
        "warnings": [{"mark": mark, "text": text} for mark, text in diff.warnings],
    }


def _side(side: Side) -> Json:
    return {
        "label": side.label,
        "plan": side.plan.name,
        "feasible": side.estimate.is_feasible,
        "reasons": list(side.estimate.reasons),
        "drift": [
            {"profile": item.profile, "field": item.field, "pinned": item.old, "now": item.new}
            for item in side.drift
        ],
        "drift_effects": [
            {"quantity": effect.quantity, "pinned": band_to_dict(effect.old), "now": band_to_dict(effect.new)}
            for effect in side.drift_effects
        ],
    }


def _input_change(change: InputChange) -> Json:
    return {
        "key": change.key,
        "mark": change.mark,
        "before": _input(change.before),
        "after": _input(change.after),
    }


def _input(given: Input | None) -> Json | None:
    if given is None:
        return None
    return {"value": canonical_form(given.value), "given": given.is_given}


def unit_words(unit: Unit) -> str:
    """Return a unit as the JSON of comparisons says it."""
    return _UNIT_WORDS.get(unit, unit)


def _quantity(change: QuantityChange) -> Json:
    made = TABLE[change.id]
    return {
        "quantity": change.id,
        "unit": unit_words(made.unit),
        "before": band_to_dict(change.before, is_date=made.unit == "date"),
        "after": band_to_dict(change.after, is_date=made.unit == "date"),
        "change": band_to_dict(change.change),
        "change_fraction": change.fraction,
        "verdict": change.verdict.replace(" ", "_"),
        "assumed": change.is_assumed,
    }


def band_to_dict(band: Band | None, *, is_date: bool = False) -> Json | None:
    """Return a band with its ends by name; day numbers as dates."""
    if band is None:
        return None
    ends = {"p10": band.p10, "p50": band.p50, "p90": band.p90}
    if is_date:
        return {name: datetime.date.fromordinal(round(end)).isoformat() for name, end in ends.items()}
    return ends


def _cause(identifier: str, cause: Attribution) -> Json:
    return {
        "quantity": identifier,
        "unit": unit_words(TABLE[identifier].unit),
        "total": cause.total,
        "shares": [{"changes": list(share.changes), "amount": share.amount} for share in cause.shares],
        "method": cause.method.replace(" ", "_"),
        "order": list(cause.order),
        "orders": cause.orders,
    }
