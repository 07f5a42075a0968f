"""Ledgers of shipped plans as text, JSON, CSV and Markdown, against plain files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from tests.golden.golden import compare

from planner.catalog.catalog import load_catalog
from planner.domain.plan import Plan
from planner.estimate.estimate import estimate_plan
from planner.estimate.result import Estimate
from planner.ledger.ledger import ledger_of
from planner.plans.overrides import apply_overrides
from planner.plans.plan_file import load_plan
from planner.plans.shipped import shipped_plans_folder
from planner.report.estimate_json import json_text
from planner.report.ledger_document import ledger_document
from planner.report.ledger_json import ledger_csv, ledger_to_dict
from planner.report.markdown import markdown_text
from planner.report.terminal import terminal_text

FOLDER = Path(__file__).parent / "ledger"
#: One in US dollars as it is shipped; one in yuan, with a loan and what its lines lack.
CASES: dict[str, tuple[str, ...]] = {
    "llama-3.1-405b-h100": (),
    "pangu-ultra-135b-910b": (
        "money.currency=CNY",
        "money.storage_usd_per_pb=1.6M CNY",
        "money.discount_rate=0.08",
        "money.residual_share=0.1",
        "money.loan_share=0.6",
        "money.loan_rate=0.05",
        "money.support_share=0.05",
    ),
}
both = pytest.mark.parametrize("name", CASES)


@cache
def plan_of(name: str) -> Plan:
    return apply_overrides(load_plan(shipped_plans_folder() / f"{name}.toml"), list(CASES[name]))


@cache
def estimate_of(name: str) -> Estimate:
    return estimate_plan(plan_of(name), load_catalog(include_user=False))


@both
@pytest.mark.parametrize("width", [80, 120])
def test_text(name: str, width: int) -> None:
    estimate = estimate_of(name)
    compare(
        FOLDER / f"{name}-{width}.txt",
        terminal_text(ledger_document(estimate, ledger_of(estimate)), width=width),
    )


@both
def test_markdown(name: str) -> None:
    estimate = estimate_of(name)
    compare(FOLDER / f"{name}.md", markdown_text(ledger_document(estimate, ledger_of(estimate))))


@both
def test_json(name: str) -> None:
    # the last digits of draws differ between processors
    told = json.loads(
        json_text(ledger_to_dict(ledger_of(estimate_of(name)))),
        parse_float=lambda text: float(f"{float(text):.9g}"),
    )
    compare(FOLDER / f"{name}.json", json.dumps(told, indent=2) + "\n")


@both
def test_csv(name: str) -> None:
    start = plan_of(name).calendar.start
    assert start is not None
    compare(FOLDER / f"{name}.csv", ledger_csv(ledger_of(estimate_of(name)), start))
