"""Estimates as JSON: the keys that PRODUCT.md calls an interface, unknown as null, nothing faked."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping
from typing import Any

from planner.errors import OutOfRangeError
from planner.planning.result import (
    Band,
    Classification,
    ComplianceNote,
    ComplianceReport,
    Cost,
    Estimate,
    LayoutChoice,
    Performance,
    PoolEstimate,
    Power,
    Utilisation,
)

ESTIMATE_SCHEMA = 1
#: What only an estimable plan has; null where there is none.
_PERFORMANCE_KEYS = (
    "strategy",
    "training_days",
    "finish_date",
    "finish_dates",
    "tokens_per_second",
    "tokens_per_second_per_chip",
    "mfu",
    "mfu_full_attention",
    "hfu",
    "goodput",
    "step",
    "interconnect_overhead",
    "memory",
    "power",
    "energy_mwh",
    "carbon_t",
    "water_m3",
    "joules_per_token",
    "cost",
)

Json = dict[str, Any]


def estimate_to_dict(estimate: Estimate) -> Json:
    """Return the estimate under the keys of `estimate --json`; every value is plain and finite.

    Raises
    ------
    OutOfRangeError
        Where a number of the estimate is not finite: JSON has no word for that, and null means unknown.
    """
    record: Json = {
        "schema": ESTIMATE_SCHEMA,
        "plan": estimate.plan_name,
        "feasible": bool(estimate.is_feasible),
        "reasons": list(estimate.reasons),
        "warnings": list(estimate.warnings),
        **_performance(estimate.performance, estimate.pools),
        "pools": [_pool(pool) for pool in estimate.pools],
        "targets": [
            {"target": verdict.target, "verdict": verdict.verdict, "text": verdict.text}
            for verdict in estimate.targets
        ],
        "compliance": _compliance(estimate.compliance),
        "facts": _numbers(estimate.facts),
        "candidates": int(estimate.candidates),
        "seconds": float(estimate.seconds),
        "profiles": [
            {"kind": use.kind, "id": use.id, "hash": use.hash, "from": use.origin}
            for use in estimate.profiles
        ],
    }
    _check_finite(record, "estimate")
    return record


def json_text(record: object) -> str:
    """Return the record as strict JSON that a person can read too."""
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _check_finite(value: object, where: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise OutOfRangeError(f"{where} is {value}; expected a finite number or null for unknown")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_finite(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _check_finite(inner, f"{where}[{number}]")


def _band(band: Band | None) -> Json | None:
    if band is None:
        return None
    return {"p10": float(band.p10), "p50": float(band.p50), "p90": float(band.p90)}


def _numbers(mapping: Mapping[str, float]) -> Json:
    return {key: float(value) for key, value in mapping.items()}


def _performance(performance: Performance | None, pools: tuple[PoolEstimate, ...]) -> Json:
    if performance is None:
        return dict.fromkeys(_PERFORMANCE_KEYS)
    finish = performance.finish_date
    return {
        "strategy": _strategy(performance.layout, performance.runner_up, pools),
        "training_days": _band(performance.training_days),
        "finish_date": finish.p50.isoformat() if finish else None,
        "finish_dates": {
            "p10": finish.p10.isoformat(),
            "p50": finish.p50.isoformat(),
            "p90": finish.p90.isoformat(),
        }
        if finish
        else None,
        "tokens_per_second": _band(performance.tokens_per_second),
        "tokens_per_second_per_chip": _band(performance.tokens_per_second_per_chip),
        "mfu": _utilisation(performance.mfu),
        "mfu_full_attention": _utilisation(performance.mfu_full_attention),
        "hfu": _utilisation(performance.hfu),
        "goodput": _band(performance.goodput),
        "step": {
            "seconds": float(performance.step.seconds),
            "parts": _numbers(performance.step.parts),
        },
        "interconnect_overhead": {
            "fraction": float(performance.interconnect.fraction),
            "by_class": _numbers(performance.interconnect.by_class),
            "by_tier": _numbers(performance.interconnect.by_tier),
        },
        "memory": {
            "per_chip_bytes": float(performance.memory.per_chip_bytes),
            "capacity_bytes": float(performance.memory.capacity_bytes),
            "parts": _numbers(performance.memory.parts),
        },
        "power": _power(performance.power),
        "energy_mwh": _band(performance.energy_mwh),
        "carbon_t": _band(performance.carbon_t),
        "water_m3": _band(performance.water_m3),
        "joules_per_token": _band(performance.joules_per_token),
        "cost": _cost(performance.cost),
    }


def _strategy(layout: LayoutChoice, runner_up: float | None, pools: tuple[PoolEstimate, ...]) -> Json:
    record: Json = {
        name: int(getattr(layout, name))
        for name in ("tp", "cp", "ep", "pp", "vpp", "dp", "microbatch", "zero")
    }
    return record | {
        "recompute": layout.recompute,
        "schedule": layout.schedule,
        # chips of each pool that the one job runs on; nothing to split in a single pool
        "split": {pool.id: int(pool.chips) for pool in pools} if len(pools) > 1 else None,
        "microbatches": int(layout.microbatches),
        "chips_used": int(layout.chips_used),
        "origin": layout.origin,
        "runner_up": None if runner_up is None else float(runner_up),
    }


def _utilisation(utilisation: Utilisation) -> Json:
    return {
        **(_band(utilisation.band) or {}),
        "convention": utilisation.convention,
        "peak_flops_per_s": float(utilisation.peak_flops_per_s),
        "peak_datatype": utilisation.peak_datatype,
    }


def _power(power: Power) -> Json:
    peak = power.peak_facility_w
    return {
        "chips_w": _band(power.chips_w),
        "it_w": _band(power.it_w),
        "facility_w": _band(power.facility_w),
        "peak_facility_w": None if peak is None else float(peak),
        "parts": _numbers(power.parts),
        "unknown": list(power.unknown),
    }


def _cost(cost: Cost) -> Json:
    return {
        "currency": cost.currency,
        "capex": _band(cost.capex),
        "opex": _band(cost.opex),
        "total": _band(cost.total),
        "per_million_tokens": _band(cost.per_million_tokens),
        "unknown": list(cost.unknown),
        "parts": _numbers(cost.parts),
    }


def _pool(pool: PoolEstimate) -> Json:
    return {
        "id": pool.id,
        "feasible": pool.performance is not None,
        "reasons": list(pool.reasons),
        "system": pool.system_id,
        "system_name": pool.system_name,
        "chip": pool.chip_id,
        "chip_name": pool.chip_name,
        "chips": int(pool.chips),
        "systems": float(pool.systems),
        "fabric": pool.fabric_id,
        "stack": pool.stack_id,
        "roadmap": bool(pool.is_roadmap),
        **_performance(pool.performance, ()),
    }


def _compliance(report: ComplianceReport) -> Json:
    return {
        "as_of": report.as_of.isoformat(),
        "notes": [_note(note) for note in report.notes],
        "needs_input": [
            {
                "field": need.field,
                "rules": list(need.rules),
                "plan_key": need.plan_key,
                "pools": list(need.pools),
                "decides": int(need.decides),
            }
            for need in report.needs_input
        ],
        "upcoming": [_note(note) for note in report.upcoming],
        "classifications": [_classification(entry) for entry in report.classifications],
        "chip_subject_to_ear": report.chip_subject_to_ear,
    }


def _note(note: ComplianceNote) -> Json:
    return {
        "id": note.id,
        "severity": note.severity,
        "subject": note.subject,
        "pool": note.pool,
        "title": note.title,
        "note": note.note,
        "caveat": note.caveat,
        "citation": note.citation,
        "status": note.status,
        "jurisdiction": note.jurisdiction,
        "review_policy": note.review_policy,
        "effective_from": _day(note.effective_from),
        "effective_to": _day(note.effective_to),
        "applies_from": _day(note.applies_from),
        "review_by": _day(note.review_by),
        "confidence": note.confidence,
        "source": note.source,
        "source_date": note.source_date,
        "evidence": note.evidence,
        "stale": bool(note.is_stale),
    }


def _day(day: datetime.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _classification(entry: Classification) -> Json:
    return {
        "pool": entry.pool,
        "chip": entry.chip,
        "eccn": entry.eccn,
        "total_processing_performance": entry.total_processing_performance,
        "performance_density": entry.performance_density,
        "designer_country": entry.designer_country,
    }
