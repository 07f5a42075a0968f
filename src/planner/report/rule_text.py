"""Rules as text and JSON: a table of all, one in full with its condition, and the results of examples."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from planner.catalog.search_path import BUILT_IN
from planner.domain.rule import Rule
from planner.planning.rule_examples import ExampleResult
from planner.report.compliance_text import DISCLAIMER
from planner.report.numbers import date
from planner.report.page import Page
from planner.report.words import SEVERITIES, words

_LABEL_WIDTH = 12
#: Narrower, the dates would leave no room for the titles; `show` has them.
_WIDTH_WITH_DATES = 105
_BRANCHES = {"all": "all of", "any": "any of", "not": "not"}


def rules_to_text(
    rules: Iterable[Rule], origins: Mapping[str, str], *, width: int = 80, is_coloured: bool = False
) -> str:
    """Return a table of the rules, and after it those that a folder adds or replaces, by where from."""
    page = Page(width, is_coloured=is_coloured)
    shown = list(rules)
    page.heading("RULES", f"{len(shown)}; {DISCLAIMER}")
    has_room = page.width >= _WIDTH_WITH_DATES
    rows = [(*_cells(rule), *(_dates(rule) if has_room else ())) for rule in shown]
    if rows:
        page.table(("id", "title", "severity", "status", *(("from", "until") if has_room else ())), rows)
    for origin in dict.fromkeys(origins.values()):
        if origin != BUILT_IN:
            ids = ", ".join(rule.id for rule in shown if origins.get(rule.id) == origin)
            page.gap()
            page.paragraph(f"from {origin}: {ids}", role="quiet", hanging=2)
    return page.text


def _cells(rule: Rule) -> tuple[str, ...]:
    return rule.id, rule.title, words(rule.severity, SEVERITIES).lower(), words(rule.status)


def _dates(rule: Rule) -> tuple[str, ...]:
    return tuple("" if day is None else day.isoformat() for day in (rule.effective_from, rule.effective_to))


def rule_to_dict(rule: Rule, origin: str, *, today: datetime.date) -> dict[str, Any]:
    """Return one rule for JSON, with all its keys, whether it is stale, and the folder it came from."""
    return {**rule.model_dump(mode="json"), "stale": is_stale(rule, today), "from": origin}


def is_stale(rule: Rule, today: datetime.date) -> bool:
    """Return whether the day by which somebody was to re-check the rule has passed."""
    return rule.review_by is not None and today > rule.review_by


def rule_to_text(
    rule: Rule, origin: str, *, today: datetime.date, width: int = 80, is_coloured: bool = False
) -> str:
    """Return one rule in full: what it says, when it holds, how it is known."""
    page = Page(width, is_coloured=is_coloured)
    page.paragraph(f"{rule.title} ({rule.id})", indent=0, role="title")
    page.paragraph(f"from {origin}", role="quiet", hanging=2)
    page.paragraph(rule.note)
    entries = {
        "citation": rule.citation,
        "where": rule.jurisdiction,
        "severity": words(rule.severity, SEVERITIES).lower(),
        "subject": words(rule.subject),
        "status": words(rule.status),
        "in effect": _period(rule),
        "superseded": rule.superseded_by,
        "policy": rule.review_policy and words(rule.review_policy),
        "caveat": rule.caveat,
        "evidence": f"{rule.evidence}, confidence {rule.confidence}"
        + ("" if rule.verified else "; nobody opened the text"),
        "seen in": rule.verified_at,
        "re-check by": _review(rule, today),
    }
    page.gap()
    for label, text in entries.items():
        if text:
            page.entry(label, text, _LABEL_WIDTH)
    page.heading("CONDITION", "the note is given where this is true; unknown is asked for")
    _add_node(page, rule.condition, 0)
    page.heading("SOURCES")
    for source in rule.sources:
        dated = f"{source.title} ({source.date})" if source.date else source.title
        page.paragraph(f"{dated}  {source.url}".rstrip(), hanging=2)
    page.gap()
    page.paragraph(f"{DISCLAIMER}", indent=0, role="quiet")
    return page.text


def _period(rule: Rule) -> str:
    start = f"from {date(rule.effective_from)}" if rule.effective_from else "no first day given"
    return f"{start} until {date(rule.effective_to)}" if rule.effective_to else f"{start}, no end given"


def _review(rule: Rule, today: datetime.date) -> str | None:
    if rule.review_by is None:
        return None
    return f"{date(rule.review_by)}{'; STALE: not re-checked since' if is_stale(rule, today) else ''}"


def _add_node(page: Page, node: Mapping[str, Any], depth: int) -> None:
    """Add a part of the condition; checked conditions are shallow."""
    indent = 2 + 2 * depth
    for key, word in _BRANCHES.items():
        if key in node:
            page.paragraph(word, indent=indent)
            children: Sequence[Mapping[str, Any]] = [node[key]] if key == "not" else node[key]
            for child in children:
                _add_node(page, child, depth + 1)
            return
    page.paragraph(_leaf_text(node), indent=indent, hanging=4)


def _leaf_text(node: Mapping[str, Any]) -> str:
    value = node.get("v")
    if isinstance(value, list):
        shown = ", ".join(map(str, value))
    elif isinstance(value, bool):
        shown = "true" if value else "false"
    else:
        shown = "" if value is None else str(value)
    return f"{node['f']} {words(node['op'])} {shown}".rstrip()


def example_results_to_text(
    results: Sequence[ExampleResult], *, width: int = 80, is_coloured: bool = False
) -> str:
    """Return what failed, one line per disagreement, and the counts."""
    page = Page(width, is_coloured=is_coloured)
    for result in results:
        for failure in result.failures:
            page.paragraph(f"FAILED {result.kind} {result.name}: {failure}", indent=0, hanging=2, role="bad")
    for kind in ("chip", "scenario"):
        some = [result for result in results if result.kind == kind]
        passed = sum(1 for result in some if not result.failures)
        page.line(f"{kind}s: {passed} passed, {len(some) - passed} failed")
    return page.text


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
