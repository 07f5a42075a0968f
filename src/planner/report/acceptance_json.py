"""A schedule of acceptance for JSON; rates are in base units, shares of one."""

from __future__ import annotations

from typing import Any

from planner.acceptance.lines import Line
from planner.acceptance.schedule import Schedule

ACCEPTANCE_SCHEMA = 1


def schedule_to_dict(schedule: Schedule) -> dict[str, Any]:
    """Return the schedule for JSON."""
    return {
        "schema": ACCEPTANCE_SCHEMA,
        "plan": schedule.plan_name,
        "pool": schedule.pool,
        "days": schedule.days,
        "risk_seller": schedule.risk_seller,
        "risk_buyer": schedule.risk_buyer,
        "lines": [line_to_dict(line) for line in schedule.lines],
        "untested": list(schedule.untested),
        "not_needed": list(schedule.not_needed),
    }


def line_to_dict(line: Line) -> dict[str, Any]:
    """Return a line for JSON."""
    expected, sample, tool = line.expected, line.sample, line.tool
    return {
        "id": line.id,
        "pool": line.pool,
        "title": line.title,
        "part": line.part,
        "where": line.where,
        "unit": line.unit,
        "collective": line.collective,
        "size_bytes": line.size_bytes,
        "ranks": line.ranks,
        "nodes": line.nodes,
        "tool": None if tool is None else {"name": tool.name, "command": tool.command},
        "expected": None
        if expected is None
        else {
            "value": expected.rate,
            "p10": expected.low,
            "p90": expected.high,
            "log_spread": expected.log_spread,
            "evidence": expected.grounding,
            "basis": expected.basis,
            "sources": list(expected.sources),
        },
        "threshold": line.threshold,
        "is_ceiling": line.is_ceiling,
        "is_agreed": line.agreed_threshold is not None,
        "sample": None
        if sample is None
        else {
            "text": sample.text,
            "threshold_share": sample.threshold_share,
            "seller_risk": sample.seller_risk,
            "buyer_risk": sample.buyer_risk,
            "unsigned_risk": sample.unsigned_risk,
            "keeps_both": sample.keeps_both,
        },
        "percent_costs": {"days": line.cost.days, "usd": line.cost.usd, "price_share": line.cost.cut},
        "why": line.why,
        "pays": line.pays,
        "ask": line.is_asked,
    }
