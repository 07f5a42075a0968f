"""Files that mean harm: each either loads or is refused in one clear, safe line."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from planner.catalog.catalog import load_catalog
from planner.catalog.check import check_folder
from planner.catalog.entry import read_profile
from planner.catalog.kinds import KINDS
from planner.catalog.rules import load_rule_book, rule_terms
from planner.catalog.runs import load_runs
from planner.catalog.search_path import built_in_folder
from planner.compliance.assess import assess
from planner.domain.plan import Plan
from planner.domain.rule import Rule
from planner.errors import InputError, PlannerError
from planner.files.canonical import canonical_hash
from planner.files.toml import parse_toml
from planner.files.validation import problems_of, validate
from planner.planning.drift import drift
from planner.planning.pins import pinned_catalog
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import dump_plan, load_plan, plan_from_data, plan_text
from planner.report.drift_document import drift_line
from planner.text import first_unsafe

PLAN: dict[str, Any] = {
    "schema_version": 1,
    "name": "x",
    "notes": "two\nlines",
    "model": {"profile": "m"},
    "workload": {"tokens": "13.2T", "sequence_length": 4096, "precision": "bf16"},
    "cluster": {"pools": [{"id": "train", "system": "s", "count": 4, "price_usd": "4..8"}]},
    "strategy": {"tensor": 8, "recompute": "full"},
    "site": {"country": "CN", "pue": "1.1..1.3", "power_cap_mw": "12 MW", "is_new_build": True},
    "targets": {"money_usd": "60M USD"},
    "pins": {
        "chips/c": {"hash": "0123456789"},
        "chips/ascend-910b": {"hash": "0123456789", "values": {"tdp_w": "400W", "trade.node_nm": 7}},
        "stacks/cann": {"hash": "0123456789", "values": {"constants.compute": "1.1 ~0.1"}},
    },
}
CHIP: dict[str, Any] = {
    "id": "c",
    "name": "C",
    "notes": ["one", "two"],
    "vendor": "v",
    "platform": "cuda",
    "generation": "g",
    "peak_dense_flops_per_s": {
        "bf16": {
            "value": "312 TFLOP/s",
            "kind": "datasheet",
            "sources": ["S1"],
            "chosen_because": "x",
            "rivals": [{"value": "624 TFLOP/s", "kind": "memory", "wrong_because": "sparse"}],
        }
    },
    "memory": {"capacity_bytes": {"value": "80 GB", "kind": "memory"}},
    "price_usd": {"value": "20k..30k", "kind": "memory"},
}

RULES = load_rule_book(load_catalog(include_user=False), datetime.date(2026, 11, 22))
RULE: dict[str, Any] = RULES.rules["US-FDD"].model_dump(mode="json", exclude_none=True)
RUN_FILE: dict[str, Any] = parse_toml(
    (built_in_folder() / "runs" / "megascale.toml").read_text(encoding="utf-8"), where="runs"
)
RUN_FILE["run"] = RUN_FILE["run"][:2]
# one states its rate, one leaves it to be computed
RUN_FILE["run"][1]["result"] = {"iteration_s": 6.34, "mfu": 0.5, "chip_hours": 100.0, "tokens_total": 1e9}

HOSTILE_VALUES: list[Any] = [
    float("nan"),
    float("inf"),
    -float("inf"),
    1e308,
    -1e308,
    5e-324,
    -0.0,
    2**63 - 1,
    -(2**63),
    10**400,
    -1,
    0,
    True,
    "",
    " ",
    "nan",
    "inf",
    "1e999",
    "1e308 T",
    "9" * 79 + "T",
    "9" * 5000,
    "1..",
    "..1",
    "..",
    "2..1",
    "1..2..3",
    "-1..-2",
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "\x00",
    "\u202e\u2066",
    "\u2028",
    "\ue000",
    "\U000e0041",
    "[/]",
    "[bold red]",
    "../../etc/passwd",
    "/etc/passwd",
    "a" * 30_000,
    "=1+1",
    [],
    {},
    [[[[]]]],
    {"a": {"b": {"c": {"d": 1}}}},
    [1, "x", {}],
    {"value": float("nan"), "kind": "memory"},
]
KEYS = st.sampled_from(
    ["", "\x1b[2J", "value", "id", "count", "..", "x" * 5000, "\u202e", "a.b", "__class__", "[key]"]
)
VALUES = st.sampled_from(HOSTILE_VALUES) | st.text(max_size=20) | st.integers() | st.floats()


def _one_safe_line(error: PlannerError, *, where: str = "") -> None:
    for line in (str(error), *(problems_of(error) if isinstance(error, InputError) else ())):
        assert line.startswith(where)
        assert line
        assert first_unsafe(line) is None, repr(line)
        assert len(line) < 1500, len(line)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield (*path, key)
        yield from _places(item, (*path, key))


@st.composite
def mutated(draw: st.DrawFn, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data with up to three values replaced, removed or added."""
    changed = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(changed))
        if not places:
            break
        path = draw(st.sampled_from(places))
        table = changed
        for part in path[:-1]:
            table = table[part]
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "remove":
            del table[path[-1]]
        elif action == "add" and isinstance(table, dict):
            table[draw(KEYS)] = copy.deepcopy(draw(VALUES))
        else:
            table[path[-1]] = copy.deepcopy(draw(VALUES))
    return changed


def _plan_holds(data: dict[str, Any]) -> None:
    try:
        plan = plan_from_data(data, where="p.toml")
    except PlannerError as error:
        _one_safe_line(error)
        return
    # what loads can be hashed, written and read again
    assert plan_from_data(dump_plan(plan), where="p.toml") == plan
    canonical_hash(plan)
    try:
        text = plan_text(plan)
    except PlannerError as error:
        _one_safe_line(error)
    else:
        assert plan_from_data(parse_toml(text, where="p.toml"), where="p.toml") == plan


@pytest.mark.parametrize("path", list(_places(PLAN)), ids=str)
def test_every_key_of_a_plan_stands_every_hostile_value(path: tuple[Any, ...]) -> None:
    for value in HOSTILE_VALUES:
        data = copy.deepcopy(PLAN)
        table: Any = data
        for part in path[:-1]:
            table = table[part]
        table[path[-1]] = copy.deepcopy(value)
        _plan_holds(data)


@given(mutated(PLAN))
def test_a_mutated_plan_loads_or_is_refused(data: dict[str, Any]) -> None:
    _plan_holds(data)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@settings(max_examples=20_000, deadline=None)
@given(mutated(PLAN))
def test_a_mutated_plan_loads_or_is_refused_at_length(data: dict[str, Any]) -> None:
    _plan_holds(data)


def _chip_holds(data: dict[str, Any]) -> None:
    try:
        canonical_hash(validate(KINDS["chips"].model_class, data, where="c.toml"))
    except PlannerError as error:
        _one_safe_line(error)


@given(mutated(CHIP))
def test_a_mutated_profile_loads_or_is_refused(data: dict[str, Any]) -> None:
    _chip_holds(data)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@settings(max_examples=20_000, deadline=None)
@given(mutated(CHIP))
def test_a_mutated_profile_loads_or_is_refused_at_length(data: dict[str, Any]) -> None:
    _chip_holds(data)


def _rule_holds(data: dict[str, Any]) -> None:
    try:
        rule = validate(Rule, data, where="r.toml")
    except PlannerError as error:
        _one_safe_line(error)
        return
    # what loads can be judged
    assess([rule_terms(rule)], {"chip.node_nm": 7}, RULES.lists, as_of="2026-11-22", horizon_end="2027-11-22")


@given(mutated(RULE))
def test_a_mutated_rule_loads_or_is_refused(data: dict[str, Any]) -> None:
    _rule_holds(data)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@settings(max_examples=10_000, deadline=None)
@given(mutated(RULE))
def test_a_mutated_rule_loads_or_is_refused_at_length(data: dict[str, Any]) -> None:
    _rule_holds(data)


def _runs_hold(path: Path, data: dict[str, Any]) -> None:
    try:
        path.write_bytes(tomli_w.dumps(data).encode())
    except (ValueError, TypeError, AttributeError, UnicodeEncodeError, OverflowError):
        return  # no file can hold it
    try:
        skipped = load_runs(path).skipped
    except PlannerError as error:
        _one_safe_line(error)
        return
    for row in skipped:
        assert first_unsafe(f"{row.where}{row.id}{row.reason}") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=mutated(RUN_FILE))
def test_a_mutated_file_of_runs_loads_or_is_refused(tmp_path: Path, data: dict[str, Any]) -> None:
    _runs_hold(tmp_path / "runs.toml", data)


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=mutated(RUN_FILE))
def test_a_mutated_file_of_runs_loads_or_is_refused_at_length(tmp_path: Path, data: dict[str, Any]) -> None:
    _runs_hold(tmp_path / "runs.toml", data)


def _pins_hold(data: dict[str, Any]) -> None:
    catalog = load_catalog(include_user=False)
    try:
        plan = plan_from_data({**PLAN, "pins": data}, where="p.toml")
    except PlannerError as error:
        _one_safe_line(error)
        return
    for item in drift(plan, catalog):
        assert first_unsafe(drift_line(item)) is None
    as_it_was = pinned_catalog(plan, catalog)
    for kind, identifier in (("chips", "ascend-910b"), ("stacks", "cann")):
        try:
            as_it_was.get(kind, identifier)
        except PlannerError as error:
            _one_safe_line(error)


@settings(deadline=None)
@given(mutated(PLAN["pins"]))
def test_mutated_pins_are_served_or_refused(data: dict[str, Any]) -> None:
    _pins_hold(data)


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
@settings(max_examples=10_000, deadline=None)
@given(mutated(PLAN["pins"]))
def test_mutated_pins_are_served_or_refused_at_length(data: dict[str, Any]) -> None:
    _pins_hold(data)


PLAN_BYTES = tomli_w.dumps(PLAN).encode()
SPLICES = st.sampled_from(
    [b"\x00", b"\xff", b"\xef\xbb\xbf", b"\x1b", b'"', b"'''", b'"""', b"[", b"]", b"{", b"=", b".", b"\n",
     b"#", b"\\u001b", b"\\ud800",
     b"nan", b"1e400", b"9" * 400, b"[" * 300, b"a." * 300, b"\r", b"\xe2\x80\xa8"]
)  # fmt: skip


DAMAGE = st.tuples(st.integers(0, len(PLAN_BYTES)), st.integers(0, 40), SPLICES | st.binary(max_size=4))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(DAMAGE, max_size=4))
@example(damage=[(0, 0, b"\xff\xfe")])
def test_a_damaged_plan_file_loads_or_is_refused(
    tmp_path: Path, damage: list[tuple[int, int, bytes]]
) -> None:
    _damaged_file_holds(tmp_path, damage)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(DAMAGE, max_size=4))
def test_a_damaged_plan_file_loads_or_is_refused_at_length(
    tmp_path: Path, damage: list[tuple[int, int, bytes]]
) -> None:
    _damaged_file_holds(tmp_path, damage)


def _damaged_file_holds(tmp_path: Path, damage: list[tuple[int, int, bytes]]) -> None:
    content = PLAN_BYTES
    for position, length, splice in damage:
        content = content[:position] + splice + content[position + length :]
    path = tmp_path / "p.toml"
    path.write_bytes(content)
    try:
        load_plan(path)
    except PlannerError as error:
        _one_safe_line(error, where=str(path))


@pytest.mark.parametrize("length", range(0, len(PLAN_BYTES), 7))
def test_a_truncated_plan_file_loads_or_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(PLAN_BYTES[:length])
    try:
        load_plan(path)
    except PlannerError as error:
        _one_safe_line(error)


@given(
    st.sampled_from(
        ["workload.tokens", "cluster.pools[0].count", "cluster.pools", "site", "name", "pins", "x"]
    )
    | st.text(max_size=30),
    st.sampled_from([str(value) for value in HOSTILE_VALUES]) | st.text(max_size=30),
)
def test_any_override_is_applied_or_refused(key: str, text: str) -> None:
    try:
        apply_overrides(Plan.model_validate(PLAN), [f"{key}={text}"])
    except PlannerError as error:
        _one_safe_line(error)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"\xef\xbb\xbfid = 'c'",
        "id = 'c'".encode("utf-16"),
        b"id = '../c'",
        b'id = "\\u001b[2J"',
        b"id = " + b"[" * 100_000,
        b"a." * 100_000 + b"a = 1",
        b"id = " + b"9" * 100_000,
        b"x = 0x" + b"f" * 100_000,
        b'"\\u001b]52;c;b3duZWQ=\\u0007" = 1',
    ],
    ids=range(11),
)
@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_profile_is_hurt_by_a_hostile_file(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / kind / "c.toml"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(PlannerError) as caught:
        read_profile(KINDS[kind], path, inside=tmp_path)
    _one_safe_line(caught.value)
    lines = check_folder(tmp_path)
    assert lines
    assert all(line.startswith(str(path)) and first_unsafe(line) is None for line in lines)


def test_file_names_are_shown_safely(tmp_path: Path) -> None:
    folder = tmp_path / "chips"
    folder.mkdir()
    (folder / "\x1b[2J.toml").write_text("id = 'c'")
    (folder / "\x1b]0;x\x07").write_text("")
    lines = check_folder(tmp_path)
    assert len(lines) >= 2
    assert all(first_unsafe(line) is None for line in lines)
