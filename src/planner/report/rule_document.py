"""Rules as documents and JSON: a table of all, one in full with its condition, results of examples."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from planner.catalog.search_path import BUILT_IN
from planner.domain.rule import Rule, RuleSource
from planner.planning.rule_examples import ExampleResult
from planner.report.compliance_document import DISCLAIMER
from planner.report.document import (
    GAP,
    Block,
    Heading,
    Item,
    Items,
    Paragraph,
    Table,
    cells,
    document,
    entries,
)
from planner.report.numbers import date
from planner.report.words import SEVERITIES, words

_LABEL_WIDTH = 12
_BRANCHES = {"all": "all of", "any": "any of", "not": "not"}


@document
def rules_document(
    rules: Collection[Rule], origins: Mapping[str, str], *, today: datetime.date
) -> Iterator[Block]:
    """Yield a table of the rules, and after it those that a folder adds or replaces, by where from."""
    yield Heading("Rules", f"{len(rules)}; {DISCLAIMER}")
    if rules:
        # the dates are spared where they would leave no room for the titles; `show` has them
        header = ("id", "title", "severity", "status", "from", "until")
        yield Table(header, cells((*_cells(rule, today), *_dates(rule)) for rule in rules), spare=2)
    for origin in dict.fromkeys(origins.values()):
        if origin != BUILT_IN:
            ids = ", ".join(rule.id for rule in rules if origins.get(rule.id) == origin)
            yield GAP
            yield Paragraph(f"from {origin}: {ids}", role="quiet", hanging=2)


def _cells(rule: Rule, today: datetime.date) -> tuple[str, ...]:
    status = words(rule.status) + (", STALE" if is_stale(rule, today) else "")
    return rule.id, rule.title, words(rule.severity, SEVERITIES).lower(), status


def _dates(rule: Rule) -> tuple[str, ...]:
    return tuple("" if day is None else day.isoformat() for day in (rule.effective_from, rule.effective_to))


def rule_to_dict(rule: Rule, origin: str, *, today: datetime.date) -> dict[str, Any]:
    """Return one rule for JSON, with all its keys, whether it is stale, and the folder it came from."""
    return {**rule.model_dump(mode="json"), "stale": is_stale(rule, today), "from": origin}


def is_stale(rule: Rule, today: datetime.date) -> bool:
    """Return whether the day by which somebody was to re-check the rule has passed."""
    return rule.review_by is not None and today > rule.review_by


@document
def rule_document(rule: Rule, origin: str, *, today: datetime.date) -> Iterator[Block]:
    """Yield one rule in full: what it says, when it holds, how it is known."""
    yield Paragraph(f"{rule.title} ({rule.id})", indent=0, role="title")
    yield Paragraph(f"from {origin}", role="quiet", hanging=2)
    yield Paragraph(rule.note)
    unopened = "" if rule.verified else "; nobody opened the text"
    told = (
        ("citation", rule.citation),
        ("where", rule.jurisdiction),
        ("severity", words(rule.severity, SEVERITIES).lower()),
        ("subject", words(rule.subject)),
        ("status", words(rule.status)),
        ("in effect", _period(rule)),
        ("superseded", rule.superseded_by),
        ("policy", rule.review_policy and words(rule.review_policy)),
        ("caveat", rule.caveat),
        ("evidence", f"{rule.evidence}, confidence {rule.confidence}{unopened}"),
        ("seen in", rule.verified_at),
        ("re-check by", _review(rule, today)),
    )
    yield GAP
    yield entries(((label, text) for label, text in told if text), _LABEL_WIDTH)
    yield Heading("Condition", "the note is given where this is true; unknown is asked for")
    yield Items(tuple(_condition(rule.condition, 0)))
    yield Heading("Sources")
    yield Items(tuple(map(_source, rule.sources)))
    yield GAP
    yield Paragraph(DISCLAIMER, indent=0, role="quiet")


def _source(source: RuleSource) -> Item:
    dated = f"{source.title} ({source.date})" if source.date else source.title
    return Item(f"{dated}  {source.url}".rstrip())


def _period(rule: Rule) -> str:
    start = f"from {date(rule.effective_from)}" if rule.effective_from else "no first day given"
    return f"{start} until {date(rule.effective_to)}" if rule.effective_to else f"{start}, no end given"


def _review(rule: Rule, today: datetime.date) -> str | None:
    if rule.review_by is None:
        return None
    return f"{date(rule.review_by)}{'; STALE: not re-checked since' if is_stale(rule, today) else ''}"


def _condition(node: Mapping[str, Any], depth: int) -> Iterator[Item]:
    """Yield a part of the condition; checked conditions are shallow."""
    for key, word in _BRANCHES.items():
        if key in node:
            yield Item(word, depth=depth)
            children: Sequence[Mapping[str, Any]] = [node[key]] if key == "not" else node[key]
            for child in children:
                yield from _condition(child, depth + 1)
            return
    yield Item(_leaf_text(node), depth=depth, hanging=4)


def _leaf_text(node: Mapping[str, Any]) -> str:
    value = node.get("v")
    if isinstance(value, list):
        shown = ", ".join(map(str, value))
    elif isinstance(value, bool):
        shown = "true" if value else "false"
    else:
        shown = "" if value is None else str(value)
    return f"{node['f']} {words(node['op'])} {shown}".rstrip()


@document
def example_results_document(results: Sequence[ExampleResult]) -> Iterator[Block]:
    """Yield what failed, one line per disagreement, and the counts."""
    failed = [
        Item(f"FAILED {result.kind} {result.name}: {failure}", role="bad")
        for result in results
        for failure in result.failures
    ]
    counts = []
    for kind in ("chip", "scenario"):
        some = [result for result in results if result.kind == kind]
        passed = sum(1 for result in some if not result.failures)
        counts.append(Item(f"{kind}s: {passed} passed, {len(some) - passed} failed"))
    yield Items((*failed, *counts), indent=0)


def example_results_to_dict(results: Sequence[ExampleResult]) -> dict[str, Any]:
    """Return the results for JSON."""
    failed = sum(1 for result in results if result.failures)
    return {
        "passed": len(results) - failed,
        "failed": failed,
        "results": [
            {
                "kind": result.kind,
                "name": result.name,
                "passed": not result.failures,
                "failures": list(result.failures),
            }
            for result in results
        ],
    }
