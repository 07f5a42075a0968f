"""Explanations as documents and JSON: the number, its equation, its inputs down to their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from planner.domain.evidence import Source
from planner.estimate.explain import Explanation
from planner.quantities.record import Grounds, Record
from planner.report import numbers
from planner.report.claim_document import run_words
from planner.report.claim_json import run_to_dict
from planner.report.document import (
    GAP,
    Block,
    Heading,
    Item,
    Items,
    Paragraph,
    document,
    entries,
)
from planner.report.numbers import ASSUMED_MARK, UNKNOWN
from planner.report.page import glue
from planner.report.words import words

EXPLAIN_SCHEMA = 1
#: What the page has said in full.
_Shown = set[Record | Grounds]
#: Deeper than this an indent says no more and leaves no room.
_DEEPEST = 12
_SCALES: dict[str, tuple[numbers.Scale, ...]] = {
    "s": (numbers.Scale(1.0, "s"), numbers.Scale(1e-3, "ms"), numbers.Scale(1e-6, "us")),
    "FLOP/s": numbers.FLOPS_PER_S,
    "B": numbers.BYTES,
    "W": numbers.POWER,
    "MWh": numbers.ENERGY_MWH,
    "t CO2": numbers.CARBON_T,
    "m3": numbers.WATER_M3,
    "USD": numbers.MONEY,
}


@document
def explanation_document(explanation: Explanation, sources: Mapping[str, Source]) -> Iterator[Block]:
    """Yield an explanation as a tree; `*` marks what nobody who was read says."""
    yield Paragraph(f"{explanation.plan_name}: {explanation.quantity}", indent=0, role="title")
    yield Paragraph(f"pool {explanation.pool_id}", role="quiet")
    yield GAP
    yield Items(tuple(_tree(explanation.record, sources, 0, set())), indent=0)
    assumed = list(dict.fromkeys(_assumed(explanation.record)))
    if assumed:
        yield GAP
        text = f"{ASSUMED_MARK} from memory or assumed: {'; '.join(assumed)}"
        yield Paragraph(text, indent=0, hanging=2)
    if explanation.nearest:
        yield Heading("Published", "the runs nearest to this plan, as measured")
        yield entries((("-", f"{run_words(run)}; {run.run.source.title}") for run in explanation.nearest), 1)


def _tree(node: Record, sources: Mapping[str, Source], depth: int, shown: _Shown) -> Iterator[Item]:
    mark = ASSUMED_MARK if node.is_assumed else ""
    outer = min(depth, _DEEPEST)
    inner = outer + 1
    text = f"{node.symbol} = {glue(value_text(node))}{mark}: {node.name}"
    yield Item(text, depth=outer, role="plain" if depth else "title")
    if node in shown:
        # said once in full: a tree that repeats itself is not read
        yield Item("as above", depth=inner, role="quiet")
        return
    shown.add(node)
    if node.equation is not None:
        yield Item(f"= {node.equation}", depth=inner)
    if node.method is not None:
        yield Item(f"by {node.method}", depth=inner)
    if node.grounds is not None:
        is_known = node.grounds in shown
        shown.add(node.grounds)
        text = f"{node.grounds.where}, as above" if is_known else grounds_words(node.grounds, sources)
        yield Item(text, depth=inner, role="quiet")
    for child in node.children:
        yield from _tree(child, sources, depth + 1, shown)


def value_text(node: Record) -> str:
    """Return a node's value with its unit, in four digits: enough to follow the arithmetic."""
    value, unit = node.value, node.unit
    if value is None or isinstance(value, str):
        return UNKNOWN if value is None else value
    if unit == "share":
        return numbers.percent(value, 4)
    if unit == "B/s":
        return f"{numbers.trimmed(value, numbers.BYTES)}/s"
    if unit in _SCALES:
        return numbers.trimmed(value, _SCALES[unit])
    is_whole = float(value).is_integer() and abs(value) < 1e6
    number = f"{value:,.0f}" if is_whole else _decimal(value)
    return f"{number} {'' if unit == 'chips' else unit}".rstrip()


def _decimal(value: float) -> str:
    return numbers.count(value, 4) if abs(value) >= 1e6 else numbers.decimal(value, 4)


def grounds_words(grounds: Grounds, sources: Mapping[str, Source]) -> str:
    """Return what an input rests on: its kind, its place, its documents, its runs."""
    titles = [f"{sources[key].title} [{key}]" if key in sources else f"[{key}]" for key in grounds.sources]
    is_of_plan = grounds.kind in ("plan", "layout")
    parts = [grounds.where if is_of_plan else f"{words(grounds.kind)}, {grounds.where}", *titles]
    note = grounds.note
    if grounds.runs is not None and (note is None or "published run" not in note):
        parts.append(
            f"{grounds.runs} published runs behind it" if grounds.runs else "no run behind it: a prior"
        )
    return "; ".join([*parts, note] if note else parts)


def _assumed(node: Record) -> Iterator[str]:
    if node.is_assumed and node.grounds is not None:
        yield f"{node.symbol} ({node.grounds.where})"
    for child in node.children:
        yield from _assumed(child)


def explanation_to_dict(explanation: Explanation, sources: Mapping[str, Source]) -> dict[str, Any]:
    """Return an explanation as a record for JSON, with the documents that it names."""
    named: set[str] = set()
    tree = _node(explanation.record, named)
    return {
        "schema": EXPLAIN_SCHEMA,
        "plan": explanation.plan_name,
        "quantity": explanation.quantity,
        "pool": explanation.pool_id,
        "tree": tree,
        "nearest_runs": [run_to_dict(run) for run in explanation.nearest],
        "sources": {
            key: {"title": sources[key].title, "where": sources[key].where}
            for key in sorted(named)
            if key in sources
        },
    }


def _node(node: Record, named: set[str]) -> dict[str, Any]:
    grounds = node.grounds
    if grounds is not None:
        named.update(grounds.sources)
    return {
        "symbol": node.symbol,
        "name": node.name,
        "value": node.value,
        "unit": node.unit,
        "equation": node.equation,
        "method": node.method,
        "assumed": node.is_assumed,
        "evidence": None
        if grounds is None
        else {
            "kind": grounds.kind,
            "where": grounds.where,
            "sources": list(grounds.sources),
            "note": grounds.note,
            "runs": grounds.runs,
        },
        "inputs": [_node(child, named) for child in node.children],
    }
