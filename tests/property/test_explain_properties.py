"""Explanations: every equation gives its value from its inputs, and every root is the estimate's number."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.estimate.explain import QUANTITIES, explain
from planner.estimate.explanation.node import Node
from planner.planning.result import Estimate
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan

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
    "two pools": ("mixed-910b-a100", []),
    "long": (
        "llama-3.1-405b-h100",
        ["workload.sequence_length=65536", "workload.global_batch_sequences=256"],
    ),
    "traced": ("qwen2-72b-a100", ["cluster.pools.stack=cuda-maxtext", "strategy.recompute=full"]),
    "capped": ("qwen2-72b-a100", ["cluster.pools.system=hgx-h100-96-500w", "strategy.recompute=none"]),
}  # fmt: skip
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
def explained(case: str, quantity: str) -> Node:
    return explain(plan_of(case), catalog(), quantity).node


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


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


@pytest.mark.parametrize("case", CASES)
def test_every_equation_gives_its_value_from_its_inputs(case: str) -> None:
    arithmetic = 0
    for quantity in QUANTITIES:
        for node in nodes(explained(case, quantity)):
            symbols = [child.symbol for child in node.children]
            assert len(symbols) == len(set(symbols)), (quantity, node.symbol)
            if node.equation is None:
                continue
            values = {child.symbol: float(child.value) for child in node.children if child.value is not None}
            assert node.value == pytest.approx(evaluate(node.equation, values), rel=1e-9), (
                quantity,
                node.symbol,
                node.equation,
                values,
            )
            arithmetic += 1
    assert arithmetic > 200


@pytest.mark.parametrize("quantity", ["parameters", "active_parameters"])
def test_parameters_leave_next_to_nothing_over(quantity: str) -> None:
    for case in CASES:
        node = explained(case, quantity)
        rest = next(child.value for child in node.children if child.symbol == "rest")
        assert isinstance(rest, float)
        assert isinstance(node.value, float)
        assert 0 <= rest < 1e-4 * node.value


@pytest.mark.parametrize("case", CASES)
def test_every_input_says_where_it_is_from(case: str) -> None:
    for quantity in QUANTITIES:
        for node in nodes(explained(case, quantity)):
            assert node.children or node.grounds or node.method or _is_given_above(node), (
                quantity,
                node.symbol,
            )


def _is_given_above(node: Node) -> bool:
    """Whether a leaf is a part of the step or the days, which have trees of their own."""
    return node.unit in ("s", "days")


def roots(estimate: Estimate) -> dict[str, float | str | None]:
    figures = estimate.performance
    assert figures is not None
    cost, power = figures.cost, figures.power

    def middle(band: Any) -> float | None:
        return None if band is None else band.p50

    # the pool that is explained is the fastest; the chip's class is of the first
    chip = estimate.compliance.classifications[0]
    return {
        "training_days": figures.training_days.p50,
        "tokens_per_second": figures.tokens_per_second.p50,
        "tokens_per_second_per_chip": figures.tokens_per_second_per_chip.p50,
        "mfu": figures.mfu.band.p50,
        "mfu_full_attention": figures.mfu_full_attention.band.p50,
        "hfu": figures.hfu.band.p50,
        "goodput": figures.goodput.p50,
        "step_seconds": figures.step.seconds,
        **{f"step.{name}": value for name, value in figures.step.parts.items()},
        "interconnect": figures.interconnect.fraction,
        **{f"interconnect.{name}": value for name, value in figures.interconnect.by_class.items()},
        "memory": figures.memory.per_chip_bytes,
        "memory.capacity": figures.memory.capacity_bytes,
        **{f"memory.{name}": value for name, value in figures.memory.parts.items()},
        "power": middle(power.facility_w),
        "power.it": middle(power.it_w),
        "power.peak": power.peak_facility_w,
        **{f"power.{name}": value for name, value in power.parts.items()},
        "energy": middle(figures.energy_mwh),
        "carbon": middle(figures.carbon_t),
        "water": middle(figures.water_m3),
        "joules_per_token": middle(figures.joules_per_token),
        "cost": middle(cost.total),
        "cost.capex": middle(cost.capex),
        "cost.opex": middle(cost.opex),
        "cost.per_million_tokens": middle(cost.per_million_tokens),
        "parameters": estimate.facts["parameters"],
        "active_parameters": estimate.facts["active_parameters"],
        "training_flops": estimate.facts["training_flops"],
        "tpp": chip.total_processing_performance,
        "performance_density": chip.performance_density,
        "eccn": chip.eccn,
    }


@pytest.mark.parametrize("case", CASES)
def test_the_root_is_the_estimate(case: str) -> None:
    expected = roots(estimate_of(case))
    assert set(expected) >= set(QUANTITIES) - {
        "power.hosts",
        "power.network",
        "power.storage",
        "power.cooling",
    }
    for quantity, value in expected.items():
        node = explained(case, quantity)
        if isinstance(value, float):
            assert node.value == pytest.approx(value, rel=1e-9), quantity
        else:
            assert node.value == value, quantity
