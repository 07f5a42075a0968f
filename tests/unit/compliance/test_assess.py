"""What applies, what is asked, what is ahead."""

from __future__ import annotations

from typing import Any

import pytest

from planner.compliance.assess import RuleTerms, Unknown, assess, by_missing_field, is_current
from planner.errors import InputError

ALWAYS: dict[str, Any] = {"f": "as_of", "op": "exists"}
NEVER: dict[str, Any] = {"f": "as_of", "op": "missing"}
OPEN: dict[str, Any] = {"f": "site.pue", "op": ">", "v": 1.5}


def rule(identifier: str, condition: dict[str, Any] = ALWAYS, **changes: Any) -> RuleTerms:
    terms = {"severity": "advisory", "subject": "cluster", **changes}
    return RuleTerms(identifier, condition=condition, **terms)


@pytest.mark.parametrize(
    ("start", "end", "as_of", "expected"),
    [
        (None, None, "2026-11-22", True),
        ("2026-11-22", None, "2026-11-22", True),
        ("2026-11-23", None, "2026-11-22", False),
        (None, "2026-11-22", "2026-11-22", True),
        (None, "2026-11-21", "2026-11-22", False),
    ],
)
def test_both_dates_are_inclusive(start: str | None, end: str | None, as_of: str, expected: bool) -> None:
    assert is_current(rule("X", effective_from=start, effective_to=end), as_of) is expected


def test_only_true_is_found_and_unknown_is_asked() -> None:
    answer = assess(
        [rule("T"), rule("F", NEVER), rule("U", OPEN), rule("OLD", effective_to="2020-01-01")],
        {},
        {},
        as_of="2026-11-22",
    )
    assert [finding.rule for finding in answer.findings] == ["T"]
    assert [entry.rule for entry in answer.unknown] == ["U"]
    assert answer.upcoming == ()


def test_findings_come_by_severity_then_subject_then_id() -> None:
    rules = [
        rule("D", severity="advisory"),
        rule("C", severity="block", subject="screening"),
        rule("B", severity="block", subject="chip_export"),
        rule("A", severity="block", subject="screening"),
        rule("E", severity="licence_required"),
        rule("F", severity="report"),
        rule("G", severity="notify"),
    ]
    answer = assess(rules, {}, {}, as_of="2026-11-22")
    assert [finding.rule for finding in answer.findings] == ["B", "A", "C", "E", "G", "F", "D"]


def test_a_rule_is_stale_after_its_day() -> None:
    rules = [rule("X", review_by="2026-11-22")]

    def stale(as_of: str, today: str | None = None) -> bool:
        return assess(rules, {}, {}, as_of=as_of, today=today).findings[0].is_stale

    assert not stale("2026-11-22")
    assert stale("2026-11-23")
    assert stale("2026-11-01", today="2026-11-23")
    assert not stale("2026-11-01", today="2026-11-22")


def test_what_begins_within_the_horizon_is_upcoming() -> None:
    rules = [
        rule("SOON", effective_from="2027-01-01"),
        rule("LAST-DAY", effective_from="2027-06-30"),
        rule("LATER", effective_from="2027-07-01"),
        rule("NOT-OURS", NEVER, effective_from="2027-01-01"),
        rule("OPEN", OPEN, effective_from="2027-01-01"),
        rule("NOW", effective_from="2020-01-01"),
    ]
    answer = assess(rules, {}, {}, as_of="2026-11-22", horizon_end="2027-06-30")
    assert [(entry.rule, entry.applies_from) for entry in answer.upcoming] == [
        ("LAST-DAY", "2027-06-30"),
        ("SOON", "2027-01-01"),
    ]
    assert [entry.rule for entry in answer.findings] == ["NOW"]
    assert assess(rules, {}, {}, as_of="2026-11-22").upcoming == ()


@pytest.mark.parametrize(
    ("operator", "first_day"), [(">=", "2027-01-01"), (">", "2027-01-02"), ("==", "2027-01-01")]
)
def test_a_threshold_that_changes_at_a_date_is_upcoming_from_that_date(operator: str, first_day: str) -> None:
    rules = [rule("X", {"f": "as_of", "op": operator, "v": "2027-01-01"}, effective_from="2020-01-01")]
    answer = assess(rules, {}, {}, as_of="2026-11-22", horizon_end="2027-06-30")
    assert [(entry.rule, entry.applies_from) for entry in answer.upcoming] == [("X", first_day)]


def test_a_rule_that_ends_before_it_would_turn_is_not_upcoming() -> None:
    rules = [rule("X", {"f": "as_of", "op": ">=", "v": "2027-01-01"}, effective_to="2026-12-31")]
    assert assess(rules, {}, {}, as_of="2026-11-22", horizon_end="2027-06-30").upcoming == ()


def test_the_field_that_decides_most_rules_comes_first() -> None:
    unknown = [
        Unknown("R1", frozenset({"a", "b"}), frozenset({"b"})),
        Unknown("R2", frozenset({"b"}), frozenset({"b"})),
        Unknown("R3", frozenset({"a", "c"}), frozenset()),
        Unknown("R4", frozenset({"a"}), frozenset({"a"})),
    ]
    grouped = by_missing_field(unknown)
    assert [(entry.field, entry.rules, entry.decides) for entry in grouped] == [
        ("b", ("R1", "R2"), 2),
        ("a", ("R1", "R3", "R4"), 1),
        ("c", ("R3",), 0),
    ]


def test_facts_are_derived_before_rules_are_read() -> None:
    rules = [rule("X", {"f": "site.country", "op": "==", "v": "CN"})]
    assert assess(rules, {"site.country": "HK"}, {}, as_of="2026-11-22").findings


def test_a_broken_rule_is_named() -> None:
    with pytest.raises(InputError, match=r"rule X: .*unknown country group 'NOPE'"):
        assess(
            [rule("X", {"f": "site.country", "op": "in_group", "v": "NOPE"})],
            {"site.country": "CN"},
            {},
            as_of="2026-11-22",
        )
