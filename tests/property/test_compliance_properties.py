"""Trees and facts of any kind: the evaluation always ends, and keeps the laws of its logic."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.compliance.assess import RuleTerms, assess
from planner.compliance.evaluate import Condition, Groups, judge
from planner.compliance.facts import Facts, derive
from planner.domain.condition import FIELDS, OPERATORS, check_condition, check_facts
from planner.errors import InputError

GROUPS = {"D5M": frozenset({"CN", "RU"}), "EU27": frozenset({"DE"})}
NUMBERS = st.one_of(st.integers(-(10**6), 10**27), st.floats(allow_nan=False, allow_infinity=False))
COUNTRIES = st.sampled_from(["CN", "HK", "DE", "US", "RU"])
DATES = st.dates().map(lambda day: day.isoformat())
NAMES = st.sampled_from(["Ascend 910B", "H20", "Huawei", "none", "unknown", "3A090.a.1", "x"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": NAMES,
    "country": COUNTRIES,
    "region": st.sampled_from(["US-TX", "DE-HE"]),
    "number": NUMBERS,
    "flag": st.booleans(),
    "date": DATES,
    "date_or_flag": st.one_of(DATES, st.booleans()),
    "table": st.dictionaries(st.sampled_from(["4", "8", "16"]), st.floats(0, 1e5)),
}
#: Few fields, so that trees and facts meet.
MEETING = (
    "chip.tpp",
    "chip.datacenter",
    "chip.eccn",
    "chip.name",
    "site.country",
    "site.commissioned",
    "buyer.screened",
    "site.pue",
)


def evaluate(condition: Condition, facts: Facts, groups: Groups) -> bool | None:
    return judge(condition, facts, groups).value


@st.composite
def leaves(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(st.sampled_from(MEETING))
    kind = FIELDS[field]
    operators = ["==", "!=", "in", "not_in", "missing", "exists"]
    operators += [">=", ">", "<=", "<"] if kind in ("number", "date") else []
    operators += ["in_group"] if kind == "country" else []
    operators += ["matches"] if kind == "text" else []
    operator = draw(st.sampled_from(operators))
    if operator in ("missing", "exists"):
        return {"f": field, "op": operator}
    if operator == "in_group":
        return {"f": field, "op": operator, "v": draw(st.sampled_from(sorted(GROUPS)))}
    if operator == "matches":
        return {
            "f": field,
            "op": operator,
            "v": draw(st.sampled_from([r"(?i)ascend\s*910", "H20|x", "[a-u]"])),
        }
    if operator in ("in", "not_in"):
        return {"f": field, "op": operator, "v": draw(st.lists(VALUES[kind], min_size=1, max_size=3))}
    return {"f": field, "op": operator, "v": draw(VALUES[kind])}


trees = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=10,
)


@st.composite
def fact_sets(draw: st.DrawFn) -> dict[str, Any]:
    fields = draw(st.lists(st.sampled_from(MEETING), unique=True))
    return {field: draw(VALUES[FIELDS[field]]) for field in fields}


def opposite(value: bool | None) -> bool | None:
    return None if value is None else not value


@given(tree=trees, facts=fact_sets())
def test_a_well_formed_tree_is_true_false_or_unknown(tree: dict[str, Any], facts: dict[str, Any]) -> None:
    checked = check_condition(tree)
    verdict = judge(checked, facts, GROUPS)
    assert verdict.value in (True, False, None)
    assert bool(verdict.missing) == (verdict.value is None)
    assert verdict.deciding <= verdict.missing
    assert check_condition(checked) == checked


@given(parts=st.lists(trees, min_size=1, max_size=4), facts=fact_sets())
def test_de_morgan(parts: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    negated = [{"not": part} for part in parts]
    assert evaluate({"not": {"all": parts}}, facts, GROUPS) is evaluate({"any": negated}, facts, GROUPS)
    assert evaluate({"not": {"any": parts}}, facts, GROUPS) is evaluate({"all": negated}, facts, GROUPS)


@given(tree=trees, facts=fact_sets())
def test_not_swaps_and_keeps_unknown(tree: dict[str, Any], facts: dict[str, Any]) -> None:
    value = evaluate(tree, facts, GROUPS)
    assert evaluate({"not": tree}, facts, GROUPS) is opposite(value)
    assert evaluate({"not": {"not": tree}}, facts, GROUPS) is value


@given(parts=st.lists(trees, min_size=1, max_size=4), facts=fact_sets())
def test_all_and_any_propagate_unknown(parts: list[dict[str, Any]], facts: dict[str, Any]) -> None:
    values = [evaluate(part, facts, GROUPS) for part in parts]
    everything = False if False in values else None if None in values else True
    anything = True if True in values else None if None in values else False
    assert evaluate({"all": parts}, facts, GROUPS) is everything
    assert evaluate({"any": parts}, facts, GROUPS) is anything


def _reads_absence(node: Any) -> bool:
    text = json.dumps(node)
    return any(f'"op": "{operator}"' in text for operator in ("missing", "exists", "!="))


@given(tree=trees.filter(lambda tree: not _reads_absence(tree)), facts=fact_sets(), more=fact_sets())
def test_an_answer_never_changes_when_more_is_known(
    tree: dict[str, Any], facts: dict[str, Any], more: dict[str, Any]
) -> None:
    """Holds for every operator but those that read absence itself."""
    # a class that is only undetermined may be determined later
    fixed = {field: value for field, value in facts.items() if value != "unknown"}
    value = evaluate(tree, fixed, GROUPS)
    if value is not None:
        assert evaluate(tree, {**more, **fixed}, GROUPS) is value


@given(tree=trees.filter(lambda tree: not _reads_absence(tree)), facts=fact_sets(), value=st.data())
def test_a_field_that_cannot_decide_alone_does_not(
    tree: dict[str, Any], facts: dict[str, Any], value: st.DataObject
) -> None:
    """Holds for the same operators: of what is absent, any value changes what reads the absence."""
    verdict = judge(tree, facts, GROUPS)
    for field in sorted((verdict.missing - verdict.deciding) & set(MEETING)):
        # a later derivation may hang on it, so only the field itself is filled here
        if field.startswith("chip."):
            continue
        filled = {**facts, field: value.draw(VALUES[FIELDS[field]])}
        assert evaluate(tree, filled, GROUPS) is None


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from(["all", "any", "not", "f", "op", "v"]), st.text(max_size=3)),
            st.one_of(inner, st.sampled_from([*MEETING, *OPERATORS])),
            max_size=4,
        ),
    ),
    max_leaves=20,
)


@given(tree=anything, facts=fact_sets())
@settings(max_examples=80)
def test_any_data_at_all_is_evaluated_or_refused_in_one_line(tree: Any, facts: dict[str, Any]) -> None:
    for attempt in (lambda: check_condition(tree), lambda: evaluate(tree, facts, GROUPS)):
        message = ""
        try:
            attempt()
        except InputError as error:
            message = str(error)
        assert "\n" not in message
        assert len(message) < 2_000


@given(facts=st.dictionaries(st.sampled_from([*FIELDS, "x", "chip"]), anything, max_size=6))
def test_any_facts_at_all_are_derived_or_refused(facts: dict[str, Any]) -> None:
    with contextlib.suppress(InputError):
        derived = derive(check_facts(facts))
        assert derive(derived) == derived


@pytest.mark.timeout(30)
@given(depth=st.integers(1, 3_000), kind=st.sampled_from(["all", "any", "not"]), is_cyclic=st.booleans())
@settings(max_examples=30, deadline=None)
def test_absurd_nesting_and_cycles_end(depth: int, kind: str, is_cyclic: bool) -> None:
    bottom: dict[str, Any] = {"f": "site.pue", "op": ">", "v": 1}
    tree = bottom
    for _ in range(depth):
        tree = {kind: tree if kind == "not" else [tree, tree]}
    if is_cyclic:
        bottom.clear()
        bottom["any"] = [tree, tree]
    with contextlib.suppress(InputError):
        check_condition(tree)
    with contextlib.suppress(InputError):
        assert evaluate(tree, {}, GROUPS) is None
        assert depth < 64


@given(condition=trees, facts=fact_sets(), start=DATES, day=DATES, end=DATES)
def test_a_rule_is_found_asked_or_silent_never_two_of_them(
    condition: dict[str, Any], facts: dict[str, Any], start: str, day: str, end: str
) -> None:
    rule = RuleTerms("X", "report", "cluster", check_condition(condition), start, end)
    answer = assess([rule], facts, GROUPS, as_of=day, horizon_end=max(day, end))
    assert len(answer.findings) + len(answer.unknown) <= 1
    if not start <= day <= end:
        assert not answer.findings
        assert not answer.unknown
    for finding in answer.upcoming:
        assert finding.applies_from is not None
        assert day < finding.applies_from <= end
