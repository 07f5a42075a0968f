"""Diffs of the shipped pairs as plain files; `PLANNER_WRITE_GOLDEN=1 pytest tests/golden` writes them anew.

They are estimates, so they move where the engine, a stack or a profile does; read them before they are kept.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.golden.golden import compare

from planner.catalog.catalog import Catalog, load_catalog
from planner.differences.compare import compare_plans
from planner.differences.diff import PlanDiff, Side, diff_plans, side_of
from planner.plans.plan_file import load_plan
from planner.report.compare_document import comparison_document
from planner.report.diff_document import diff_document
from planner.report.markdown import markdown_text
from planner.report.terminal import terminal_text

FOLDER = Path(__file__).parent / "diff"
SAVED = Path(__file__).parents[2] / "saved_plans"
PAIRS = (
    ("qwen2-72b-910b", "qwen2-72b-a100"),
    ("ernie-3.0-titan-260b-910b", "ernie-3.0-titan-260b-a100"),
    ("pangu-ultra-moe-718b-910b", "pangu-ultra-moe-718b-cloudmatrix"),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(include_user=False)


def side(name: str, catalog: Catalog) -> Side:
    return side_of(f"{name}.toml", load_plan(SAVED / f"{name}.toml"), catalog)


def diff_of(pair: tuple[str, str], catalog: Catalog) -> PlanDiff:
    return diff_plans(side(pair[0], catalog), side(pair[1], catalog), catalog)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1])
@pytest.mark.parametrize("width", [80, 120])
def test_text(pair: tuple[str, str], width: int, catalog: Catalog) -> None:
    text = terminal_text(diff_document(diff_of(pair, catalog)), width=width)
    assert max(map(len, text.splitlines())) <= width
    compare(FOLDER / f"{pair[1]}-{width}.txt", text)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1])
def test_markdown(pair: tuple[str, str], catalog: Catalog) -> None:
    compare(FOLDER / f"{pair[1]}.md", markdown_text(diff_document(diff_of(pair, catalog))))


def test_comparison(catalog: Catalog) -> None:
    comparison = compare_plans([side(name, catalog) for pair in PAIRS for name in pair])
    document = comparison_document(comparison)
    compare(FOLDER / "comparison-80.txt", terminal_text(document))
    compare(FOLDER / "comparison.md", markdown_text(document))
