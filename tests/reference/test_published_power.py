"""Published power of clusters and energy of runs against the parts that the estimate adds up."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.estimate.estimate import estimate_plan
from planner.plans.plan_file import plan_from_data
from planner.quantities.evaluation import Figures


@cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def figures_of(pool: dict[str, Any], **tables: Any) -> Figures:
    plan = {
        "name": "a cluster",
        "as_of": datetime.date(2026, 11, 27),
        "model": {"profile": "llama-2-7b"},
        "workload": {"tokens": 1e12, "sequence_length": 4096, "global_batch_sequences": 131_072},
        "cluster": {"pools": [{"id": "all", **pool}]},
        "site": {"pue": 1.0},
    }
    figures = estimate_plan(plan_from_data(plan | tables, where="test"), catalog()).figures
    assert figures is not None
    return figures


@pytest.mark.parametrize(
    ("system", "count", "megawatts", "within"),
    [
        # critical IT power of 100,000 H100: SemiAnalysis, June 2024
        ("dgx-h100", 12_500, 150.0, 0.10),
        # CloudMatrix 384, everything included: SemiAnalysis, April 2025; two of them hold no more fabric
        ("cloudmatrix-384", 1, 0.559, 0.05),
        ("cloudmatrix-384", 2, 2 * 0.559, 0.05),
    ],
)
def test_ratings_in_full_are_the_critical_power(
    system: str, count: int, megawatts: float, within: float
) -> None:
    found = figures_of({"system": system, "count": count})
    assert found.number("power.peak_facility_w") / 1e6 == pytest.approx(megawatts, rel=within)


def test_the_network_is_counted_once_where_a_rating_holds_it() -> None:
    two = figures_of({"system": "gb200-nvl72", "count": 2})
    assert two.number("power.parts.network") == 0.0
    rack = figures_of({"system": "gb300-nvl72", "count": 2})
    assert rack.number("power.parts.network") > 0.0


def test_chips_that_the_layout_leaves_idle_draw_what_idle_chips_draw() -> None:
    pool, strategy = {"system": "dgx-h100", "count": 8}, {"tensor": 1, "pipeline": 1, "data": 32, "zero": 3}
    half = figures_of(pool, strategy=strategy)
    alone = figures_of({"system": "dgx-h100", "count": 4}, strategy=strategy)
    assert half.number("strategy.chips_used") == 32
    idle = 32 * 700 * half.number("power.idle_share")
    assert half.number("power.chips_w") == pytest.approx(alone.number("power.chips_w") + idle, rel=1e-3)


def test_bloom_emitted_what_its_authors_say() -> None:
    """Operation 39.3 t (24.69 dynamic, 14.6 idle) at 57 g/kWh, no PUE; making the machines 11.2 t, apart.

    Luccioni et al., arXiv 2211.02001, table 3; machines for six years at 85 % use.
    """
    found = figures_of(
        {
            "system": "dgx-a100",
            "chips": 384,
            "stack": "cuda-megatron-deepspeed",
            "fabric": "omni-path-100",
        },
        model={"profile": "bloom-176b"},
        workload={"tokens": 366e9, "sequence_length": 2048, "global_batch_sequences": 2048},
        site={"pue": 1.0, "carbon_g_per_kwh": 57},
        money={"depreciation_years": 6, "earning_share": 0.85},
        strategy={"tensor": 4, "pipeline": 12, "data": 8, "microbatch": 2, "zero": 1, "recompute": "full"},
    )
    assert found.number("carbon_t") == pytest.approx(39.3, rel=0.2)
    assert found.number("carbon_embodied_t") == pytest.approx(11.2, rel=0.25)
