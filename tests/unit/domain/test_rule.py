"""Rules as data: what is refused, and in which words."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from planner.domain.condition import FIELDS, MAXIMUM_DEPTH, MAXIMUM_NODES, check_condition, check_facts
from planner.domain.rule import CountryGroups, Rule, groups_named
from planner.errors import InputError
from planner.files.validation import InvalidProfileError, validate

LEAF: dict[str, Any] = {"f": "chip.tpp", "op": ">=", "v": 4800}


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "id": "XX-TEST",
        "jurisdiction": "US",
        "title": "A test",
        "citation": "none",
        "status": "in_force",
        "subject": "chip_export",
        "severity": "advisory",
        "condition": LEAF,
        "note": "A note.",
        "sources": [{"title": "A source", "date": "2026-09"}],
        "verified": True,
        "evidence": "primary",
        "confidence": "high",
        **changes,
    }


def test_a_whole_rule_is_read() -> None:
    read = Rule.model_validate(rule(effective_from=datetime.date(2026, 1, 1)))
    assert read.condition == LEAF
    assert read.name == "A test"
    assert read.effective_to is None


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (3, "the root is 3; expected a table"),
        ({}, "the root has no 'f'"),
        ({"all": []}, "all is an empty list"),
        ({"all": LEAF}, "all is a table; expected a list"),
        ({"all": [LEAF], "any": [LEAF]}, "has the key 'all'"),
        ({"not": {"any": [LEAF, {"x": 1}]}}, r"not\.any\[1\] has the key 'x'"),
        ({**LEAF, "f": "chip.tp"}, "unknown field 'chip.tp'; the nearest known one is 'chip.tpp'"),
        ({**LEAF, "op": "=>"}, "unknown operator '=>'; expected one of =="),
        ({**LEAF, "v": "4800"}, "v for chip.tpp >=: '4800'; expected a finite number"),
        ({**LEAF, "v": True}, "expected a finite number"),
        ({**LEAF, "v": float("nan")}, "expected a finite number"),
        ({**LEAF, "v": float("inf")}, "expected a finite number"),
        ({"f": "chip.tpp", "op": ">="}, "has no 'v'"),
        ({**LEAF, "op": "missing"}, "gives 'missing' a value"),
        ({"f": "as_of", "op": "<", "v": "2026-13-01"}, "'2026-13-01' is not a date"),
        ({"f": "as_of", "op": "<", "v": "20260101"}, "is not a date"),
        ({"f": "site.commissioned", "op": ">=", "v": "soon"}, "'soon' is not a date"),
        ({"f": "chip.datacenter", "op": "==", "v": "yes"}, "expected true or false"),
        ({"f": "chip.datacenter", "op": ">", "v": True}, "cannot order flags"),
        ({"f": "buyer.screened", "op": ">", "v": True}, "true is not a date"),
        ({"f": "chip.name", "op": ">", "v": "A"}, "cannot order texts"),
        ({"f": "chip.name", "op": "in_group", "v": "D5M"}, "expected a field that holds a country"),
        ({"f": "chip.tpp", "op": "matches", "v": "1"}, "expected a field that holds text"),
        ({"f": "chip.name", "op": "matches", "v": "(a+)+"}, r"the expression '\(a\+\)\+' at character"),
        ({"f": "chip.name", "op": "==", "v": "a\x1b[31m"}, "expected plain text"),
        ({"f": "site.country", "op": "in", "v": ["CN", "Germany"]}, "'Germany' is not a country"),
        ({"f": "site.country", "op": "in", "v": "CN"}, "expected a list"),
        ({"f": "site.region", "op": "==", "v": "Texas"}, "is not a region"),
        ({"f": "export.route", "op": "==", "v": "direct"}, "expected one of from_us"),
        ({"f": "chip.dense", "op": "==", "v": 1}, "expected the operator exists or missing"),
    ],
)
def test_a_bad_condition_is_one_clear_line(condition: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        check_condition(condition)
    assert "\n" not in str(caught.value)
    with pytest.raises(InvalidProfileError, match=r"^shared/xx-test\.toml: condition") as whole:
        validate(Rule, rule(condition=condition), where="shared/xx-test.toml")
    assert "\x1b" not in str(whole.value)


def test_dates_of_either_form_become_iso_text() -> None:
    typed = check_condition({"f": "as_of", "op": "<", "v": datetime.date(2027, 1, 1)})
    assert typed == check_condition({"f": "as_of", "op": "<", "v": "2027-01-01"})


def test_deep_wide_and_cyclic_trees_are_refused() -> None:
    deep: dict[str, Any] = LEAF
    for _ in range(MAXIMUM_DEPTH - 1):
        deep = {"not": deep}
    assert check_condition(deep) == deep
    with pytest.raises(InputError, match="nests deeper"):
        check_condition({"not": deep})
    with pytest.raises(InputError, match="more than"):
        check_condition({"all": [LEAF] * (MAXIMUM_NODES + 1)})
    cycle: dict[str, Any] = {}
    cycle["any"] = [cycle, cycle]
    with pytest.raises(InputError, match="nests deeper"):
        check_condition(cycle)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"severity": "fatal"}, "severity"),
        ({"status": "inforce"}, "did you mean 'in_force'"),
        ({"subject": "chips"}, "subject"),
        ({"evidence": "rumour"}, "evidence"),
        ({"sources": []}, "sources"),
        ({"effective_from": "tomorrow"}, "effective_from"),
        (
            {"effective_from": datetime.date(2027, 1, 1), "effective_to": datetime.date(2026, 1, 1)},
            "is before effective_from",
        ),
        ({"severty": "block"}, "severty: unknown key"),
        ({"note": "a\x1b]0;x\x07"}, "U\\+001B"),
        ({"id": "../x"}, "id"),
    ],
)
def test_a_bad_rule_is_one_clear_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidProfileError, match=message) as caught:
        validate(Rule, rule(**changes), where="xx-test.toml")
    assert "\n" not in str(caught.value)


def test_the_groups_that_a_condition_names_are_found() -> None:
    condition = check_condition(
        {"not": {"any": [LEAF, {"all": [{"f": "site.country", "op": "in_group", "v": "D5M"}]}]}}
    )
    assert groups_named(condition) == {"D5M"}


def test_country_groups_hold_codes_only() -> None:
    data = {"id": "2026-09-24", "name": "x", "source": "x", "verified": True, "groups": {"A:1": ["Germany"]}}
    with pytest.raises(InvalidProfileError, match="expected a country"):
        validate(CountryGroups, data, where="2026-09-24.toml")


def test_facts_are_checked_by_field() -> None:
    assert check_facts({"chip.dense": {"8": None, "16": 2}, "supplier.name": ""}) == {
        "chip.dense": {"16": 2},
        "supplier.name": "",
    }
    assert check_facts({"chip.tpp": 1, "site.country": None, "as_of": "2026-11-22"}) == {
        "chip.tpp": 1,
        "as_of": "2026-11-22",
    }
    for facts, message in [
        ({"chip.tp": 1}, "nearest known one is 'chip.tpp'"),
        ({"chip.tpp": "1"}, "chip.tpp: '1'; expected a finite number"),
        ({"chip.dense": {"fp16": 1}}, "is not a bit length"),
        ({"chip.dense": {"16": "x"}}, "expected dense TOPS"),
        ([], "expected fields"),
    ]:
        with pytest.raises(InputError, match=message):
            check_facts(facts)


def test_every_field_of_the_shipped_rules_is_known() -> None:
    """A guard against a list of fields that grows without use or loses one: both sides are counted."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parents[3] / "profiles" / "rules").glob("*.toml")
    )
    used = {field for field in FIELDS if f'f = "{field}"' in text}
    assert len(used) >= 60
