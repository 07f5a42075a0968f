"""The evaluation against a second one, written from the format's words alone, over every shipped rule.

The second one is plain on purpose: no trees of verdicts, no bounds, Python's own regular expressions.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog.catalog import load_catalog
from planner.catalog.rules import RuleBook, load_rule_book, rule_terms
from planner.compliance import evaluate as evaluation
from planner.compliance.assess import RuleTerms, assess
from planner.compliance.facts import derive
from planner.domain.condition import FIELDS, leaves_of

TODAY = datetime.date(2026, 11, 22)
COUNTRIES = ("CN", "HK", "MO", "US", "DE", "FR", "RU", "AE", "SA", "VN", "MY", "TW", "JP", "SG", "IE", "GB")
CHIPS = ("H20", "H200 SXM", "H100 SXM", "MI308X", "Ascend 910B", "ascend 910 c2", "Ascend 910A", "Siyuan 590")


@functools.cache
def book() -> RuleBook:
    return load_rule_book(load_catalog(include_user=False), TODAY).checked()


def plain_derivation(given_facts: dict[str, Any]) -> dict[str, Any]:
    facts = {field: value for field, value in given_facts.items() if value is not None}
    for field, value in facts.items():
        if FIELDS[field] == "country" and value == "HK":
            facts[field] = "CN"
    if "chip.tpp" not in facts and facts.get("chip.dense"):
        facts["chip.tpp"] = max(rate * int(bits) for bits, rate in facts["chip.dense"].items())
    if "chip.performance_density" not in facts and "chip.tpp" in facts and facts.get("chip.die_area_mm2"):
        facts["chip.performance_density"] = facts["chip.tpp"] / facts["chip.die_area_mm2"]
    if "chip.eccn" not in facts and "chip.tpp" in facts and "chip.datacenter" in facts:
        facts["chip.eccn"] = plain_class(
            facts["chip.tpp"], facts["chip.datacenter"], facts.get("chip.performance_density")
        )
    return facts


def plain_class(performance: float, is_datacenter: bool, density: float | None) -> str:
    table = (
        (not is_datacenter and performance >= 4800, "3A090.a.1-nondc"),
        (not is_datacenter, "note2"),
        (performance >= 4800, "3A090.a.1"),
        (performance < 1600, "none"),
        (density is None, "unknown"),
        (density is not None and density >= 5.92, "3A090.a.2"),
        (density is not None and performance >= 2400 and density >= 1.6, "3A090.b.1"),
        (density is not None and density >= 3.2, "3A090.b.2"),
    )
    return next((result for holds, result in table if holds), "none")


def plain_value(node: Mapping[str, Any], facts: dict[str, Any]) -> bool | None:
    if "all" in node or "any" in node:
        values = [plain_value(child, facts) for child in node.get("all", node.get("any"))]
        settles = "any" in node
        if settles in values:
            return settles
        return None if None in values else not settles
    if "not" in node:
        inner = plain_value(node["not"], facts)
        return None if inner is None else not inner
    # Any: a fact is of any type
    value: Any = facts.get(node["f"])
    wanted: Any = node.get("v")
    operator: str = node["op"]
    if operator in ("missing", "exists"):
        return (value is None) == (operator == "missing")
    if value is None:
        return True if operator == "!=" else None
    answers: dict[str, Callable[[], object]] = {
        "==": lambda: value == wanted,
        "!=": lambda: value != wanted,
        ">=": lambda: value >= wanted,
        ">": lambda: value > wanted,
        "<=": lambda: value <= wanted,
        "<": lambda: value < wanted,
        "in": lambda: value in wanted,
        "not_in": lambda: value not in wanted,
        "in_group": lambda: value in book().groups.groups[str(wanted)],
        "matches": lambda: re.search(str(wanted), value) is not None,
    }
    return bool(answers[operator]())


def plain_fired_and_unknown(facts: dict[str, Any]) -> tuple[set[str], set[str]]:
    derived = plain_derivation(facts)
    fired: set[str] = set()
    unknown: set[str] = set()
    for rule in book().rules.values():
        starts = rule.effective_from.isoformat() if rule.effective_from else ""
        ends = rule.effective_to.isoformat() if rule.effective_to else "9999-12-31"
        if starts <= facts["as_of"] <= ends:
            value = plain_value(rule.condition, derived)
            if value is not False:
                (fired if value else unknown).add(rule.id)
    return fired, unknown


FEW_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "flag": st.booleans(),
    "country": st.sampled_from(COUNTRIES),
    "date": st.sampled_from(["2019-05-01", "2026-06-30", "2026-07-01", "2027-01-01"]),
    "date_or_flag": st.sampled_from([True, "2026-11-01"]),
    "table": st.dictionaries(
        st.sampled_from(["4", "8", "16"]), st.sampled_from([0, 148, 150, 299.99, 300, 600, 989.5, 1312.5])
    ),
}


def around(lines: list[float]) -> st.SearchStrategy[float]:
    """Return numbers on, just below and just above lines."""
    return st.sampled_from(sorted({near for line in lines for near in (line, line * 0.999, line * 1.001)}))


@functools.cache
def values_of(field: str) -> st.SearchStrategy[Any]:
    """Return values of a field that meet the rules."""
    kind = FIELDS[field]
    if kind in FEW_VALUES:
        return FEW_VALUES[kind]
    leaves = [
        leaf for rule in book().rules.values() for leaf in leaves_of(rule.condition) if leaf["f"] == field
    ]
    wanted = [leaf["v"] for leaf in leaves if leaf["op"] not in ("in_group", "matches") and "v" in leaf]
    named = [item for value in wanted for item in (value if isinstance(value, list) else [value])]
    if kind == "number":
        return around([*named, 1, *([1600, 2400, 4800] if field == "chip.tpp" else [])])
    if field == "chip.name":
        return st.sampled_from(CHIPS)
    texts = {str(item) for item in named} | {"Acme", "Huawei Digital Power", "ZTE (HK) Ltd", "SMIC Beijing"}
    return st.sampled_from(sorted(texts - {"unknown"}))


def values_near(leaf: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that likely make a leaf true."""
    wanted, operator = leaf.get("v"), leaf["op"]
    if operator == "in_group":
        return st.sampled_from(sorted(book().groups.groups[str(wanted)]))
    if operator in ("==", "in"):
        return st.sampled_from(wanted if isinstance(wanted, list) else [wanted])
    if operator in (">=", ">", "<=", "<") and not isinstance(wanted, str):
        assert wanted is not None
        return around([wanted])
    return values_of(str(leaf["f"]))


@st.composite
def fact_sets(draw: st.DrawFn) -> dict[str, Any]:
    """Return facts that lie near one rule, the others as they come, on a day when it may turn."""
    facts: dict[str, Any] = {}
    for field in FIELDS:
        if field != "as_of" and draw(st.integers(0, 2)):
            facts[field] = draw(values_of(field))
    rule = draw(st.sampled_from(sorted(book().rules.values(), key=lambda rule: rule.id)))
    for leaf in leaves_of(rule.condition):
        if leaf["f"] != "as_of" and draw(st.integers(0, 4)):
            facts[leaf["f"]] = draw(values_near(leaf))
    # what is derived is seldom given, or derivations would be hidden
    for field in ("chip.eccn", "chip.performance_density"):
        if draw(st.booleans()):
            facts.pop(field, None)
    turns = [day for day in (rule.effective_from, rule.effective_to) if day] or [TODAY]
    day = draw(st.sampled_from(turns)) + datetime.timedelta(days=draw(st.integers(-1, 1)))
    facts["as_of"] = day.isoformat()
    return facts


def found(facts: dict[str, Any], terms: Iterable[RuleTerms] = ()) -> tuple[set[str], set[str]]:
    answer = assess(terms or book().terms.values(), facts, book().lists, as_of=facts["as_of"])
    return {entry.rule for entry in answer.findings}, {entry.rule for entry in answer.unknown}


@given(facts=fact_sets())
@settings(max_examples=60, deadline=None)
def test_both_evaluations_agree_on_every_rule(facts: dict[str, Any]) -> None:
    fired, unknown = plain_fired_and_unknown(facts)
    now_fired, now_unknown = found(facts)
    assert now_fired == fired
    # a class that nobody knows leaves open what the plain reading calls false; it never settles a rule
    if plain_derivation(facts).get("chip.eccn") == "unknown":
        assert now_unknown >= unknown
    else:
        assert now_unknown == unknown


@given(facts=fact_sets())
@settings(max_examples=60, deadline=None)
def test_hong_kong_is_china_in_every_country_field(facts: dict[str, Any]) -> None:
    moved = {
        field: "CN" if FIELDS[field] == "country" and value == "HK" else value
        for field, value in facts.items()
    }
    assert found(facts) == found(moved)
    assert "HK" not in derive(facts).values()


@pytest.mark.parametrize("broken", ["unknown as false", "any as all", "exclusive", "not keeps"])
def test_a_broken_evaluation_is_noticed(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison itself must be able to fail, on the facts of one well filled plan."""
    false = evaluation.Verdict(False)
    ordered, joined, negated = evaluation._ordered, evaluation._joined, evaluation._negated
    if broken == "unknown as false":
        monkeypatch.setattr(evaluation, "_waiting", lambda *_: false)
    elif broken == "any as all":
        monkeypatch.setattr(evaluation, "_joined", lambda parts, **_: joined(parts, settling=False))
    elif broken == "exclusive":
        monkeypatch.setattr(
            evaluation, "_ordered", lambda operator, wanted: ordered(operator.rstrip("="), wanted)
        )
    else:
        monkeypatch.setattr(
            evaluation, "_negated", lambda verdict: negated(verdict) if verdict.value is None else verdict
        )
    facts = {
        "as_of": "2026-11-22",
        "chip.tpp": 4800,
        "chip.datacenter": True,
        "site.country": "SA",
        "buyer.hq_country": "CN",
        "model.eu_market": True,
        "model.train_flop": 5e24,
        "plan.train_flop_capacity": 2e25,
    }
    # a rule that was read before does not notice
    terms = [rule_terms(rule) for rule in book().rules.values()]
    assert found(facts, terms) != plain_fired_and_unknown(facts)
