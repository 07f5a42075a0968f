"""A sweep as JSON and as CSV: a row for each point, unknown as null or empty, reasons where there is none."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from planner.estimate.result import Estimate
from planner.exploring.axes import Axis
from planner.exploring.sweeps import SWEPT, Point
from planner.quantities.figure import Band
from planner.quantities.table import TABLE
from planner.report import numbers
from planner.report.diff_json import band_to_dict
from planner.report.layout_blocks import layout_words
from planner.text import safe

SWEEP_SCHEMA = 1
_DEGREES = ("tp", "cp", "ep", "pp", "vpp", "dp", "microbatch", "zero")
_ENDS = ("p10", "p50", "p90")
Json = dict[str, Any]


def sweep_to_dict(plan_name: str, axes: Sequence[Axis], points: Sequence[Point]) -> Json:
    """Return a sweep under the keys of `sweep --json`; every value is plain and finite."""
    return {
        "schema": SWEEP_SCHEMA,
        "plan": plan_name,
        "vary": [{"key": axis.key, "values": list(axis.values)} for axis in axes],
        "points": [_point(axes, point) for point in points],
    }


def _point(axes: Sequence[Axis], point: Point) -> Json:
    keys = (axis.key for axis in axes)
    return {
        "values": dict(zip(keys, point.values, strict=True)),
        "feasible": point.is_feasible,
        "reasons": list(point.reasons),
        "changed_along": [change.line for change in point.along],
        "chips": None if point.estimate is None else sum(pool.chips for pool in point.estimate.pools),
        **_figures(point.estimate),
    }


def _figures(estimate: Estimate | None) -> Json:
    """Return the figures of a point, nested at the dots of their ids; null where there are none."""
    record: Json = {}
    for identifier in SWEPT:
        group, _, name = identifier.rpartition(".")
        inner = record.setdefault(group, {}) if group else record
        inner[name] = _value(identifier, estimate)
    figures = None if estimate is None else estimate.figures
    record["cost"]["unknown"] = [] if figures is None else list(figures.left_out("cost.total"))
    record["cost"]["assumed"] = [] if figures is None else list(figures.assumed("cost.total"))
    if estimate is None or figures is None:
        return record | {"strategy": None, "targets": []}
    record["strategy"] = {name: int(figures.number(f"strategy.{name}")) for name in _DEGREES} | {
        name: figures.words(f"strategy.{name}") for name in ("recompute", "schedule")
    }
    record["targets"] = [
        {"target": verdict.target, "verdict": verdict.verdict, "text": verdict.text}
        for verdict in estimate.targets
    ]
    return record


def _band(identifier: str, estimate: Estimate | None) -> Band | None:
    if estimate is None or estimate.figures is None:
        return None
    return estimate.figure(identifier).band


def _value(identifier: str, estimate: Estimate | None) -> Any:
    band = _band(identifier, estimate)
    if band is not None and TABLE[identifier].unit == "date":
        return numbers.day(band.p50).isoformat()
    return band_to_dict(band)


def sweep_csv(axes: Sequence[Axis], points: Sequence[Point]) -> str:
    """Return a sweep in long form: a row for each point, its values first; what is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_columns(axes))
    for point in points:
        writer.writerow([safe(str(cell)) for cell in _row(point)])
    return text.getvalue()


def _columns(axes: Sequence[Axis]) -> list[str]:
    columns = [*(axis.key for axis in axes), "feasible", "chips"]
    for identifier in SWEPT:
        is_day = TABLE[identifier].unit == "date"
        columns += [identifier] if is_day else [f"{identifier}.{end}" for end in _ENDS]
    return [*columns, "cost.unknown", "layout", "targets", "reason"]


def _row(point: Point) -> list[object]:
    estimate = point.estimate
    figures = None if estimate is None else estimate.figures
    row: list[object] = [*point.values, str(point.is_feasible).lower()]
    row.append("" if estimate is None else sum(pool.chips for pool in estimate.pools))
    for identifier in SWEPT:
        band = _band(identifier, estimate)
        if TABLE[identifier].unit == "date":
            row.append("" if band is None else numbers.day(band.p50).isoformat())
        else:
            row += [""] * 3 if band is None else [f"{getattr(band, end):.6g}" for end in _ENDS]
    row.append("" if figures is None else "; ".join(figures.left_out("cost.total")))
    row.append("" if figures is None else layout_words(figures))
    verdicts = () if estimate is None else estimate.targets
    return [*row, "; ".join(f"{it.target}: {it.verdict}" for it in verdicts), "; ".join(point.reasons)]
