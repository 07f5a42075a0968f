"""Layouts that really ran: they fit, and what a search finds is no slower by the engine's own terms."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from planner.catalog.catalog import Catalog, load_catalog
from planner.domain.plan import Plan
from planner.domain.plan_strategy import Strategy
from planner.exploring.layouts import LayoutRanking, rank_layouts
from planner.plans.plan_file import load_plan
from planner.plans.shipped import list_plans

PLANS = {path.stem: path for path in list_plans()}
#: By shipped plan: the layout as it was published, and what of it is the software's and not the search's.
PUBLISHED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    # The Llama 3 Herd of Models (arXiv 2407.21783), section 3.3.2 and table 4
    "llama-3.1-405b-h100": (
        {"tensor": 8, "pipeline": 16, "virtual_stages": 8, "data": 128, "microbatch": 1, "zero": 2},
        (),
    ),
    # DeepSeek-V3 Technical Report (arXiv 2412.19437), sections 3.2.1 to 3.2.3
    "deepseek-v3-h800": (
        {
            "tensor": 1,
            "pipeline": 16,
            "expert": 64,
            "data": 128,
            "microbatch": 1,
            "zero": 1,
            "schedule": "dualpipe",
            "recompute": "parts",
            "dispatcher": "deepep",
        },
        ("schedule", "recompute", "dispatcher"),
    ),
    # Pangu Ultra (arXiv 2504.07866), section 3.2: six virtual stages of sixteen-layer ones
    "pangu-ultra-135b-910b": (
        {"tensor": 8, "pipeline": 8, "virtual_stages": 6, "data": 128, "microbatch": 1, "zero": 1},
        (),
    ),
}


@functools.cache
def catalog() -> Catalog:
    return load_catalog(include_user=False)


@functools.cache
def ranked(name: str, *, is_searched: bool) -> LayoutRanking:
    plan: Plan = load_plan(PLANS[name])
    layout, software = PUBLISHED[name]
    given = Strategy.model_validate({"mode": "given", **layout})
    free = Strategy.model_validate({key: layout[key] for key in software})
    strategy = free if is_searched else given
    return rank_layouts(plan.model_copy(update={"strategy": strategy}), catalog(), top=5)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_layout_fits(name: str) -> None:
    own = ranked(name, is_searched=False).own
    assert own is not None, ranked(name, is_searched=False).reasons
    assert own.choice.recompute == PUBLISHED[name][0].get("recompute", "none")
    assert own.figures.number("memory.share") <= 1.0


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_a_search_finds_is_no_slower_than_what_was_published(name: str) -> None:
    own, found = ranked(name, is_searched=False).own, ranked(name, is_searched=True)
    assert own is not None
    assert found.layouts[0].step_s <= own.step_s * (1 + 1e-9)
