"""Explanations as documents and JSON: the number, its equation, its inputs down to their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from planner.domain.evidence import Source
from planner.estimate.explain import Explanation
from planner.planning.exchange_rates import NO_EXCHANGE, ExchangeRate
from planner.quantities.currency import told_in
from planner.quantities.record import Grounds, Record, each_record
from planner.report import numbers
from planner.report.claim_document import run_words
from planner.report.claim_json import run_to_dict
from planner.report.currency_words import currency_entries, currency_to_dict
from planner.report.document import (
    GAP,
    Block,
    Entries,
    Heading,
    Item,
    Items,
    Paragraph,
    Role,
    document,
    entries,
)
from planner.report.figures import scales_of
from planner.report.numbers import ASSUMED_MARK, UNKNOWN
from planner.report.page import glue
from planner.report.standing_words import standing_words
from planner.report.words import known_words
from planner.units import DOLLAR
from planner.validation.standing import Standing

EXPLAIN_SCHEMA = 1
#: Records deeper than this are told by their value and their id alone: a page of six levels is still read.
_TOLD_DEPTH = 5
#: Of the label of the currency that money is told in.
_CURRENCY_WIDTH = 9
#: Arithmetic is followed in one unit, and minutes and days are others.
_SECONDS = (numbers.Scale(1.0, "s"), numbers.Scale(1e-3, "ms"), numbers.Scale(1e-6, "us"))


@document
def explanation_document(
    explanation: Explanation, sources: Mapping[str, Source], behind: Standing | None = None
) -> Iterator[Block]:
    """Yield an explanation as a tree, and what stands behind it; `*` marks what nobody who was read says."""
    yield Paragraph(f"{explanation.plan_name}: {explanation.quantity}", indent=0, role="title")
    yield Paragraph(f"pool {explanation.pool_id}" if explanation.pool_id else "all pools", role="quiet")
    said = currency_entries(explanation.setting)
    if said and any(DOLLAR in record.unit for record in each_record(explanation.record)):
        yield Entries(said, _CURRENCY_WIDTH)
    yield GAP
    page = _Page(sources, told_in(explanation.setting))
    yield Items(tuple(page.tree(explanation.record)), indent=0)
    if page.left_out:
        yield GAP
        yield Paragraph("[ID] has a tree of its own: planner explain PLAN ID", indent=0, role="quiet")
    inputs = tuple(page.inputs(explanation.record))
    if inputs:
        yield Heading("Inputs", "what those rest on")
        yield Items(inputs)
    assumed = list(dict.fromkeys(_assumed(explanation.record)))
    if assumed:
        yield GAP
        text = f"{ASSUMED_MARK} from memory or assumed: {'; '.join(assumed)}"
        yield Paragraph(text, indent=0, hanging=2)
    if explanation.nearest:
        yield Heading("Published", "the runs nearest to this plan, as measured")
        if behind is not None:
            yield Paragraph(standing_words(behind))
        yield entries((("-", f"{run_words(run)}; {run.run.source.title}") for run in explanation.nearest), 1)


class _Page:
    """A tree as it is told: what was said in full is not said again, and too deep a branch has its own."""

    def __init__(self, sources: Mapping[str, Source], rate: ExchangeRate) -> None:
        self._sources = sources
        self._rate = rate
        #: by what else is the same of them, the symbols of records that were told in full
        self._told: dict[Record, str] = {}
        self._grounds: set[Grounds] = set()
        #: records, by identity, whose inputs were told
        self._walked: set[int] = set()
        #: whether a branch was left out
        self.left_out = False

    def tree(self, record: Record, depth: int = 0) -> Iterator[Item]:
        """Yield a record and, as far as they are told, its inputs."""
        text = f"{record.symbol} = {marked_value(record, self._rate)}"
        role: Role = "plain" if depth else "title"
        symbol = self._told.get(_without_symbol(record))
        if symbol is not None:
            # said once in full: a tree that repeats itself is not read
            name = "as above" if symbol == record.symbol else f"{record.name}, as above"
            yield Item(f"{text}: {name}", depth=depth, role=role)
            return
        if depth > _TOLD_DEPTH and record.children and record.id:
            self.left_out = True
            yield Item(f"{text}: {record.name} [{record.id}]", depth=depth, role=role)
            return
        self._told[_without_symbol(record)] = record.symbol
        yield Item(f"{text}: {record.name}", depth=depth, role=role)
        yield from self._reasons(record, depth + 1)
        for child in record.children:
            yield from self.tree(child, depth + 1)

    def _reasons(self, record: Record, depth: int) -> Iterator[Item]:
        if record.equation is not None:
            yield Item(f"= {record.equation}", depth=depth)
        if record.method is not None:
            yield Item(f"by {record.method}", depth=depth)
        if record.grounds is not None:
            yield Item(self._grounds_words(record.grounds), depth=depth, role="quiet")

    def _grounds_words(self, grounds: Grounds) -> str:
        if grounds in self._grounds:
            return f"{grounds.where}, as above"
        self._grounds.add(grounds)
        return grounds_words(grounds, self._sources)

    def inputs(self, record: Record) -> Iterator[Item]:
        """Yield what was read for the branches that the tree leaves out, each once."""
        if id(record) in self._walked:
            # branches share records
            return
        self._walked.add(id(record))
        key = _without_symbol(record)
        if record.grounds is not None and key not in self._told:
            self._told[key] = record.symbol
            yield Item(f"{record.name} = {marked_value(record, self._rate)}")
            yield Item(self._grounds_words(record.grounds), depth=1, role="quiet")
        for child in record.children:
            yield from self.inputs(child)


def _without_symbol(record: Record) -> Record:
    """Return what a record says, whatever the equation above calls it."""
    return replace(record, symbol="")


def marked_value(record: Record, rate: ExchangeRate = NO_EXCHANGE) -> str:
    """Return a record's value, marked where nobody who was read says it."""
    return glue(value_text(record, rate)) + (ASSUMED_MARK if record.is_assumed else "")


def value_text(record: Record, rate: ExchangeRate = NO_EXCHANGE) -> str:
    """Return a record's value with its unit, in four digits: enough to follow the arithmetic."""
    value, unit = record.value, record.unit
    if value is None or isinstance(value, str):
        return UNKNOWN if value is None else value
    if unit == "share":
        return numbers.percent(value, 4)
    if unit == "date":
        return numbers.date(numbers.day(value))
    scales = _SECONDS if unit == "s" else scales_of(unit, rate)
    if len(scales) > 1:
        return numbers.trimmed(value, scales)
    value, name = value / scales[0].factor, scales[0].name
    is_whole = float(value).is_integer() and abs(value) < 1e6
    number = f"{value:,.0f}" if is_whole else _decimal(value)
    return f"{number} {'' if unit == 'chips' else name}".rstrip()


def _decimal(value: float) -> str:
    return numbers.count(value, 4) if abs(value) >= 1e6 else numbers.decimal(value, 4)


def grounds_words(grounds: Grounds, sources: Mapping[str, Source]) -> str:
    """Return what an input rests on: its kind, its place, its documents, its runs."""
    titles = [f"{sources[key].title} [{key}]" if key in sources else f"[{key}]" for key in grounds.sources]
    is_of_plan = grounds.kind in ("plan", "layout")
    parts = [grounds.where if is_of_plan else f"{known_words(grounds.kind)}, {grounds.where}", *titles]
    note = grounds.note
    if grounds.runs is not None and (note is None or "published run" not in note):
        parts.append(
            f"{grounds.runs} published runs behind it" if grounds.runs else "no run behind it: a prior"
        )
    return "; ".join([*parts, note] if note else parts)


def _assumed(root: Record) -> Iterator[str]:
    """Yield what is assumed in a tree."""
    for record in each_record(root):
        if record.is_assumed and record.grounds is not None:
            yield f"{record.symbol} ({record.grounds.where})"


def explanation_to_dict(
    explanation: Explanation, sources: Mapping[str, Source], behind: Standing | None = None
) -> dict[str, Any]:
    """Return an explanation as a record for JSON, with the documents that it names."""
    named: set[str] = set()
    setting = explanation.setting
    tree = _record_to_dict(explanation.record, named)
    return {
        "schema": EXPLAIN_SCHEMA,
        "plan": explanation.plan_name,
        "quantity": explanation.quantity,
        "pool": explanation.pool_id,
        # values are in US dollars, as everywhere in JSON
        "currency": currency_to_dict(told_in(setting), setting.plan.money.currency),
        "tree": tree,
        "nearest_runs": [run_to_dict(run) for run in explanation.nearest],
        "standing": None if behind is None else _standing_to_dict(behind),
        "sources": {
            key: {"title": sources[key].title, "where": sources[key].where}
            for key in sorted(named)
            if key in sources
        },
    }


def _standing_to_dict(behind: Standing) -> dict[str, Any]:
    return {
        "kind": "mixture" if behind.is_mixture else "dense",
        "stack": behind.stack_id,
        "on_like_chips": asdict(behind.on_chips),
        "with_stack": asdict(behind.with_stack),
        "nearest": None if behind.nearest is None else run_to_dict(behind.nearest),
        "predicted_tokens_per_s_per_chip": behind.said,
    }


def _record_to_dict(record: Record, named: set[str]) -> dict[str, Any]:
    grounds = record.grounds
    if grounds is not None:
        named.update(grounds.sources)
    return {
        "id": record.id or None,
        "symbol": record.symbol,
        "name": record.name,
        "value": record.value,
        "unit": record.unit,
        **_date(record),
        "equation": record.equation,
        "method": record.method,
        "assumed": record.is_assumed,
        "evidence": None if grounds is None else _grounds_to_dict(grounds),
        "inputs": [_record_to_dict(child, named) for child in record.children],
    }


def _date(record: Record) -> dict[str, str]:
    """Return the date of a day number, which is what arithmetic is done with."""
    if record.unit != "date" or not isinstance(record.value, float):
        return {}
    return {"date": numbers.day(record.value).isoformat()}


def _grounds_to_dict(grounds: Grounds) -> dict[str, Any]:
    return {
        "kind": grounds.kind,
        "where": grounds.where,
        "sources": list(grounds.sources),
        "note": grounds.note,
        "runs": grounds.runs,
    }
