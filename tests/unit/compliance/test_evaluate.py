"""Three-valued evaluation."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from planner.compliance.evaluate import Condition, Groups, fields_of, judge
from planner.compliance.facts import Facts
from planner.errors import InputError

GROUPS = {"D5M": frozenset({"CN", "RU"})}
TRUE = {"f": "chip.name", "op": "exists"}
FALSE = {"f": "chip.name", "op": "missing"}
UNKNOWN = {"f": "site.pue", "op": ">", "v": 1.5}
FACTS: dict[str, object] = {
    "chip.name": "Ascend 910B",
    "chip.tpp": 4800,
    "chip.datacenter": True,
    "site.country": "CN",
    "site.commissioned": datetime.date(2026, 7, 1),
    "as_of": "2026-11-22",
    "buyer.name": None,
    "site.mw": float("nan"),
}


def evaluate(condition: Condition, facts: Facts, groups: Groups) -> bool | None:
    return judge(condition, facts, groups).value


def leaf(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"f": field, "op": operator} | ({} if value is None else {"v": value})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (leaf("chip.tpp", "==", 4800), True),
        (leaf("chip.tpp", "==", 4800.0), True),
        (leaf("chip.tpp", "!=", 4800), False),
        (leaf("chip.tpp", ">=", 4800), True),
        (leaf("chip.tpp", ">", 4800), False),
        (leaf("chip.tpp", "<=", 4800), True),
        (leaf("chip.tpp", "<", 4800.001), True),
        (leaf("chip.datacenter", "==", True), True),
        (leaf("chip.datacenter", "==", 1), False),
        (leaf("site.country", "in", ["US", "CN"]), True),
        (leaf("site.country", "not_in", ["US"]), True),
        (leaf("site.country", "in_group", "D5M"), True),
        (leaf("chip.name", "matches", r"(?i)ascend\s*910"), True),
        (leaf("chip.name", "matches", "910A"), False),
        (leaf("as_of", "<", "2027-01-01"), True),
        (leaf("site.commissioned", ">=", "2026-07-01"), True),
        (leaf("site.commissioned", "<", "2026-07-01"), False),
        # absent, null and NaN are unknown, but missing, exists and != are decided
        *(
            (leaf(field, operator, value), expected)
            for field in ("site.pue", "site.mw", "buyer.name")
            for operator, value, expected in (
                ("==", 1.0, None),
                ("!=", 1.0, True),
                ("missing", None, True),
                ("exists", None, False),
            )
        ),
        (leaf("site.pue", "in", [1.0]), None),
        (leaf("site.pue", "not_in", [1.0]), None),
        (leaf("site.pue", ">", 1.0), None),
        (leaf("buyer.hq_country", "in_group", "D5M"), None),
        (leaf("buyer.name", "matches", "x"), None),
        # a fact of a kind that the operator cannot read decides nothing
        (leaf("chip.name", ">", 3), None),
        (leaf("chip.datacenter", ">", 0), None),
        (leaf("chip.tpp", "matches", "4800"), None),
        (leaf("chip.tpp", "in_group", "D5M"), None),
    ],
)
def test_leaves(condition: dict[str, Any], expected: bool | None) -> None:
    assert evaluate(condition, FACTS, GROUPS) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"all": [TRUE, TRUE]}, True),
        ({"all": [TRUE, UNKNOWN]}, None),
        ({"all": [UNKNOWN, FALSE]}, False),
        ({"any": [FALSE, FALSE]}, False),
        ({"any": [FALSE, UNKNOWN]}, None),
        ({"any": [UNKNOWN, TRUE]}, True),
        ({"not": TRUE}, False),
        ({"not": FALSE}, True),
        ({"not": UNKNOWN}, None),
    ],
)
def test_branches(condition: dict[str, Any], expected: bool | None) -> None:
    assert evaluate(condition, FACTS, GROUPS) is expected


def test_an_undetermined_class_asks_for_what_would_determine_it() -> None:
    facts = {"chip.tpp": 3152, "chip.datacenter": True, "chip.eccn": "unknown"}
    is_class_a = leaf("chip.eccn", "in", ["3A090.a.1", "3A090.a.2"])
    verdict = judge(is_class_a, facts, GROUPS)
    assert verdict.value is None
    assert verdict.missing == {"chip.die_area_mm2"}
    assert evaluate(leaf("chip.eccn", "==", "unknown"), facts, GROUPS) is True
    assert evaluate(leaf("chip.eccn", "in", ["none", "unknown"]), facts, GROUPS) is True
    assert evaluate(leaf("chip.eccn", "exists"), facts, GROUPS) is True


def test_derived_fields_ask_for_their_inputs() -> None:
    is_class_a = leaf("chip.eccn", "==", "3A090.a.1")
    assert judge(is_class_a, {}, GROUPS).missing == {"chip.dense", "chip.datacenter"}
    assert judge(leaf("chip.tpp", ">", 1), {}, GROUPS).missing == {"chip.dense"}


def test_only_open_parts_are_asked_for_and_those_that_decide_alone_are_told_apart() -> None:
    a, b, c = leaf("site.pue", ">", 1), leaf("site.mw", ">", 1), leaf("site.it_kw", ">", 1)
    verdict = judge({"all": [{"any": [a, b]}, c, TRUE]}, {"chip.name": "x"}, GROUPS)
    assert verdict.missing == {"site.pue", "site.mw", "site.it_kw"}
    assert verdict.could_make_false == {"site.it_kw"}
    assert verdict.could_make_true == frozenset()
    either = judge({"any": [a, b]}, {}, GROUPS)
    assert either.could_make_true == {"site.pue", "site.mw"}
    assert judge({"any": [a, TRUE]}, {"chip.name": "x"}, GROUPS).missing == frozenset()


def test_what_is_no_condition_is_an_error_not_a_crash() -> None:
    cycle: dict[str, Any] = {}
    cycle["all"] = [cycle]
    for broken in (
        cycle,
        {"all": ["x"]},
        {"all": 3},
        {"f": "chip.tpp"},
        {},
        {"f": "site.country", "op": "in_group", "v": "NOPE"},
        {"f": "chip.tpp", "op": "~", "v": 1},
        {"f": "chip.name", "op": "matches", "v": "(a+)+"},
    ):
        with pytest.raises(InputError):
            evaluate(broken, FACTS, GROUPS)


def test_fields_of_a_condition() -> None:
    assert fields_of({"not": {"all": [TRUE, UNKNOWN]}}) == {"chip.name", "site.pue"}
