"""What was measured for a plan, and what is to be, under `pilots` of `estimate --json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from planner.estimate.pilots import PilotEffect
from planner.quantities.figure import Band

Json = dict[str, Any]


def pilots_to_dict(effect: PilotEffect | None) -> Json | None:
    """Return pilots, tests and planned pilots, with the days as they were before; null without any."""
    if effect is None:
        return None
    measured = [
        {
            "number": view.number,
            "chips": int(view.chips),
            "rollout_chips": view.rollout_chips,
            "date": None if view.date is None else view.date.isoformat(),
            "measured_tokens_per_s_per_chip": view.measured,
            "predicted_tokens_per_s_per_chip": view.predicted,
            "measured_step_s": view.measured_s,
            "predicted_step_s": view.predicted_s,
            "share_carried_over": view.share,
        }
        for view in effect.pilots
    ]
    accepted = [
        {
            "number": view.number,
            "line": view.line,
            "component": view.component,
            "pool": view.pool,
            "generates": view.generates,
            "measured_over_expected": view.over_expected,
            "share_carried_over": view.share,
            "why_nothing": view.reason or None,
        }
        for view in effect.accepted
    ]
    planned = [
        {
            "number": view.number,
            "chips": int(view.chips),
            "rollout_chips": view.rollout_chips,
            "step_s": _ends(view.step_s),
            "phases_s": view.phases_s,
            "share_carried_over": view.share,
            "training_days": _ends(view.days),
            "training_days_if_as_expected": _ends(view.days_then),
            "plan_step_s": _ends(view.plan_step_s),
            "plan_step_s_if_as_expected": _ends(view.plan_step_then_s),
        }
        for view in effect.planned
    ]
    return {
        "measured": measured,
        "accepted": accepted,
        "planned": planned,
        "training_days_without": _ends(effect.days_without),
    }


def _ends(band: Band | None) -> Json | None:
    return None if band is None else asdict(band)
