"""The smallest clusters as JSON: best first, with what proves each; unknown is null."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from planner.exploring.sizes import SystemAnswer, ranked
from planner.exploring.targets import Limit, Targets
from planner.exploring.trials import Trial
from planner.report.estimate_json import figures_to_dict
from planner.report.size_words import below_words, short_by, unit_of_limit, why_words, worst_severity
from planner.units import WATTS_PER_MW

SIZE_SCHEMA = 1
Json = dict[str, Any]
#: What is told of an answer, and null of a system that has none.
_TOLD = ("layout", "training_days", "finish_date", "facility_w", "purchase", "run_cost")


def sizes_to_dict(plan_name: str, answers: Sequence[SystemAnswer], targets: Targets, seconds: float) -> Json:
    """Return the answers under the keys of `size --json`; every value is plain and finite."""
    return {
        "schema": SIZE_SCHEMA,
        "plan": plan_name,
        "targets": targets_to_dict(targets),
        "confidence": targets.confidence,
        "systems": [_system(answer, targets) for answer in ranked(answers)],
        "seconds": seconds,
    }


def targets_to_dict(targets: Targets) -> dict[str, float | str]:
    """Return the limits by their names, each in its unit."""
    return {limit.name: _limit(limit) for limit in targets.limits}


def _limit(limit: Limit) -> float | str:
    if limit.name == "finish_by":
        return datetime.date.fromordinal(int(limit.most)).isoformat()
    return limit.most / WATTS_PER_MW if limit.name.endswith("_mw") else limit.most


def _system(answer: SystemAnswer, targets: Targets) -> Json:
    told = _told(answer) if answer.is_feasible else dict.fromkeys(_TOLD)
    return {
        "system": answer.system_id,
        "name": answer.system_name,
        "count": answer.count,
        "chips": answer.chips,
        "feasible": answer.is_feasible,
        "binds": answer.binds,
        "short_by": short_by(answer),
        "short_unit": unit_of_limit(answer.binds),
        "why": None if answer.is_feasible else why_words(answer, targets),
        **told,
        "compliance": _compliance(answer),
        "certificate": _certificate(answer, targets),
        "nearest": None if answer.is_feasible else _trial(answer.nearest),
        "within": _trial(answer.within),
        "changes": list(answer.changes),
        "warnings": list(answer.estimate.warnings) if answer.estimate is not None else [],
        "counts_tried": answer.tried,
    }


def _told(answer: SystemAnswer) -> Json:
    estimate = answer.estimate
    assert estimate is not None  # every answer has one
    assert estimate.figures is not None  # which runs
    figures = figures_to_dict(estimate.figures)
    layout, cost = figures["strategy"], figures["cost"]
    return {
        "layout": layout,
        "idle_chips": int((answer.chips or 0) - layout["chips_used"]),
        "training_days": figures["training_days"],
        "days_at_confidence": float(answer.days or 0.0),
        "finish_date": figures["finish_date"],
        "facility_w": figures["power"]["facility_w"],
        "purchase": _money(cost["capex"], estimate.figures.left_out("cost.capex")),
        "run_cost": _money(cost["total"], cost["unknown"]),
    }


def _money(band: Json | None, unknown: Sequence[str]) -> Json:
    """Return an amount with what it stands without; null ends where nothing of it is known."""
    return {**(band or dict.fromkeys(("p10", "p50", "p90"))), "unknown": list(unknown)}


def _compliance(answer: SystemAnswer) -> Json | None:
    if answer.estimate is None:
        return None
    report = answer.estimate.compliance
    return {
        "worst": worst_severity(answer.estimate),
        "notes": [
            {"id": note.id, "severity": note.severity, "note": note.note, "citation": note.citation}
            for note in report.notes
        ],
        "needs_input": [need.field for need in report.needs_input],
    }


def _certificate(answer: SystemAnswer, targets: Targets) -> Json | None:
    certificate = answer.certificate
    if certificate is None:
        return None
    bound = certificate.lower_bound
    return {
        "count_below": certificate.count_below,
        "days_below": certificate.days_below,
        "why": below_words(answer, targets),
        "lower_bound_chips": bound.chips,
        "from": {
            "flops": bound.flops,
            "peak": bound.peak_flops_per_s,
            "best_utilisation": bound.best_utilisation,
            "run": bound.best_run,
            "days": bound.days,
        },
    }


def _trial(trial: Trial | None) -> Json | None:
    if trial is None:
        return None
    return {"count": trial.count, "chips": trial.pool.chips, "days": trial.days}
