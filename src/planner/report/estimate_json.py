"""Estimates as JSON: the keys that PRODUCT.md calls an interface, unknown as null, nothing faked."""

from __future__ import annotations

import datetime
import json
import math
from dataclasses import asdict
from typing import Any

from planner.errors import OutOfRangeError
from planner.estimate.calendar import CalendarView
from planner.estimate.result import Estimate, PoolEstimate
from planner.planning.compliance_result import Classification, ComplianceNote, ComplianceReport
from planner.quantities.currency import told_in
from planner.quantities.evaluation import Figures
from planner.quantities.figure import Band
from planner.quantities.over_pools import OVER_POOLS
from planner.quantities.table import TABLE, Quantity
from planner.report.currency_words import currency_to_dict
from planner.report.pilot_json import pilots_to_dict
from planner.report.split_json import split_chips, splits_to_dict

ESTIMATE_SCHEMA = 1
#: Ids of what follows from the plan alone: told once, whatever its pools can do.
_FACTS = "facts."
#: What is told in the plan's own currency too.
_SUMS = ("cost.capex", "cost.first_year", "cost.life", "cost.total", "cost.per_million_tokens")
#: Ids of what is told of several pools alone, in one place.
_SPLIT = "split."
#: Ids of what is told of plans of post-training alone.
_POST_TRAINING = "post_training."
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
        "team": _team(estimate),
        "operator": _operator(estimate),
        "pilots": pilots_to_dict(estimate.pilots),
        **_with_calendar(figures_to_dict(estimate.figures, split_chips(estimate)), estimate.calendar),
        "pools": [_pool(pool) for pool in estimate.pools],
        **({"cluster": _cluster(estimate)} if estimate.has_several_pools else {}),
        "currency": _currency(estimate),
        **({"split": splits_to_dict(estimate.splits)} if estimate.splits else {}),
        "targets": [
            {"target": verdict.target, "verdict": verdict.verdict, "text": verdict.text}
            for verdict in estimate.targets
        ],
        "compliance": _compliance(estimate.compliance),
        **nested_facts(estimate.known),
        "candidates": int(estimate.candidates),
        "seconds": float(estimate.seconds),
        "profiles": [
            {"kind": use.kind, "id": use.id, "hash": use.hash, "from": use.origin}
            for use in estimate.profiles
        ],
    }
    _check_finite(record, "estimate")
    return record


def _team(estimate: Estimate) -> Json:
    """Return who runs it, and what the same training would take in other hands."""
    return {
        "who": estimate.team,
        "is_stated": estimate.is_team_stated,
        "days": {view.team: view.days for view in estimate.teams} or None,
        "runs": {view.team: view.runs for view in estimate.teams} or None,
        "sources": {view.team: view.sources for view in estimate.teams} or None,
    }


def _currency(estimate: Estimate) -> Json:
    """Return the plan's currency with the main sums in it; every other key of money is in US dollars."""
    setting = estimate.known.setting
    rate, stated = told_in(setting), setting.plan.money.currency
    record: Json = currency_to_dict(rate, stated)
    for identifier in _SUMS:
        ends = None
        if estimate.is_feasible and rate.currency == stated:
            ends = estimate.figure(identifier).band
        told = None if ends is None else {key: end * rate.per_usd for key, end in _ends(ends).items()}
        record[identifier.removeprefix("cost.")] = told
    return record


def _operator(estimate: Estimate) -> Json:
    """Return who keeps the job alive."""
    return {"who": estimate.operator, "is_stated": estimate.is_operator_stated}


def _with_calendar(record: Json, view: CalendarView | None) -> Json:
    """Return the figures with the days of what is delivered and of each phase beside the beginning."""
    if view is not None:
        record["calendar"] = {
            **record["calendar"],
            "deliveries": [
                {
                    "systems": one.systems,
                    "chips": one.chips,
                    "promised": _iso(one.promised),
                    "works": _dates(one.works),
                    "pool": one.pool,
                }
                for one in view.deliveries
            ],
            "stops": [
                {"name": stop.name, "first": _iso(stop.first), "days": stop.days} for stop in view.stops
            ],
            "phases_end": [_dates(end) for end in view.ends],
        }
    return record


def _dates(days: Band) -> Json:
    return {key: _iso(end) for key, end in _ends(days).items()}


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


def figures_to_dict(figures: Figures | None, split: dict[str, int] | None = None) -> Json:
    """Return the figures of a pool or plan, nested at the dots of their ids; null where there are none."""
    if figures is None:
        keys = dict.fromkeys(made.id.partition(".")[0] for made in _of_training(is_post_training=False))
        return {**dict.fromkeys(keys), "finish_dates": None}
    record: Json = {}
    for made in _of_training(is_post_training=figures.setting.plan.workload.is_post_training):
        _put(record, made, figures)
    ends = figures.band("finish_date")
    record["finish_dates"] = None if ends is None else _dates(ends)
    record["strategy"]["split"] = split
    record["power"]["unknown"] = list(figures.gaps("power.facility_w"))
    record["cost"]["unknown"] = list(figures.left_out("cost.total"))
    record["cost"]["assumed"] = list(figures.assumed("cost.total"))
    if phases := figures.phases():
        record["phases"] = [_phase(phase) for phase in phases]
    return record


def _phase(figures: Figures) -> Json:
    """Return what is told of each phase where there are several."""
    record: Json = {}
    for made in TABLE.values():
        if made.is_told_by_phase:
            _put(record, made, figures)
    return record


def _of_training(*, is_post_training: bool) -> list[Quantity]:
    told_elsewhere = (_FACTS, _SPLIT) if is_post_training else (_FACTS, _SPLIT, _POST_TRAINING)
    return [made for made in TABLE.values() if made.is_published and not made.id.startswith(told_elsewhere)]


def nested_facts(known: Figures) -> Json:
    """Return what follows from the plan without any training."""
    record: Json = {}
    for made in TABLE.values():
        if made.is_published and made.id.startswith(_FACTS):
            _put(record, made, known)
    return record


def _put(record: Json, made: Quantity, figures: Figures) -> None:
    """Put a quantity where its id says; a part that is unknown is left out of its whole."""
    value = _value(made, figures)
    *path, name = made.id.split(".")
    for key in path:
        record = record.setdefault(key, {})
    if made.form == "part" and value is None:
        return
    if isinstance(value, dict) and isinstance(record.get(name), dict):
        record[name].update(value)
    else:
        record[name] = value


def _value(made: Quantity, figures: Figures) -> Any:
    if made.form == "words":
        return figures.words(made.id)
    if made.form == "band":
        ends = figures.band(made.id)
        return None if ends is None else _ends(ends)
    if made.form == "date":
        ends = figures.band(made.id)
        return None if ends is None else _iso(ends.p50)
    value = figures.p50(made.id)
    return int(value) if made.form == "count" and value is not None else value


def _ends(band: Band) -> dict[str, float]:
    return {"p10": float(band.p10), "p50": float(band.p50), "p90": float(band.p90)}


def _iso(ordinal: float) -> str:
    return datetime.date.fromordinal(round(ordinal)).isoformat()


def _cluster(estimate: Estimate) -> Json:
    """Return what adds up over several pools, nested at the dots of ids."""
    record: Json = {"figures_of_pool": estimate.pool_of_figures}
    for identifier in OVER_POOLS:
        made, total = TABLE[identifier], estimate.over_pools(identifier)
        group, _, name = identifier.rpartition(".")
        ends = total.band
        inner = record.setdefault(group, {}) if group else record
        inner[name] = total.p50 if made.form == "number" or ends is None else _ends(ends)
        told = [gap.text for gap in total.gaps if gap.kind == "unknown" or gap.family == made.family]
        missing = inner.setdefault("unknown", [])
        missing += [text for text in told if text not in missing]
    return record


def _pool(pool: PoolEstimate) -> Json:
    return {
        "id": pool.id,
        "feasible": pool.figures is not None,
        "reasons": list(pool.reasons),
        "system": pool.system_id,
        "system_name": pool.system_name,
        "chip": pool.chip_id,
        "chip_name": pool.chip_name,
        "chips": int(pool.chips),
        "systems": float(pool.systems),
        "fabric": pool.fabric_id,
        "stack": pool.stack_id,
        "maturity": pool.maturity,
        "roadmap": pool.maturity == "roadmap",
        "pilots": pilots_to_dict(pool.pilots),
        "runs_behind": {"chips": asdict(pool.behind_chips), "stack": asdict(pool.behind_stack)},
        **figures_to_dict(pool.figures),
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
