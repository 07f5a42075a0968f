"""A diff of two plans as JSON: SI units and days, unknown as null, bands of the differences themselves."""

from __future__ import annotations

import datetime
from typing import Any

from planner.differences.attribution import Attribution
from planner.differences.diff import PlanDiff, QuantityChange, Side
from planner.differences.plan_inputs import Input, InputChange
from planner.files.canonical import canonical_form
from planner.planning.result import Band

DIFF_SCHEMA = 1
#: What the numbers of a quantity are in.
UNITS = {
    "training_days": "days",
    "finish_date": "date",
    "tokens_per_second": "tokens/s",
    "tokens_per_second_per_chip": "tokens/s",
    "mfu": "fraction",
    "interconnect": "fraction",
    "memory_per_chip_bytes": "B",
    "facility_w": "W",
    "peak_facility_w": "W",
    "energy_mwh": "MWh",
    "carbon_t": "t",
    "water_m3": "m3",
    "cost_total": "USD",
    "cost_per_million_tokens": "USD",
    "cost_capex": "USD",
}
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
        "attribution": [_cause(key, cause) for key, cause in diff.causes.items()],
        "changes": [{"name": change.name, "meaning": change.meaning} for change in diff.changes],
        "blockers": list(diff.blockers),
        "notes": {
            "changed": [
                {
                    "mark": change.mark,
                    "id": change.note.id,
                    "severity": change.note.severity,
                    "title": change.note.title,
                    "pools": list(change.pools),
                    "upcoming": change.is_upcoming,
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


def _quantity(change: QuantityChange) -> Json:
    return {
        "quantity": change.key,
        "unit": UNITS[change.key],
        "before": band_to_dict(change.before, is_date=change.key == "finish_date"),
        "after": band_to_dict(change.after, is_date=change.key == "finish_date"),
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


def _cause(key: str, cause: Attribution) -> Json:
    return {
        "quantity": key,
        "unit": UNITS[key],
        "total": cause.total,
        "shares": [{"changes": list(share.changes), "amount": share.amount} for share in cause.shares],
        "method": cause.method.replace(" ", "_"),
        "order": list(cause.order),
        "orders": cause.orders,
    }
