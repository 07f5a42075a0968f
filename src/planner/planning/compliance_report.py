"""Which rules apply to a plan and its pools, what they still ask, and what is ahead."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from planner.catalog.rules import RuleBook
from planner.compliance.assess import (
    Assessment,
    Finding,
    RuleTerms,
    Unknown,
    assess,
    by_missing_field,
)
from planner.compliance.facts import number
from planner.domain.evidence import value_of
from planner.domain.plan import Plan
from planner.domain.rule import Rule
from planner.planning.compliance_facts import PLAN_KEYS, ComputedFacts, PoolFacts, plan_facts, pool_facts
from planner.planning.compliance_result import Classification, ComplianceNote, ComplianceReport, NeedsInput

#: How far ahead rules are shown where the plan ends earlier or does not say.
SHORTEST_HORIZON_DAYS = 365

#: A chip's field that a plan answers once for all pools.
_ANSWERED_BY_PLAN = "chip.subject_to_ear"


def compliance_report(
    plan: Plan,
    pools: Sequence[PoolFacts],
    computed: ComputedFacts,
    book: RuleBook,
    *,
    today: datetime.date,
) -> ComplianceReport:
    """Return the notes of a plan: rules about a chip once per pool, all others once.

    Parameters
    ----------
    plan, pools, computed
        What the facts come from.
    book
        The rules and country groups of the plan's date.
    today
        Stands in for a plan without `as_of`; with it, it decides which notes are stale.

    Raises
    ------
    InputError
        Where a rule names an unknown country group.
    """
    as_of = plan.as_of or today
    horizon_end = max(_years_end(as_of), computed.finish or as_of)
    about_chips, about_plan = _by_subject(book)
    shared = plan_facts(plan, pools, computed, book.rules.values())

    def assessed(some: Iterable[RuleTerms], facts: Mapping[str, object]) -> Assessment:
        return assess(
            some,
            facts,
            book.lists,
            as_of=as_of.isoformat(),
            horizon_end=horizon_end.isoformat(),
            today=today.isoformat(),
        )

    answers: list[tuple[str | None, Assessment]] = [
        (pool.id, assessed(about_chips, {**shared, **pool_facts(pool)})) for pool in pools
    ]
    answers.append((None, assessed(about_plan, shared)))
    notes = [(pool, finding) for pool, answer in answers for finding in answer.findings]
    ahead = [(pool, finding) for pool, answer in answers for finding in answer.upcoming]
    return ComplianceReport(
        as_of=as_of,
        notes=_notes(notes, book),
        needs_input=_needs_input(answers),
        upcoming=_notes(ahead, book),
        classifications=tuple(map(_classification, pools)),
        chip_subject_to_ear=plan.parties.chip_subject_to_ear,
    )


def _years_end(day: datetime.date) -> datetime.date:
    try:
        return day + datetime.timedelta(days=SHORTEST_HORIZON_DAYS)
    except OverflowError:
        return datetime.date.max


@lru_cache(maxsize=4)
def _by_subject(book: RuleBook) -> tuple[list[RuleTerms], list[RuleTerms]]:
    """Return the rules that are asked of each pool's chip, and those that are asked once."""
    rules = list(book.terms.values())
    about_chips = [rule for rule in rules if _is_about_chip(rule)]
    return about_chips, [rule for rule in rules if not _is_about_chip(rule)]


def _is_about_chip(rule: RuleTerms) -> bool:
    return not rule.chip_fields <= {_ANSWERED_BY_PLAN}


def _notes(findings: Iterable[tuple[str | None, Finding]], book: RuleBook) -> tuple[ComplianceNote, ...]:
    """Return the notes by severity, subject and rule; pools of one rule stay in the plan's order."""
    ordered = sorted(findings, key=lambda pair: book.terms[pair[1].rule].order)
    return tuple(_note(book.rules[finding.rule], finding, pool) for pool, finding in ordered)


def _note(rule: Rule, finding: Finding, pool: str | None) -> ComplianceNote:
    source = rule.sources[0]
    dated = f"{source.title} ({source.date})" if source.date else source.title
    begins = finding.applies_from
    return ComplianceNote(
        id=rule.id,
        severity=rule.severity,
        subject=rule.subject,
        pool=pool,
        note=rule.note,
        citation=rule.citation,
        status=rule.status,
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
        source=f"{dated}: {source.url}" if source.url else dated,
        evidence=rule.evidence,
        is_stale=finding.is_stale,
        title=rule.title,
        caveat=rule.caveat,
        jurisdiction=rule.jurisdiction,
        review_policy=rule.review_policy,
        confidence=rule.confidence,
        review_by=rule.review_by,
        applies_from=None if begins is None else datetime.date.fromisoformat(begins),
        source_date=source.date,
    )


def _needs_input(answers: Sequence[tuple[str | None, Assessment]]) -> tuple[NeedsInput, ...]:
    unknown: list[Unknown] = []
    asking: dict[str, list[str]] = {}
    for pool, answer in answers:
        unknown += answer.unknown
        if pool is not None:
            for field in {field for entry in answer.unknown for field in entry.missing}:
                if field.startswith("chip."):
                    asking.setdefault(field, []).append(pool)
    return tuple(
        NeedsInput(
            field=entry.field,
            rules=entry.rules,
            plan_key=PLAN_KEYS.get(entry.field),
            pools=tuple(asking.get(entry.field, ())),
            decides=entry.decides,
        )
        for entry in by_missing_field(unknown)
    )


def _classification(pool: PoolFacts) -> Classification:
    facts = pool.derived
    return Classification(
        pool=pool.id,
        chip=pool.chip.name,
        eccn=str(facts.get("chip.eccn", "unknown")),
        total_processing_performance=number(facts, "chip.tpp"),
        performance_density=number(facts, "chip.performance_density"),
        designer_country=value_of(pool.chip.trade.designer_country),
    )
