"""Typed figures that are known to be wrong, and those that are merely other."""

from __future__ import annotations

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.chip import Chip
from planner.domain.plan import Plan
from planner.planning.disputes import override_warnings, warn_if_known_wrong
from planner.planning.resolve import resolve
from planner.units import Span

BF16 = "peak_dense_flops_per_s.bf16"
RATE = "memory.bandwidth_bytes_per_s"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def chip(catalog: Catalog, identifier: str) -> Chip:
    profile: Chip = catalog.get("chips", identifier).profile
    return profile


@pytest.mark.parametrize(
    ("identifier", "field", "value", "reason"),
    [
        ("h100-sxm", BF16, 1979e12, "structured sparsity"),
        ("h100-sxm", BF16, 1980e12, "structured sparsity"),
        ("tpu-v5e", BF16, 459e12, "TPU v5p"),
        ("tpu-v5e", RATE, 1.2e12, "TPU v4"),
        ("ascend-910b", "tdp_w", 310.0, "Ascend 910 of 2019"),
        ("ascend-910b", "peak_dense_flops_per_s.int8", 256e12, "wrong chip and wrong datatype"),
        ("a100-80-sxm", RATE, 1.555e12, "40 GB part"),
    ],
)
def test_a_figure_known_to_be_wrong_has_its_reason(
    catalog: Catalog, identifier: str, field: str, value: float, reason: str
) -> None:
    said = warn_if_known_wrong(chip(catalog, identifier), field, value)
    assert said is not None
    assert reason in said


@pytest.mark.parametrize(
    ("identifier", "field", "value"),
    [
        ("h100-sxm", BF16, 989e12),
        ("h100-sxm", BF16, 1500e12),
        ("ascend-910b", BF16, 320e12),  # disputed, not wrong
        ("ascend-910b", "tdp_w", 0.0),
        ("ascend-910b", "no.such.field", 1.0),
        ("ascend-910b", "price_usd", Span(1.0, 2.0)),
    ],
)
def test_what_is_not_known_to_be_wrong_is_left_alone(
    catalog: Catalog, identifier: str, field: str, value: float | Span
) -> None:
    assert warn_if_known_wrong(chip(catalog, identifier), field, value) is None


def test_a_sparse_rate_is_recognised_without_a_rival(catalog: Catalog) -> None:
    h100 = chip(catalog, "h100-sxm")
    figure = h100.peak_dense_flops_per_s["bf16"].model_copy(update={"rivals": ()})
    bare = h100.model_copy(update={"peak_dense_flops_per_s": {"bf16": figure}})
    said = warn_if_known_wrong(bare, BF16, 1978e12)
    assert said is not None
    assert "2 times the dense one" in said
    assert warn_if_known_wrong(bare, RATE, 2 * 3.35e12) is None


def test_the_figure_of_another_chip_is_recognised_but_not_of_the_same_generation(catalog: Catalog) -> None:
    others = [entry.profile for entry in catalog.chips.values()]
    said = warn_if_known_wrong(chip(catalog, "ascend-910b"), RATE, 3.35e12, others)
    assert said is not None
    assert "H100" in said
    # another bin of the same chip
    assert warn_if_known_wrong(chip(catalog, "ascend-910b"), RATE, 0.8e12, others[:0]) is None


def test_a_typed_override_that_is_wrong_warns(catalog: Catalog) -> None:
    system = catalog.get("systems", "gb200-nvl72").profile
    rival = {
        "value": 1e6,
        "kind": "claim",
        "sources": ("AVAL",),
        "wrong_because": "that is the price of half a rack",
    }
    figure = type(system).model_validate(
        {**system.model_dump(), "price_usd": {"kind": "memory", "value": 3.1e6, "rivals": [rival],
                                              "chosen_because": "read"}}
    )  # fmt: skip
    plan = Plan.model_validate(
        {
            "name": "typed",
            "model": {"profile": "llama-3.1-405b"},
            "workload": {"tokens": 1e12},
            "cluster": {"pools": [{"id": "a", "system": "gb200-nvl72", "count": 4, "price_usd": 1.001e6}]},
        }
    )
    resolved = resolve(plan, catalog)
    assert override_warnings(resolved) == []
    pool = resolved.pools[0]
    changed = type(resolved)(
        resolved.plan,
        resolved.architecture,
        resolved.model,
        resolved.site,
        (
            type(pool)(
                pool.pool, figure, pool.chip, pool.fabric, pool.stacks, pool.chips, pool.systems, False
            ),
        ),
        resolved.uses,
    )
    (warning,) = override_warnings(changed)
    assert "half a rack" in warning
