"""Records: each equation gives its value from its inputs, and every number that is told has a record."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.domain.team import TEAMS
from planner.estimate.estimate import estimate_plan
from planner.estimate.explain import explain
from planner.estimate.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.quantities.evaluation import Figures
from planner.quantities.record import Record
from planner.quantities.table import ALIASES, TABLE, quantity_named
from planner.report.estimate_json import estimate_to_dict
from planner.report.quantities_document import quantities_to_list

PLANS = Path(__file__).parents[2] / "saved_plans"
_LONG_PHASE = "{tokens='1.2T', sequence_length=32768, global_batch_sequences=512}"
#: Each shows another part of the engine: meshes, experts, racks, given prices, phases, rent.
CASES: dict[str, tuple[str, list[str]]] = {
    "dense-910b": ("pangu-ultra-135b-910b", []),
    "experts-910b": ("pangu-ultra-moe-718b-910b", []),
    "experts-rack": ("pangu-ultra-moe-718b-cloudmatrix", []),
    "sharded": ("qwen2-72b-a100", ["strategy.zero=3", "strategy.recompute=full"]),
    "overrides": (
        "qwen2-72b-a100",
        ["cluster.pools.price_usd=200000..300000", "site.pue=1.25", "operations.restart_s=300",
         "operations.chip_mtbf_hours=20000", "operations.checkpoint_bytes_per_s=20G",
         "site.electricity_usd_per_kwh=0.07"],
    ),
    "rented": ("llama-3.1-405b-h100", ["cluster.pools.rental_usd_per_chip_hour=2.5"]),
    "phases": (
        "pangu-ultra-135b-910b",
        [f"workload.phases=[{{tokens='12T'}}, {_LONG_PHASE}]"],
    ),
    "delivered in parts": (
        "pangu-ultra-135b-910b",
        ["calendar.deliveries=[{date=2027-01-04, systems=512}, {date=2027-03-01, systems=512, "
         "slip_days='0..60'}]",
         "calendar.acceptance_days=10..20", "calendar.ramp_days=14"],
    ),
    "storage and spares": (
        "qwen2-72b-a100",
        ["operations.storage_bytes_per_s=100G", "operations.warm_spares=1", "operations.hidden_share=50 %",
         "operations.failures_per_1000_server_days=3..6"],
    ),
    "low precision": ("deepseek-v3-h800", []),
    "two pools": ("mixed-910b-a100", []),
    "long": (
        "llama-3.1-405b-h100",
        ["workload.sequence_length=65536", "workload.global_batch_sequences=256"],
    ),
    "traced": ("qwen2-72b-a100", ["cluster.pools.stack=cuda-maxtext", "strategy.recompute=full"]),
    "capped": ("qwen2-72b-a100", ["cluster.pools.system=hgx-h100-96-500w", "strategy.recompute=none"]),
}  # fmt: skip
SHIPPED = sorted(path.stem for path in PLANS.glob("*.toml"))
#: Numbers of `estimate --json` that are no quantities of a plan, and why.
NO_QUANTITIES = {
    "schema": "the version of the keys",
    "candidates": "how many layouts the search tried",
    "seconds": "how long that took here",
    "compliance.needs_input.decides": "how many rules wait for an answer",
    **{
        f"team.{key}.{team}": why
        for team in TEAMS
        for key, why in (
            ("days", "the days of the same layout in other hands"),
            ("runs", "how many published runs stand behind them"),
            ("sources", "how many sources those are of"),
        )
    },
    **{
        f"runs_behind.{what}.{key}": "how much stands behind a figure"
        for what in ("chips", "stack")
        for key in ("runs", "sources")
    },
}
#: The chips of each pool, by the pools' own names.
_SPLIT = "strategy.split."
_BAND_ENDS = (".p10", ".p90")
_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "sqrt": math.sqrt,
    "log2": math.log2,
    "ceil": math.ceil,
    "exp": math.exp,
    "ln": math.log,
}


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@cache
def plan_of(case: str) -> Plan:
    name, overrides = CASES[case]
    plan = load_plan(PLANS / f"{name}.toml")
    return apply_overrides(plan, overrides) if overrides else plan


@cache
def estimate_of(case: str) -> Estimate:
    return estimate_plan(plan_of(case), catalog())


@cache
def shipped(name: str) -> Estimate:
    return estimate_plan(load_plan(PLANS / f"{name}.toml"), catalog())


@cache
def record_of(case: str, identifier: str) -> Record:
    return estimate_of(case).known.record(identifier)


def evaluate(equation: str, values: dict[str, float]) -> float:
    """Compute an equation as a reader would, and nothing else."""

    def walk(node: ast.expr) -> float:
        if isinstance(node, ast.BinOp):
            return _OPERATORS[type(node.op)](walk(node.left), walk(node.right))
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            return _FUNCTIONS[node.func.id](*map(walk, node.args))
        if isinstance(node, ast.Name):
            return values[node.id]
        assert isinstance(node, ast.Constant)
        return float(node.value)  # type: ignore[arg-type]

    return walk(ast.parse(equation.replace(" x ", " * ").replace("^", "**"), mode="eval").body)


def records(case: str) -> Iterator[Record]:
    """Yield every record of the trees of all quantities, those that trees share once."""
    found: dict[int, Record] = {}
    waiting = [record_of(case, identifier) for identifier in TABLE]
    while waiting:
        record = waiting.pop()
        if id(record) not in found:
            found[id(record)] = record
            waiting += record.children
            yield record


@pytest.mark.parametrize("case", CASES)
def test_every_equation_gives_its_value_from_its_inputs(case: str) -> None:
    arithmetic = set()
    for record in records(case):
        symbols = [child.symbol for child in record.children]
        assert len(symbols) == len(set(symbols)), (record.id, record.symbol)
        if record.equation is None:
            continue
        values = {child.symbol: float(child.value) for child in record.children if child.value is not None}
        told = (record.id, record.equation, values)
        assert record.value == pytest.approx(evaluate(record.equation, values), rel=1e-9), told
        arithmetic.add(record.id or record.name)
    assert len(arithmetic) > 80


@pytest.mark.parametrize("case", CASES)
def test_what_is_unknown_has_no_equation_and_says_what_is_missing(case: str) -> None:
    for identifier in TABLE:
        record = record_of(case, identifier)
        if record.value is None:
            assert record.equation is None, identifier
            assert record.method is not None, identifier
            assert record.method.startswith("unknown"), identifier


def test_what_a_sum_stands_without_is_not_in_its_equation() -> None:
    record = record_of("dense-910b", "ledger.equipment")
    assert record.equation == "servers + spares + switches + cables + nics + network + storage_rate"
    assert [(child.symbol, child.value is None) for child in record.children] == [
        ("servers", False),
        ("spares", False),
        ("switches", False),
        ("cables", False),
        ("nics", False),
        ("network", False),
        ("storage", True),
        ("storage_rate", False),
        ("racks", True),
    ]


@pytest.mark.parametrize("case", CASES)
def test_every_input_says_where_it_is_from(case: str) -> None:
    for record in records(case):
        assert record.children or record.grounds or record.method, (record.id, record.name)


def test_no_name_means_two_quantities() -> None:
    assert not set(TABLE) & set(ALIASES)
    assert set(ALIASES.values()) <= set(TABLE)
    for name in (*TABLE, *ALIASES):
        assert quantity_named(name).id == ALIASES.get(name, name)


def numbers_in(told: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers of a record with their paths; entries of a list have that of the list."""
    if isinstance(told, dict):
        for key, inner in told.items():
            yield from numbers_in(inner, f"{path}.{key}" if path else key)
    elif isinstance(told, list):
        for inner in told:
            yield from numbers_in(inner, path)
    elif isinstance(told, int | float) and not isinstance(told, bool):
        yield path, float(told)


def told_of(path: str) -> str | None:
    """Return the id of the quantity that a path of `estimate --json` tells; None where it tells none."""
    # the plan's own currency tells sums of dollars again
    if path in NO_QUANTITIES or path.startswith("currency."):
        return None
    return "pools.chips" if path.startswith(_SPLIT) else quantity_named(path).id


def assert_told(numbers: Iterator[tuple[str, float]], figures: Figures, listed: set[str]) -> None:
    """Every number is one that `quantities` lists, and the root of the record that `explain` prints."""
    for path, value in numbers:
        identifier = told_of(path)
        if identifier is None or path.startswith(_SPLIT):
            continue
        assert identifier in listed, path
        if not path.endswith(_BAND_ENDS):
            assert figures.record(identifier).value == pytest.approx(value, rel=1e-9), path


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_that_is_told_can_be_explained(name: str) -> None:
    estimate = shipped(name)
    listed = {record["id"] for record in quantities_to_list()}
    told = estimate_to_dict(estimate)
    assert "phases" not in told
    # each way is of figures of its own
    told.get("split", {}).pop("ways", None)
    pools = {pool["id"]: pool for pool in told.pop("pools")}
    classes = {entry["pool"]: entry for entry in told["compliance"].pop("classifications")}
    for path, value in numbers_in({"cluster": told.pop("cluster", {})}):
        explained = explain(estimate, path).record
        assert explained.id.removeprefix("cluster.") in listed, path
        if not path.endswith(_BAND_ENDS):
            assert explained.value == pytest.approx(value, rel=1e-9), path
            parts = {child.symbol: float(child.value or 0) for child in explained.children}
            assert explained.value == pytest.approx(evaluate(explained.equation or "", parts), rel=1e-9)
    assert_told(numbers_in(told), estimate.known, listed)
    for pool in estimate.pools:
        own = {f"pools.{key}": pools[pool.id].pop(key) for key in ("chips", "systems")}
        assert_told(numbers_in({**own, **pools[pool.id]}), pool.known, listed)
        assert_told(numbers_in(classes[pool.id], "compliance.classifications"), pool.known, listed)


def test_every_number_of_a_phase_can_be_explained() -> None:
    estimate = estimate_of("phases")
    listed = {record["id"] for record in quantities_to_list()}
    told = estimate_to_dict(estimate)
    (pool,) = told.pop("pools")
    phases = told.pop("phases")
    assert pool["phases"] == phases
    assert len(phases) == 2
    for index, phase in enumerate(phases):
        assert_told(numbers_in(phase), estimate.known.of_phase(index), listed)
    assert_told(numbers_in(told["mfu"], "mfu"), estimate.known, listed)
    assert sum(phase["phase_days"] for phase in phases) == pytest.approx(told["training_days"]["p50"])
    assert sum(phase["workload"]["tokens"] for phase in phases) == told["facts"]["tokens"]
    least, most = sorted(phase["tokens_per_second"]["p50"] for phase in phases)
    assert least < told["tokens_per_second"]["p50"] < most
    assert told["step"]["phase"] == 1
    assert told["step"]["seconds"] == phases[0]["step"]["seconds"]


@pytest.mark.parametrize("case", CASES)
def test_the_root_is_the_estimate(case: str) -> None:
    estimate = estimate_of(case)
    for made in TABLE.values():
        explained = explain(estimate, made.id)
        assert explained.quantity == made.id
        assert explained.record.id == made.id
        assert explained.record == record_of(case, made.id)
