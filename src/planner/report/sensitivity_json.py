"""What matters most to a quantity as JSON: its inputs by their swings, and what the next million buys."""

from __future__ import annotations

from typing import Any

from planner.exploring.next_million import Bought, NextMillion
from planner.exploring.sensitivity import Swing, Tornado
from planner.exploring.steps import Step
from planner.quantities.figure import Band
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.diff_json import band_to_dict
from planner.report.input_words import input_label, input_title

SENSITIVITY_SCHEMA = 1
Json = dict[str, Any]


def sensitivity_to_dict(tornado: Tornado, million: NextMillion) -> Json:
    """Return a tornado and what the next million buys under the keys of `sensitivity --json`.

    A quantity is in its unit of the table, of a day its number from the year 1; every value is plain and
    finite.
    """
    made = tornado.quantity
    return {
        "schema": SENSITIVITY_SCHEMA,
        "plan": tornado.plan_name,
        "quantity": {"id": made.id, "title": made.title, "unit": made.unit},
        "value": band_to_dict(tornado.band),
        "step": tornado.step,
        "inputs": [_input(swing, tornado.middle) for swing in tornado.swings],
        "no_effect": list(tornado.still),
        "failed": [{"name": name, "reason": reason} for name, reason in tornado.failed],
        "next_million": _million(million),
    }


def _input(swing: Swing, middle: float) -> Json:
    of = swing.of
    record: Json = {
        "name": of.name,
        "label": input_label(of),
        "title": input_title(of),
        "moved_by": swing.moved_by,
        "swing": swing.width,
    }
    if isinstance(of, Step):
        ends = ((of.less.value, swing.low), (of.more.value, swing.high))
        low, high = ({"input": value, **_end(result, middle)} for value, result in ends)
        return record | {"input": of.value, "low": low, "high": high, "rank_correlation": None, "figures": []}
    record |= {"low": _end(swing.low, middle), "high": _end(swing.high, middle)}
    figures = [
        {
            "id": leaf.id,
            "title": TABLE[leaf.id].title,
            "unit": TABLE[leaf.id].unit,
            "p10": leaf.low,
            "p90": leaf.high,
        }
        for leaf in of.leaves
    ]
    return record | {"rank_correlation": of.rank_correlation, "figures": figures}


def _end(result: float | None, middle: float) -> Json:
    return {"result": result, "change": None if result is None else result - middle}


def _million(million: NextMillion) -> Json:
    return {
        "training_days": band_to_dict(million.days),
        "finish_date": _day(million.finish),
        "money_of": million.basis,
        "ways": [_way(way) for way in million.ways],
    }


def _way(way: Bought) -> Json:
    return {
        "kind": way.upgrade.kind,
        "name": way.upgrade.name,
        "amount": way.upgrade.amount,
        "set": list(way.upgrade.overrides),
        "training_days": band_to_dict(way.days),
        "finish_date": _day(way.finish),
        "saved_days": band_to_dict(way.saved),
        "cost_usd": way.cost_usd,
        "cost_note": way.cost_note or None,
        "saved_days_per_million_usd": way.saved_per_million,
        "reason": way.reason or None,
    }


def _day(band: Band | None) -> str | None:
    return None if band is None else numbers.day(band.p50).isoformat()
